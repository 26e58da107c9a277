"""How the index lies on disk: its fields, its version, and the folder that holds it.

docs/formats/index.md describes it. The index is derived: whatever is wrong with it, it is made again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.errors import MunimentError
from muniment.finding.folding import FOLDING

if TYPE_CHECKING:
    import tantivy

LAYOUT = 3
"""Version of the fields below. A change raises it, and every index is built again."""

FACETS = ("type", "language", "accession", "state")
_LABEL = "layout.json"


class IndexNotWritten(MunimentError):
    """The place where the index lies cannot be written. Nothing is lost: the index can always be made again."""

    code = "index-not-written"
    exit_status = 4


@contextmanager
def in_our_words() -> Iterator[None]:
    """What a full or failing disk does to tantivy, which says it with a ValueError or an OSError."""
    try:
        yield
    except (ValueError, OSError) as error:
        full = "os error 28" in str(error) or "StorageFull" in str(error)
        raise IndexNotWritten(
            "There is no room for the index (it lies in memory, or in the case's working/)."
            if full
            else "The index cannot be written where it lies (in memory, or in the case's working/).",
            next="Make room there, or `muniment lock` the case to empty it, then run the same command again.",
        ) from error


def version() -> dict[str, object]:
    """What an index must have been made with to be read: our fields, our folding, tantivy's files."""
    import tantivy

    files = tantivy.__version__.rpartition("index_format ")[2]  # type: ignore[attr-defined]
    return {"layout": LAYOUT, "folding": FOLDING, "tantivy": files}


def schema() -> tantivy.Schema:
    """The fields. Numbers are unsigned and are deleted by query only: by term they silently stay."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    for name in ("number", "page", "whole", "sheet", "first", "last"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name="spaces", index_option="position")
    builder.add_text_field("pairs", tokenizer_name="spaces", index_option="basic")
    for name in ("path", "from", "to"):
        builder.add_text_field(name, tokenizer_name="spaces", index_option="position")
    for name in FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("label", tokenizer_name="raw", index_option="basic")
    return builder.build()


def open_files(directory: Path) -> tuple[tantivy.Index, str]:
    """The index in a folder and, when an empty one had to be made there, the reason why ("" otherwise)."""
    reason = _reason_to_make(directory)
    if not reason:
        try:
            return _registered(directory), ""
        except (ValueError, OSError) as error:
            if "Lockfile" in str(
                error
            ):  # tantivy makes one to read, too: the place is full, the index whole
                with in_our_words():
                    raise
            reason = "The index was damaged."
    _make(directory)
    with in_our_words():
        return _registered(directory), reason


def _reason_to_make(directory: Path) -> str:
    label = directory / _LABEL
    if not (directory / "meta.json").exists() or not label.exists():
        return "There was no index."
    try:
        found = json.loads(label.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return "The index was damaged."
    return "" if found == version() else "The index had another layout."


def _make(directory: Path) -> None:
    """Empty the folder and write an index without entries; the label comes last and makes it valid."""
    import tantivy

    if directory.exists():
        shutil.rmtree(directory)
    directory.mkdir(parents=True, mode=0o700)
    with in_our_words():
        tantivy.Index(schema(), path=str(directory))
    temporary = directory / f"{_LABEL}.new"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(version(), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(directory / _LABEL)


def _registered(directory: Path) -> tantivy.Index:
    """The index with its tokeniser, which tantivy forgets at every opening."""
    import tantivy

    index = tantivy.Index.open(str(directory))
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("spaces", spaces)
    index.config_reader("manual")
    index.searcher()  # opens every segment, so that a damaged one is met here
    return index
