"""The shapes of `names` and `judge`, for the API's own description."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from muniment.workbench.shapes import Ask, Shape


class AskNames(Ask):
    """names. With `action`, a person's decision on `names`."""

    name: str | None = Field(
        None, description="an item, or a name in any spelling: its mentions too"
    )
    kind: Literal["person", "organisation", "place"] | None = None
    together: list[str] = Field([], description="pages that name these as well as `name`")
    everything: bool = Field(False, description="what was rejected or deleted as well")
    action: Literal["list", "merge", "split", "rename", "delete", "undo"] = "list"
    names: list[str] = Field(
        [], description="with an action: items or names; of a merge the first stays"
    )
    value: str = Field("", description="with rename: the new name")
    why: str = ""
    by: str = Field("", description="who decides; else MUNIMENT_WHO of the process, else local")


class AskJudge(Ask):
    """judge."""

    item: str = Field(description="identifier of what was proposed")
    judgement: Literal["accepted", "rejected", "unsure"]
    why: str = ""
    by: str = ""


class Judged(Shape):
    """judge."""

    item: str
    judgement: str


class Proposed(Shape):
    """Another name that may be the same: `item` is what is judged, `with` the other's own item."""

    item: str
    name: str
    rule: str
    judgement: str


class Part(Shape):
    """A name that was merged into another."""

    item: str
    name: str


class Name(Shape):
    """A name; counts are passages, never importance."""

    item: str
    name: str
    kind: str
    initial: str
    variants: list[str]
    documents: int
    passages: int
    judgement: str
    deleted: bool
    merged: list[Part]
    proposed: list[Proposed]


class Mention(Shape):
    """A passage that names it. Offsets are code points, boxes points from the page's top left."""

    document: str
    reference: str
    path: str
    page: int
    exact: str
    start: int
    end: int
    boxes: list[list[float]]
    rule: str


class Names(Shape):
    """names; `mentions`, `more` and `history` where a name was asked for."""

    names: list[Name]
    waiting: int
    mentions: list[Mention] | None = None
    more: bool | None = None
    history: list[dict[str, object]] | None = None
    together: list[Mention] | None = None
