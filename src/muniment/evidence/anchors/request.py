"""Requests for a timestamp (RFC 3161): files `.tsq`."""

from __future__ import annotations

from dataclasses import dataclass

from muniment.errors import Damaged

HASHES = ("sha512", "sha256")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for: the digest of the message (its algorithm as an OID) and the nonce."""

    algorithm: str
    digest: bytes
    nonce: int | None


def make_request(message: bytes, hash_name: str = HASHES[0]) -> bytes:
    """A request over these bytes, with a random nonce, that asks for the authority's certificate too."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    algorithm = {"sha256": HashAlgorithm.SHA256, "sha512": HashAlgorithm.SHA512}[hash_name]
    builder = TimestampRequestBuilder().data(message).hash_algorithm(algorithm)
    return bytes(builder.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes())


def read_request(content: bytes) -> Asked:
    """What a request of ours asks for. Raises Damaged."""
    from rfc3161_client._rust import parse_timestamp_request

    try:
        request = parse_timestamp_request(content)
        imprint = request.message_imprint
        return Asked(imprint.hash_algorithm.dotted_string, bytes(imprint.message), request.nonce)
    except ValueError:
        raise Damaged(
            "A timestamp request of the case is damaged.",
            next="Restore anchors/ from another copy of the case, or make a new request.",
        ) from None
