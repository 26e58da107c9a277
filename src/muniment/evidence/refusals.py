"""The two ways in which evidence is not taken: it cannot be read, or it does not prove what it says."""

from __future__ import annotations

from muniment.errors import MunimentError


class Malformed(MunimentError):
    """Bytes that do not follow their format: a note, checkpoint, tile, proof, policy or disclosure."""

    code = "malformed"


class Unproved(MunimentError):
    """A proof or signature that can be read but does not hold."""

    code = "unproved"
