"""The journal: nothing is lost, nothing is altered unseen."""

import pytest
from pyrage import x25519

from muniment.case.journal import EMPTY_HEAD, Journal
from muniment.errors import Damaged


@pytest.fixture
def journal(tmp_path):
    identity = x25519.Identity.generate()
    return Journal(tmp_path, str(identity.to_public()), str(identity))


def _again(journal):
    return Journal(journal._directory, journal._recipient, journal._identity)


def test_acts_come_back_in_order(journal):
    for number in range(1, 6):
        assert journal.append("received", {"n": number}) == number
    acts = list(_again(journal).acts())
    assert [act["details"]["n"] for act in acts] == [1, 2, 3, 4, 5]
    assert acts[0]["previous"] == EMPTY_HEAD
    assert _again(journal).head() == journal.head()


def test_an_act_taken_out_is_noticed(journal, tmp_path):
    for number in range(4):
        journal.append("received", {"n": number})
    (tmp_path / "00000002.age").unlink()
    with pytest.raises(Damaged, match="Act 2"):
        list(_again(journal).acts())


def test_acts_exchanged_are_noticed(journal, tmp_path):
    for number in range(3):
        journal.append("received", {"n": number})
    first, second = tmp_path / "00000001.age", tmp_path / "00000002.age"
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    with pytest.raises(Damaged):
        list(_again(journal).acts())


def test_nothing_of_an_act_lies_in_clear(journal, tmp_path):
    journal.append("received", {"path": "the-name-of-the-source.txt"})
    assert b"name-of-the-source" not in b"".join(p.read_bytes() for p in tmp_path.iterdir())


def test_two_who_hold_the_journal_never_write_in_one_place(journal):
    """The workbench and the command line, each with the journal open."""
    other = _again(journal)
    journal.append("received", {"n": 1})
    other.append("received", {"n": 2})
    journal.append("received", {"n": 3})
    assert [act["details"]["n"] for act in _again(journal).acts()] == [1, 2, 3]
    assert other.last()["details"] == {"n": 3}


def test_what_a_kill_left_half_written_is_swept(journal, tmp_path):
    (tmp_path / ".00000001.age.0123456789ab").write_bytes(b"half")
    journal.append("received", {"n": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["00000001.age"]
