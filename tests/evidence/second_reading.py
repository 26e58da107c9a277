"""A second reading of docs/formats: commitment.md, page-seals.md, and log.md as far as a receipt.

Written from those pages alone. Slow and plain on purpose.

It shares no line with muniment.evidence and imports nothing of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct

import zstandard


class No(Exception):
    """The disclosure does not hold."""


def H(*parts):  # noqa: N802
    return hashlib.sha256(b"".join(parts)).digest()


def lp(content):
    assert len(content) <= 255
    return struct.pack("B", len(content)) + content


def child(seed, bit):
    return H(b"\x02", seed, b"\x01" if bit else b"\x00")


def leaf(dom, ctx, index, seed, body):
    salt = H(b"\x03", seed)
    where = b"\x00" + lp(dom) + lp(ctx) + struct.pack(">I", index)
    return H(where, salt, struct.pack(">Q", len(body)), body)


def subtree(dom, ctx, height, index, seed, bodies):
    """The node at `height` over the leaves from index * 2^height."""
    if height == 0:
        body = bodies[index] if index < len(bodies) else b""
        return leaf(dom, ctx, index, seed, body)
    left = subtree(dom, ctx, height - 1, 2 * index, child(seed, 0), bodies)
    right = subtree(dom, ctx, height - 1, 2 * index + 1, child(seed, 1), bodies)
    return H(b"\x01", left, right)


def root_of_top(dom, ctx, height, top):
    return H(b"\x04", lp(dom), lp(ctx), struct.pack("B", height), top)


def tree(dom, ctx, key, bodies):
    """(seed, top node, root)."""
    dom = dom.encode()
    height = 0
    while 2**height < len(bodies):
        height += 1
    seed = hmac.new(key, lp(dom) + lp(ctx), hashlib.sha256).digest()
    top = subtree(dom, ctx, height, 0, seed, bodies)
    return seed, top, root_of_top(dom, ctx, height, top)


def check(disclosure, root, dom, shown):
    """Raise No unless `shown` (index to body) is what is under the root."""
    fields = json.loads(disclosure)
    plain = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if plain.encode() != disclosure or set(fields) != {"ctx", "dom", "format", "height", "tokens"}:
        raise No("form")
    if fields["format"] != "muniment/disclosure/v1" or fields["dom"] != dom:
        raise No("kind")
    ctx, tokens = bytes.fromhex(fields["ctx"]), base64.b64decode(fields["tokens"])
    if ctx.hex() != fields["ctx"] or base64.b64encode(tokens).decode() != fields["tokens"]:
        raise No("form")
    opened = []

    def read(height, index, at):
        kind, rest = tokens[at : at + 1], tokens[at + 1 : at + 33]
        if kind == b"N" and height:
            one, left, after = read(height - 1, 2 * index, at + 1)
            other, right, after = read(height - 1, 2 * index + 1, after)
            if one == other != b"N":
                raise No("two where one does")
            return kind, H(b"\x01", left, right), after
        if kind not in (b"S", b"H") or len(rest) != 32:
            raise No("token")
        if kind == b"H":
            return kind, rest, at + 33
        first = index << height
        opened.extend(range(first, first + (1 << height)))
        if any(i not in shown for i in range(first, first + (1 << height))):
            raise No("opened, not shown")
        bodies = {i: shown[i] for i in range(first, first + (1 << height))}
        return kind, shown_subtree(dom.encode(), ctx, height, index, rest, bodies), at + 33

    _, top, end = read(fields["height"], 0, 0)
    if end != len(tokens) or sorted(shown) != opened:
        raise No("left over")
    if root_of_top(dom.encode(), ctx, fields["height"], top) != root:
        raise No("root")


def shown_subtree(dom, ctx, height, index, seed, bodies):
    if height == 0:
        return leaf(dom, ctx, index, seed, bodies[index])
    left = shown_subtree(dom, ctx, height - 1, 2 * index, child(seed, 0), bodies)
    return H(
        b"\x01", left, shown_subtree(dom, ctx, height - 1, 2 * index + 1, child(seed, 1), bodies)
    )


def canonical(value):
    """RFC 8785 for what the page uses: objects of texts and integers."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def tiles(width, height, pixel, encode):
    """Bodies over `pixel(x, y)`, made by encode(rows of one tile)."""
    for top in range(0, height, 32):
        for left in range(0, width, 128):
            across, down = min(128, width - left), min(32, height - top)
            rows = [[pixel(left + x, top + y) for x in range(across)] for y in range(down)]
            yield struct.pack(">HH", across, down) + encode(rows)


def pixels(width, height, pixel):
    grey = all(len(set(pixel(x, y))) == 1 for y in range(height) for x in range(width))

    def encode(rows):
        raw = bytes(part for row in rows for rgb in row for part in (rgb[:1] if grey else rgb))
        return struct.pack("B", 1 if grey else 3) + raw

    return list(tiles(width, height, pixel, encode))


def plain(width, height, pixel):
    def encode(rows):
        out = b"\x00"
        for row in rows:
            bits = "".join(
                str(int((299 * r + 587 * g + 114 * b + 500) // 1000 < 160)) for r, g, b in row
            )
            bits += "0" * (-len(bits) % 8)
            out += bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
        return out

    return list(tiles(width, height, pixel, encode))


def text(lines):
    bodies = []
    for words in lines:
        bodies += [canonical({"t": word}) for word in words]
        while len(bodies) % 32:
            bodies.append(b"")
    return bodies


def boxes(lines, of_lines):
    return [
        canonical(list(box))
        for words, box in zip(lines, of_lines, strict=True)
        for _ in range((len(words) + 31) // 32)
    ]


def file(content, properties):
    head = struct.pack(">Q", len(content))
    head += hashlib.sha256(content).digest() + hashlib.sha512(content).digest()
    return [head, *(canonical({"name": n, "value": properties[n]}) for n in sorted(properties))]


def package_pages(package):
    """(description, raw picture or None) of each page of a package."""
    pages, places = [], []
    at = len(b"muniment/pages/v1\n")
    if package[:at] != b"muniment/pages/v1\n":
        raise No("package")
    while package[at : at + 12] != bytes(12):
        described, pictured = struct.unpack(">IQ", package[at : at + 12])
        places.append(at)
        frame = package[at + 12 : at + 12 + described]
        picture = package[at + 12 + described : at + 12 + described + pictured]
        pages.append((json.loads(unpacked(frame)), unpacked(picture) if picture else None))
        at += 12 + described + pictured
    end = b"".join(struct.pack(">Q", place) for place in places) + struct.pack(">I", len(pages))
    if package[at + 12 :] != end:
        raise No("places")
    return pages


def unpacked(frame):
    return zstandard.ZstdDecompressor().decompress(frame, max_output_size=1 << 24)


def page_root(key, description, raw):
    """The root of a page of a package, every layer of it made again."""
    header, trees, lines = (description[name] for name in ("header", "trees", "lines"))
    name = b"page:%d" % header["page"]
    roots = {}

    def layer(which, bodies):
        ctx = bytes.fromhex(trees[which]) + name
        roots[which] = tree(f"muniment/v1/{which}", ctx, key, bodies)[2]

    if "pixels" in trees:
        wide, deep, channels = header["width"], header["height"], header["channels"]
        if len(raw) != wide * deep * channels:
            raise No("picture")

        def pixel(x, y):
            at = (y * wide + x) * channels
            return tuple(raw[at : at + 3]) if channels == 3 else (raw[at],) * 3

        layer("pixels", pixels(wide, deep, pixel))
        layer("plain", plain(wide, deep, pixel))
    if lines:
        layer("text", text(lines))
    if description["boxes"]:
        layer("boxes", boxes(lines, description["boxes"]))
    below = [roots.get(which, b"") for which in ("pixels", "plain", "text", "boxes")]
    layer("page", [canonical(header), *below])
    if {which: root.hex() for which, root in roots.items()} != description["roots"]:
        raise No("roots")
    return roots["page"]


def batch_of(manifest, packages):
    """The batch root of a manifest and its packages (by name), everything below it made again."""
    documents = []
    for entry in manifest["files"]:
        if entry.get("state") == "withdrawn":
            documents.append(bytes.fromhex(entry["root"]))
            continue
        package = packages[entry["content"]]
        if len(package) != entry["size"] or hashlib.sha512(package).hexdigest() != entry["sha512"]:
            raise No("package")
        key, sealed = bytes.fromhex(entry["key"]), entry["file"]
        head = struct.pack(">Q", sealed["size"])
        head += bytes.fromhex(sealed["sha256"]) + bytes.fromhex(sealed["sha512"])
        named = sealed["properties"]
        more = [canonical({"name": n, "value": named[n]}) for n in sorted(named)]
        file_tree = tree(
            "muniment/v1/file", bytes.fromhex(sealed["tree"]) + b"file", key, [head, *more]
        )
        pages = [page_root(key, *page) for page in package_pages(package)]
        bodies = [file_tree[2], canonical({"tools": entry["tools"]}), *pages]
        ctx = bytes.fromhex(entry["tree"]) + b"document"
        root = tree("muniment/v1/document", ctx, key, bodies)[2]
        if len(pages) != entry["pages"] or root.hex() != entry["root"]:
            raise No("document")
        documents.append(root)
    ctx = bytes.fromhex(manifest["tree"]) + b"batch"
    return tree("muniment/v1/batch", ctx, bytes.fromhex(manifest["key"]), documents)[2]


def in_log(entry, receipt):
    """Whether an entry is in the log whose checkpoint a receipt carries (signatures are not looked at)."""
    head, _, checkpoint = receipt.partition("\n\n")
    _, index, *path = head.split("\n")
    at = int(index.removeprefix("index "))
    _, size, root = checkpoint.split("\n")[:3]
    node, last = H(b"\x00", entry), int(size) - 1
    for step in map(base64.b64decode, path):
        while at % 2 == 0 and at == last:
            at, last = at // 2, last // 2
        node = H(b"\x01", step, node) if at % 2 else H(b"\x01", node, step)
        at, last = at // 2, last // 2
    return last == 0 and base64.b64encode(node).decode() == root
