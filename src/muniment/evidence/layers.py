"""What the leaves of each layer hold: the bodies under a commitment, docs/formats/commitment.md.

A `*_bodies` function gives the leaves, `layer_tree` seals them; `file_root` and `batch_root` do both for
what is sealed on receipt. All numbers are big-endian, all JSON is RFC 8785. What was sealed with these
must verify for ever: nothing here changes without a new version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import pack
from typing import TYPE_CHECKING, Any

from muniment.case.canonical import canonical
from muniment.errors import BadUse
from muniment.evidence.commitment import Tree, tree_context

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TILE_WIDTH, TILE_HEIGHT = 128, 32  # pixels
SLOTS = 32  # words in a row of `text`
BLACK_BELOW = 160  # of 255, in `plain`
HASH = 32  # bytes

PAGE_LAYERS = ("pixels", "plain", "text", "boxes", "page")
LAYERS = ("file", *PAGE_LAYERS, "document", "batch", "custody")

# What json writes of a string with ensure_ascii=False; a page has thousands of them.
_QUOTED = json.encoder.encode_basestring

# docs/formats/commitment.md gives the code points; a later Unicode changes nothing here.
_HAN = re.compile(
    "[\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00016fe2-\U00016ff6\U00020000-\U000323af]"
)

HEADER, PIXELS, PLAIN, TEXT, BOXES = range(5)  # the leaves of a page
FILE, TOOLS, FIRST_PAGE = range(3)  # the leaves of a document


def layer_dom(layer: str) -> str:
    """The `dom` of a layer. Raises BadUse for a name that is none."""
    if layer not in LAYERS:
        raise BadUse(f"{layer} is no layer.", next=f"The layers are {', '.join(LAYERS)}.")
    return f"muniment/v1/{layer}"


def layer_tree(
    layer: str, key: bytes, tree_id: bytes, bodies: Sequence[bytes], *, page: int | None = None
) -> Tree:
    """Seal a layer. `page` counts from 1 and is given for the layers of a page, and for no other."""
    dom = layer_dom(layer)
    if (layer in PAGE_LAYERS) != (page is not None) or (page is not None and page < 1):
        raise BadUse(
            f"The layer {layer} does not go with page {page}.",
            next=f"Give a page, from 1, for {', '.join(PAGE_LAYERS)} and no other.",
        )
    name = layer if page is None else f"page:{page}"
    return Tree(dom, tree_context(tree_id, name), key, bodies)


def file_bodies(
    size: int, sha256: bytes, sha512: bytes, properties: Mapping[str, str]
) -> list[bytes]:
    """u64 size, SHA-256 and SHA-512 (104 bytes); then the properties known on receipt, by name.

    Names are sorted by code point, so that the order in which a manifest lists them does not matter.
    """
    if len(sha256) != 32 or len(sha512) != 64:
        raise BadUse("A digest is not of its size.", next="Give SHA-256 and SHA-512 as bytes.")
    first = pack(">Q", size) + sha256 + sha512
    return [
        first,
        *(_string_json({"name": name, "value": properties[name]}) for name in sorted(properties)),
    ]


def file_root(
    key: bytes,
    tree_id: bytes,
    size: int,
    sha256: bytes,
    sha512: bytes,
    properties: Mapping[str, str],
) -> bytes:
    """The root of a file as received; key is K_doc, tree_id 16 fresh random bytes."""
    return layer_tree("file", key, tree_id, file_bodies(size, sha256, sha512, properties)).root


def batch_root(key: bytes, tree_id: bytes, roots: Sequence[bytes]) -> bytes:
    """The root over file or document roots, each 32 bytes, at most 10,000 by the rules of `add`."""
    return layer_tree("batch", key, tree_id, batch_bodies(roots)).root


def batch_bodies(roots: Sequence[bytes]) -> list[bytes]:
    """File or document roots in the order of the batch."""
    return [_hash(root) for root in roots]


def custody_bodies(head: bytes, acts: Sequence[bytes]) -> list[bytes]:
    """The journal's head (32 bytes), then a day's acts: RFC 8785 JSON, or the SHA-256 of token bytes."""
    if not all(acts):
        raise BadUse("An act of custody is empty.", next="Leave it out.")
    return [_hash(head), *acts]


def document_bodies(file: bytes, tools: Mapping[str, str], pages: Sequence[bytes]) -> list[bytes]:
    """The file root, {"tools": {name: version}}, then a root for each page."""
    return [_hash(file), _json({"tools": dict(tools)}), *(_hash(page) for page in pages)]


@dataclass(frozen=True, slots=True)
class Header:
    """What is opened in every disclosure of a page. Width and height in pixels; 0 and "" without layout."""

    page: int
    width: int
    height: int
    dpi: int
    channels: int
    renderer: str
    fonts: str

    def body(self) -> bytes:
        """RFC 8785 JSON."""
        return _json({name: getattr(self, name) for name in self.__slots__})


def page_bodies(
    header: Header,
    *,
    pixels: bytes = b"",
    plain: bytes = b"",
    text: bytes = b"",
    boxes: bytes = b"",
) -> list[bytes]:
    """The header, then the roots of the page's four layers; empty where it has no such layer."""
    roots = (pixels, plain, text, boxes)
    return [header.body(), *(_hash(root) if root else b"" for root in roots)]


def words_of(line: str) -> list[str]:
    """The words of a line as `text` seals them: what white space parts, and each Han character alone."""
    return _HAN.sub(r" \g<0> ", line).split()


def text_bodies(lines: Sequence[Sequence[str]]) -> list[bytes]:
    """Words in reading order, 32 slots a row, {"t": word}; a longer line takes further rows.

    The slots after a line's last word are empty. A line has at least one word, a word one character.
    """
    bodies: list[bytes] = []
    for line in lines:
        if not line or not all(line):
            raise BadUse("A line of text has no word, or an empty one.", next="Leave it out.")
        bodies += [_string_json({"t": word}) for word in line]
        bodies += [b""] * (-len(line) % SLOTS)
    return bodies


def row_of_line(lines: Sequence[Sequence[str]], line: int) -> range:
    """The rows of `text` (and so the leaves of `boxes`) which a line takes."""
    first = sum(_rows(words) for words in lines[:line])
    return range(first, first + _rows(lines[line]))


def box_bodies(
    lines: Sequence[Sequence[str]], boxes: Sequence[tuple[int, int, int, int, int]]
) -> list[bytes]:
    """Leaf i is the box of row i of `text`: [x0, y0, x1, y1, confidence] as integers.

    Hundredths of a point from the page's top left, and per cent. `boxes` has one for each line.
    """
    if len(lines) != len(boxes):
        raise BadUse("There is not one box for each line.", next="Give a line's own box with it.")
    bodies: list[bytes] = []
    for words, box in zip(lines, boxes, strict=True):
        if len(box) != 5:
            raise BadUse("A box is four edges and a confidence.", next="Give five integers.")
        bodies += [_json([int(number) for number in box])] * _rows(words)
    return bodies


def pixel_bodies(width: int, height: int, channels: int, raw: bytes) -> list[bytes]:
    """Tiles 128 wide and 32 high, row by row: u16 width, u16 height, u8 channels, raw bytes.

    `raw` has a byte for each channel of each pixel, row by row from the top, 1 channel (grey) or 3 (red,
    green, blue). A page in which no pixel has colour is sealed with one channel.
    """
    picture = _without_colour(_picture(width, height, channels, raw))
    depth = picture.shape[2]
    return _tiles(picture.reshape(height, width * depth), width, TILE_WIDTH * depth, depth)


def plain_bodies(width: int, height: int, channels: int, raw: bytes) -> list[bytes]:
    """The tiles of `pixel_bodies` in one bit a pixel: channels 0, rows padded to a byte, 1 is black.

    Black is where (299 R + 587 G + 114 B + 500) // 1000 < 160.
    """
    import numpy as np

    # A tile is 16 whole bytes wide, so packing whole rows leaves each tile on a byte's edge.
    packed = np.packbits(_black(_picture(width, height, channels, raw)), axis=1)
    return _tiles(packed, width, TILE_WIDTH // 8, 0)


def _tiles(rows: NDArray[np.uint8], width: int, across: int, channels: int) -> list[bytes]:
    """Rows of bytes in tiles `across` bytes wide, row by row, each behind its width, height and channels."""
    height = len(rows)
    # A column of tiles is copied once; each tile of it is then one piece of memory.
    columns = [
        (min(TILE_WIDTH, width - at * TILE_WIDTH), rows[:, left : left + across])
        for at, left in enumerate(range(0, rows.shape[1], across))
    ]
    strips = [(wide, column.shape[1], column.tobytes()) for wide, column in columns]
    bodies: list[bytes] = []
    for top in range(0, height, TILE_HEIGHT):
        end = min(top + TILE_HEIGHT, height)
        bodies += [
            pack(">HHB", wide, end - top, channels) + strip[top * step : end * step]
            for wide, step, strip in strips
        ]
    return bodies


def channels_of(width: int, height: int, channels: int, raw: bytes) -> int:
    """The channels with which a picture is sealed: 1 where no pixel has colour, else 3."""
    return int(_without_colour(_picture(width, height, channels, raw)).shape[2])


def _picture(width: int, height: int, channels: int, raw: bytes) -> NDArray[np.uint8]:
    import numpy as np

    if channels not in (1, 3) or not (1 <= width <= 65_535 and 1 <= height <= 65_535):
        raise BadUse(
            f"A picture of {width} by {height} pixels in {channels} channels cannot be sealed.",
            next="Render it with 1 or 3 channels, 1 to 65,535 pixels a side.",
        )
    if len(raw) != width * height * channels:
        raise BadUse("A picture has not the size it says.", next="Render the page again.")
    return np.frombuffer(raw, np.uint8).reshape(height, width, channels)


def _without_colour(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if picture.shape[2] == 1:
        return picture
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    if (red == green).all() and (green == blue).all():
        return picture[..., :1]
    return picture


def _black(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    import numpy as np

    grey = picture[..., 0]
    if picture.shape[2] == 3:
        # (x + 500) // 1000 < 160 is x < 159,500; sums of these whole numbers are exact in single precision. A band at
        # a time stays in the processor's memory.
        black = np.empty(picture.shape[:2], np.bool_)
        weights = np.array((299, 587, 114), np.float32)
        for top in range(0, len(picture), TILE_HEIGHT):
            band = picture[top : top + TILE_HEIGHT].astype(np.float32)
            np.less(band @ weights, BLACK_BELOW * 1000 - 500, out=black[top : top + TILE_HEIGHT])
        return black
    return grey < BLACK_BELOW  # the three weights add up to 1,000


def _rows(words: Sequence[str]) -> int:
    return -(-len(words) // SLOTS)


def _hash(root: bytes) -> bytes:
    if len(root) != HASH:
        raise BadUse(f"A root is {HASH} bytes, not {len(root)}.", next="Give the root itself.")
    return root


def _string_json(fields: Mapping[str, str]) -> bytes:
    """RFC 8785 of an object of strings whose names are already in order: what json writes is the same."""
    members = [f"{_QUOTED(name)}:{_QUOTED(value)}" for name, value in fields.items()]
    try:
        return f"{{{','.join(members)}}}".encode()
    except UnicodeEncodeError:
        raise _not_text() from None


def _json(value: Any) -> bytes:
    try:
        return canonical(value)
    except ValueError:  # half a surrogate pair, or a number JSON does not hold exactly
        raise _not_text() from None


def _not_text() -> BadUse:
    return BadUse(
        "Something to be sealed is not Unicode text, or a number too large for JSON.",
        next="Replace lone surrogates before sealing, and say so in a property.",
    )
