"""A second reading of docs/formats/commitment.md, written from that page alone. Slow and plain on purpose.

It shares no line with muniment.evidence and imports nothing of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct


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
