"""Notes as a W3C Web Annotation collection (JSON-LD), and such a collection as notes again.

What a reader of annotations shows is in `first`; what was replaced or deleted stands beside it in `muniment:earlier`,
so that whoever takes the collection in knows what their own notes are older than. docs/formats/notes.md describes it.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from muniment.case.notes import Revision, from_record
from muniment.errors import BadUse, MunimentError, Newer

VERSION = 1
MOST_BYTES = 64 << 20
MOST_ITEMS = 200_000
CONTEXT = ["http://www.w3.org/ns/anno.jsonld", {"muniment": "urn:muniment:terms:"}]
PAGES = "http://tools.ietf.org/rfc/rfc3778"
_MOTIVATION = {
    "note": "commenting",
    "tag": "tagging",
    "star": "bookmarking",
    "seen": "muniment:seeing",
    "translation": "muniment:translating",
}
_KIND = {motivation: kind for kind, motivation in _MOTIVATION.items()}
_ID = re.compile(r"urn:muniment:note:([a-z2-7]{1,40}):([a-z2-7]{1,40})")
_SOURCE = re.compile(r"urn:muniment:case:([a-z2-7]{1,40}):original:([a-z2-7]{1,40})")
_PAGE = re.compile(r"page=([1-9][0-9]{0,8})")

Boxes = Callable[[Revision], list[list[float]]]
Taken = tuple[str, Revision | None, str]
"""What an annotation calls itself, its revision, or why it is none."""


def collection(
    case: str, standing: Iterable[Revision], earlier: Iterable[Revision], boxes: Boxes
) -> dict[str, Any]:
    """The whole collection of a case. `boxes` gives those of a passage, in points from the page's top left."""
    items = [_annotation(case, one, boxes) for one in standing]
    name = f"urn:muniment:case:{case}:notes"
    return {
        "@context": CONTEXT,
        "id": name,
        "type": "AnnotationCollection",
        "label": "Notes of a case",
        "total": len(items),
        "first": {
            "id": f"{name}:page:1",
            "type": "AnnotationPage",
            "startIndex": 0,
            "items": items,
        },
        "muniment:version": VERSION,
        "muniment:case": case,
        "muniment:earlier": [_annotation(case, one, boxes) for one in earlier],
    }


def _annotation(case: str, one: Revision, boxes: Boxes) -> dict[str, Any]:
    body = {"type": "TextualBody", "value": one.value, "format": "text/plain"}
    if one.language:
        body["language"] = one.language
    said: dict[str, Any] = {
        "id": f"urn:muniment:note:{one.note}:{one.revision}",
        "type": "Annotation",
        "motivation": _MOTIVATION[one.kind],
        "created": one.time,
        "creator": {"type": "Person", "name": one.who},
        "target": _target(case, one, boxes),
    }
    if one.value:
        said["body"] = body
    if one.previous:
        said["muniment:previous"] = list(one.previous)
    if one.deleted:
        said["muniment:deleted"] = True
    return said


def _target(case: str, one: Revision, boxes: Boxes) -> dict[str, Any]:
    target: dict[str, Any] = {
        "type": "SpecificResource",
        "source": f"urn:muniment:case:{case}:original:{one.original}",
        "muniment:reference": one.reference,
    }
    if one.page:
        selector = target["selector"] = {
            "type": "FragmentSelector",
            "conformsTo": PAGES,
            "value": f"page={one.page}",
        }
        if one.exact:
            quote = {name: getattr(one, name) for name in ("exact", "prefix", "suffix")}
            selector["refinedBy"] = [
                {"type": "TextQuoteSelector", **quote},
                {"type": "TextPositionSelector", "start": one.start, "end": one.end},
            ]
            target["muniment:boxes"] = boxes(one)
    return target


def read_collection(content: bytes) -> dict[str, Any]:
    """A collection from a file of anybody's. Raises BadUse where it is none, or larger than any of ours."""
    if len(content) > MOST_BYTES:
        raise BadUse(
            f"The file is larger than {MOST_BYTES >> 20} MiB.", next="Export fewer notes at a time."
        )
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise _none_of_ours("it is no JSON") from None
    if not isinstance(found, dict):
        raise _none_of_ours("it is no JSON object")
    return found


def revisions_in(found: Mapping[str, Any], case: str) -> Iterator[Taken]:
    """Every revision in a collection. Raises BadUse where it is none, or of another case; Newer."""
    version = found.get("muniment:version")
    first, earlier = found.get("first"), found.get("muniment:earlier", [])
    items = first.get("items") if isinstance(first, dict) else None
    if found.get("type") != "AnnotationCollection" or type(version) is not int:
        raise _none_of_ours("it is no collection of annotations that muniment wrote")
    if version > VERSION:
        raise Newer(
            f"These notes are of version {version}; this muniment knows {VERSION}.",
            next="Use the muniment that wrote them, or a later one. Nothing was taken in.",
        )
    if found.get("muniment:case") != case:
        raise BadUse(
            "These notes are of another case.",
            next="Take them into a copy of the case they were written in.",
        )
    if not isinstance(items, list) or not isinstance(earlier, list):
        raise _none_of_ours("its list of annotations cannot be read")
    if len(items) + len(earlier) > MOST_ITEMS:
        raise _none_of_ours(f"it holds more than {MOST_ITEMS:,} annotations")
    return (_taken(one, case) for one in (*earlier, *items))


def _taken(one: Any, case: str) -> Taken:
    name = str(one.get("id", ""))[:120] if isinstance(one, dict) else ""
    try:
        return name, from_record(_record(one, case)), ""
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return name, None, "This is no annotation that muniment wrote."
    except MunimentError as error:
        return name, None, error.message


def _record(one: Any, case: str) -> dict[str, Any]:
    """An annotation as a record. Raises KeyError, TypeError, ValueError and their like where it is none of ours."""
    identifier, source = _ID.fullmatch(one["id"]), _SOURCE.fullmatch(one["target"]["source"])
    if one["type"] != "Annotation" or identifier is None or source is None or source[1] != case:
        raise ValueError
    body = one.get("body", {"value": ""})
    return {
        "note": identifier[1],
        "revision": identifier[2],
        "previous": one.get("muniment:previous", []),
        "kind": _KIND[one["motivation"]],
        "original": source[2],
        "reference": one["target"]["muniment:reference"],
        **_place(one["target"].get("selector")),
        "value": body["value"],
        "language": body.get("language", ""),
        "who": one["creator"]["name"],
        "time": one["created"],
        "deleted": one.get("muniment:deleted", False),
        "salt": secrets.token_hex(16),
    }


def _place(selector: Any) -> dict[str, Any]:
    place = {"page": 0, "exact": "", "prefix": "", "suffix": "", "start": 0, "end": 0}
    if selector is None:
        return place
    page = _PAGE.fullmatch(selector["value"])
    if page is None:
        raise ValueError
    place["page"] = int(page[1])
    if "refinedBy" in selector:
        words, position = selector["refinedBy"]
        place |= {name: words[name] for name in ("exact", "prefix", "suffix")}
        place |= {name: position[name] for name in ("start", "end")}
    return place


def _none_of_ours(problem: str) -> BadUse:
    return BadUse(
        f"These notes cannot be taken in: {problem}.",
        next="Give a file that was written with: muniment note CASE --export FILE",
    )
