"""Images of every kind, made by Pillow, read and drawn by the real sandboxed worker."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from muniment.reading.pages import EXTRACTED, FAILED, OVER_LIMIT, PARTLY, UNSUPPORTED, Budget
from muniment.reading.worker import NotRead


def saved(picture, kind, **options):
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def drawn(mode="L", size=(300, 200), paper=255, ink=0):
    """A black bar on white in the upper left quarter."""
    picture = Image.new(mode, size, paper)
    ImageDraw.Draw(picture).rectangle((20, 20, size[0] // 2, size[1] // 4), fill=ink)
    return picture


def array(pixels):
    return np.frombuffer(pixels.raw, np.uint8).reshape(pixels.height, pixels.width, pixels.channels)


def shows_the_bar(pixels):
    rows = array(pixels).mean(axis=2)
    height, width = rows.shape
    return rows[height // 6, width // 4] < 80 and rows[height * 3 // 4, width * 3 // 4] > 200


KINDS = {
    "png": lambda: saved(drawn(), "PNG"),
    "jpeg": lambda: saved(drawn(), "JPEG"),
    "gif": lambda: saved(drawn(), "GIF"),
    "tiff": lambda: saved(drawn(), "TIFF"),
    "bmp": lambda: saved(drawn(), "BMP"),
    "webp": lambda: saved(drawn("RGB", paper="white", ink="black"), "WEBP", lossless=True),
    "jpeg 2000": lambda: saved(drawn(), "JPEG2000"),
    "1 bit": lambda: saved(drawn("1", paper=1), "PNG"),
    "fax": lambda: saved(drawn("1", paper=1), "TIFF", compression="group4"),
    "palette": lambda: saved(drawn("RGB", paper="white", ink="black").convert("P"), "PNG"),
    "16 bit": lambda: saved(drawn("I;16", paper=60000), "PNG"),
    "alpha": lambda: saved(drawn("RGBA", paper=(0, 0, 0, 0), ink=(0, 0, 0, 255)), "PNG"),
    "grey and alpha": lambda: saved(drawn("LA", paper=(0, 0), ink=(0, 255)), "PNG"),
    "cmyk": lambda: saved(drawn("CMYK", paper=(0, 0, 0, 0), ink=(0, 0, 0, 255)), "JPEG"),
    "float": lambda: saved(drawn("F", paper=1.0, ink=0.0), "TIFF"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_one_page_that_waits_for_ocr(worker, kind):
    data = KINDS[kind]()
    reading = worker.read(data, "scan")
    assert (reading.state, reading.family, len(reading.pages)) == (EXTRACTED, "image", 1), (
        reading.reason
    )
    page = reading.pages[0]
    assert page.needs_ocr and not page.text
    pixels = worker.render(data, 1, 300)
    assert (pixels.width, pixels.height, pixels.channels) == (300, 200, 1)
    assert shows_the_bar(pixels)


def test_colour_stays_colour(worker):
    picture = drawn("RGB", paper="white", ink=(200, 0, 0))
    pixels = worker.render(saved(picture, "PNG"), 1, 300)
    assert pixels.channels == 3
    assert tuple(array(pixels)[30, 60]) == (200, 0, 0)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP"])
def test_each_frame_is_a_page(worker, kind):
    frames = [Image.new("RGB", (60, 40), (level, 0, 0)) for level in (10, 120, 240)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    reading = worker.read(data, "many")
    assert (reading.expected_pages, len(reading.pages)) == (3, 3)
    reds = [int(array(worker.render(data, page, 300))[20, 20, 0]) for page in (1, 2, 3)]
    assert np.allclose(reds, (10, 120, 240), atol=12)
    with pytest.raises(NotRead, match="frame 4 cannot be read"):
        worker.render(data, 4, 300)


@pytest.mark.parametrize(("orientation", "corner"), [(3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))])
def test_what_the_camera_turned_is_upright(worker, orientation, corner):
    picture = Image.new("RGB", (120, 80), "white")
    picture.paste((0, 0, 0), (0, 0, 30, 30))
    tags = Image.Exif()
    tags[274] = orientation
    data = saved(picture, "JPEG", exif=tags, quality=95)
    pixels = worker.render(data, 1, 300)
    rows = array(pixels)
    assert rows[corner[0] * 5 + (5 if corner[0] == 0 else 0)][corner[1] * 5].mean() < 60
    page = worker.read(data, "photo.jpg").pages[0]
    assert (page.width > page.height) == (pixels.width > pixels.height)


def test_size_follows_the_declared_resolution(worker):
    page = worker.read(saved(drawn(size=(850, 1100)), "PNG", dpi=(100, 100)), "a.png").pages[0]
    assert (page.width, page.height) == pytest.approx((612, 792), abs=1)
    scan = worker.read(saved(drawn(size=(1654, 2339)), "PNG"), "a.png").pages[0]
    assert scan.width == pytest.approx(595, abs=1)


def test_a_render_is_never_larger_than_the_image(worker):
    data = saved(drawn(size=(1200, 800)), "PNG", dpi=(300, 300))
    assert worker.render(data, 1, 150).width == 600
    assert worker.render(data, 1, 2400).width == 1200


def test_of_what_is_cut_off_the_rest_is_shown(worker):
    picture = Image.effect_noise((400, 400), 80)
    picture.paste(255, (0, 0, 400, 100))
    whole = saved(picture, "PNG")
    reading = worker.read(whole[: len(whole) // 2], "half.png")
    assert reading.state == PARTLY
    assert "cut off" in reading.reason
    assert reading.pages[0].needs_ocr
    rows = array(worker.render(whole[: len(whole) // 2], 1, 300))
    assert (rows[:100] == 255).all()
    assert worker.read(whole, "whole.png").state == EXTRACTED
    assert worker.read(whole[:20], "x.png").state == FAILED


def declared(width, height):
    """A PNG of a few bytes that declares so many pixels."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.hostile
def test_a_bomb_of_declared_pixels_is_over_a_limit(worker):
    data = declared(60_000, 60_000)
    reading = worker.read(data, "bomb.png")
    assert reading.state == OVER_LIMIT
    assert "pixels" in reading.reason
    assert not any(page.needs_ocr for page in reading.pages)
    with pytest.raises(NotRead) as stop:
        worker.render(data, 1, 72)
    assert stop.value.state == OVER_LIMIT


def test_one_frame_over_the_limit_leaves_the_others(worker):
    frames = [Image.new("L", size, 255) for size in ((50, 50), (400, 400), (60, 60))]
    data = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    reading = worker.read(data, "a.tif", Budget(pixels=10_000))
    assert reading.state == PARTLY
    assert [page.needs_ocr for page in reading.pages] == [True, False, True]


def test_tags_and_position_are_named(worker):
    tags = Image.Exif()
    tags[271], tags[305] = "Fictional Cameras", "Develop 1.0"
    tags.get_ifd(34853)[1] = "N"
    reading = worker.read(saved(drawn(), "JPEG", exif=tags), "a.jpg")
    assert reading.properties["camera-make"] == "Fictional Cameras"
    assert reading.properties["software"] == "Develop 1.0"


def test_a_raw_photograph_no_reader_knows_is_unsupported(worker):
    """Cameras' raw formats begin as TIFF; what follows is their own."""
    raw = (
        b"II*\0\x08\0\0\0"
        + struct.pack("<H", 1)
        + struct.pack("<HHII", 0x103, 3, 1, 32767)
        + bytes(64)
    )
    reading = worker.read(raw, "a.arw")
    assert (reading.type, reading.state) == ("image/tiff", UNSUPPORTED)
