"""How documents are read: by which reader, and up to which limits; how far somebody may raise them, and no further.

The limits keep one hostile file from taking the machine. Who looked at a document that went over one may raise it for
a `retry`; the ceilings keep a slip of the finger from doing what the limits prevent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from muniment.errors import BadUse
from muniment.reading.pages import Budget

OWN = ""
OTHERS = ("tika", "kreuzberg", "rapidocr")
"""Readers that can be asked instead of, or for pages in Chinese beside, our own; they run in the same sandbox."""
SECOND_OCR = "rapidocr"
READERS = {
    "tika": "Apache Tika, compiled (iscc-tika): knows the most formats",
    "kreuzberg": "kreuzberg: Office, mail, web pages and more, in Rust",
    "rapidocr": "RapidOCR: scanned pages in Chinese once more, beside Tesseract",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit that can be raised: what it bounds, its unit, what it is for everybody, and the most it can be.

    `budget` is its name in Budget ("" for the depth of containers), `scale` how many of its units one of ours is.
    """

    name: str
    bounds: str
    usual: int
    most: int
    budget: str = ""
    scale: int = 1


LIMITS = {
    limit.name: limit
    for limit in (
        Limit("pages", "pages of one document", 50_000, 1_000_000, "pages"),
        Limit("size", "MiB of one document", 1_024, 4_095, "document", 1 << 20),
        Limit("seconds", "seconds for one document", 120, 14_400, "seconds"),
        Limit("memory", "MiB of memory of its reader", 1_024, 16_384, "memory", 1 << 20),
        Limit("parts", "parts of one container", 100_000, 1_000_000, "parts"),
        Limit("unpacked", "MiB that parts of one container hold", 2_048, 8_192, "part_bytes", 1 << 20),
        Limit("ratio", "bytes of parts for each byte of their container", 200, 20_000, "ratio"),
        Limit("characters", "characters of text of one document", 100_000_000, 1_000_000_000, "text"),
        Limit("properties", "properties of one document", 2_000, 100_000, "properties"),
        Limit("depth", "containers in one another", 12, 40),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Means:
    """A reader (`OWN` or one of OTHERS) and the limits that were raised, by name. Make one with `means`."""

    reader: str = OWN
    raised: Mapping[str, int] = field(default_factory=dict)

    @property
    def budget(self) -> Budget:
        """The limits of one document."""
        raised = {
            LIMITS[name].budget: value * LIMITS[name].scale
            for name, value in self.raised.items()
            if LIMITS[name].budget
        }
        return replace(Budget(), **raised)

    @property
    def depth(self) -> int:
        """How many containers may lie in one another."""
        return self.raised.get("depth", LIMITS["depth"].usual)


def means(reader: str = OWN, limits: Mapping[str, int] | None = None) -> Means:
    """What was asked for, checked. Raises BadUse where there is no such reader or limit, or it goes too far."""
    if reader not in (OWN, *OTHERS):
        raise BadUse("There is no such reader.", next=f"Choose one of: {', '.join(OTHERS)}.")
    raised = {}
    for name, value in (limits or {}).items():
        limit = LIMITS.get(name)
        if limit is None:
            raise BadUse("There is no such limit.", next=f"There are: {', '.join(LIMITS)}.")
        if not limit.usual <= value <= limit.most:
            raise BadUse(
                f"The limit {name} ({limit.bounds}) can be from {limit.usual} to {limit.most}.",
                next="Raise it no further than that; what needs more is better split before it is added.",
            )
        if value > limit.usual:
            raised[name] = value
    return Means(reader, raised)


HIGHEST = Means(raised={limit.name: limit.most for limit in LIMITS.values()})
"""For taking a part out again that a reading with raised limits has found."""
