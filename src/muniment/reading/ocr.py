"""OCR, the host side: pixels into the sandbox, a page with boxes and confidences out of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from muniment.errors import Refused
from muniment.reading import protocol
from muniment.reading.pages import FAILED, Budget, Page, Pixels
from muniment.reading.process import Process, Stopped
from muniment.reading.tesseract import LANGUAGES, Tesseract
from muniment.reading.worker import NotRead

MISSING = "Tesseract is not installed (Debian, Ubuntu: apt install tesseract-ocr)"
"""Why pages wait where there is no OCR."""

_PAGES_EACH = 200
_RECYCLE_BYTES = 700 << 20
"""The second reader's models and their working memory are some 400 MiB; loading them takes seconds."""


class Recogniser:
    """Reads pictures of pages, one after another. Not for several threads at once: make one each."""

    def __init__(self) -> None:
        found = _tesseract()
        if found is None:
            raise Refused(
                "Tesseract is not installed, so scans and images cannot be read.",
                next="Install it (Debian, Ubuntu: apt install tesseract-ocr tesseract-ocr-eng and the "
                "languages you need), then run the same command again.",
            )
        self._tesseract = found
        self._process: Process | None = None

    def read(
        self,
        pixels: Pixels,
        dpi: int,
        *,
        number: int = 1,
        likely: Sequence[str] = (),
        budget: Budget | None = None,
    ) -> Page:
        """The words of a picture. `likely`: Tesseract's names of the languages of its neighbours.

        Raises NotRead with a state and a reason; the state is waiting where a language has to be installed first.
        """
        head = {
            "w": pixels.width,
            "h": pixels.height,
            "c": pixels.channels,
            "dpi": dpi,
            "likely": list(likely),
        }
        frame = protocol.frame(protocol.REQUEST, head, pixels.raw)
        pages: list[Page] = []
        outcome: list[protocol.Outcome] = []

        def take(reply: protocol.Reply) -> None:
            if isinstance(reply, Page):
                pages.append(reply)
            elif isinstance(reply, protocol.Outcome):
                outcome.append(reply)

        try:
            self._ready().ask(frame, b"", budget or Budget(seconds=300, memory=2 << 30), take)
        except Stopped as stop:
            self.close()
            raise NotRead(stop.state, stop.reason) from None
        if not pages:
            state, reason = (outcome[0].state, outcome[0].reason) if outcome else (FAILED, "")
            raise NotRead(state, reason or "OCR gave no answer")
        return replace(pages[0], number=number)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def _ready(self) -> Process:
        if self._process is not None and not self._process.fit(_PAGES_EACH, _RECYCLE_BYTES):
            self.close()
        if self._process is None:
            program, languages = self._tesseract.program, self._tesseract.languages
            seen = [Path(program), *([Path(languages)] if languages else [])]
            self._process = Process("ocr_inside", (program, languages), seen, forks=True)
        return self._process


def available() -> bool:
    """Whether Tesseract is installed."""
    return _tesseract() is not None


def languages() -> list[str]:
    """Tesseract's languages that are installed, of those muniment uses."""
    found = _tesseract()
    return [] if found is None else [name for name in found.installed() if name in LANGUAGES]


def _tesseract() -> Tesseract | None:
    """The program on PATH, its languages where TESSDATA_PREFIX says they are."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    folder = os.environ.get("TESSDATA_PREFIX", "")
    place = Path(folder).resolve() if folder and Path(folder).is_dir() else None
    return Tesseract(str(Path(program).resolve()), "" if place is None else str(place))
