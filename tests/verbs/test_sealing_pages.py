"""The last stage of `add`: what was read is sealed once, whatever is cut off, and is shown from the vault alone."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import zipfile

import pytest
import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import Folder, describe, open_folder, random_name
from muniment.case.seal_tables import part_file, seal, seal_batch, seal_due, sealed_page
from muniment.errors import Damaged, NotFound
from muniment.evidence.commitment import verify_disclosure
from muniment.evidence.layers import words_of
from muniment.verbs import page_seals as doors
from muniment.verbs.case import Case
from muniment.verbs.pages import pack
from muniment.verbs.sealing_pages import PICTURES, STAGE, seal_pages
from muniment.verbs.seals_due import seal_again
from tests.reading.formats.handmade_pdf import pages, words


def papers(folder):
    """A PDF of two pages, a text, and an archive with a PDF and a text in it."""
    two = [words(("Harbour notice", 60, 700), ("closed", 60, 660)), words(("Page two", 60, 700))]
    (folder / "two.pdf").write_bytes(pages(two))
    (folder / "note.txt").write_text("The quay is closed.\n\n今日 notice\n")
    with zipfile.ZipFile(folder / "box.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.pdf", pages([words(("Inside", 60, 700))]))
        archive.writestr("inner.txt", "a memo")


def rows(case, table, **where):
    query = sa.select(table).where(*(table.c[name] == value for name, value in where.items()))
    with case.catalogue.read() as connection:
        return connection.execute(query).all()


def numbers(case):
    """Path to row number."""
    return {row.path: row.number for row in rows(case, tables.document)}


@pytest.fixture(scope="module")
def _sealed_once(_made_once, tmp_path_factory):
    """The papers in a case, sealed: copied for each test."""
    place = tmp_path_factory.mktemp("sealed")
    folder, keys = _made_once
    shutil.copytree(folder.root, place / "harbour.muniment")
    (place / "leak").mkdir()
    papers(place / "leak")
    describe(Folder(root=place / "harbour.muniment", identifier=random_name(20)))
    with Case(open_folder(place / "harbour.muniment"), keys) as made:
        made.add([place / "leak"])
    made.lock()
    return made.folder, keys


@pytest.fixture
def sealed(_sealed_once, tmp_path):
    folder, keys = _sealed_once
    shutil.copytree(folder.root, tmp_path / "harbour.muniment")
    describe(Folder(root=tmp_path / "harbour.muniment", identifier=random_name(20)))
    with Case(open_folder(tmp_path / "harbour.muniment"), keys) as copied:
        copied.key_rotate(only="recovery")  # lists keys/ again, with the new case.toml
        yield copied
    copied.lock()


def test_everything_read_is_sealed_and_in_the_log(sealed):
    seals = sealed.status()["seals"]
    assert (seals["documents"], seals["pages"], seals["waiting"]) == (5, 5, 0)
    assert seals["reasons"] == {} and seals["problems"] == []
    [batch] = rows(sealed, seal_batch)
    tree = doors.seal_batch_tree(sealed, batch.number)
    assert sealed.log.entry(batch.log_index) == tree.root
    for number in numbers(sealed).values():
        assert doors.seals_of(sealed, number)["state"] == "sealed"
        found = doors.current_seal(sealed, number)
        document = doors.document_tree(sealed, number)
        shown = tree.disclose([found.leaf])
        verify_disclosure(tree.root, "muniment/v1/batch", shown, {found.leaf: document.root})
    assert sealed.audit()["ok"] is True


def test_a_word_is_proved_from_the_log_down(sealed):
    number = numbers(sealed)["leak/two.pdf"]
    record = doors.page_record(sealed, number, 1)
    assert record.lines == [["Harbour", "notice"], ["closed"]]
    (x0, y0, x1, y1, sure), second = record.boxes
    assert sure == 100 and y1 < second[1], "the lines stand one above the other"
    assert 5900 < x0 < x1 < 30000 and 7000 < y0 < y1 < 11000, "hundredths of a point from the top"
    assert (record.header.dpi, record.header.channels) == (200, 1)
    assert "pdfium" in record.header.renderer and "none of the machine" in record.header.fonts
    text, page = (
        doors.layer_tree_of(sealed, number, 1, "text"),
        doors.page_tree(sealed, number, 1),
    )
    verify_disclosure(text.root, text.dom, text.disclose([1]), {1: b'{"t":"notice"}'})
    verify_disclosure(page.root, page.dom, page.disclose([3]), {3: text.root})
    document = doors.document_tree(sealed, number)
    shown = document.disclose([2])
    verify_disclosure(document.root, document.dom, shown, {2: page.root})


def test_the_picture_kept_is_the_one_that_is_drawn_and_its_layers_open(sealed):
    number = numbers(sealed)["leak/two.pdf"]
    picture = doors.sealed_picture(sealed, number, 2)
    record = doors.page_record(sealed, number, 2)
    assert (picture.width, picture.height) == (record.header.width, record.header.height)
    for layer in ("pixels", "plain", "boxes"):
        assert doors.layer_tree_of(sealed, number, 2, layer).root == record.roots[layer]


def test_text_without_a_layout_has_words_and_nothing_else(sealed):
    number = numbers(sealed)["leak/note.txt"]
    record = doors.page_record(sealed, number, 1)
    assert record.lines == [["The", "quay", "is", "closed."], ["今", "日", "notice"]]
    assert set(record.roots) == {"text", "page"} and record.header.renderer == ""
    with pytest.raises(NotFound):
        doors.layer_tree_of(sealed, number, 1, "pixels")


def test_a_part_has_a_key_and_a_file_of_its_own(sealed):
    where = numbers(sealed)
    inner, box = where["leak/box.zip/inner.pdf"], where["leak/box.zip"]
    [part] = rows(sealed, part_file, number=inner)
    [container] = rows(sealed, tables.original, number=box)
    assert part.key != container.key and part.size == len(pages([words(("Inside", 60, 700))]))
    assert doors.file_tree(sealed, inner).root == part.root
    assert doors.page_record(sealed, inner, 1).lines == [["Inside"]]
    assert doors.current_seal(sealed, box).pages == 0


def test_show_and_the_page_say_since_when(sealed):
    [listed] = [d for d in sealed.documents()["documents"] if d["path"].endswith("two.pdf")]
    receipts = sealed.show(listed["document"], page=2)["receipts"]
    assert [(r["layer"], r["page"]) for r in receipts] == [
        ("file", None),
        ("document", None),
        ("page", 2),
    ]
    assert receipts[1]["index"] == receipts[2]["index"] == receipts[0]["index"] + 1


def test_a_document_read_again_is_sealed_anew_and_the_earlier_seal_stays(sealed):
    number = numbers(sealed)["leak/two.pdf"]
    first = doors.current_seal(sealed, number)
    before = doors.page_record(sealed, number, 1)
    seal_again(sealed, [number])
    assert doors.seals_of(sealed, number)["state"] == "waiting"
    assert sealed.status()["seals"]["waiting"] == 1
    seal_pages(sealed)
    second = doors.current_seal(sealed, number)
    after = doors.page_record(sealed, number, 1)
    assert second.number != first.number and second.entry > first.entry
    assert after.lines == before.lines
    assert not set(after.trees.values()) & set(before.trees.values())
    assert doors.page_record(sealed, number, 1, first.number) == before
    assert len(doors.seals_of(sealed, number)["seals"]) == 2 and not rows(sealed, seal_due)
    assert sealed.audit()["ok"] is True


def test_a_reading_that_is_repeated_asks_for_a_new_seal(sealed):
    number = numbers(sealed)["leak/note.txt"]
    with sealed.catalogue.write() as connection:
        connection.execute(
            sa.update(tables.document)
            .where(tables.document.c.number == number)
            .values(state="waiting", tried=0)
        )
    again = sealed.root.parent / "again"
    again.mkdir()
    (again / "more.txt").write_text("more")
    sealed.add([again])
    assert len(doors.seals_of(sealed, number)["seals"]) == 2
    assert len(doors.seals_of(sealed, numbers(sealed)["leak/two.pdf"])["seals"]) == 1


def test_without_room_pictures_are_drawn_again_and_a_difference_is_refused(case, leak):
    papers(leak)
    case.catalogue.keep_setting(PICTURES, "0")
    case.add([leak])
    assert case.status()["seals"]["pictures"] == 0
    number = numbers(case)["leak/two.pdf"]
    record = doors.page_record(case, number, 1)
    assert record.picture is None
    assert doors.layer_tree_of(case, number, 1, "plain").root == record.roots["plain"]
    assert case.audit()["ok"] is True
    other = doors.page_record(case, number, 2)
    with pytest.raises(doors.PictureDiffers) as refused:  # another page stands for another renderer
        from dataclasses import replace

        swapped = replace(record, roots={**record.roots, "pixels": other.roots["pixels"]})
        doors.sealed_picture(case, number, 1, record=swapped)
    assert "renderer" in refused.value.next


def test_what_cannot_be_drawn_is_sealed_without_a_picture_and_said(case, leak):
    (leak / "huge.pdf").write_bytes(pages([words(("Plan", 60, 700))], media="0 0 14000 14000"))
    case.add([leak])
    number = numbers(case)["leak/huge.pdf"]
    record = doors.page_record(case, number, 1)
    assert set(record.roots) == {"text", "boxes", "page"} and "80000000 pixels" in record.reason
    assert case.status()["seals"]["reasons"] == {record.reason: 1}


def test_text_that_is_no_unicode_stops_nothing(sealed):
    number = numbers(sealed)["leak/note.txt"]
    broken = "one \ud800two\n\udfff".encode("utf-8", "surrogatepass")
    with sealed.catalogue.write() as connection:
        connection.execute(
            sa.update(tables.page).where(tables.page.c.document == number).values(text=pack(broken))
        )
    seal_again(sealed, [number])
    seal_pages(sealed)
    record = doors.page_record(sealed, number, 1)
    assert record.lines == [["one", "\ufffdtwo"], ["\ufffd"]]
    assert "2 characters" in record.reason


def test_bytes_that_are_gone_are_said_and_the_others_sealed(case, leak):
    papers(leak)
    with pytest.raises(_Kill):
        case.add([leak], watch=_stop)
    [pdf] = rows(case, tables.original, number=numbers(case)["leak/two.pdf"])
    [batch] = rows(case, tables.batch)
    (case.folder.vault / batch.object / "v1" / "content" / pdf.stored).write_bytes(b"gone")
    case.add([leak])
    seals = case.status()["seals"]
    assert (seals["documents"], seals["waiting"]) == (4, 1)
    [problem] = seals["problems"]
    assert "not what was sealed" in problem["reason"]


class _Kill(Exception):
    """Stands for the end of the process."""


def _stop(progress):
    if progress.stage == STAGE:
        raise _Kill


@pytest.mark.parametrize("damage", ["manifest", "package", "object", "root", "page", "entry"])
def test_audit_notices(sealed, damage):
    [batch] = rows(sealed, seal_batch)
    where = sealed.folder.vault / batch.object
    [first, *_] = rows(sealed, seal)
    package = f"vault/{batch.object}/v1/content/{first.stored}"
    if damage == "object":
        shutil.rmtree(where)
        assert f"vault/{batch.object}" in sealed.audit()["missing"]
        return
    if damage == "package":
        (where / "v1" / "content" / first.stored).unlink()
        assert package in sealed.audit()["missing"]
        return
    if damage == "page":
        number = numbers(sealed)["leak/two.pdf"]
        [first] = rows(sealed, seal, document=number)
        [page, _] = rows(sealed, sealed_page, seal=first.number)
        bent = json.dumps({**json.loads(page.roots), "page": "00" * 32})
        with sealed.catalogue.write() as connection:
            connection.execute(
                sa.update(sealed_page).where(sealed_page.c.seal == first.number).values(roots=bent)
            )
        with pytest.raises(Damaged):
            doors.page_record(sealed, number, 1)
        return
    table, changed = {
        "manifest": (seal_batch, {"root": bytes(32)}),
        "root": (seal, {"root": bytes(32)}),
        "entry": (seal_batch, {"log_index": 0}),
    }[damage]
    with sealed.catalogue.write() as connection:
        connection.execute(sa.update(table).values(changed))
    report = sealed.audit()
    expected = (
        "log/entry 0" if damage == "entry" else f"vault/{batch.object}/v1/content/manifest.age"
    )
    assert report["ok"] is False and expected in report["damaged"]


def test_a_package_forged_with_the_case_s_recipient_is_damaged(sealed):
    """Whoever can write the vault, but lacks the keys of the trees, cannot put another text in place."""
    from muniment.evidence.vault import Vault, stage, sync

    [batch] = rows(sealed, seal_batch)
    staging = sealed.root.parent / "forgery"
    staging.mkdir()
    manifest = json.loads(sealed.vault.read_manifest(batch.object, sealed.keys.identity))
    stored = []
    for file in manifest["files"]:
        path = sealed.root.parent / "forged"
        path.write_bytes(b"muniment/pages/v1\n" + bytes(16))
        with path.open("rb") as source:
            stored.append(stage(source, staging, sealed.keys.recipient))
        file |= {"content": stored[-1].name, "size": stored[-1].size}
    sync(staging)
    shutil.rmtree(sealed.folder.vault / batch.object)
    recipient = sealed.keys.recipient
    Vault(sealed.folder.vault).seal(
        batch.object, staging, stored, json.dumps(manifest).encode(), recipient
    )
    report = sealed.audit()
    assert f"vault/{batch.object}/v1/content/{stored[1].name}" in report["damaged"]


def _sealed_in_a_process_killed_at(folder, keys, call):
    """Run the stage in a forked process that ends at its n-th call to the disk or the catalogue; True if it did."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            counted = iter(range(1, 1 << 30))

            def at_point():
                if next(counted) == call:
                    os.kill(os.getpid(), signal.SIGKILL)

            def watched(real):
                def run(*arguments, **named):
                    at_point()
                    return real(*arguments, **named)

                return run

            for name in ("write", "fsync", "rename", "mkdir", "unlink", "utime"):
                setattr(os, name, watched(getattr(os, name)))
            with Case(open_folder(folder), keys) as case:
                for event in ("begin", "commit"):
                    sa.event.listen(case.catalogue.engine, event, lambda _: at_point())
                seal_pages(case)
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_killed_anywhere_it_goes_on_and_seals_nothing_twice(case, leak):
    papers(leak)
    with pytest.raises(_Kill):
        case.add([leak], watch=_stop)
    case.close()
    chance = random.Random(20261128)
    kills, call = 0, 0
    while True:
        call += chance.randrange(1, 12)  # a little further each time, since what is done is kept
        if not _sealed_in_a_process_killed_at(case.root, case.keys, call):
            break
        kills += 1
    assert kills >= 6
    seal_pages(case)
    assert len(rows(case, seal)) == 5, "each document once"
    trees = [tree for row in rows(case, sealed_page) for tree in json.loads(row.trees).values()]
    trees += [row.tree.hex() for row in (*rows(case, seal), *rows(case, seal_batch))]
    assert len(set(trees)) == len(trees)
    entries = [row.log_index for row in rows(case, seal_batch)]
    assert None not in entries and len(set(entries)) == len(entries)
    assert not list(case.folder.staging.iterdir()), "nothing is left over"
    assert case.audit()["ok"] is True


def test_processes_of_its_own_seal_the_same(case, leak):
    """Enough pages for the stage to share them out, on two cores."""
    for number in range(35):
        (leak / f"{number}.pdf").write_bytes(pages([words((f"Notice {number}", 60, 700))] * 2))
    with pytest.raises(_Kill):
        case.add([leak], watch=_stop)
    told = []
    seal_pages(case, lambda progress: told.append((progress.done, progress.total)), cores=2)
    assert told[0] == (0, 35) and told[-1] == (35, 35)
    seals = case.status()["seals"]
    assert (seals["documents"], seals["pages"], seals["waiting"]) == (35, 70, 0)
    number = numbers(case)["leak/7.pdf"]
    assert doors.page_record(case, number, 2).lines == [words_of("Notice 7")]
    assert case.audit()["ok"] is True
