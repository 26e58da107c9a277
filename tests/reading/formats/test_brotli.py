"""Brotli: known by unpacking to its very end, and by nothing else."""

from __future__ import annotations

import random

import brotli
import pytest

LEDGER = "the barge ledger, 港务局长, page by page\n".encode() * 50


def test_what_is_packed_is_a_part(read):
    reading = read(brotli.compress(LEDGER), "ledger.txt.br")
    assert (reading.state, reading.properties["compressed"]) == ("extracted", "brotli")
    [part] = reading.parts
    assert (part.name, part.data) == ("ledger.txt", LEDGER)


@pytest.mark.parametrize(
    "data",
    [
        brotli.compress(LEDGER)[:-1],
        brotli.compress(LEDGER) + b"more",
        brotli.compress(bytes(40 << 20)),
        b"\x06" * 20,
    ],
    ids=["cut", "longer", "swollen", "empty"],
)
def test_what_does_not_unpack_to_its_end_is_none(read, data):
    reading = read(data, "x.br")
    assert (reading.state, reading.parts) == ("unsupported", [])


def test_bytes_at_random_are_none(read):
    chance = random.Random(11)
    for size in range(16, 400, 6):
        assert read(b"\xf3" + chance.randbytes(size)).parts == []
