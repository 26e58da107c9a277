"""The commitment: one salted Merkle tree at every level, and what shows a part of it.

The format is docs/formats/commitment.md (after Johnson, Molnar, Song and Wagner, "Homomorphic signature
schemes", 2002). What was sealed with it must verify for ever: nothing here changes without a new version.
Salts keep a hidden leaf hidden even from one who can guess its content; the tree of seeds lets one value
open a whole subtree.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import pack

from muniment.errors import BadUse
from muniment.evidence.refusals import Malformed, Unproved

FORMAT = "muniment/disclosure/v1"
TALLEST = 32  # the index of a leaf is a u32
TREE_ID = 16  # bytes
KEY = 32  # bytes
_AT_ONCE = 12  # the height of the subtrees that `root_alone` makes one after another

_SHOWN, _HIDDEN, _DESCEND = b"S"[0], b"H"[0], b"N"[0]
_NEXT = "Take the proof from its source again; if it fails there too, do not rely on it."


def tree_context(tree_id: bytes, name: str) -> bytes:
    """The `ctx` of a tree: 16 fresh random bytes, then a name such as `page:3`.

    Raises BadUse where the identifier is not 16 bytes, or the name is empty or over 239 bytes.
    """
    if len(tree_id) != TREE_ID:
        raise BadUse(
            f"A tree id is {TREE_ID} random bytes, not {len(tree_id)}.",
            next="Draw it fresh for each tree with secrets.token_bytes(16).",
        )
    ctx = tree_id + name.encode()
    if not name or len(ctx) > 255:
        raise BadUse("The name of a tree is 1 to 239 bytes.", next="Name it as its layer says.")
    return ctx


def height_for(leaves: int) -> int:
    """The smallest h with 2^h >= leaves."""
    if not 1 <= leaves <= 1 << TALLEST:
        raise BadUse(
            f"A commitment has 1 to 2^{TALLEST} leaves, not {leaves}.",
            next="Leave out a layer with nothing in it; split one that is too large.",
        )
    return (leaves - 1).bit_length()


class Tree:
    """The commitment to a sequence of bodies; keeps the seeds, so it is as secret as its key.

    dom      the kind of tree, `muniment/v1/` and the layer's name; 1 to 255 bytes of UTF-8
    ctx      what `tree_context` gives; with the same key it must never be used for two trees
    key      K_doc, 32 bytes
    bodies   the leaves from index 0; an empty one is an unused leaf
    """

    __slots__ = ("_nodes", "_seeds", "ctx", "dom", "height", "root")

    def __init__(self, dom: str, ctx: bytes, key: bytes, bodies: Sequence[bytes]) -> None:
        if len(key) != KEY:
            raise BadUse(
                f"The key of a tree is {KEY} bytes, not {len(key)}.",
                next="Draw it with secrets.token_bytes(32).",
            )
        self.dom = dom
        self.ctx = ctx
        self.height = height_for(len(bodies))
        label = _label(dom, ctx)
        self._seeds = _grow(hmac.digest(key, label, "sha256"), self.height)
        self._nodes = _fold(_leaves(label, 0, self._seeds[-1], bodies))
        self.root = _root(label, self.height, self._nodes[-1][0])

    @property
    def seed(self) -> bytes:
        """The seed of the whole tree: who has it can try contents for every leaf."""
        return self._seeds[0][0]

    @property
    def top(self) -> bytes:
        """The top node, before the shape is bound into the root."""
        return self._nodes[-1][0]

    def disclose(self, opened: Iterable[int]) -> Disclosure:
        """What shows the leaves with these indexes and nothing of the others.

        Raises BadUse for an index outside the tree.
        """
        wanted = set(opened)
        size = 1 << self.height
        if any(not 0 <= index < size for index in wanted):
            raise BadUse(
                f"This tree has the leaves 0 to {size - 1}.",
                next="Open only leaves that are there.",
            )
        counts = [[int(index in wanted) for index in range(size)]]
        for _ in range(self.height):
            below = counts[-1]
            counts.append([below[i] + below[i + 1] for i in range(0, len(below), 2)])
        tokens = bytearray()
        stack = [(0, 0)]  # depth from the top, index within the depth
        while stack:
            depth, index = stack.pop()
            level = self.height - depth
            count = counts[level][index]
            if count == 0:
                tokens += b"H" + self._nodes[level][index]
            elif count == 1 << level:
                tokens += b"S" + self._seeds[depth][index]
            else:
                tokens += b"N"
                stack += [(depth + 1, 2 * index + 1), (depth + 1, 2 * index)]
        return Disclosure(self.dom, self.ctx, self.height, bytes(tokens))


def root_alone(dom: str, ctx: bytes, key: bytes, bodies: Sequence[bytes]) -> bytes:
    """The root of `Tree(dom, ctx, key, bodies)`, without keeping the tree: for layers of very many leaves."""
    height = height_for(len(bodies))
    label = _label(dom, ctx)
    low = min(height, _AT_ONCE)
    tops: list[tuple[int, bytes]] = []  # finished subtrees: how high, and their top node
    waiting = [(height, hmac.digest(key, label, "sha256"))]
    first = 0
    while waiting:
        level, seed = waiting.pop()
        if level > low:
            start = b"\x02" + seed
            waiting.append((level - 1, sha256(start + b"\x01").digest()))
            waiting.append((level - 1, sha256(start + b"\x00").digest()))
            continue
        part = bodies[first : first + (1 << level)]
        node = _fold(_leaves(label, first, _grow(seed, level)[-1], part))[-1][0]
        first += 1 << level
        while tops and tops[-1][0] == level:
            node = sha256(b"\x01" + tops.pop()[1] + node).digest()
            level += 1
        tops.append((level, node))
    return _root(label, height, tops[0][1])


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A proof that some leaves of a tree are what was sealed. The bodies travel beside it, the root apart.

    tokens: in preorder, `S` and a seed (subtree shown), `H` and a hash (subtree hidden), `N` (descend).
    """

    dom: str
    ctx: bytes
    height: int
    tokens: bytes

    @property
    def name(self) -> str:
        """The name within `ctx`: `page:3`, or that of the layer. Raises Malformed where it is no text."""
        try:
            return self.ctx[TREE_ID:].decode()
        except UnicodeDecodeError:
            raise _malformed("its ctx holds no name") from None

    def opened(self) -> list[range]:
        """The indexes of the leaves it opens, ascending, as ranges. Raises Malformed."""
        return [
            range(index << (self.height - depth), (index + 1) << (self.height - depth))
            for kind, depth, index, _ in _parse(self.tokens, self.height)
            if kind == _SHOWN
        ]

    def to_json(self) -> bytes:
        """The form in which it travels: RFC 8785 JSON, docs/formats/commitment.md."""
        fields = {
            "ctx": self.ctx.hex(),
            "dom": self.dom,
            "format": FORMAT,
            "height": self.height,
            "tokens": b64encode(self.tokens).decode(),
        }
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Disclosure:
        """Read what `to_json` wrote, and nothing else: the one form, to the byte. Raises Malformed."""
        try:
            fields = json.loads(content)
        except (ValueError, RecursionError):
            raise _malformed("it is not JSON") from None
        if not isinstance(fields, dict) or fields.get("format") != FORMAT:
            raise _malformed(f"it does not say {FORMAT}")
        dom, height = fields.get("dom"), fields.get("height")
        ctx, tokens = fields.get("ctx"), fields.get("tokens")
        if not (isinstance(dom, str) and isinstance(ctx, str) and isinstance(tokens, str)):
            raise _malformed("a field is missing")
        if type(height) is not int or not 0 <= height <= TALLEST:
            raise _malformed(f"its height is not 0 to {TALLEST}")
        try:
            read = cls(dom, bytes.fromhex(ctx), height, b64decode(tokens, validate=True))
            same = read.to_json() == content
        except ValueError:
            raise _malformed("a field is not what it should be") from None
        if not same:
            raise _malformed("it is not in its one form (RFC 8785, lower-case hex, padded base64)")
        _parse(read.tokens, height)
        return read


def verify_disclosure(
    root: bytes, dom: str, disclosure: Disclosure, shown: Mapping[int, bytes]
) -> None:
    """Check that `shown` (index to body, empty for a leaf shown to be unused) is what was sealed.

    The root comes from a place that is trusted, `dom` from what the caller is about to believe; the opened
    set must be exactly the shown set and every token must be used. Raises Unproved or Malformed.
    """
    if disclosure.dom != dom:
        raise Unproved(f"This is a disclosure of another layer than {dom}.", next=_NEXT)
    label = _label(disclosure.dom, disclosure.ctx)
    tokens = _parse(disclosure.tokens, disclosure.height)
    opened = disclosure.opened()
    if sum(map(len, opened)) != len(shown) or not all(i in shown for span in opened for i in span):
        raise Unproved("What is shown is not exactly what the disclosure opens.", next=_NEXT)
    waiting: list[tuple[int, int, bytes]] = []  # nodes whose right sibling is still to come
    for kind, depth, index, value in tokens:
        if kind == _DESCEND:
            continue
        node = value
        if kind == _SHOWN:
            level = disclosure.height - depth
            first = index << level
            bodies = [shown[i] for i in range(first, first + (1 << level))]
            node = _fold(_leaves(label, first, _grow(value, level)[-1], bodies))[-1][0]
        while index & 1:
            node = sha256(b"\x01" + waiting.pop()[2] + node).digest()
            depth, index = depth - 1, index >> 1
        waiting.append((depth, index, node))
    if not hmac.compare_digest(_root(label, disclosure.height, waiting[0][2]), root):
        raise Unproved("What is shown is not what was sealed under this root.", next=_NEXT)


def _parse(tokens: bytes, height: int) -> list[tuple[int, int, int, bytes]]:
    """Tokens as (kind, depth, index within the depth, seed or hash), in preorder.

    There is one form for each opened set: two sibling leaves or subtrees are never both shown or both
    hidden under an `N`, for then their parent would be.
    """
    if not 0 <= height <= TALLEST:
        raise _malformed(f"its height is not 0 to {TALLEST}")
    parsed: list[tuple[int, int, int, bytes]] = []
    stack = [(0, 0)]
    at = 0
    while stack:
        depth, index = stack.pop()
        if at == len(tokens):
            raise _malformed("its tokens end too early")
        kind = tokens[at]
        at += 1
        value = b""
        if kind == _DESCEND and depth < height:
            stack += [(depth + 1, 2 * index + 1), (depth + 1, 2 * index)]
        elif kind in (_SHOWN, _HIDDEN):
            value = tokens[at : at + 32]
            at += 32
            if len(value) != 32:
                raise _malformed("its last token is cut off")
            if index & 1 and parsed[-1][:3] == (kind, depth, index - 1):
                raise _malformed("two siblings stand where their parent should")
        else:
            raise _malformed("it has a token that cannot stand where it does")
        parsed.append((kind, depth, index, value))
    if at != len(tokens):
        raise _malformed("it has a token left over")
    return parsed


def _malformed(why: str) -> Malformed:
    return Malformed(f"This disclosure cannot be read: {why}.", next=_NEXT)


def _label(dom: str, ctx: bytes) -> bytes:
    """lp(dom) | lp(ctx), which every leaf, the seed and the root begin with."""
    kind = dom.encode()
    if not 1 <= len(kind) <= 255 or not TREE_ID < len(ctx) <= 255:
        raise Malformed(
            "The kind of a tree is 1 to 255 bytes; its context 17 to 255.",
            next="Make the context with tree_context.",
        )
    return bytes((len(kind),)) + kind + bytes((len(ctx),)) + ctx


def _grow(seed: bytes, height: int) -> list[list[bytes]]:
    """The seeds of a subtree, from its top down to its leaves."""
    levels = [[seed]]
    for _ in range(height):
        below: list[bytes] = []
        for parent in levels[-1]:
            start = b"\x02" + parent
            below.append(sha256(start + b"\x00").digest())
            below.append(sha256(start + b"\x01").digest())
        levels.append(below)
    return levels


def _leaves(
    label: bytes, first: int, seeds: Sequence[bytes], bodies: Sequence[bytes]
) -> Iterator[bytes]:
    start = b"\x00" + label
    for index, (seed, body) in enumerate(zip(seeds, bodies, strict=False), first):
        salt = sha256(b"\x03" + seed).digest()
        yield sha256(start + pack(">I32sQ", index, salt, len(body)) + body).digest()
    for index in range(len(bodies), len(seeds)):
        salt = sha256(b"\x03" + seeds[index]).digest()
        yield sha256(start + pack(">I32sQ", first + index, salt, 0)).digest()


def _fold(leaves: Iterable[bytes]) -> list[list[bytes]]:
    """The nodes of a subtree, from its leaves up to its top."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = iter(levels[-1])
        levels.append(
            [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(below, below, strict=True)
            ]
        )
    return levels


def _root(label: bytes, height: int, top: bytes) -> bytes:
    return sha256(b"\x04" + label + bytes((height,)) + top).digest()
