"""`add` on trial, and what must be true of a case that has received the leak."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from muniment.case.keys import CaseKeys
from muniment.verbs.case import Case
from tests.faults.leaks import DOCUMENTS, WORDS, write_leak
from tests.faults.trial import Place, Scenario

Acts = Sequence[dict[str, Any]]


def leak(place: Place) -> None:
    """A leak beside the case."""
    write_leak(place.folder / "leak")


def received(place: Place, acts: Acts) -> Iterable[str]:
    """Everything of the leak is there once, with its words; first of all what the journal had acknowledged."""
    yield from nothing_unsaid(place, acts)
    yield from documents(place, DOCUMENTS)
    yield from originals(place, [p.read_bytes() for p in (place.folder / "leak").iterdir()])
    yield from in_vault(place, acts)
    yield from found(place, WORDS)


def nothing_unsaid(place: Place, acts: Acts, keys: CaseKeys | None = None) -> Iterable[str]:
    """Every act that stood in the journal stands there still, and the others come after."""
    if place.journal(keys)[: len(acts)] != list(acts):
        yield f"the journal does not hold any more what it held: {[act['act'] for act in acts]}"


def documents(place: Place, many: int, *more: object) -> Iterable[str]:
    """So many documents, each with a state that it keeps."""
    ended, _ = place.run("documents", place.case, *more)
    if ended.status != 0:
        yield f"documents: {ended.err}"
        return
    rows = ended.json()["documents"]
    states = {row["state"] for row in rows}
    if len(rows) != many or states & {"waiting", "failed"}:
        yield f"documents: {[(row['path'], row['state']) for row in rows]}"


def found(place: Place, words: dict[str, str], *more: object) -> Iterable[str]:
    """The words are found, each in its document, and nowhere else."""
    ended, _ = place.run("find", place.case, " OR ".join(WORDS), *more)
    hits = ended.json()["hits"] if ended.status == 0 else []
    if sorted(hit["path"].rsplit("/", 1)[1] for hit in hits) != sorted(words.values()):
        yield f"find: {[(hit['path'], hit['text']) for hit in hits]} {ended.err}"


def originals(
    place: Place, sources: Sequence[bytes], keys: CaseKeys | None = None
) -> Iterable[str]:
    """The vault holds each source file once, whole."""
    held = [content for _, content in held_in(place, keys or place.keys)]
    if sorted(held) != sorted(sources):
        yield f"the vault holds {[hashlib.sha256(one).hexdigest()[:8] for one in held]}"


def in_vault(place: Place, acts: Acts, keys: CaseKeys | None = None) -> Iterable[str]:
    """What the acts acknowledged is in the vault, but for what others of them withdrew."""
    held = {document for document, _ in held_in(place, keys or place.keys)}
    gone = {act["details"]["document"] for act in acts if act["act"] == "withdrawn"}
    for act in acts:
        for file in act["details"].get("files", []):
            if file["document"] not in held | gone:
                yield f"{file['reference']} was acknowledged and is not in the vault"


def held_in(place: Place, keys: CaseKeys) -> list[tuple[str, bytes]]:
    """Each original in the vault: its document and its bytes."""
    held = []
    with Case(place.opened, keys) as case:
        for name in case.vault.objects():
            manifest = json.loads(case.vault.read_manifest(name, keys.identity))
            if manifest.get("kind") == "pages":
                continue
            for file in manifest["files"]:
                if file.get("state") == "withdrawn":
                    continue
                content = case.vault.read(name, file["content"], file["size"], keys.identity)
                held.append((file["document"], content))
    return held


ADD = Scenario(
    name="add",
    prepare=leak,
    command=lambda place: ["add", place.case, place.folder / "leak"],
    check=received,
)
