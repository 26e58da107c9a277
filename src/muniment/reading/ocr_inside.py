"""The OCR process: runs inside the sandbox, reads one picture after another with Tesseract.

It differs from the reader of documents in one thing: it may start a program, Tesseract. What it is given are
pixels, not files.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from muniment.reading import protocol
from muniment.reading.inside import _confine, _own_pipes, _receive, _send
from muniment.reading.pages import FAILED, OVER_LIMIT, Pixels
from muniment.reading.recognition import recognise


def main(_: Sequence[str] = ()) -> None:
    """Serve pictures until standard input ends."""
    source, target = _own_pipes()
    _confine()
    _receive(source)  # the filter that bars programs; this process needs one
    _send(target, protocol.frame(protocol.READY, {}))
    while True:
        kind, header, body = _receive(source)
        if not kind:
            return
        state, reason = "extracted", ""
        try:
            pixels = Pixels(int(header["w"]), int(header["h"]), int(header["c"]), body)  # type: ignore[call-overload]
            likely = [str(item) for item in header["likely"]]  # type: ignore[attr-defined]
            page = recognise(pixels, int(header["dpi"]), likely, 1)  # type: ignore[call-overload]
            _send(target, protocol.page_frame(page))
        except subprocess.TimeoutExpired:
            state, reason = OVER_LIMIT, "OCR took too long"
        except (MemoryError, OSError):
            state, reason = OVER_LIMIT, "OCR needs more memory or room than allowed"
        except (RuntimeError, ValueError, KeyError) as error:
            state, reason = FAILED, f"OCR stopped: {type(error).__name__}"
        _send(
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
