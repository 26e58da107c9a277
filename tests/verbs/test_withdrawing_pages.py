"""Nothing of a withdrawn document is left in page seals: packages, manifests, tables, whatever was cut off."""

from __future__ import annotations

import json
import os
import shutil
import signal

import pytest
import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import part_file, seal, seal_batch, seal_due, sealed_page
from muniment.errors import Refused
from muniment.evidence.page_manifest import batch_root_of
from muniment.verbs import erasing_seals, page_seals, seal_batches
from muniment.verbs import withdraw as withdrawing
from muniment.verbs.case import Case
from muniment.verbs.documents import family_of, row_of
from muniment.verbs.sealing_pages import seal_pages
from muniment.verbs.seals_due import due, seal_again
from tests.reading.formats.handmade_pdf import pages, words
from tests.verbs.leftovers import left, zipped

INNER = pages([words(("Kestrelmann", 60, 700), ("counted", 60, 660)), words(("Zubrowka", 60, 700))])
WORDS = (b"kestrelmann", b"zubrowka", b"ladderback", b"quillfeather")


@pytest.fixture
def sealed(case, leak):
    """An archive with a PDF of two pages and a text, beside a PDF and a note that stay; all of it sealed."""
    zipped(leak / "Quillfeather.zip", ladderback_pdf=INNER, other_txt=b"Zubrowka again " * 20)
    (leak / "stays.pdf").write_bytes(pages([words(("Harbour", 60, 700))]))
    (leak / "stays.txt").write_text("the quay is closed")
    case.add([leak])
    return case


def rows(case, table, **where):
    query = sa.select(table).where(*(table.c[name] == value for name, value in where.items()))
    with case.catalogue.read() as connection:
        return connection.execute(query).all()


def numbers(case):
    """Row numbers: of what goes, and of what stays."""
    [archive] = rows(case, tables.document, reference="A1/0001")
    gone = family_of(case, archive.number)
    return gone, [r.number for r in rows(case, tables.document) if r.number not in gone]


def secrets_of(case, some):
    """Everything a seal has of these documents but the roots of documents: keys, tree ids, digests, roots, names."""
    found = set()
    for number in some:
        for row in rows(case, part_file, number=number):
            found |= {bytes(getattr(row, n)) for n in ("key", "tree", "root", "sha256", "sha512")}
        for row in rows(case, seal, document=number):
            found |= {bytes(row.tree), bytes(row.sha256), bytes(row.sha512), row.stored.encode()}
            found |= {row.cipher_sha512.encode(), row.chunk_root.encode()}
            for page in rows(case, sealed_page, seal=row.number):
                for told in (json.loads(page.trees), json.loads(page.roots)):
                    found |= {bytes.fromhex(value) for value in told.values()}
    return found - {b""}


def withdraw(case, why="source"):
    return case.withdraw(rows(case, tables.document, number=numbers(case)[0][0])[0].document, why)


def check_gone(case, needles):
    assert left(case, *WORDS, *needles) == {}
    gone, stays = numbers(case)
    for number in gone:
        assert not rows(case, part_file, number=number) and not rows(
            case, seal_due, document=number
        )
        for row in rows(case, seal, document=number):
            assert row.batch is not None and not rows(case, sealed_page, seal=row.number)
            assert (row.stored, row.tools, row.pages, row.size) == ("", "{}", 0, 0)
            assert (row.tree, row.sha512, row.cipher_sha512, row.chunk_root) == (b"", b"", "", "")
    for number in stays:
        page_seals.document_tree(case, number)
    for batch in rows(case, seal_batch):
        assert page_seals.seal_batch_tree(case, batch.number).root == case.log.entry(
            batch.log_index
        )
        manifest = json.loads(case.vault.read_manifest(batch.object, case.keys.identity))
        assert batch_root_of(manifest) == bytes(batch.root)
        contents = {file["content"] for file in manifest["files"] if "content" in file}
        assert contents == set(case.vault.contents(batch.object)) - {"manifest.age", "chunks.json"}
    assert not list(case.folder.staging.iterdir())
    report = case.audit()
    assert report["ok"], report


def test_nothing_is_left_of_any_seal_and_the_others_verify(sealed):
    gone, stays = numbers(sealed)
    first = secrets_of(sealed, gone)
    roots = [page_seals.document_tree(sealed, n).root for n in stays]
    before = page_seals.page_record(sealed, stays[0], 1)
    seal_again(sealed, [*gone, *stays[:1]])
    seal_pages(sealed)
    needles = first | secrets_of(sealed, gone)
    seal_again(sealed, gone, reason="as Kestrelmann asked")
    assert len(needles) > len(first) > 20 and len(rows(sealed, seal_batch)) == 2
    assert set(left(sealed, *WORDS, *needles)) == {*WORDS, *needles}, "what never was cannot go"
    withdraw(sealed)
    check_gone(sealed, needles)
    [first_seal] = [s for s in rows(sealed, seal, document=stays[0]) if s.batch == 1]
    assert page_seals.page_record(sealed, stays[0], 1, first_seal.number) == before
    assert [page_seals.document_tree(sealed, n).root for n in stays[1:]] == roots[1:]
    for batch in rows(sealed, seal_batch):
        manifest = json.loads(sealed.vault.read_manifest(batch.object, sealed.keys.identity))
        kept = [file for file in manifest["files"] if file.get("state") == "withdrawn"]
        assert len(kept) == 3
        assert all(set(file) == {"root", "state", "reason"} for file in kept)
        assert {file["reason"] for file in kept} == {"source"}
    seals = sealed.status()["seals"]
    assert (seals["documents"], seals["waiting"], seals["problems"]) == (2, 0, [])


def test_a_withdrawn_document_is_not_sealed_again_and_shows_nothing(sealed, leak):
    withdraw(sealed)
    gone, _ = numbers(sealed)
    seal_again(sealed, gone)
    assert due(sealed) == []
    (leak.parent / "more").mkdir()
    (leak.parent / "more" / "more.txt").write_text("more")
    sealed.add([leak.parent / "more"])
    assert sealed.status()["seals"]["documents"] == 3
    for door in (page_seals.current_seal, page_seals.document_tree, page_seals.file_tree):
        for number in gone:
            with pytest.raises(Refused, match="withdrawn"):
                door(sealed, number)
    [layer, *_] = sealed.show("A1/0001")["receipts"]
    assert layer["layer"] == "file" and sealed.audit()["ok"]


class _Kill(Exception):
    """Stands for the end of the process."""


def test_what_is_staged_and_in_no_batch_goes_too(case, leak, monkeypatch):
    """A run that ended between sealing documents and making their batch; and a package nobody noted."""

    def stop(_):
        raise _Kill

    monkeypatch.setattr("muniment.verbs.sealing_pages.batch_sealed", stop)
    with pytest.raises(_Kill):
        sealed.__wrapped__(case, leak)
    monkeypatch.undo()
    gone, stays = numbers(case)
    needles = secrets_of(case, gone)
    staged = {row.stored for row in rows(case, seal)}
    [one] = {row.stored for row in rows(case, seal, document=gone[1])}
    unnoted = case.folder.staging / ("a" * 26)
    shutil.copy(case.folder.staging / one, unnoted)
    assert staged == {path.name for path in case.folder.staging.iterdir()} - {unnoted.name}
    withdraw(case, "privacy")
    kept = {row.stored for row in rows(case, seal)}
    assert len(kept) == len(stays) == 2
    assert {path.name for path in case.folder.staging.iterdir()} == kept
    assert left(case, *WORDS, *needles) == {} and case.audit()["ok"]
    case.add([leak])
    [batch] = rows(case, seal_batch)
    assert len(rows(case, seal, batch=batch.number)) == 2
    check_gone(case, needles)


def test_a_batch_half_sealed_is_finished_first(case, leak, monkeypatch):
    def stop(*_):
        raise _Kill

    monkeypatch.setattr(seal_batches, "_into_vault", stop)
    with pytest.raises(_Kill):
        sealed.__wrapped__(case, leak)
    monkeypatch.undo()
    gone, _ = numbers(case)
    needles = secrets_of(case, gone)
    assert [batch.stage for batch in rows(case, seal_batch)] == ["sealing"]
    withdraw(case)
    assert [batch.stage for batch in rows(case, seal_batch)] == ["sealed"]
    check_gone(case, needles)


def test_packages_put_back_into_the_vault_are_noticed(sealed, tmp_path):
    [batch] = rows(sealed, seal_batch)
    place = sealed.folder.vault / batch.object
    shutil.copytree(place, tmp_path / "kept")
    withdraw(sealed)
    shutil.rmtree(place)
    shutil.copytree(tmp_path / "kept", place)
    report = sealed.audit()
    assert report["ok"] is False and len(report["unexpected"]) == 3
    assert not report["damaged"] and not report["missing"]
    assert all(
        path.startswith(f"vault/{batch.object}/v1/content/") for path in report["unexpected"]
    )


def test_an_entry_that_says_withdrawn_where_nothing_was_is_damaged(sealed):
    """Who can write the vault cannot take a document out of it by saying so."""
    from muniment.evidence.vault.rewriting import rewrite

    [batch] = rows(sealed, seal_batch)
    _, stays = numbers(sealed)
    [victim] = rows(sealed, seal, document=stays[0])
    leaving = {victim.stored: "source"}

    def change(manifest):
        return withdrawing.without(manifest, leaving=leaving)

    rewrite(
        sealed.vault,
        batch.object,
        set(leaving),
        change,
        sealed.folder.staging,
        sealed.keys.recipient,
        sealed.keys.identity,
    )
    report = sealed.audit()
    content = f"vault/{batch.object}/v1/content"
    assert f"{content}/manifest.age" in report["damaged"]
    assert f"{content}/{victim.stored}" in report["missing"]


def _ended_at(folder, keys, reference, call):
    """Withdraw in a forked process that is killed at its n-th step of this kind; True if it was."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            counted = iter(range(1, 1 << 30))

            def watched(real):
                def run(*arguments, **named):
                    if next(counted) == call:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return real(*arguments, **named)

                return run

            erasing_seals.sa.update = watched(erasing_seals.sa.update)
            erasing_seals.sa.delete = watched(erasing_seals.sa.delete)
            os.link, os.fsync, os.unlink = map(watched, (os.link, os.fsync, os.unlink))
            with Case(folder, keys) as case:
                case.withdraw(reference, "source")
            status = 0
        finally:
            os._exit(status)
    _, code = os.waitpid(child, 0)
    assert code in (0, signal.SIGKILL), code
    return code == signal.SIGKILL


def test_killed_at_counted_steps_the_same_command_ends_well(sealed):
    """Each run is killed a few steps later than the one before it came; what is seen between is never damage."""
    gone, _ = numbers(sealed)
    needles = secrets_of(sealed, gone)
    reference = rows(sealed, tables.document, number=gone[0])[0].reference
    kills = 0
    for call in range(1, 60, 6):
        sealed.close()
        if not _ended_at(sealed.folder, sealed.keys, reference, call):
            break
        kills += 1
        report = sealed.audit()
        assert not (report["damaged"] or report["missing"]), (call, report)
        assert all("/v1/content/" in path for path in report["unexpected"]), (call, report)
    assert kills >= 4
    assert sealed.withdraw(row_of(sealed, reference).document, "source")["copies"] == []
    check_gone(sealed, needles)
    assert [act["act"] for act in sealed.journal.acts()].count("withdrawn") == 1
