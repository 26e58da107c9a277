"""Taking dropped files in: the stream of a form, parsed by hand, straight into working/.

The usual form parsers spool what is larger than a megabyte to /tmp, in clear. This one writes each chunk where
it belongs as it comes, inside working/, and nowhere else.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser
from starlette.requests import ClientDisconnect, Request

from muniment.case.folder import printable
from muniment.errors import BadUse, Refused
from muniment.verbs.dropping import clear_drop, place_for_drop

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

    from muniment.verbs.case import Case

_LONGEST_FIELD = 4096
_LONGEST_NAME = 200
_MOST_FILES = 20_000


@dataclass
class Dropped:
    """What came: a folder in working/, its topmost entries, the plain fields of the form."""

    place: Path
    fields: dict[str, str] = field(default_factory=dict)
    files: int = 0
    size: int = 0

    @property
    def roots(self) -> list[Path]:
        """The topmost files and folders, in order of name."""
        return sorted(self.place.iterdir())


async def receive(request: Request, case: Case) -> Dropped:
    """Read a multipart form to its end. What came is deleted again where it breaks off.

    Raises BadUse for a form that is not one, Refused where it is larger than the room there is.
    """
    boundary, expected = _boundary(request), _length(request)
    dropped = Dropped(place_for_drop(case, expected))
    form = _Form(dropped)
    parser = MultipartParser(boundary, form.callbacks())
    whole = False
    try:
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
        whole = form.ended
    except (MultipartParseError, ClientDisconnect):
        whole = False
    except OSError as error:
        raise Refused(
            f"The dropped files could not be kept: {error.strerror}.",
            next="Choose their folder on this machine instead.",
        ) from None
    finally:
        form.close()
        if not whole:
            clear_drop(dropped.place)
    if not whole:
        raise BadUse("The files did not come whole.", next="Drop them again; none was added.")
    return dropped


class _Form:
    """Callbacks of the parser: headers of a part, then its bytes into a file or a field."""

    def __init__(self, dropped: Dropped) -> None:
        self._dropped = dropped
        self._name = bytearray()
        self._value = bytearray()
        self._headers: dict[str, str] = {}
        self._target: BinaryIO | None = None
        self._field = ""
        self._content = bytearray()
        self.ended = False

    def callbacks(self) -> MultipartCallbacks:
        """For python_multipart's parser."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, a, b: self._name.extend(data[a:b]),
            "on_header_value": lambda data, a, b: self._value.extend(data[a:b]),
            "on_header_end": self._header,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._headers.clear()
        self._content.clear()
        self._field = ""

    def _header(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value.decode("utf-8", "replace")
        self._name.clear()
        self._value.clear()

    def _open(self) -> None:
        disposition = Message()
        disposition["content-disposition"] = self._headers.get("content-disposition", "")
        name = disposition.get_param("filename", None, "content-disposition")
        self._field = str(disposition.get_param("name", "", "content-disposition"))
        if name is None:
            return
        if not name:  # a form in which no file was chosen
            self._field = ""
            return
        self._target = self._create(str(name))
        self._dropped.files += 1
        if self._dropped.files > _MOST_FILES:
            raise Refused(
                f"More than {_MOST_FILES:,} files are not dropped at once.",
                next="Choose their folder on this machine instead.",
            )

    def _create(self, name: str) -> BinaryIO:
        """A new file below the drop's folder: declared folders are kept, steps upwards are not."""
        steps = [_step(s) for s in name.replace("\\", "/").split("/") if s not in ("", ".", "..")]
        place = self._dropped.place.joinpath(*steps[:-1])
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        last = steps[-1] if steps else "unnamed"
        stem, dot, ending = last.rpartition(".")
        for attempt in range(1, _MOST_FILES):
            numbered = f"{stem} ({attempt}){dot}{ending}" if dot else f"{last} ({attempt})"
            try:
                handle = os.open(
                    place / (last if attempt == 1 else numbered),
                    os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW,
                    0o600,
                )
            except FileExistsError:
                continue
            return os.fdopen(handle, "wb")
        raise Refused("Too many files have the same name.", next="Choose their folder instead.")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._target is not None:
            self._target.write(data[start:end])
            self._dropped.size += end - start
        elif len(self._content) + end - start <= _LONGEST_FIELD:
            self._content += data[start:end]

    def _end(self) -> None:
        if self._target is not None:
            self._target.close()
            self._target = None
        elif self._field:
            self._dropped.fields[self._field] = self._content.decode("utf-8", "replace")

    def _finish(self) -> None:
        self.ended = True

    def close(self) -> None:
        """Close what a broken form left open."""
        if self._target is not None:
            self._target.close()


def _step(name: str) -> str:
    """A declared name as one that can be written: no control characters, not too long, its ending kept."""
    shown = printable(name)
    if len(shown.encode()) <= _LONGEST_NAME:
        return shown
    ending = PurePosixPath(shown).suffix[:20]
    stem = shown.removesuffix(ending)
    while len((stem + ending).encode()) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem + ending


def _boundary(request: Request) -> bytes:
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "")
    boundary = kind.get_param("boundary")
    if kind.get_content_type() != "multipart/form-data" or not boundary:
        raise BadUse("That is not a form with files.", next="Send multipart/form-data.")
    return str(boundary).encode("latin-1", "replace")


def _length(request: Request) -> int:
    """The declared length. Raises BadUse where there is none: then nobody knows whether there is room."""
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise BadUse("The form does not say how long it is.", next="Send Content-Length.")
    return int(length)
