"""The shapes of `note`, for the API's own description."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from muniment.workbench.claim_shapes import Passage
from muniment.workbench.shapes import Ask, Shape


class AskNote(Ask):
    """note. Without `action`, what was said of `document`, or of all."""

    action: Literal["list", "add", "change", "delete", "export", "import"] = "list"
    document: str | None = Field(None, description="identifier or reference (A1/0007)")
    kind: Literal["note", "tag", "star", "seen", "translation"] = "note"
    value: str = Field("", description="the note, the tag, the translation")
    language: str = Field("", description="a code such as en or ug; a translation needs it")
    page: int | None = Field(None, ge=1)
    passage: str = Field("", description="words of the page, as they stand there")
    start: int = Field(0, ge=0, description="near which offset, where they stand there twice")
    by: str = Field("", description="who says it; else MUNIMENT_WHO of the process, else local")
    note: str = Field("", description="with change and delete: its identifier, or how it begins")
    deleted: bool = Field(False, description="with list: what was deleted too")
    collection: dict[str, object] | None = Field(None, description="with import: what export gave")


class Version(Shape):
    """What a note says, or said."""

    revision: str
    value: str
    language: str
    who: str
    time: str
    deleted: bool


class NotedPassage(Passage):
    """The passage meant: `state` is found, moved (the page was read again) or lost."""


class Note(Version):
    """What a person said. `page` is null where the whole document is meant."""

    note: str
    kind: str
    document: str | None
    reference: str
    path: str
    page: int | None
    passage: NotedPassage | None
    derived: bool
    conflicts: list[Version]
    history: list[Version]


class Noted(Shape):
    """note. With import `notes` are those that two people changed."""

    note: str | None
    notes: list[Note]


class Collection(Shape):
    """note with export: a W3C Web Annotation collection."""

    id: str
    type: str
    total: int
    first: dict[str, object]
