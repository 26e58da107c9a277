"""The known answer of docs/formats/commitment.md, page-seals.md and log.md: from a file to an entry of a log.

`python tests/evidence/known_answer.py` prints it; with --write it puts it into the pages. Every random
number is fixed here, which nothing but a known answer may do.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import zstandard

from muniment.evidence import layers
from muniment.evidence.commitment import Tree
from muniment.evidence.log.note import Signer
from muniment.evidence.log.store import Log
from muniment.evidence.page_package import PageRecord, encode

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
HEADER = layers.Header(1, WIDTH, HEIGHT, 200, 3, "pdfium 7789", "liberation 2.1.5")


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
    roots = {layer: tree.root for layer, tree in trees.items()}
    page = layers.layer_tree("page", KEY, tree_id(6), layers.page_bodies(HEADER, **roots), page=1)
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


def package_record() -> PageRecord:
    """The page as its package holds it."""
    trees, page = page_tree()
    every = {**trees, "page": page}
    return PageRecord(
        header=HEADER,
        lines=LINES,
        boxes=LINE_BOXES,
        trees={layer: tree.ctx[:16] for layer, tree in every.items()},
        roots={layer: tree.root for layer, tree in every.items()},
        picture=zstandard.ZstdCompressor(level=22).compress(picture()),
    )


def package_answer() -> tuple[bytes, dict[str, Any]]:
    """The package and the manifest of page-seals.md."""
    said = dict(commitment_answer())
    package = b"".join(encode([package_record()], lambda *_: None))
    entry = {
        "content": "a" * 26,
        "size": len(package),
        "sha512": hashlib.sha512(package).hexdigest(),
        "document": "k3vq5zt2am",
        "reference": "A1/0001",
        "key": KEY.hex(),
        "tree": tree_id(7).hex(),
        "root": said["document root"],
        "tools": TOOLS,
        "pages": 1,
        "file": {
            "tree": tree_id(1).hex(),
            "root": said["file root"],
            "size": len(CONTENT),
            "sha256": hashlib.sha256(CONTENT).hexdigest(),
            "sha512": hashlib.sha512(CONTENT).hexdigest(),
            "properties": PROPERTIES,
        },
    }
    manifest = {
        "version": 1,
        "kind": "pages",
        "tree": tree_id(8).hex(),
        "key": BATCH_KEY.hex(),
        "root": said["batch root"],
        "files": [entry],
    }
    return package, manifest


def package_blocks() -> tuple[str, str]:
    """What stands in page-seals.md: the package in base64, the manifest as JSON."""
    package, manifest = package_answer()
    written_out = base64.b64encode(package).decode()
    lines = [written_out[at : at + 120] for at in range(0, len(written_out), 120)]
    return "\n".join(lines) + "\n", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"


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


def written(page: str, blocks: list[str], kind: str = "answer") -> str:
    """A page with its blocks of a kind replaced."""
    fresh = iter(blocks)
    return re.sub(rf"```{kind}\n.*?```", lambda _: f"```{kind}\n{next(fresh)}```", page, flags=re.S)


if __name__ == "__main__":
    for name, blocks in (("commitment.md", [commitment_block()]), ("log.md", log_answer())):
        if "--write" in sys.argv:
            path = FORMATS / name
            path.write_text(written(path.read_text("utf-8"), blocks), "utf-8")
        else:
            print(*blocks, sep="\n")
    package, manifest = package_blocks()
    if "--write" in sys.argv:
        path = FORMATS / "page-seals.md"
        text = written(path.read_text("utf-8"), [package], "package")
        path.write_text(written(text, [manifest]), "utf-8")
    else:
        print(package, manifest, sep="\n")
