"""Which Ed25519 points are taken at all, before a signature is looked at (docs/decisions/0025).

RFC 8032 asks for one encoding of a point; the libraries let other encodings of a public key through, and keys
of small order, under which one signature fits many texts.
"""

from __future__ import annotations

_FIELD = 2**255 - 19
_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
# The y of every point whose order divides 8: order 4, 1, 2, and twice 8. Either sign of x is of small order.
_SMALL_ORDER = frozenset((0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8))


def sound_point(encoded: bytes) -> bool:
    """Whether 32 bytes are in the one form of a point, and that of no small order.

    That there is such a point on the curve is left to the library that verifies.
    """
    y = int.from_bytes(encoded, "little") & ((1 << 255) - 1)
    return len(encoded) == 32 and y < _FIELD and y not in _SMALL_ORDER
