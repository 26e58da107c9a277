"""key: who can open a case, through the command line."""

import json
import subprocess
import sys

import pytest
from pyrage import x25519

from tests.conftest import PASSPHRASE

NEW = "ribena tolofa pekuda zomiva larune"


@pytest.fixture
def program(muniment):
    """A case, kept open, and an identity of another person's in a file."""
    muniment.recovery = muniment.json("new", "x")["recovery_identity"]
    identity = x25519.Identity.generate()
    (muniment.folder / "id.txt").write_text(f"# public key: {identity.to_public()}\n{identity}\n")
    muniment.recipient = str(identity.to_public())
    return muniment


def test_somebody_is_let_in_and_out_again(program):
    program.json("unlock", "x")
    report = program.json("key", "x", "add", program.recipient)
    label = report["label"]
    assert [entry["name"] for entry in report["recipients"]] == ["passphrase", "recovery", label]
    program.json("status", "x", MUNIMENT_PASSPHRASE=None)  # letting somebody in locks nothing
    program.json("lock", "x")
    by_identity = ["--passphrase-file", program.folder / "id.txt"]
    assert program.json("audit", "x", *by_identity, MUNIMENT_PASSPHRASE=None)["with_keys"] is True
    report = program.json("key", "x", "revoke", label)
    assert any("can be read" in sentence for sentence in report["still_readable"])
    program.error("status", "x", *by_identity, status=3, MUNIMENT_PASSPHRASE=None)


def test_a_recipient_can_come_by_standard_input_and_a_secret_never_as_an_argument(program):
    done = program.run("key", "x", "add", "-", "--json", input=program.recipient + "\n")
    assert done.returncode == 0 and program.recipient in done.stdout
    identity = (program.folder / "id.txt").read_text().split()[-1]
    assert program.error("key", "x", "add", identity, status=2)["code"] == "bad-use"


def test_rotation_locks_what_is_kept_open_and_shuts_the_old_passphrase_out(program):
    program.json("unlock", "x")
    report = program.json("key", "x", "rotate", MUNIMENT_NEW_PASSPHRASE=NEW)
    assert report["recovery_identity"].startswith("AGE-SECRET-KEY-1")
    program.error("status", "x", status=3, MUNIMENT_PASSPHRASE=None)
    program.error("status", "x", status=3)
    program.error("status", "x", status=3, MUNIMENT_PASSPHRASE=program.recovery)
    for opener in (NEW, report["recovery_identity"]):
        program.json("status", "x", MUNIMENT_PASSPHRASE=opener)
    weak = "bakoti rumesa dilovu"
    (program.folder / "again").write_text(weak + "\n")
    told = program.run(
        *("key", "x", "rotate", "--only", "passphrase", "--new-passphrase-file", "again"),
        MUNIMENT_PASSPHRASE=NEW,
    )
    assert told.returncode == 0 and "What can still be read:" in told.stdout
    assert "weak" in told.stderr and "AGE-SECRET-KEY" not in told.stdout
    program.json("status", "x", MUNIMENT_PASSPHRASE=weak)


def test_a_new_sheet_is_shown_once_and_opens_the_case_as_it_is_printed(program):
    told = program.run("key", "x", "rotate", "--only", "recovery").stdout
    [line] = [line for line in told.splitlines() if "AGE-SECRET-KEY-1" in line]
    program.json("status", "x", MUNIMENT_PASSPHRASE=line.strip().lower())
    program.error("status", "x", status=3, MUNIMENT_PASSPHRASE=program.recovery)
    assert "AGE-SECRET-KEY" not in program.run("key", "x", "list").stdout


def test_the_keeping_process_notices_keys_that_were_changed_behind_its_back(program):
    """By a program that does not tell it, as the command line does."""
    program.json("unlock", "x")
    change = (
        "import sys; from muniment.verbs.case import Case\n"
        "with Case.open('x', sys.argv[1]) as case: case.key_rotate(sys.argv[2])"
    )
    done = subprocess.run([sys.executable, "-c", change, PASSPHRASE, NEW], cwd=program.folder)
    assert done.returncode == 0
    assert program.run("status", "x", MUNIMENT_PASSPHRASE=None).returncode in (3, 4)
    program.error("status", "x", status=3, MUNIMENT_PASSPHRASE=None)


@pytest.mark.parametrize(
    "arguments",
    [
        ("add",),
        ("revoke",),
        ("list", "x"),
        ("rotate", "lantern"),
        ("list", "--only", "recovery"),
        ("revoke", "lantern", "--label", "window"),
        ("add", "age1nonsense"),
        ("revoke", "passphrase"),
        ("open",),
    ],
)
def test_what_makes_no_sense_is_bad_use(program, arguments):
    program.error("key", "x", *arguments, status=2)


def test_rotation_without_a_new_passphrase_asks_and_cannot(program):
    program.error("key", "x", "rotate", status=3)


@pytest.mark.parametrize("byte", [9, 30])  # the format's number, a letter of the identifier
def test_a_damaged_case_toml_is_named_by_audit(program, byte):
    path = program.folder / "x.muniment" / "case.toml"
    content = bytearray(path.read_bytes())
    content[byte] ^= 2
    path.write_bytes(content)
    assert program.json("audit", "x", status=1)["damaged"] == ["case.toml"]


def test_damaged_keys_are_named_by_audit_whatever_opens_them(program):
    path = program.folder / "x.muniment" / "keys" / "daily.json"
    fields = json.loads(path.read_bytes())
    fields["box"] = "AAAA" + fields["box"][4:]
    path.write_text(json.dumps(fields, indent=1) + "\n")
    assert program.json("audit", "x", status=1)["damaged"] == ["keys/daily.json"]
    assert program.error("status", "x", status=1)["code"] == "damaged"
    report = program.json("audit", "x", status=1, MUNIMENT_PASSPHRASE=program.recovery)
    assert report["with_keys"] is True and report["damaged"] == ["keys/daily.json"]


def test_new_tells_of_a_machine_that_keeps_things_in_clear(program):
    told = program.json("new", "y")
    assert told["warnings"] == program.json("status", "y")["warnings"]
    assert all(sentence in program.run("status", "y").stdout for sentence in told["warnings"])


def test_the_workers_start_from_a_process_that_keeps_to_itself(program):
    """The sandbox writes its user map after an exec, when it is dumpable again."""
    (program.folder / "memo.txt").write_text("the quay")
    assert program.json("add", "x", "memo.txt")["states"] == {"extracted": 1}
