"""Two newsrooms cosign each other's logs by files; a log that tells two stories is refused and kept."""

from __future__ import annotations

import shutil

import pytest

from muniment.case.folder import describe, open_folder, random_name
from muniment.case.keys import CaseKeys
from muniment.errors import BadUse
from muniment.evidence.log.bundle import Bundle
from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.note import Note, Signer, VerifierKey
from muniment.evidence.log.policy import Policy
from muniment.evidence.log.store import Log
from muniment.evidence.refusals import Malformed, Unproved
from muniment.verbs.case import Case
from tests.verbs.stamping import grow


@pytest.fixture
def other(tmp_path, _made_once):
    """Another newsroom: an empty case with a log of its own."""
    folder, keys = _made_once
    root = tmp_path / "desk.muniment"
    shutil.copytree(folder.root, root)
    describe(type(folder)(root=root, identifier=random_name(20)))
    with Case(open_folder(root), keys) as made:
        made.keys = _keys_of_its_own(made, keys)
        shutil.rmtree(root / "log")
        name = made.keys.log_name
        Log.create(root / "log", name, Signer.from_private_bytes(name, b"o" * 32))
        made.key_rotate(only="recovery")  # lists keys/ again, with the new case.toml
        yield made
    made.lock()


def _keys_of_its_own(case: Case, keys: CaseKeys) -> CaseKeys:
    fields = {name: getattr(keys, name) for name in CaseKeys.__slots__}
    fields |= {"log_name": f"muniment/{case.folder.identifier}", "log_key": (b"o" * 32).hex()}
    return CaseKeys(**fields)


@pytest.fixture
def desk(tmp_path):
    """Where the files lie that are carried between the two."""
    return tmp_path / "carried"


def bundle(case, desk, **more) -> str:
    desk.mkdir(exist_ok=True)
    path = str(desk / "ours.bundle")
    case.stamp(bundle=path, **more)
    return path


def cosign(case, path, desk, **more) -> dict:
    return case.stamp(cosign=path, output=str(desk / "ours.cosigned"), **more)


def keys(case) -> tuple[str, str]:
    said = case.stamp()["cosigning"]
    return said["vkey"], said["cosigner"]


def test_there_and_back_twice(sealed, other, desk):
    log, _ = keys(sealed)
    _, cosigner = keys(other)
    first = bundle(sealed, desk)
    assert sealed.log.size == 256
    done = cosign(other, first, desk, key=log)
    assert done["cosigned"]["size"] == 256 and done["cosigned"]["vkey"] == cosigner
    report = sealed.stamp(witness="desk", key=cosigner, reply=[str(desk / "ours.cosigned")])
    assert report["problems"] == []
    (witness,) = report["cosigning"]["witnesses"]
    assert (witness["witness"], witness["size"]) == ("desk", 256) and witness["time"]
    grow(sealed)
    second = bundle(sealed, desk)
    assert Bundle.parse((desk / "ours.bundle").read_bytes()).old == 256
    cosign(other, second, desk)
    report = sealed.stamp(reply=[str(desk / "ours.cosigned")])
    assert report["cosigning"]["witnesses"][0]["size"] == 512
    assert other.status()["cosigning"]["logs"][0]["size"] == 512
    policy = f"log {log}\nwitness desk {cosigner}\nquorum desk\n".encode()
    checked = Policy.parse(policy).check((desk / "ours.cosigned").read_bytes())
    assert checked.size == 512
    assert sealed.audit()["ok"] is True and other.audit()["ok"] is True
    cosigned = [act["details"] for act in other.journal.acts() if act["act"] == "cosigned"]
    assert [one["size"] for one in cosigned] == ["256", "512"]


def test_the_key_of_a_cosigner_follows_from_the_logs(sealed):
    """A known answer: HKDF-SHA256, no salt, the fixed text; by hand from RFC 5869."""
    import hmac

    pseudo = hmac.digest(bytes(32), bytes.fromhex(sealed.keys.log_key), "sha256")
    seed = hmac.digest(pseudo, b"muniment/v1/cosigner\x01", "sha256")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    key = VerifierKey.parse(keys(sealed)[1])
    assert key.public == public and key.name == f"{sealed.keys.log_name}/cosigner"


def test_the_key_comes_from_elsewhere(sealed, other, desk, tmp_path):
    log, cosigner = keys(sealed)
    path = bundle(sealed, desk)
    with pytest.raises(BadUse, match="never seen here"):
        cosign(other, path, desk)
    with pytest.raises(BadUse, match="not that of the log"):
        cosign(other, path, desk, key=cosigner)
    written = tmp_path / "key.txt"
    written.write_text(log + "\n")
    cosign(other, path, desk, key=str(written))
    fake = Signer.from_private_bytes(sealed.keys.log_name, b"f" * 32)
    with pytest.raises(BadUse, match="another key"):
        cosign(other, path, desk, key=fake.vkey)


def test_not_our_own_log(sealed, desk):
    with pytest.raises(BadUse, match="own log"):
        cosign(sealed, bundle(sealed, desk), desk, key=keys(sealed)[0])


@pytest.fixture
def seen(sealed, other, desk):
    """The other newsroom saw this log at 512 entries."""
    grow(sealed)
    bundle(sealed, desk)
    grow(sealed)
    cosign(other, bundle(sealed, desk), desk, key=keys(sealed)[0])
    (desk / "ours.cosigned").unlink()
    return sealed


def forged(case, size: int, old: int, proof=()) -> bytes:
    """A checkpoint that the log's own key signed, over another tree."""
    signer = Signer.from_private_bytes(case.keys.log_name, bytes.fromhex(case.keys.log_key))
    return Bundle(
        old, tuple(proof), Checkpoint(signer.name, size, b"r" * 32).sign(signer)
    ).serialise()


@pytest.mark.parametrize(
    ("size", "old", "proof", "kind"),
    [
        (256, 0, (), "rollback"),
        (512, 0, (), "split-view"),
        (768, 512, (b"p" * 32,), "unproved"),
        (768, 512, (), "unproved"),
    ],
)
def test_another_story_is_refused_and_kept(seen, other, desk, size, old, proof, kind):
    (desk / "forged").write_bytes(forged(seen, size, old, proof))
    for _ in range(2):
        with pytest.raises(Unproved, match=kind) as refusal:
            cosign(other, str(desk / "forged"), desk)
    assert "anchors/cosigning/" in refusal.value.next
    assert not (desk / "ours.cosigned").exists()
    (story,) = other.status()["cosigning"]["contradictions"]
    assert story["kind"] == kind and story["origin"] == seen.keys.log_name
    for which, length in (("seen", 512), ("shown", size)):
        note = (other.folder.anchors / story[which]).read_bytes()
        assert Checkpoint.parse(Note.parse(note).text).size == length
    acts = [act["details"] for act in other.journal.acts() if act["act"] == "refused"]
    assert [act["kind"] for act in acts] == [kind]
    assert other.audit()["ok"] is True
    grow(seen)
    report = cosign(other, bundle(seen, desk, since=512), desk)
    assert report["cosigned"]["size"] == 768, "the true story goes on"


def test_a_proof_from_elsewhere_is_asked_for_again(seen, other, desk):
    grow(seen)
    with pytest.raises(BadUse, match="begins at 256") as refusal:
        cosign(other, bundle(seen, desk, since=256), desk)
    assert "--since 512" in refusal.value.next
    assert other.status()["cosigning"]["contradictions"] == []


def test_nobody_is_accused_without_a_signature(seen, other, desk):
    """A bundle that the log did not sign is evidence against nobody."""
    fake = Signer.from_private_bytes(seen.keys.log_name, b"f" * 32)
    note = Checkpoint(fake.name, 256, b"r" * 32).sign(fake)
    (desk / "forged").write_bytes(Bundle(0, (), note).serialise())
    with pytest.raises(Unproved):
        cosign(other, str(desk / "forged"), desk)
    assert other.status()["cosigning"]["contradictions"] == []


def test_the_same_checkpoint_is_cosigned_again(seen, other, desk):
    """The file was lost on the way back; nothing new is remembered."""
    cosign(other, bundle(seen, desk), desk)
    assert (desk / "ours.cosigned").exists()
    acts = [act for act in other.journal.acts() if act["act"] == "cosigned"]
    assert len(acts) == 1


def test_an_old_catalogue_learns_what_was_cosigned_before_it_cosigns(seen, other, desk):
    """One act behind, as a kill leaves it: it must not sign a second story of the same size."""
    other.close()
    old = other.folder.catalogue.read_bytes()
    for path in other.root.glob("catalogue.db-*"):
        path.unlink()
    grow(seen)
    cosign(other, bundle(seen, desk, since=512), desk)
    other.close()
    for path in other.root.glob("catalogue.db-*"):
        path.unlink()
    other.folder.catalogue.write_bytes(old)
    (desk / "forged").write_bytes(forged(seen, 768, 512))
    with pytest.raises(Unproved, match="split-view"):
        cosign(other, str(desk / "forged"), desk)
    assert other.status()["cosigning"]["logs"][0]["size"] == 768


def test_what_comes_back_must_be_ours_and_signed(sealed, other, desk):
    _, cosigner = keys(other)
    cosign(other, bundle(sealed, desk), desk, key=keys(sealed)[0])
    returned = desk / "ours.cosigned"
    good = returned.read_bytes()
    assert "No witness" in sealed.stamp(reply=[str(returned)])["problems"][0]["problem"]
    sealed.stamp(witness="desk", key=cosigner)
    lines = good.decode().splitlines(keepends=True)
    for bad in (
        "".join(lines[:-1]).encode(),  # nobody cosigned it
        good.replace(b"\n256\n", b"\n512\n"),
        forged(sealed, 256, 0).partition(b"\n\n")[2],
        b"no note at all",
    ):
        returned.write_bytes(bad)
        report = sealed.stamp(reply=[str(returned)])
        assert len(report["problems"]) == 1 and report["cosigning"]["witnesses"][0]["size"] == 0
    returned.write_bytes(good)
    assert sealed.stamp(reply=[str(returned)])["cosigning"]["witnesses"][0]["size"] == 256


@pytest.mark.parametrize(
    "content",
    [b"", b"old 1\n\n", b"old x\n\n", b"new 1\n\nnote", b"old 0\nAAAA\n\nx", b"\xff" * 40],
)
def test_what_is_no_bundle(content):
    with pytest.raises(Malformed):
        Bundle.parse(content)
