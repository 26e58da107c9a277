"""How far a long piece of work has come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One sign of life. `stage` is a word (receiving, sealing, reading, ocr); `total` None while unknown."""

    stage: str
    done: int
    total: int | None
    what: str = ""
