"""Documents: the original tree, parts inside their containers, each with its state."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from muniment.errors import BadUse
from muniment.reading.limits import LIMITS, READERS, Means, means
from muniment.verbs.documents import HEAD, MARKED, PROBLEMS, check_marked, is_marked, rows_of
from muniment.verbs.retry import passwords_of
from muniment.workbench.accounting import ORDER, WORDS
from muniment.workbench.rendering import data, elsewhere, form_of, page, wants_json
from muniment.workbench.sitting import Sitting, sitting_of
from muniment.workbench.tables import csv_answer
from muniment.workbench.work import Job

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report, Watch

router = APIRouter(include_in_schema=False)
ROWS = 250
_MOST_TAGS = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the tree: an accession, a folder, or a document. `depth` from 0."""

    depth: int
    kind: str
    name: str
    document: dict[str, Any] | None = None
    inside: int = 0


@router.get("/documents")
@router.get("/documents.json")
def documents(request: Request, state: str = "", marked: str = "", start: int = 0) -> Response:
    """The tree, or the documents of one state as a list. `state=problems` is every state that needs a look."""
    listed = _listed(request, state, marked)
    everything = sitting_of(request).documents()
    if wants_json(request):
        return data({"documents": listed})
    rows = list(flat(listed) if state or marked else tree(listed))
    start = max(0, min(start, len(rows)))
    return page(
        request,
        "documents.html",
        readers=READERS,
        limits=LIMITS.values(),
        screen="documents",
        title="Documents",
        rows=_with_ancestors(rows, start),
        start=start,
        stop=min(len(rows), start + ROWS),
        all_rows=len(rows),
        step=ROWS,
        state=state,
        marked=marked,
        marks=_marks(everything),
        asked=urlencode({n: v for n, v in (("state", state), ("marked", marked)) if v}),
        found=len(listed),
        states=_states(everything),
        words=WORDS,
        held=sum(d["held"] for d in everything),
        doubtful=sum(bool(d["doubtful"]) for d in everything),
        problems=sum(d["state"] in PROBLEMS for d in everything),
        all_documents=len(everything),
    )


@router.get("/documents.csv")
def documents_csv(request: Request, state: str = "", marked: str = "") -> Response:
    """The same list as a table."""
    return csv_answer("documents", HEAD, rows_of(_listed(request, state, marked)))


@router.post("/documents/retry")
async def retry(request: Request) -> Response:
    """Try again what was not read, in the background, with the passwords of the form if it has any."""
    form = await form_of(request)
    passwords = passwords_of(form.get("passwords", "").encode())
    asked = means(form.get("reader", ""), _limits(form))
    begin_retry(sitting_of(request), None, passwords, asked)
    return elsewhere("/")


def _limits(form: Mapping[str, str]) -> dict[str, int]:
    """The limits of the form that are not empty. Raises BadUse for what is no number."""
    found = {}
    for name in LIMITS:
        said = form.get(f"limit-{name}", "").strip()
        if not said:
            continue
        if not said.isascii() or not said.isdigit() or len(said) > 15:
            raise BadUse(
                f"The limit {name} is not a number.", next="Write digits, or leave it empty."
            )
        found[name] = int(said)
    return found


def begin_retry(
    sitting: Sitting, document: str | None, passwords: Sequence[str], asked: Means
) -> Job:
    """`retry` in the background. The passwords are forgotten with the work."""

    def task(case: Case, watch: Watch) -> Report:
        return case.retry(
            document,
            passwords=passwords,
            reader=asked.reader,
            limits=asked.raised,
            watch=watch,
        )

    return sitting.work.begin("Trying again what was not read", task)


def _listed(request: Request, state: str, marked: str) -> list[Report]:
    check_marked(marked)
    listed = sitting_of(request).documents()
    if marked:
        listed = [d for d in listed if is_marked(d, marked)]
    if state == "held":
        return [d for d in listed if d["held"]]
    if state == "doubtful":
        return [d for d in listed if d["doubtful"]]
    if state == "problems":
        return [d for d in listed if d["state"] in PROBLEMS]
    if state and state not in ORDER:
        raise BadUse("There is no such state.", next="Choose one of those listed on Documents.")
    return [d for d in listed if not state or d["state"] == state]


def _states(listed: list[Report]) -> list[tuple[str, int]]:
    counts = Counter(d["state"] for d in listed)
    return [(state, counts[state]) for state in ORDER if counts[state]]


def _marks(listed: list[Report]) -> list[tuple[str, str, int]]:
    """How many documents are marked how by readers; nothing while nobody marked any."""
    found = [(mark, mark, sum(is_marked(d, mark) for d in listed)) for mark in MARKED]
    if not any(n for mark, _, n in found if mark != "unseen"):
        return []
    tags = Counter(tag for d in listed for tag in {tag.lower() for tag in d["tags"]})
    named = [(f"tag:{tag}", tag, n) for tag, n in sorted(tags.items())[:_MOST_TAGS]]
    return [one for one in found if one[2] and one[0] != "tagged"] + named


def flat(listed: list[Report]) -> Iterator[Row]:
    """A filtered list: every document with its whole path."""
    for document in listed:
        yield Row(0, "document", document["path"], document)


def tree(listed: list[Report]) -> Iterator[Row]:
    """Accessions, in them the folders as they were, in them originals and their parts."""
    inside: dict[str | None, list[Report]] = defaultdict(list)
    for document in listed:
        inside[document["parent"]].append(document)
    accessions: dict[str, list[Report]] = defaultdict(list)
    for document in inside[None]:
        accessions[document["reference"].split("/")[0]].append(document)
    for accession, originals in accessions.items():
        yield Row(0, "accession", accession, inside=len(originals))
        yield from _folders(originals, inside)


def _folders(originals: list[Report], inside: dict[str | None, list[Report]]) -> Iterator[Row]:
    """Originals by folder. A folder is named where it changes, with its whole path below the one before."""
    here: list[str] = []
    for document in sorted(originals, key=lambda d: _place(_path(d))):
        *folders, name = _path(document).split("/")
        same = _shared(here, folders)
        for depth in range(same, len(folders)):
            yield Row(depth + 1, "folder", folders[depth])
        here = folders
        yield from _document(document, name, len(folders) + 1, inside)


def _shared(one: list[str], other: list[str]) -> int:
    """How many folders two places have in common, from the top."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _path(document: Report) -> str:
    """Where it lay; what is withdrawn lies nowhere any more, and bears its reference as it is."""
    if document.get("state") == "withdrawn":
        return str(document["reference"]).replace("/", "\N{DIVISION SLASH}")
    return str(document["path"])


def _place(path: str) -> list[tuple[int, str]]:
    """Sort key: folders before the files beside them, each by name."""
    *folders, name = path.split("/")
    return [(0, folder) for folder in folders] + [(1, name)]


def _document(
    document: Report, name: str, depth: int, inside: dict[str | None, list[Report]]
) -> Iterator[Row]:
    parts = inside.get(document["document"], [])
    yield Row(depth, "document", name, document, len(parts))
    for part in parts:
        below = _path(part).removeprefix(_path(document)).lstrip("/")
        yield from _document(part, below or part["path"], depth + 1, inside)


def _with_ancestors(rows: list[Row], start: int) -> list[Row]:
    """One page of rows, begun with the accession, folders and containers its first row lies in."""
    above: list[Row] = []
    if start < len(rows):
        depth = rows[start].depth
        for row in reversed(rows[:start]):
            if row.depth < depth:
                above.append(row)
                depth = row.depth
    return above[::-1] + rows[start : start + ROWS]
