"""From a clean page to what a scanner, a telephone or a fax makes of it, and into a file."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence

import pikepdf
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from samples.story import SEED


def dice(name: str) -> random.Random:
    """Random numbers that depend on the file's name and the seed alone."""
    return random.Random(f"{SEED}/{name}")


def scanned(
    page: Image.Image, name: str, *, degrees: float = 0.4, noise: int = 18, paper: int = 246
) -> Image.Image:
    """The page as a flat-bed scanner gives it: a little crooked, soft, grainy, with specks and a grey edge.

    Args:
        page: a clean page, grey or colour.
        name: of the file, which chooses the specks.
        degrees: how crooked.
        noise: depth of the grain, 0 to 255.
        paper: brightness of the paper.
    """
    luck = dice(name)
    grey = Image.new("L", page.size, 0)
    pen = ImageDraw.Draw(grey)
    width, height = page.size
    for _ in range(60):
        x, y, r = luck.randrange(width), luck.randrange(height), luck.choice((0, 0, 1, 1, 2))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=luck.randrange(40, 150))
    pen.rectangle((0, 0, luck.randrange(4, 12), height), fill=60)
    grain = Image.frombytes("L", page.size, luck.randbytes(width * height))
    grain = grain.point([value * noise // 255 for value in range(256)])
    dirt = ImageChops.add(grey, grain)
    fill = "white" if page.mode == "L" else (255, 255, 255)
    # Turning with two-by-two interpolation also softens the edges, as a scanner's lens does.
    soft = page.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=fill)
    scale = [value * paper // 255 for value in range(256)]
    if soft.mode == "RGB":
        dim = soft.point(scale * 3)
        return ImageChops.subtract(dim, Image.merge("RGB", (dirt, dirt, dirt)))
    return ImageChops.subtract(soft.point(scale), dirt)


def photographed(page: Image.Image, name: str) -> Image.Image:
    """The page as a telephone gives it: on a table, in uneven light, slightly from the side."""
    luck = dice(name)
    width, height = page.size
    border = width // 18
    table = Image.new("RGB", (width + 2 * border, height + 2 * border), (94, 78, 64))
    table.paste(
        scanned(page.convert("RGB"), name, degrees=0.0, noise=14, paper=238), (border, border)
    )
    size = table.size
    lean = luck.uniform(0.012, 0.02)
    quad = (
        -size[0] * lean, 0.0, size[0] * 0.004, float(size[1]),
        float(size[0]), size[1] * 1.004, size[0] * (1 + lean), size[1] * 0.006,
    )  # fmt: skip
    shot = table.transform(size, Image.Transform.QUAD, quad, Image.Resampling.BILINEAR)
    shade = Image.linear_gradient("L").rotate(90).resize(size)
    light = shade.point([255 - (255 - value) * 52 // 255 for value in range(256)])
    return ImageChops.multiply(shot, Image.merge("RGB", (light, light, light)))


def stamped(
    page: Image.Image, centre: tuple[int, int], radius: int, ring: Sequence[Image.Image], name: str
) -> None:
    """Press a round red seal on a colour page: a ring of characters around a five-cornered star.

    Args:
        page: a colour page, changed in place.
        centre: of the seal, in pixels.
        radius: in pixels.
        ring: one grey picture (black on white) of each character, in reading order.
        name: chooses how unevenly the ink took.
    """
    size = 2 * radius + 8
    ink = Image.new("L", (size, size), 0)
    pen = ImageDraw.Draw(ink)
    middle = size / 2
    weight = max(3, radius // 14)
    pen.ellipse((4, 4, size - 5, size - 5), outline=255, width=weight)
    star = []
    for corner in range(10):
        reach = radius * (0.30 if corner % 2 == 0 else 0.115)
        angle = -math.pi / 2 + corner * math.pi / 5
        star.append((middle + reach * math.cos(angle), middle + reach * math.sin(angle)))
    pen.polygon(star, fill=255)
    sweep = math.radians(250)
    for number, glyph in enumerate(ring):
        angle = -math.pi / 2 - sweep / 2 + sweep * number / (len(ring) - 1)
        turned = ImageChops.invert(glyph).rotate(
            -math.degrees(angle) - 90, Image.Resampling.BICUBIC, expand=True
        )
        x = middle + radius * 0.74 * math.cos(angle) - turned.width / 2
        y = middle + radius * 0.74 * math.sin(angle) - turned.height / 2
        ink.paste(ImageChops.lighter(ink.crop(_box(x, y, turned)), turned), _box(x, y, turned)[:2])
    worn = Image.frombytes("L", (size, size), dice(name).randbytes(size * size))
    worn = worn.filter(ImageFilter.GaussianBlur(2.5)).point(
        [min(255, max(0, v * 9 - 880)) for v in range(256)]
    )
    ink = ImageChops.multiply(ink, worn).point([value * 205 // 255 for value in range(256)])
    corner_box = (centre[0] - size // 2, centre[1] - size // 2)
    page.paste((196, 30, 32), corner_box, ink)


def _box(x: float, y: float, picture: Image.Image) -> tuple[int, int, int, int]:
    return (round(x), round(y), round(x) + picture.width, round(y) + picture.height)


def as_jpeg(
    picture: Image.Image, dpi: int, quality: int = 62, exif: Image.Exif | None = None
) -> bytes:
    """A JPEG file."""
    held = io.BytesIO()
    if exif is None:
        picture.save(held, "JPEG", quality=quality, dpi=(dpi, dpi))
    else:
        picture.save(held, "JPEG", quality=quality, dpi=(dpi, dpi), exif=exif)
    return held.getvalue()


def as_png(picture: Image.Image, dpi: int) -> bytes:
    """A PNG file."""
    held = io.BytesIO()
    picture.save(held, "PNG", dpi=(dpi, dpi), compress_level=6)
    return held.getvalue()


def as_fax(pages: Sequence[Image.Image], dpi: int) -> bytes:
    """A TIFF of one-bit pages, compressed as a fax is (ITU-T T.6, "group 4")."""
    held = io.BytesIO()
    flat = [
        page.convert("L").point([0 if v < 150 else 255 for v in range(256)]).convert("1")
        for page in pages
    ]
    flat[0].save(
        held, "TIFF", save_all=True, append_images=flat[1:], compression="group4", dpi=(dpi, dpi)
    )
    return held.getvalue()


def as_pdf(
    pages: Sequence[Image.Image], dpi: int, info: dict[str, str], quality: int = 55
) -> bytes:
    """A PDF of pictures alone: no text layer, one JPEG a page."""
    pdf = pikepdf.new()
    for page in pages:
        data = as_jpeg(page, dpi, quality)
        space = pikepdf.Name.DeviceGray if page.mode == "L" else pikepdf.Name.DeviceRGB
        picture = pdf.make_stream(
            data,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=page.width,
            Height=page.height,
            BitsPerComponent=8,
            ColorSpace=space,
            Filter=pikepdf.Name.DCTDecode,
        )
        width, height = page.width * 72 / dpi, page.height * 72 / dpi
        sheet = pdf.add_blank_page(page_size=(round(width, 2), round(height, 2)))
        sheet.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
        sheet.obj.Contents = pdf.make_stream(
            f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /Im0 Do Q".encode()
        )
    return sealed(pdf, info)


def sealed(pdf: pikepdf.Pdf, info: dict[str, str]) -> bytes:
    """The PDF's bytes, the same on each run: properties as given and an identifier made from the content."""
    for key, value in info.items():
        pdf.docinfo[pikepdf.Name("/" + key)] = pikepdf.String(value)
    held = io.BytesIO()
    pdf.save(held, deterministic_id=True)
    return held.getvalue()
