"""The verbs on trial. One more is one more `Scenario` here: what is prepared, which command, what must be true."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from muniment.verbs.case import Case
from tests.faults.leaks import DOCUMENTS, ORIGINALS, WORDS, write_leak
from tests.faults.trial import Place, Scenario


def _leak(place: Place) -> None:
    write_leak(place.folder / "leak")


def _received(place: Place, acts: list[dict[str, Any]]) -> Iterable[str]:
    """Everything of the leak is there once, with its words; first of all what the journal had acknowledged."""
    ended, _ = place.run("documents", place.case)
    rows = ended.json()["documents"]
    states = sorted(row["state"] for row in rows)
    if len(rows) != DOCUMENTS or "waiting" in states or "failed" in states:
        yield f"documents: {[(row['path'], row['state']) for row in rows]}"
    yield from _bytes_of_the_originals(place, acts)
    found, _ = place.run("find", place.case, " OR ".join(WORDS))
    hits = found.json()["hits"] if found.status == 0 else []
    if sorted(hit["path"].rsplit("/", 1)[1] for hit in hits) != sorted(WORDS.values()):
        yield f"find: {[(hit['path'], hit['text']) for hit in hits]} {found.err}"


def _bytes_of_the_originals(place: Place, acts: list[dict[str, Any]]) -> Iterable[str]:
    """The acknowledged are in the vault; the vault holds each source file, whole."""
    sources = {p.name: p.read_bytes() for p in (place.folder / "leak").iterdir()}
    held: dict[str, str] = {}
    found: list[bytes] = []
    with Case(place.opened, place.keys) as case:
        for name in case.vault.objects():
            manifest = json.loads(case.vault.read_manifest(name, place.keys.identity))
            if manifest.get("kind") == "pages":
                continue
            for file in manifest["files"]:
                content = case.vault.read(name, file["content"], file["size"], place.keys.identity)
                held[file["document"]] = file["content"]
                found.append(content)
    if sorted(found) != sorted(sources.values()) or len(found) != ORIGINALS:
        yield f"the vault holds {[hashlib.sha256(one).hexdigest()[:8] for one in found]}"
    for act in acts:
        for file in act["details"].get("files", []):
            if file["document"] not in held:
                yield f"{file['reference']} was acknowledged and is not in the vault"


ADD = Scenario(
    name="add",
    prepare=_leak,
    command=lambda place: ["add", place.case, place.folder / "leak"],
    check=_received,
)
SCENARIOS = {one.name: one for one in (ADD,)}
