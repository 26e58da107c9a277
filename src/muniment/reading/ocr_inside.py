"""The OCR process: runs inside the sandbox, reads one picture after another with Tesseract.

It differs from the reader of documents in one thing: it may start a program, Tesseract. What it is given are
pixels, not files.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from muniment.reading import protocol
from muniment.reading.inside import confine, own_pipes, receive, send
from muniment.reading.pages import EXTRACTED, FAILED, OVER_LIMIT, WAITING, Page, Pixels
from muniment.reading.recognition import LanguageMissing, recognise
from muniment.reading.tesseract import Tesseract


def main(arguments: Sequence[str]) -> None:
    """Serve pictures until standard input ends. `arguments`: the program, and the folder of its languages or ""."""
    program, languages = arguments
    source, target = own_pipes()
    confine()
    receive(source)  # the filter that bars programs; this process needs one
    send(target, protocol.frame(protocol.READY, {}))
    serve(Tesseract(program, languages), source, target)


def serve(tesseract: Tesseract, source: BinaryIO, target: BinaryIO) -> None:
    """Answer each picture with a page or a reason."""
    while True:
        kind, header, body = receive(source)
        if not kind:
            return
        page, state, reason = _read(tesseract, header, body)
        if page is not None:
            send(target, protocol.page_frame(page))
        send(
            target,
            protocol.outcome_frame(
                protocol.Outcome(
                    state=state,
                    reason=reason,
                    type="text/plain",
                    family="ocr",
                    title="",
                    expected_pages=None,
                    expected_parts=None,
                )
            ),
        )


def _read(
    tesseract: Tesseract, header: Mapping[str, Any], body: bytes
) -> tuple[Page | None, str, str]:
    try:
        pixels = Pixels(int(header["w"]), int(header["h"]), int(header["c"]), body)
        likely = [str(item) for item in header["likely"]]
        return recognise(tesseract, pixels, int(header["dpi"]), likely, 1), EXTRACTED, ""
    except LanguageMissing as missing:
        return None, WAITING, str(missing)
    except subprocess.TimeoutExpired:
        return None, OVER_LIMIT, "OCR took too long"
    except (MemoryError, OSError):
        return None, OVER_LIMIT, "OCR needs more memory or room than allowed"
    except (RuntimeError, ValueError, KeyError) as error:
        return None, FAILED, f"OCR stopped: {type(error).__name__}"
