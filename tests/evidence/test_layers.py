"""The bodies of each layer, against a second reading of docs/formats/commitment.md."""

from __future__ import annotations

import hashlib
import json

import pytest
import rfc8785
import second_reading
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import BadUse
from muniment.evidence import layers

KEY, TREE = bytes(range(32)), bytes(16)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
sides = st.integers(1, 300), st.integers(1, 80)


def pixel_of(width: int, channels: int, raw: bytes):
    def pixel(x: int, y: int) -> tuple[int, ...]:
        at = (y * width + x) * channels
        return tuple(raw[at : at + 3]) if channels == 3 else (raw[at],) * 3

    return pixel


@st.composite
def pictures(draw):
    width, height, channels = draw(sides[0]), draw(sides[1]), draw(st.sampled_from([1, 3]))
    pattern = draw(st.binary(min_size=1, max_size=50))
    length = width * height * channels
    return width, height, channels, (pattern * (length // len(pattern) + 1))[:length]


@settings(deadline=None)
@given(pictures())
def test_tiles_are_those_of_the_second_reading(picture):
    width, height, channels, raw = picture
    pixel = pixel_of(width, channels, raw)
    assert layers.pixel_bodies(*picture) == second_reading.pixels(width, height, pixel)
    assert layers.plain_bodies(*picture) == second_reading.plain(width, height, pixel)


def test_a_page_without_colour_has_one_channel():
    grey = bytes(v for v in range(256) for _ in range(3))
    assert layers.pixel_bodies(16, 16, 3, grey) == layers.pixel_bodies(16, 16, 1, bytes(range(256)))
    assert layers.channels_of(16, 16, 3, grey) == 1
    assert layers.channels_of(16, 16, 3, grey[:-1] + b"\0") == 3


def test_black_is_below_160():
    body = layers.plain_bodies(8, 1, 1, bytes([0, 159, 160, 255, 158, 161, 159, 160]))
    assert body == [b"\x00\x08\x00\x01\x00" + bytes([0b11001010])]
    yellow_dot = layers.plain_bodies(1, 1, 3, bytes([255, 255, 0]))
    assert yellow_dot == [b"\x00\x01\x00\x01\x00\x00"]


def test_black_is_exact_for_every_colour_near_the_threshold():
    near = [
        (red, green, blue)
        for red in range(256)
        for blue in range(256)
        for green in {(159_500 - 299 * red - 114 * blue) // 587 + step for step in (0, 1)}
        if 0 <= green <= 255
    ]
    assert len(near) > 60_000
    raw = b"".join(map(bytes, near))
    body = b"".join(
        tile[5:]
        for tile in layers.plain_bodies(128, len(near) // 128, 3, raw[: len(near) // 128 * 384])
    )
    black = [
        (299 * red + 587 * green + 114 * blue + 500) // 1000 < 160 for red, green, blue in near
    ]
    for place, wanted in enumerate(black[: len(near) // 128 * 128]):
        assert bool(body[place // 8] >> (7 - place % 8) & 1) == wanted, near[place]


@pytest.mark.parametrize(
    "picture",
    [(2, 2, 1, b"123"), (0, 2, 1, b""), (2, 2, 4, bytes(16)), (70_000, 1, 1, bytes(70_000))],
)
def test_a_picture_that_is_not_what_it_says_is_refused(picture):
    with pytest.raises(BadUse):
        layers.pixel_bodies(*picture)
    with pytest.raises(BadUse):
        layers.plain_bodies(*picture)


@settings(deadline=None)
@given(st.lists(st.lists(words, min_size=1, max_size=70), min_size=1, max_size=4))
def test_lines_begin_rows_of_32_slots(lines: list[list[str]]):
    bodies = layers.text_bodies(lines)
    assert bodies == second_reading.text(lines)
    for number, line in enumerate(lines):
        rows = layers.row_of_line(lines, number)
        slots = bodies[rows.start * 32 : rows.stop * 32]
        assert [json.loads(body)["t"] for body in slots if body] == line
    edges = [(i, 0, i + 1, 9, 50) for i in range(len(lines))]
    boxes = layers.box_bodies(lines, edges)
    assert boxes == second_reading.boxes(lines, edges)
    assert len(boxes) * 32 == len(bodies)


@settings(deadline=None)
@given(words, words)
def test_json_is_rfc_8785(name: str, value: str):
    digest = hashlib.sha512(b"x").digest()
    body = layers.file_bodies(1, digest[:32], digest, {name: value})[1]
    assert body == rfc8785.dumps({"name": name, "value": value})
    assert layers.text_bodies([[value]])[0] == rfc8785.dumps({"t": value})


def test_the_order_of_properties_does_not_matter():
    digest = hashlib.sha512(b"x").digest()
    one = layers.file_root(KEY, TREE, 1, digest[:32], digest, {"path": "a", "modified": "b"})
    two = layers.file_root(KEY, TREE, 1, digest[:32], digest, {"modified": "b", "path": "a"})
    assert one == two


def test_file_leaf_is_104_bytes():
    content = b"as received"
    bodies = layers.file_bodies(
        len(content), hashlib.sha256(content).digest(), hashlib.sha512(content).digest(), {"a": "b"}
    )
    assert bodies == second_reading.file(content, {"a": "b"})
    assert len(bodies[0]) == 104


def test_a_page_without_layout_has_text_alone():
    header = layers.Header(1, 0, 0, 0, 0, "", "")
    bodies = layers.page_bodies(header, text=bytes(32))
    assert bodies[1:] == [b"", b"", bytes(32), b""]
    said = {"page": 1, "width": 0, "height": 0, "dpi": 0, "channels": 0}
    assert bodies[0] == rfc8785.dumps(said | {"renderer": "", "fonts": ""})


def test_han_characters_are_words_and_so_are_runs_of_others():
    assert layers.words_of("今日notice，of 2017年\u3000ئۇيغۇر") == (
        ["今", "日", "notice，of", "2017", "年", "ئۇيغۇر"]
    )


@pytest.mark.parametrize(
    "bad",
    [
        lambda: layers.text_bodies([[]]),
        lambda: layers.text_bodies([["a", ""]]),
        lambda: layers.text_bodies([["\ud800"]]),
        lambda: layers.file_bodies(1, bytes(32), bytes(64), {"path": "\udcff"}),
        lambda: layers.file_bodies(1, bytes(31), bytes(64), {}),
        lambda: layers.batch_bodies([b"short"]),
        lambda: layers.batch_root(KEY, TREE, []),
        lambda: layers.custody_bodies(bytes(32), [b""]),
        lambda: layers.document_bodies(bytes(32), {"tool": "\ud800"}, []),
        lambda: layers.page_bodies(layers.Header(1, 0, 0, 0, 0, "", ""), text=b"x"),
        lambda: layers.box_bodies([["a"]], []),
        lambda: layers.layer_tree("text", KEY, TREE, [b"a"]),
        lambda: layers.layer_tree("text", KEY, TREE, [b"a"], page=0),
        lambda: layers.layer_tree("file", KEY, TREE, [b"a"], page=1),
        lambda: layers.layer_tree("else", KEY, TREE, [b"a"]),
        lambda: layers.layer_dom("muniment"),
    ],
)
def test_what_cannot_be_sealed_is_refused(bad):
    with pytest.raises(BadUse) as caught:
        bad()
    assert caught.value.next
