"""Padmé padding: a length that tells little about the size of what it holds.

Source: Nikitin, Barman, Lueks, Underwood, Hubaux, Ford, "Reducing Metadata Leakage from Encrypted Files and
Communication with PURBs", PoPETs 2019(4), section 4. A padded length has O(log log size) significant bits, so
that at most that many bits of the size are told, and is never more than 12 % longer than the size.
"""

from __future__ import annotations


def padded_size(size: int) -> int:
    """The Padmé length in bytes of `size` bytes. Raises ValueError for a negative size."""
    if size < 0:
        raise ValueError("a size is never negative")
    if size == 0:
        return 0
    exponent = size.bit_length() - 1
    zero_bits = exponent - exponent.bit_length()
    mask = (1 << zero_bits) - 1
    return (size + mask) & ~mask
