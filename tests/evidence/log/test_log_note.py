"""Signed notes and checkpoints: notes of the world outside, and no malformed one that leaks another error."""

from __future__ import annotations

import subprocess
from base64 import b64decode, b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import BadUse
from muniment.evidence.log.checkpoint import Checkpoint, open_checkpoint
from muniment.evidence.log.note import Note, Signature, Signer, VerifierKey
from muniment.evidence.refusals import Malformed, Unproved

# The examples in the documentation of golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
EXAMPLE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=
""".encode()
# A head of the Go checksum database, and its key as every Go toolchain has it.
GOLANG = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_HEAD = """go.sum database tree
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
""".encode()

SIGNER = Signer.from_private_bytes("muniment/test", bytes(range(32)))
KEY = SIGNER.key
HEAD = Checkpoint("muniment/test", 7, bytes(range(32)))
NOTE = HEAD.sign(SIGNER)
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the group of Ed25519

names = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="+"),
    min_size=1,
    max_size=10,
).filter(lambda name: not any(mark.isspace() for mark in name))


def test_notes_of_others_are_verified():
    keys = [VerifierKey.parse(PETER), VerifierKey.parse(ENOCH)]
    note = Note.parse(EXAMPLE)
    assert note.signed_by(keys) == keys
    assert note.signed_by(keys[1:]) == keys[1:]
    assert note.serialise() == EXAMPLE
    assert [key.vkey for key in keys] == [PETER, ENOCH]


def test_a_head_of_the_go_checksum_database_is_verified():
    note = Note.parse(GO_HEAD)
    assert note.signed_by([VerifierKey.parse(GOLANG)])
    head = Checkpoint.parse(note.text)
    assert (head.origin, head.size) == ("go.sum database tree", 20852163)
    assert head.text() == note.text
    with pytest.raises(Unproved):  # a log that signs under another name than its own is not ours
        open_checkpoint(GO_HEAD, [VerifierKey.parse(GOLANG)])


def test_openssl_alone_verifies_a_checkpoint(tmp_path):
    text, _, line = NOTE.partition(b"\n\n")
    (tmp_path / "text").write_bytes(text + b"\n")
    (tmp_path / "signature").write_bytes(b64decode(line.split()[-1])[4:])
    prefix = bytes.fromhex("302a300506032b6570032100")
    (tmp_path / "key.der").write_bytes(prefix + b64decode(SIGNER.vkey.split("+", 2)[2])[1:])
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-rawin",
        "-keyform",
        "DER",
        "-inkey",
        "key.der",
    ]
    command += ["-in", "text", "-sigfile", "signature"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_sixteen_signatures_are_accepted_and_unknown_ones_ignored():
    note = Note(HEAD.text(), ())
    for number in range(16):
        note = note.with_signature(Signer.generate(f"key-{number}").sign(note.text))
    content = note.with_signature(SIGNER.sign(note.text)).serialise()
    assert Note.parse(content).signed_by([KEY]) == [KEY]
    assert open_checkpoint(content, [KEY]) == HEAD


def test_a_known_key_with_a_bad_signature_refuses_the_note():
    other = Signer.generate("other")
    bad = Signature(KEY.name, KEY.key_id, bytes(64))
    note = Note(HEAD.text(), (other.sign(HEAD.text()), bad))
    with pytest.raises(Unproved):
        note.signed_by([KEY, other.key])
    assert note.signed_by([other.key]) == [other.key]
    with pytest.raises(Unproved):
        note.signed_by([Signer.generate("nobody").key])


def test_one_name_or_id_alone_does_not_make_a_known_key():
    text = HEAD.text()
    for stranger in (
        Signature(KEY.name, b"1234", bytes(64)),
        Signature("else", KEY.key_id, bytes(64)),
    ):
        assert Note(text, (stranger, SIGNER.sign(text))).signed_by([KEY]) == [KEY]


def test_a_signature_with_s_beyond_the_order_is_refused():
    """Otherwise a stranger could make a second signature of the first."""
    value = SIGNER.sign(HEAD.text()).value
    s = int.from_bytes(value[32:], "little") + ORDER
    assert s < 2**256
    assert KEY.verify(HEAD.text(), value)
    assert not KEY.verify(HEAD.text(), value[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length):
    assert not KEY.verify(HEAD.text(), bytes(length))


def test_a_public_key_that_is_no_point_verifies_nothing():
    nothing = VerifierKey("muniment/test", 1, b"\x02" + bytes(31))
    assert not nothing.verify(HEAD.text(), SIGNER.sign(HEAD.text()).value)


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
    st.lists(st.tuples(names, st.binary(min_size=5, max_size=80)), min_size=1, max_size=20),
)
def test_notes_go_there_and_back(text: str, lines: list[tuple[str, bytes]]):
    signatures = tuple(Signature(name, value[:4], value[4:]) for name, value in lines)
    note = Note((text + "\n").encode(), signatures)
    assert Note.parse(note.serialise()) == note


@settings(deadline=None)
@given(names, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoints_go_there_and_back(origin: str, size: int, root: bytes):
    head = Checkpoint(origin, size, root)
    assert Checkpoint.parse(head.text()) == head


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_malformed_and_never_another_error(noise: bytes):
    for read in (Note.parse, Checkpoint.parse):
        try:
            read(noise)
        except Malformed:
            continue
    try:
        VerifierKey.parse(noise.decode("latin-1"))
    except Malformed:
        return


@settings(deadline=None)
@given(st.integers(0, len(NOTE) - 1), st.binary(max_size=3))
def test_a_changed_checkpoint_is_refused(at: int, with_what: bytes):
    bent = NOTE[:at] + with_what + NOTE[at + 1 :]
    if bent == NOTE:
        return
    with pytest.raises((Malformed, Unproved)):
        open_checkpoint(bent, [KEY])


SIGNATURE_LINE = NOTE.split(b"\n")[-2]


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\n",
        b"text\n",
        b"text\n\n",
        NOTE[:-1],
        NOTE + b"\n",
        NOTE + b"more\n",
        NOTE.replace(b"\n", b"\r\n"),
        NOTE.replace(b"muniment", b"muni\tment"),
        NOTE.replace("\u2014".encode(), b"-"),
        NOTE.replace("\u2014 ".encode(), "\u2014".encode()),
        NOTE.replace(b"/test ", b"/te+st "),
        NOTE.replace(b"/test ", "/te\u2003st ".encode()),
        NOTE[: -len(SIGNATURE_LINE) - 1] + SIGNATURE_LINE + b" \n",
        NOTE.replace(b"=\n\n", b"\n\n") if NOTE.count(b"=\n\n") else b"x",
        b"text\n\n\xe2\x80\x94 name AAAAAA==\n",
        b"text\n\n\xe2\x80\x94  AAAAAAAA\n",
        b"\xff" + NOTE,
        b"a\n\n" + b"".join(b"\xe2\x80\x94 name AAAAAAAA\n" for _ in range(101)),
        b"a" * 1_000_000 + NOTE,
    ],
)
def test_malformed_notes(bad):
    with pytest.raises((Malformed, Unproved)) as caught:
        open_checkpoint(bad, [KEY])
    assert caught.value.next


@pytest.mark.parametrize(
    "text",
    [
        "o\n1\n",
        "o\n1\nAAAA\n",
        "o\n01\n" + b64encode(bytes(32)).decode() + "\n",
        "o\n+1\n" + b64encode(bytes(32)).decode() + "\n",
        "o\n١\n" + b64encode(bytes(32)).decode() + "\n",
        "o\n9223372036854775808\n" + b64encode(bytes(32)).decode() + "\n",
        "o\n" + "9" * 5000 + "\n" + b64encode(bytes(32)).decode() + "\n",
        "\n1\n" + b64encode(bytes(32)).decode() + "\n",
        "o\n1\n" + b64encode(bytes(32)).decode(),
        "o\n1\n" + b64encode(bytes(32)).decode() + "\n\n",
        "o\n1\n" + b64encode(bytes(32)).decode().replace("A=", "B=") + "\n",
        "o\n1\n" + b64encode(bytes(32)).decode().rstrip("=") + "\n",
        "o\n1\n" + b64encode(bytes(33)).decode() + "\n",
    ],
)
def test_malformed_checkpoints(text):
    with pytest.raises(Malformed):
        Checkpoint.parse(text.encode())


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+c74f20a3",
        PETER.replace("c74f", "C74F"),
        PETER.replace("c74f", "0000"),
        PETER.replace("Peter", "Pete"),
        PETER + "A",
        PETER.replace("+ARpc", "+AhpC"),
        PETER.replace("Peter", "Pe ter"),
        "name+00000000+",
        PETER + "\n",
    ],
)
def test_malformed_keys(vkey):
    with pytest.raises(Malformed):
        VerifierKey.parse(vkey)


def test_what_cannot_be_written_is_refused():
    for head in (Checkpoint("", 1, bytes(32)), Checkpoint("a\nb", 1, bytes(32))):
        with pytest.raises(Malformed):
            head.text()
    with pytest.raises(Malformed):
        Checkpoint("a", 1, bytes(31)).text()
    with pytest.raises(Malformed):
        Note(b"no newline", (SIGNER.sign(b""),)).serialise()
    with pytest.raises(Malformed):
        Signer.generate("a name")
    with pytest.raises(BadUse):
        Signer.from_private_bytes("name", bytes(31))
