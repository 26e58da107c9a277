"""muniment note."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.errors import BadUse

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

_EXAMPLES = (
    "Examples: muniment note harbour A1/0003 --text - < remark.txt · "
    "muniment note harbour A1/0003 --passage 'storage permit' --tag 'to ask' --star · "
    "muniment note harbour A1/0003 --seen --by anna · muniment note harbour A1/0003 · "
    "muniment note harbour --change q3k7 --text 'asked; no answer' · muniment note harbour --delete q3k7 · "
    "muniment note harbour A1/0003 --page 2 --translation page2.txt --language en · "
    "muniment note harbour --export notes.jsonld · muniment note harbour --import theirs.jsonld"
)


@click.command(epilog=_EXAMPLES)
@click.argument("case")
@click.argument("document", required=False)
@click.option("--text", help="A note. A hyphen reads it from standard input.")
@click.option("--tag", multiple=True, help="A tag; may be given several times.")
@click.option("--star", is_flag=True, help="Star it, to come back to.")
@click.option("--seen", is_flag=True, help="A person has read it.")
@click.option(
    "--translation",
    metavar="FILE",
    help="A translation of the page, or of the passage; - reads it.",
)
@click.option("--language", metavar="CODE", help="The language of what is said, such as en or ug.")
@click.option("--page", type=click.IntRange(min=1), help="The page that is meant.")
@click.option(
    "--passage",
    metavar="WORDS",
    help="The words that are meant, as they stand there; - reads them.",
)
@click.option(
    "--by", metavar="NAME", default="", help="Who says it (else MUNIMENT_WHO, else local)."
)
@click.option(
    "--change", metavar="NOTE", help="Say this one otherwise, with --text, --tag or --translation."
)
@click.option("--delete", metavar="NOTE", help="Take this one back. It stays in the history.")
@click.option("--history", is_flag=True, help="List what was deleted or changed too.")
@click.option("--export", metavar="FILE", help="Write all notes as W3C Web Annotations.")
@click.option(
    "--import", "imports", metavar="FILE", help="Put another's notes together with those here."
)
@passphrase_option
@json_option
def note(case: str, passphrase_file: str | None, as_json: bool, **asked: Any) -> int:
    """What do you say to it?

    Notes, tags, stars, translations and that somebody has seen it, on DOCUMENT, a page of it or a passage; without
    any of them, lists what was said. All of it can be searched (tag:x, seen:yes, starred:yes, noted:yes). It is in no
    seal and no receipt. Who works on a copy of the same case exports, and you import: nothing is overwritten, what
    both changed stays twice and is told (exit status 1).
    """
    from muniment.command.opening import open_case

    _check(asked)
    with open_case(case, passphrase_file) as opened:
        report = _do(opened, asked)
    if as_json:
        print_json(report)
    else:
        _print(report, asked)
    return int(bool(report.get("refused") or (asked["imports"] and report["notes"])))


def _check(asked: dict[str, Any]) -> None:
    """Raises BadUse where it is asked for more than one thing, or for nothing that can be done."""
    says = [name for name in ("text", "tag", "star", "seen", "translation") if asked[name]]
    whole = [name for name in ("change", "delete", "export", "imports") if asked[name]]
    if len(whole) > 1 or (whole and asked["document"]):
        raise BadUse(
            "That is more than one thing to do.",
            next="Change, delete, export and import stand alone.",
        )
    if asked["change"] and (len(says) != 1 or says[0] in ("star", "seen") or len(asked["tag"]) > 1):
        raise BadUse("--change wants the new words.", next="Add --text, --tag or --translation.")
    if says and not asked["change"] and (not asked["document"] or whole):
        raise BadUse(
            "It is not said of what.", next="Name the document: muniment note CASE DOCUMENT."
        )
    if [asked["text"], asked["translation"], asked["passage"]].count("-") > 1:
        raise BadUse(
            "Standard input holds one thing.", next="Give one of them as it is, or by file."
        )


def _do(case: Case, asked: dict[str, Any]) -> Report:
    if asked["export"]:
        return _export(case, asked["export"])
    if asked["imports"]:
        return case.note_import(_collection(asked["imports"]))
    if asked["delete"]:
        return case.note_delete(asked["delete"], by=asked["by"])
    said: dict[str, Any] = {"by": asked["by"], "language": asked["language"] or ""}
    if asked["change"]:
        [(_, value)] = _values(asked)
        return case.note_change(asked["change"], value=value, **said)
    said |= {"page": asked["page"], "passage": _read(asked["passage"]) or ""}
    report: Report | None = None
    notes: list[Any] = []
    for kind, value in _values(asked):
        report = case.note(asked["document"], kind, value=value, **said)
        notes += report["notes"]
    if report is None:
        return case.notes(asked["document"], deleted=asked["history"])
    return {"note": report["note"], "notes": notes}


def _values(asked: dict[str, Any]) -> list[tuple[Any, str]]:
    """Everything that is said, by kind."""
    values = [("note", _read(asked["text"]))] if asked["text"] is not None else []
    values += [("tag", tag) for tag in asked["tag"]]
    values += [(kind, "") for kind in ("star", "seen") if asked[kind]]
    if asked["translation"]:
        values.append(("translation", _file(asked["translation"]).decode("utf-8-sig", "replace")))
    return [(kind, value or "") for kind, value in values]


def _read(text: str | None) -> str | None:
    return sys.stdin.read() if text == "-" else text


def _file(name: str) -> bytes:
    from muniment.publication.web_annotation import MOST_BYTES

    if name == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with Path(name).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (FileNotFoundError, IsADirectoryError):
        raise BadUse(f"There is no file {shown(name)}.", next="Check the path.") from None


def _collection(name: str) -> dict[str, Any]:
    from muniment.publication.web_annotation import read_collection

    return read_collection(_file(name))


def _export(case: Case, name: str) -> Report:
    collection = case.note_export()
    content = json.dumps(collection, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    if name == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content + b"\n")
        sys.stdout.buffer.flush()
    else:
        _write(name, content + b"\n")
    return {"note": None, "notes": [], "file": name, "written": collection["total"]}


def _write(name: str, content: bytes) -> None:
    try:
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise BadUse(f"{shown(name)} exists already.", next="Choose another name.") from None
    with open(handle, "wb") as file:
        file.write(content)


def _print(report: Report, asked: dict[str, Any]) -> None:
    if asked["export"]:
        if asked["export"] != "-":
            print(
                f"Wrote {report['written']} to {shown(asked['export'])}, in clear: it quotes the documents."
            )
        return
    if asked["imports"]:
        print(
            f"{report['taken']} new, {report['known']} known already, {len(report['refused'])} not taken in"
        )
        for one in report["refused"]:
            print(f"  {shown(one['note'])}: {shown(one['reason'])}")
        if report["notes"]:
            print(
                "Both of you changed these; both versions stand until one of you says what holds (--change):"
            )
    for one in report["notes"]:
        _print_note(one, history=asked["history"])
    if report.get("held"):
        print(f"Not listed: {report['held']} of documents that are held")
    elif not report["notes"] and not asked["imports"]:
        print("Nothing was said yet. Next: muniment note CASE DOCUMENT --text -")


def _print_note(one: dict[str, Any], *, history: bool) -> None:
    page = f" p. {one['page']}" if one["page"] else ""
    kind = f"{one['kind']} ({one['language']})" if one["derived"] else one["kind"]
    gone = " (deleted)" if one["deleted"] else ""
    print(
        f"{one['note'][:6]}  {one['reference']}{page}  {kind}{gone}  {shown(one['who'])}, {one['time'][:10]}"
    )
    if one["passage"]:
        state = "" if one["passage"]["state"] == "found" else f"  [{one['passage']['state']}]"
        print(f"        “{shown(one['passage']['exact'])}”{state}")
    if one["value"]:
        print("        " + shown(one["value"], lines=True).replace("\n", "\n        "))
    for other in one["conflicts"]:
        words = "deleted it" if other["deleted"] else shown(other["value"])
        print(f"        or, as {shown(other['who'])} has it: {words}")
    if history:
        for version in one["history"][:-1]:
            print(f"        before, by {shown(version['who'])}: {shown(version['value'])}")
