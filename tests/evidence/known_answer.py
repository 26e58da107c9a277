"""The known answer of docs/formats/commitment.md and log.md: from a file to an entry of a log.

`python tests/evidence/known_answer.py` prints it; with --write it puts it into the pages. Every random
number is fixed here, which nothing but a known answer may do.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
from pathlib import Path

from muniment.evidence import layers
from muniment.evidence.commitment import Tree
from muniment.evidence.log.note import Signer
from muniment.evidence.log.store import Log

FORMATS = Path(__file__).resolve().parents[2] / "docs" / "formats"
CONTENT = "Notice\n今日 notice of the county\n".encode()
PROPERTIES = {"path": "letters/notice.txt", "modified": "2017-11-05T00:00:00Z"}
KEY = bytes(range(32))
BATCH_KEY = bytes(range(32, 64))
LOG_KEY = bytes(range(64, 96))
LINES = [["Notice"], ["今", "日", "notice", "of", "the", "county"], [f"w{i}" for i in range(33)]]
LINE_BOXES = [
    (7200, 7200, 10800, 8400, 96),
    (7200, 8600, 20000, 9800, 91),
    (7200, 10000, 52000, 11200, 88),
]
WIDTH, HEIGHT = 130, 33
TOOLS = {"muniment": "0.1.0", "pypdfium2": "5.15.2"}
ORIGIN = "muniment/known-answer"


def tree_id(number: int) -> bytes:
    """16 bytes for each tree: its number, sixteen times."""
    return bytes((number,)) * 16


def picture() -> bytes:
    """130 by 33 pixels in red, green and blue: (x + y, 2x, 5y) modulo 256."""
    return bytes(
        part & 255 for y in range(HEIGHT) for x in range(WIDTH) for part in (x + y, 2 * x, 5 * y)
    )


def page_tree() -> tuple[dict[str, Tree], Tree]:
    """The four layers of the page, and the page."""
    raw = picture()
    bodies = {
        "pixels": layers.pixel_bodies(WIDTH, HEIGHT, 3, raw),
        "plain": layers.plain_bodies(WIDTH, HEIGHT, 3, raw),
        "text": layers.text_bodies(LINES),
        "boxes": layers.box_bodies(LINES, LINE_BOXES),
    }
    trees = {
        layer: layers.layer_tree(layer, KEY, tree_id(number), content, page=1)
        for number, (layer, content) in enumerate(bodies.items(), 2)
    }
    header = layers.Header(1, WIDTH, HEIGHT, 200, 3, "pdfium 7789", "liberation 2.1.5")
    roots = {layer: tree.root for layer, tree in trees.items()}
    page = layers.layer_tree("page", KEY, tree_id(6), layers.page_bodies(header, **roots), page=1)
    return trees, page


def commitment_answer() -> list[tuple[str, str]]:
    """The numbers of commitment.md, by name."""
    sha256, sha512 = hashlib.sha256(CONTENT).digest(), hashlib.sha512(CONTENT).digest()
    file = layers.layer_tree(
        "file", KEY, tree_id(1), layers.file_bodies(len(CONTENT), sha256, sha512, PROPERTIES)
    )
    trees, page = page_tree()
    document = layers.layer_tree(
        "document", KEY, tree_id(7), layers.document_bodies(file.root, TOOLS, [page.root])
    )
    batch = layers.layer_tree("batch", BATCH_KEY, tree_id(8), layers.batch_bodies([document.root]))
    act = b'{"act":"received","day":"2026-11-22","who":"local"}'
    custody = layers.layer_tree(
        "custody", BATCH_KEY, tree_id(9), layers.custody_bodies(bytes(32), [act])
    )
    shown = trees["text"].disclose([0, *range(32, 38)])
    return [
        ("file root", file.root.hex()),
        *((f"{layer} root", tree.root.hex()) for layer, tree in trees.items()),
        ("page root", page.root.hex()),
        ("document root", document.root.hex()),
        ("batch root", batch.root.hex()),
        ("custody root", custody.root.hex()),
        ("disclosure", shown.to_json().decode()),
    ]


def log_answer() -> list[str]:
    """The blocks of log.md: vkey, checkpoint, receipt."""
    entry = bytes.fromhex(dict(commitment_answer())["batch root"])
    others = [hashlib.sha256(bytes((i,))).digest() for i in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        signer = Signer.from_private_bytes(ORIGIN, LOG_KEY)
        log = Log.create(Path(folder), ORIGIN, signer)
        log.append([*others[:3], entry, others[3]])
        note = log.publish(signer)
        receipt = log.receipt(3).serialise()
    return [signer.vkey + "\n", note.decode(), receipt.decode()]


def commitment_block() -> str:
    """What stands in commitment.md."""
    return "".join(f"{name}: {value}\n" for name, value in commitment_answer())


def written(page: str, blocks: list[str]) -> str:
    """A page with its ```answer blocks replaced."""
    fresh = iter(blocks)
    return re.sub(r"```answer\n.*?```", lambda _: f"```answer\n{next(fresh)}```", page, flags=re.S)


if __name__ == "__main__":
    for name, blocks in (("commitment.md", [commitment_block()]), ("log.md", log_answer())):
        if "--write" in sys.argv:
            path = FORMATS / name
            path.write_text(written(path.read_text("utf-8"), blocks), "utf-8")
        else:
            print(*blocks, sep="\n")
