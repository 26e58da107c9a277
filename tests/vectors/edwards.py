"""Ed25519 by its definition (RFC 8032, 5.1), slowly, to make signatures that no honest key makes."""

from __future__ import annotations

from hashlib import sha512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
_ROOT = pow(2, (P - 1) // 4, P)

Point = tuple[int, int]
IDENTITY: Point = (0, 1)


def add(one: Point, two: Point) -> Point:
    """The sum of two points."""
    (x1, y1), (x2, y2) = one, two
    twist = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + twist, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - twist, -1, P) % P
    return x, y


def times(scalar: int, point: Point) -> Point:
    """A multiple of a point."""
    result = IDENTITY
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def at(y: int, sign: int) -> Point:
    """The point with this y and sign of x."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * _ROOT % P
    assert (x * x - square) % P == 0, "no such point"
    return (P - x if x % 2 != sign and x else x), y


BASE = at(4 * pow(5, -1, P) % P, 0)


def encode(point: Point) -> bytes:
    """The one form of a point."""
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode_loosely(encoded: bytes) -> Point:
    """The point of any encoding, y over p and minus nought included."""
    number = int.from_bytes(encoded, "little")
    return at((number & ((1 << 255) - 1)) % P, number >> 255)


def challenge(first: bytes, key: bytes, text: bytes) -> int:
    """k of RFC 8032."""
    return int.from_bytes(sha512(first + key + text).digest(), "little") % L


# The points of small order and their other encodings, as the README of the official vectors lists them.
SMALL_ORDER = tuple(
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    )
)
