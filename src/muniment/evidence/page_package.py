"""The package of a document's sealed pages: what was sealed, page by page, so that it can be shown later.

The format is docs/formats/page-seals.md. A package holds for each page the header, words, boxes, tree ids and roots
and, where it is kept, the picture. With the document's key (in the manifest of its object) each tree of a page is
made again from it alone. One page can be taken out without unpacking the others.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import zstandard

from muniment.errors import Damaged
from muniment.evidence.layers import Header

MAGIC = b"muniment/pages/v1\n"
_LENGTHS = struct.Struct(">IQ")  # of the description, of the picture
_END = bytes(_LENGTHS.size)
_PLACE = struct.Struct(">Q")
_COUNT = struct.Struct(">I")
_NOT_OURS = (struct.error, ValueError, KeyError, TypeError, AttributeError, OverflowError)
_LARGEST_DESCRIPTION = 1 << 30
_LARGEST_PICTURE = 3 * 80_000_000
Box = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One sealed page.

    lines    the words of each line, in reading order; boxes one for each line, or none where the page has no layout
    trees    layer to tree id; roots layer to root; both for each layer the page has, and for `page`
    reason   why a picture or a text is not sealed, or what was replaced in the text; "" where nothing is to be said
    picture  a zstd frame of the raw bytes (rows from the top), or None where the picture is not kept
    """

    header: Header
    lines: Sequence[Sequence[str]]
    boxes: Sequence[Box]
    trees: Mapping[str, bytes]
    roots: Mapping[str, bytes]
    reason: str = ""
    picture: bytes | None = field(default=None, repr=False)

    @property
    def page(self) -> int:
        """Its number, from 1."""
        return self.header.page

    def raw(self) -> bytes | None:
        """The picture's bytes, or None where it is not kept. Raises Damaged where they are not of its size."""
        if self.picture is None:
            return None
        size = self.header.width * self.header.height * self.header.channels
        try:
            raw = zstandard.ZstdDecompressor().decompress(self.picture, max_output_size=size)
        except zstandard.ZstdError:
            raise damaged() from None
        if len(raw) != size:
            raise damaged()
        return raw


def pack_picture(raw: bytes) -> bytes:
    """The picture as a package keeps it."""
    return zstandard.ZstdCompressor(level=1).compress(raw)


def encode(records: Iterable[PageRecord], told: Callable[[int, int], None]) -> Iterator[bytes]:
    """A package, piece by piece. `told` gets the offset and length of each page as it is passed on."""
    yield MAGIC
    place, places = len(MAGIC), bytearray()
    for record in records:
        description = zstandard.ZstdCompressor(level=3).compress(_description(record))
        picture = record.picture or b""
        piece = b"".join((_LENGTHS.pack(len(description), len(picture)), description, picture))
        told(place, len(piece))
        places += _PLACE.pack(place)
        place += len(piece)
        yield piece
    yield _END + bytes(places) + _COUNT.pack(len(places) // _PLACE.size)


def decode_page(piece: bytes) -> PageRecord:
    """One page, from the bytes at the offset and of the length `encode` told. Raises Damaged."""
    try:
        described, pictured = _LENGTHS.unpack_from(piece)
        middle = _LENGTHS.size + described
        if middle + pictured != len(piece) or pictured > _LARGEST_PICTURE:
            raise damaged()
        plain = zstandard.ZstdDecompressor().decompress(
            piece[_LENGTHS.size : middle], max_output_size=_LARGEST_DESCRIPTION
        )
        return _record(json.loads(plain), piece[middle:] if pictured else None)
    except (*_NOT_OURS, zstandard.ZstdError):
        raise damaged() from None


def damaged() -> Damaged:
    """What is raised for a package that is not one of ours."""
    return Damaged(
        "A package of sealed pages cannot be read.",
        next="Run `muniment audit`, then restore the object from a custodian's copy.",
    )


def _description(record: PageRecord) -> bytes:
    header = {name: getattr(record.header, name) for name in Header.__slots__}
    fields = {
        "boxes": [list(box) for box in record.boxes],
        "header": header,
        "lines": [list(words) for words in record.lines],
        "reason": record.reason,
        "roots": {layer: root.hex() for layer, root in record.roots.items()},
        "trees": {layer: tree.hex() for layer, tree in record.trees.items()},
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _record(fields: dict[str, Any], picture: bytes | None) -> PageRecord:
    header = Header(**{name: fields["header"][name] for name in Header.__slots__})
    return PageRecord(
        header=header,
        lines=[[str(word) for word in words] for words in fields["lines"]],
        boxes=[_box(box) for box in fields["boxes"]],
        trees={layer: bytes.fromhex(tree) for layer, tree in fields["trees"].items()},
        roots={layer: bytes.fromhex(root) for layer, root in fields["roots"].items()},
        reason=str(fields["reason"]),
        picture=picture,
    )


def _box(numbers: Sequence[int]) -> Box:
    x0, y0, x1, y1, sure = numbers
    return x0, y0, x1, y1, sure


class Unpacking:
    """Takes a package in pieces of any size, as it is decrypted, and gives each page to `take`; keeps one at most.

    `close` says that it is whole: the number of pages, after the list of their places was checked. Raises Damaged.
    While `take` is called, `at` is the offset and length of that page in the package.
    """

    def __init__(self, take: Callable[[PageRecord], None]) -> None:
        self._take = take
        self._rest = bytearray()
        self._place = 0
        self._places = bytearray()
        self._begun = False
        self._ended = False
        self.at = (0, 0)

    def write(self, piece: bytes | memoryview) -> int:
        """The next bytes; as of a file."""
        self._rest += piece
        if not self._begun:
            if len(self._rest) < len(MAGIC):
                return len(piece)
            if not self._rest.startswith(MAGIC):
                raise damaged()
            self._begun = True
            self._drop(len(MAGIC))
        while not self._ended and self._page():
            pass
        return len(piece)

    def _drop(self, size: int) -> None:
        del self._rest[:size]
        self._place += size

    def _page(self) -> bool:
        """Take one page out of what is here; False where it is not whole yet, or the pages are at their end."""
        if len(self._rest) < _LENGTHS.size:
            return False
        if self._rest.startswith(_END):
            self._ended = True
            return False
        described, pictured = _LENGTHS.unpack_from(self._rest)
        if described > _LARGEST_DESCRIPTION or pictured > _LARGEST_PICTURE:
            raise damaged()
        size = _LENGTHS.size + described + pictured
        if len(self._rest) < size:
            return False
        record = decode_page(bytes(self._rest[:size]))
        self._places += _PLACE.pack(self._place)
        self.at = (self._place, size)
        self._drop(size)
        self._take(record)
        return True

    def close(self) -> int:
        """Check the end; returns the number of pages."""
        count = len(self._places) // _PLACE.size
        end = _END + bytes(self._places) + _COUNT.pack(count)
        if not self._ended or bytes(self._rest) != end:
            raise damaged()
        return count
