"""A Chinese PDF with a text layer: each character is a bitmap glyph of a Type 3 font with a ToUnicode map."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from samples.lettering import font
from samples.scan import sealed
from samples.typeset import properties

_EM = 72
_LINES = (
    ("多尔凡港务局港口应急预案（2016年修订）", 18),
    ("", 12),
    ("第一章　总则", 14),
    (
        "第一条　为预防和处置港区火灾、爆炸和泄漏事故，保护工人和城区居民，依据《港口安全法》制定本预案。",
        12,
    ),
    ("第二条　本预案适用于北港池和南港池各仓库、各泊位以及海关码头。", 12),
    ("第三条　局长是应急工作第一责任人，分管安全的副局长负责日常检查。", 12),
    ("第二章　危险货物", 14),
    ("第四条　氧化剂与可燃物不得存放在同一仓库内，二者之间的距离不得少于一百米。", 12),
    ("第五条　九号仓库只准存放普通货物。氯酸钠、火箭信号、润滑油一律不得存入。", 12),
    ("第六条　危险货物数量每月清点一次，由检查员和仓库班长共同签字，任何人不得代签。", 12),
    ("第三章　报警和疏散", 14),
    ("第七条　发现火情的人员应当立即报告城区消防队，同时报告港务长，不得等待批准。", 12),
    ("第八条　消防队到达时，应当如实告知仓库内货物的名称和数量。", 12),
    ("第九条　夜班人员由班长点名撤离，集合地点为西门外广场。食堂人员随同撤离。", 12),
    ("第四章　记录", 14),
    ("第十条　四十一号表应当当场填写，不得沿用以往数据，保存期限为十年。", 12),
    ("第十一条　本预案每两年演练一次，演练记录报运输和港口部备案。", 12),
    ("多尔凡港务局　2016年5月30日", 12),
)


def _advance(character: str) -> int:
    return 540 if character.isascii() else 1000


def _glyph(character: str) -> bytes:
    """A glyph procedure: its advance, its box and a one-bit picture of it."""
    picture = Image.new("1", (_EM, _EM), 0)
    face = font("chinese", _EM - 6)
    ImageDraw.Draw(picture).text((3, _EM * 0.86), character, font=face, fill=1, anchor="ls")
    raw = picture.tobytes()
    head = f"{_advance(character)} 0 0 -140 1000 860 d1 q 1000 0 0 1000 0 -140 cm "
    head += f"BI /W {_EM} /H {_EM} /IM true /D [1 0] /BPC 1 ID "
    return head.encode() + raw + b"\nEI Q"


def _face(made: pikepdf.Pdf, characters: str) -> pikepdf.Object:
    """A Type 3 font of at most 256 characters; code n stands for the n-th of them."""
    names = [f"/g{ord(c):x}" for c in characters]
    procedures = Dictionary()
    for name, character in zip(names, characters, strict=True):
        procedures[name] = made.make_stream(_glyph(character))
    pairs = "\n".join(f"<{n:02x}> <{ord(c):04x}>" for n, c in enumerate(characters))
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CMapName /Dorvane def /CMapType 2 def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(characters)} beginbfchar\n{pairs}\nendbfchar\nendcmap end end"
    )
    return made.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type3,
            FontBBox=Array([0, -140, 1000, 860]),
            FontMatrix=pikepdf.Array([0.001, 0, 0, 0.001, 0, 0]),
            CharProcs=procedures,
            Encoding=Dictionary(
                Type=Name.Encoding, Differences=Array([0, *[Name(n) for n in names]])
            ),
            FirstChar=0,
            LastChar=len(characters) - 1,
            Widths=Array([_advance(c) for c in characters]),
            ToUnicode=made.make_stream(to_unicode.encode()),
            Resources=Dictionary(),
        )
    )


def _folded() -> list[tuple[str, int]]:
    lines = []
    for text, size in _LINES:
        room = int(440 / size)
        rest = text
        while len(rest) > room:
            cut = room + 1 if rest[room] in "，。、；）》" else room
            cut -= rest[cut - 1] in "《（"
            lines.append((rest[:cut], size))
            rest = rest[cut:]
        if rest or not text:
            lines.append((rest, size))
    return lines


def plan() -> bytes:
    """The emergency plan of 2016: what the port's own rules said about Shed 9."""
    lines = _folded()
    used = sorted({c for text, _ in lines for c in text})
    halves = ["".join(used[:200]), "".join(used[200:])]
    made = pikepdf.new()
    fonts = Dictionary()
    for number, characters in enumerate(halves):
        if characters:
            fonts[f"/C{number}"] = _face(made, characters)
    where = {c: (half, code) for half, text in enumerate(halves) for code, c in enumerate(text)}
    per_page = 24
    for start in range(0, len(lines), per_page):
        content, y = b"", 760.0
        for text, size in lines[start : start + per_page]:
            x = 78.0 if size != 18 else (595 - len(text) * 18) / 2
            content += f"BT 1 0 0 1 {x:.1f} {y:.1f} Tm ".encode()
            for character in text:
                half, code = where[character]
                content += f"/C{half} {size} Tf <{code:02x}> Tj ".encode()
            content += b"ET\n"
            y -= size * 2.1
        page = made.add_blank_page(page_size=(595, 842))
        page.obj.Resources = Dictionary(Font=fonts)
        page.obj.Contents = made.make_stream(content)
    return sealed(made, properties("港口应急预案", "安全办公室", "20160530110000", "Planwright 7"))


FILES = {"delivery-3/papers/应急预案2016.pdf": plan}
