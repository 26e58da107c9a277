"""What is received, and that everything seen has a state, whatever happens between seeing and receiving."""

import os
import stat
import zipfile

import pytest
import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.errors import BadUse, MunimentError


def _states(case):
    return {row["path"]: (row["state"], row["reason"]) for row in case.documents()["documents"]}


class _Kill(Exception):
    """Stands for the end of the process."""


def _killed_at(stage, done):
    """A watcher that ends the work at a point."""

    def watch(progress):
        if progress.stage == stage and progress.done >= done:
            raise _Kill

    return watch


def _write(folder, count, start=0):
    for number in range(start, start + count):
        (folder / f"note-{number:04d}.txt").write_text(f"note {number} of the quay")


def test_what_vanished_before_the_resume_is_named(case, leak):
    _write(leak, 250)
    with pytest.raises(_Kill):
        case.add([leak], watch=_killed_at("receiving", 100))
    for number in (0, 120, 249):
        (leak / f"note-{number:04d}.txt").unlink()
    report = case.add([leak])
    assert report["states"] == {"extracted": 248, "failed": 2}
    state, reason = _states(case)["leak/note-0120.txt"]
    assert state == "failed" and "gone" in reason
    assert _states(case)["leak/note-0000.txt"][0] == "extracted"


def test_the_same_command_goes_on_when_the_whole_source_is_gone(case, leak):
    _write(leak, 150)
    with pytest.raises(_Kill):
        case.add([leak], watch=_killed_at("receiving", 100))
    leak.rename(leak.with_name("elsewhere"))
    report = case.add([leak])
    assert report["accession"] == "A1" and report["states"] == {"extracted": 100, "failed": 50}
    assert case.status()["accounting"]["expected"] == 150


def test_a_source_that_vanished_while_it_was_listed_is_named(case, leak):
    _write(leak, 3)
    with pytest.raises(_Kill):
        case.add([leak], watch=_killed_at("listing", 1))
    case.close()
    leak.rename(leak.with_name("elsewhere"))
    case.add([leak])
    assert _states(case)["leak/note-0000.txt"][0] == "failed"


def test_an_interrupted_accession_is_finished_by_an_add_of_something_else(case, leak, tmp_path):
    _write(leak, 120)
    other = tmp_path / "other"
    other.mkdir()
    _write(other, 1, start=900)
    with pytest.raises(_Kill):
        case.add([leak], watch=_killed_at("receiving", 100))
    assert case.add([other])["accession"] == "A2"
    assert [row["stage"] for row in case.status()["accessions"]] == ["done", "done"]
    _write(leak, 1, start=500)
    assert case.add([leak])["accession"] == "A3", "what is new in a folder is never passed over"


def test_two_accessions_unfinished_and_the_first_named_again(case, leak, tmp_path):
    _write(leak, 2)
    other = tmp_path / "other"
    other.mkdir()
    _write(other, 120, start=300)
    with pytest.raises(_Kill):
        case.add([leak], watch=_killed_at("reading", 0))
    with pytest.raises(_Kill):
        case.add([other], watch=_killed_at("receiving", 100))
    assert case.add([leak])["accession"] == "A1"
    assert case.status()["accounting"]["states"] == {"extracted": 122}


def test_nothing_is_received_twice_when_named_twice_or_within(case, leak):
    inner = leak / "inner"
    inner.mkdir()
    _write(inner, 3)
    report = case.add([leak, inner, leak, inner / "note-0001.txt"])
    assert report["originals"] == 3


def test_two_names_that_look_the_same_are_two_documents(case, leak):
    for name in (b"a\xff.txt", b"a\\xff.txt"):
        (leak / os.fsdecode(name)).write_bytes(name)
    for name in (b"b\xff", b"b\\xff"):
        (leak / os.fsdecode(name)).symlink_to("nowhere")
    report = case.add([leak])
    assert report["originals"] == 4
    assert report["states"] == {"extracted": 2, "unsupported": 2}


def test_the_case_in_the_folder_is_named_and_not_received(case, leak, tmp_path):
    _write(leak, 1)
    report = case.add([tmp_path])
    [(state, reason)] = [told for path, told in _states(case).items() if path.endswith(".muniment")]
    assert state == "unsupported" and "itself" in reason
    assert report["states"]["extracted"] == 1
    assert not [p for p in _states(case) if "vault" in p]


def test_the_case_itself_is_refused(case):
    for path in (case.root, case.root / "vault", case.root / "case.toml"):
        with pytest.raises(BadUse, match="itself"):
            case.add([path])
    assert case.status()["accounting"]["found"] == 0


def test_what_was_dropped_is_received_also_when_working_lies_on_the_disk(case):
    from muniment.verbs.dropping import place_for_drop

    case.folder.working.mkdir(mode=0o700)
    place = place_for_drop(case, 100)
    (place / "memo.txt").write_text("a memo")
    assert case.add([place / "memo.txt"])["states"] == {"extracted": 1}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3_000_000_000, "1874-12-07T22:40:00Z"),
        (0, "1970-01-01T00:00:00Z"),
        (9_500_000_000, "2271-01-16T16:53:20Z"),
        (1 << 40, "@1099511627776"),
    ],
)
def test_any_time_a_file_may_carry(case, leak, seconds, said):
    path = leak / "memo.txt"
    path.write_text("a memo")
    os.utime(path, (seconds, seconds))
    if path.stat().st_mtime != seconds:
        pytest.skip("this file system cannot keep that time")
    assert case.add([leak])["states"] == {"extracted": 1}
    with case.catalogue.read() as connection:
        [properties] = connection.execute(sa.select(tables.original.c.properties)).scalars()
    assert f'"modified": "{said}"' in properties
    assert case.add([leak])["accession"] == "A1"


def test_a_pipe_in_a_files_place_does_not_stop_everything(case, leak):
    _write(leak, 201)  # the second hundred is encrypted while the first is noted
    last = leak / "note-0200.txt"

    def swap(progress):
        if progress.stage == "receiving" and progress.done == 100:
            last.unlink()
            os.mkfifo(last)

    report = case.add([leak], watch=swap)
    assert report["states"] == {"extracted": 200, "failed": 1}
    assert "is none now" in _states(case)["leak/note-0200.txt"][1]


def test_a_link_in_a_files_place_is_not_followed(case, leak, tmp_path):
    _write(leak, 201)  # the second hundred is encrypted while the first is noted
    (tmp_path / "private.txt").write_text("of this machine")
    last = leak / "note-0200.txt"

    def swap(progress):
        if progress.stage == "receiving" and progress.done == 100:
            last.unlink()
            last.symlink_to(tmp_path / "private.txt")

    case.add([leak], watch=swap)
    assert _states(case)["leak/note-0200.txt"][0] == "failed"


def test_what_the_journal_acknowledged_is_kept_though_catalogue_and_source_are_gone(case, leak):
    """The process ends between the journal and the catalogue, and the source is taken away."""
    _write(leak, 3)
    ended = []

    @sa.event.listens_for(case.catalogue.engine, "before_cursor_execute")
    def end(connection, cursor, statement, *rest):
        if statement.startswith("INSERT INTO document") and not ended:
            ended.append(statement)
            raise _Kill

    with pytest.raises(_Kill):
        case.add([leak])
    case.close()
    leak.rename(leak.with_name("elsewhere"))
    assert case.status()["accounting"]["found"] == 0
    report = case.add([leak])
    assert report["states"] == {"extracted": 3} and report["originals"] == 3
    assert case.find("quay")["documents"] == 3
    references = [row["reference"] for row in case.documents()["documents"]]
    assert references == ["A1/0001", "A1/0002", "A1/0003"]
    assert case.audit()["ok"]


def test_a_batch_never_grows_beyond_its_most_files(case, leak, monkeypatch):
    """One link among the files once carried the last hundred over the limit of an object."""
    from muniment.verbs import receiving, sealing

    for room in (receiving, sealing):
        monkeypatch.setattr(room, "BATCH", 200)
    (leak / "link").symlink_to("nowhere")
    _write(leak, 450)
    assert case.add([leak])["originals"] == 451
    with case.catalogue.read() as connection:
        batches = connection.execute(
            sa.select(sa.func.count(tables.original.c.number)).group_by(tables.original.c.batch)
        ).scalars()
        assert max(batches) <= 200
    assert case.audit()["ok"]


def test_the_same_folder_as_articles_is_another_accession(case, leak):
    _write(leak, 1)
    case.add([leak])
    assert case.add([leak], articles=True)["accession"] == "A2"


def test_a_name_too_long_to_exist_is_bad_use(case):
    with pytest.raises(BadUse):
        case.add(["x" * 300])


def test_everything_in_a_case_is_for_its_owner_alone(case, leak):
    before = os.umask(0)
    try:
        _write(leak, 3)
        case.add([leak])
    finally:
        os.umask(before)
    loose = [path for path in case.root.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert not loose


def test_a_second_add_at_the_same_time_is_refused(case, leak):
    from muniment.verbs.case import Case

    _write(leak, 2)
    refused = []

    def second(progress):
        if not refused:
            with pytest.raises(MunimentError) as raised, Case(case.folder, case.keys) as other:
                other.add([leak])
            refused.append(raised.value.code)

    assert case.add([leak], watch=second)["states"] == {"extracted": 2}
    assert refused == ["refused"]


def test_what_outgrows_memory_is_moved_to_the_disk_and_said(case, leak, monkeypatch):
    from muniment.case import working

    _write(leak, 2)
    monkeypatch.setattr(working, "memory_allowance", lambda: 1)
    case.add([leak])
    assert case.folder.working.is_dir() and not working.in_memory(case.folder).exists()
    assert case.status()["working"] == "disk"
    assert case.find("quay")["documents"] == 2
    assert stat.S_IMODE(case.folder.working.stat().st_mode) == 0o700


def test_what_was_dropped_is_not_moved_away_before_it_is_received(case, monkeypatch):
    from muniment.case import working
    from muniment.verbs.dropping import place_for_drop

    place = place_for_drop(case, 100)
    (place / "memo.txt").write_text("a memo")
    monkeypatch.setattr(working, "memory_allowance", lambda: 1)
    assert case.add([place / "memo.txt"])["states"] == {"extracted": 1}


def test_a_cut_just_before_reading_receives_nothing_twice(case, leak):
    """The catalogue refuses the very step from receiving to reading, as a full disk does."""
    _write(leak, 3)
    refusal = (
        "CREATE TRIGGER refusal BEFORE UPDATE OF stage ON accession WHEN NEW.stage = 'reading'"
        " BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
    )
    with case.catalogue.write() as connection:
        connection.execute(sa.text(refusal))
    with pytest.raises(MunimentError):
        case.add([leak])
    with case.catalogue.write() as connection:
        connection.execute(sa.text("DROP TRIGGER refusal"))
    report = case.add([leak])
    assert (report["originals"], report["states"]) == (3, {"extracted": 3})
    assert len(case.vault.objects()) == 2 and case.audit()["ok"] is True  # originals, and pages


def test_nothing_is_told_as_received_before_the_journal_has_it_and_the_disk(case, leak):
    """The next hundred is encrypted meanwhile; it is not counted, and not told."""
    _write(leak, 350)
    told = []

    def watch(progress):
        if progress.stage == "receiving":
            acts = [act for act in case.journal.acts() if act["act"] == "received"]
            noted = sum(len(act["details"]["files"]) for act in acts)
            staged = len(list(case.folder.staging.iterdir()))
            told.append((progress.done, noted, staged))

    case.add([leak], watch=watch)
    assert [done for done, *_ in told][:4] == [100, 200, 300, 350]
    assert all(done <= noted and done <= staged for done, noted, staged in told)


def test_what_was_encrypted_and_not_noted_is_received_again_once(case, leak):
    """The process ends while one hundred is noted and a part of the next lies in staging."""
    _write(leak, 350)
    with pytest.raises(_Kill):
        case.add([leak], watch=_killed_at("receiving", 200))
    noted = case.status()["accounting"]["found"]
    assert 200 <= noted < 350 and len(list(case.folder.staging.iterdir())) > noted
    report = case.add([leak])
    assert report["originals"] == 350 and report["states"] == {"extracted": 350}
    assert not list(case.folder.staging.iterdir())
    assert case.audit()["ok"]


def test_progress_of_reading_counts_what_is_found_inside(case, leak):
    _write(leak, 70)
    with zipfile.ZipFile(leak / "papers.zip", "w") as archive:
        for number in range(90):
            archive.writestr(f"page-{number}.txt", f"page {number} of the ledger")
    told = []

    def watch(progress):
        if progress.stage == "reading":
            told.append((progress.done, progress.total))

    case.add([leak], watch=watch)
    assert told[-1] == (161, 161)
    assert all(done <= total for done, total in told)
