"""The Reader: a page as picture and text, with the document's parts, properties and receipts; it opens at the hit."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from muniment.verbs.doubt import SURE_ENOUGH
from muniment.verbs.names import boxes_at, names_on
from muniment.verbs.page import page as one_page
from muniment.workbench.accounting import WORDS
from muniment.workbench.framing import framed
from muniment.workbench.lettering import line_starts
from muniment.workbench.rendering import data, page, wants_json
from muniment.workbench.searches import Around, Search
from muniment.workbench.sitting import Sitting, sitting_of

if TYPE_CHECKING:
    from muniment.verbs.case import Report

router = APIRouter(include_in_schema=False)
WINDOW = 60_000
SIZES = {"fit": 110, "large": 160, "largest": 220}
_THUMBNAIL = 40
_FEW_LETTERS = 40


@router.get("/document/{document}")
@router.get("/document/{document}.json")
def reader(
    request: Request,
    document: str,
    page: int | None = None,
    search: str = "",
    hit: int | None = None,
    size: str = "fit",
    opened: bool = False,
    start: int | None = None,
    held: bool = False,
    mention: str = "",
) -> Response:
    """One page of one document. With `search` and `hit` it opens at that hit; `held` shows one that is held.

    `mention` is a passage of the page, START-END in code points: it opens there.
    """
    sitting = sitting_of(request)
    asked = sitting.searches.get(search) if search else None
    around = _around(sitting, asked, document, hit)
    number = page or (around.hit["page"] if around else 0) or 1
    shown = sitting.case.show(document)
    veiled = shown["held"] and not held
    if wants_json(request):
        with_text = shown["pages"] and not veiled
        return data(sitting.case.show(document, page=number) if with_text else shown)
    view = _View(sitting, shown, number, search if asked else "", around, _span_of(mention))
    values = view.values(start, size if size in SIZES else "fit", opened=opened, hidden=veiled)
    return _page(request, view, values)


@router.get("/image/{document}/{number}")
def image(
    request: Request, document: str, number: int, dpi: int = SIZES["fit"], held: bool = False
) -> Response:
    """The picture of a page, made in the sandbox."""
    sitting = sitting_of(request)
    with sitting.drawing:
        picture = sitting.case.page_image(document, number, dpi=dpi, held=held)
    return Response(picture, media_type="image/png")


def _page(request: Request, view: _View, values: dict[str, Any]) -> Response:
    title = f"{view.shown['reference']}, page {view.number}"
    return page(request, "reader.html", screen="reader", title=title, **values)


def _around(
    sitting: Sitting, search: Search | None, document: str, hit: int | None
) -> Around | None:
    """The hit that was opened, if it is still one of this document."""
    if search is None or hit is None or hit < 0:
        return None
    around = search.hit(sitting.case, hit, sitting.work.version)
    return around if around is not None and around.hit["document"] == document else None


class _View:
    """One page of the Reader: what its template needs."""

    def __init__(
        self,
        sitting: Sitting,
        shown: Report,
        number: int,
        search: str,
        around: Around | None,
        mention: tuple[int, int] | None = None,
    ) -> None:
        self.sitting = sitting
        self.shown = shown
        self.number = number
        self.search = search
        # Turning the page leaves the hit behind, but n and p still go on from it.
        self.around = around
        self.at_hit = around is not None and around.hit["page"] == number
        self.mention = mention

    def values(self, start: int | None, size: str, *, opened: bool, hidden: bool) -> dict[str, Any]:
        """What the template needs; of a document that is `hidden` neither text nor picture is among it."""
        listed = self.sitting.documents()
        sheet = (
            one_page(self.sitting.case, self.shown["document"], self.number)
            if self.shown["pages"] and not hidden
            else None
        )
        return {
            "shown": self.shown,
            "number": self.number,
            "sheet": sheet,
            "search": self.search,
            "around": self.around,
            "at_hit": self.at_hit,
            "size": size,
            "sizes": list(SIZES),
            "dpi": SIZES[size],
            "hidden": hidden,
            "veiled": self._veiled(sheet, opened=opened),
            "boxes": self._boxes(),
            "words": WORDS,
            "sure_enough": SURE_ENOUGH,
            "who": self.sitting.who,
            **self._text(sheet, start),
            **self._family(listed),
            **self._notes(listed, hidden=hidden),
            "named": [] if sheet is None else self._named(sheet, start),
        }

    def _veiled(self, sheet: Report | None, *, opened: bool) -> bool:
        """Pictures stay small and grey until somebody opens them, unless they are the scan of a text."""
        if sheet is None or sheet["family"] != "image" or opened or self.at_hit:
            return False
        return len(sheet["text"].strip()) < _FEW_LETTERS

    def _hits(self) -> tuple[list[Report], list[Report]]:
        """The hit opened on this page, and the others on it."""
        if self.mention is not None:
            return [self._mentioned], []
        if not self.at_hit or self.around is None:
            return [], []
        return [self.around.hit], self.around.beside()

    def _boxes(self) -> list[tuple[bool | str, list[float]]]:
        here, beside = self._hits()
        own = [box for h in here for box in framed(h["span_boxes"])]
        others = [box for h in here + beside for box in framed(h["boxes"]) if box not in own]
        noted = [box for one in self._on_page() for box in framed(one["passage"]["boxes"])]
        boxes: list[tuple[bool | str, list[float]]] = [("noted", box) for box in noted]
        return boxes + [(False, box) for box in others] + [(True, box) for box in own]

    @cached_property
    def _mentioned(self) -> Report:
        """The passage it was asked to open at, as if it were a hit."""
        start, end = self.mention or (0, 0)
        boxes = boxes_at(self.sitting.case, self.shown["document"], self.number, start, end)
        place: Report = {"start": start, "end": end, "span": [start, end], "marks": []}
        return {**place, "boxes": [], "span_boxes": boxes, "derived": None}

    def _named(self, sheet: Report, start: int | None) -> list[list[int]]:
        """The names on the page, in the window of its text."""
        found = names_on(self.sitting.case, self.shown["document"], self.number)
        window = self._text(sheet, start)
        spans = [[low, high] for low, high, _ in found]
        return _within(spans, window["text_start"], window["text_stop"])

    @cached_property
    def remarks(self) -> list[Report]:
        """What readers said of this document."""
        found: list[Report] = self.sitting.case.notes(self.shown["document"])["notes"]
        return found

    def _on_page(self) -> list[Report]:
        """What was said of passages that stand on this page."""
        return [
            one
            for one in self.remarks
            if one["page"] == self.number and one["passage"] and one["passage"]["state"] != "lost"
        ]

    def _notes(self, listed: list[Report], *, hidden: bool) -> dict[str, Any]:
        """What readers said of the document; translations of this page, with the marks of the hit in them."""
        who, remarks = self.sitting.who, [] if hidden else self.remarks
        whole = [one for one in remarks if one["page"] is None and one["who"] == who]
        mine = {one["kind"]: one["note"] for one in whole if one["kind"] in ("star", "seen")}
        here = [one for one in remarks if one["derived"] and one["page"] == self.number]
        return {
            "remarks": remarks,
            "mine": {"star": "", "seen": "", **mine},
            "translations": [(one, self._hit_in(one)) for one in here],
            "known_tags": sorted({tag for document in listed for tag in document["tags"]}),
        }

    def _hit_in(self, one: Report) -> list[list[int]]:
        """The marks of the hit that was opened, where it is one in this translation."""
        hit = self.around.hit if self.at_hit and self.around is not None else None
        if hit is None or not hit["derived"] or hit["derived"]["note"] != one["note"]:
            return []
        at = one["value"].find(hit["text"])
        return [[at + start, at + end] for start, end in hit["highlights"]] if at >= 0 else []

    def _text(self, sheet: Report | None, start: int | None) -> dict[str, Any]:
        """A window of the page's text with its marks: whole pages, but for texts as long as books."""
        text = sheet["text"] if sheet else ""
        here, beside = self._hits()
        derived = [h for h in here if h["derived"]]
        if start is None:
            start = max(0, here[0]["start"] - WINDOW // 2) if here else 0
            if here and here[0]["end"] < WINDOW:
                start = 0
        start = max(0, min(start, max(0, len(text) - 1)))
        stop = min(len(text), start + WINDOW)
        return {
            "text": text[start:stop],
            "tongues": _tongues(sheet, text[start:stop], start),
            "here": _within([h["span"] for h in here if h["span"] and not derived], start, stop),
            "noted": _within([_span(one) for one in self._on_page()], start, stop),
            "marks": _within(_others(here, beside), start, stop),
            "text_start": start,
            "text_stop": stop,
            "text_length": len(text),
            "window": WINDOW,
        }

    def _family(self, listed: list[Report]) -> dict[str, Any]:
        """The container, the parts, and the documents before and after."""
        by_name = {d["document"]: index for index, d in enumerate(listed)}
        at = by_name.get(self.shown["document"], 0)
        parent = self.shown["parent"]
        return {
            "parent": listed[by_name[parent]] if parent in by_name else None,
            "parts": [listed[by_name[p]] for p in self.shown["parts"] if p in by_name],
            "previous_document": listed[at - 1]["document"] if at else None,
            "next_document": listed[at + 1]["document"] if at + 1 < len(listed) else None,
            "place": at + 1,
            "all_documents": len(listed),
        }


def _tongues(sheet: Report | None, text: str, start: int) -> list[str]:
    """The language of each line, where the page is in several."""
    said = sheet["passages"] if sheet else []
    begins = [at for at, _ in said]
    return [
        said[max(0, bisect_right(begins, start + at) - 1)][1]
        for at in (line_starts(text) if said else ())
    ]


def _span_of(mention: str) -> tuple[int, int] | None:
    """START-END as two numbers; None for anything else."""
    start, _, end = mention.partition("-")
    if not (start.isdecimal() and end.isdecimal() and len(mention) < 20):
        return None
    return (int(start), int(end)) if int(start) < int(end) else None


def _span(one: Report) -> list[int]:
    return [one["passage"]["start"], one["passage"]["end"]]


def _others(here: list[Report], beside: list[Report]) -> list[list[int]]:
    """Marks of a page that are not the hit opened, each once."""
    own = [h["span"] for h in here if h["span"]]
    marks = {tuple(mark) for h in here + beside for mark in h["marks"]}
    return [
        [start, end]
        for start, end in sorted(marks)
        if not any(start < last and end > first for first, last in own)
    ]


def _within(marks: list[list[int]], start: int, stop: int) -> list[list[int]]:
    """Marks in a window of the text, moved to it."""
    return [
        [max(a, start) - start, min(b, stop) - start] for a, b in marks if a < stop and b > start
    ]
