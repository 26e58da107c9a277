"""Certificates and revocation lists of a timestamp authority, as PEM files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.errors import BadUse

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, CertificateRevocationList

LARGEST = 1_000_000  # bytes; a certificate is 2 kB, and a revocation list seldom over 100 kB
_BEGIN_CERTIFICATE, _BEGIN_LIST = b"-----BEGIN CERTIFICATE-----", b"-----BEGIN X509 CRL-----"


@dataclass(frozen=True, slots=True)
class Trust:
    """What an authority's tokens are checked with. Roots are trusted; the others only lead to them."""

    roots: tuple[Certificate, ...] = ()
    chain: tuple[Certificate, ...] = ()
    lists: tuple[CertificateRevocationList, ...] = ()


def read_certificates(content: bytes) -> list[Certificate]:
    """All certificates in a file, PEM or DER. Raises BadUse where it holds none or one that is damaged."""
    from cryptography import x509

    try:
        with quietly():
            if _BEGIN_CERTIFICATE in content:
                found = x509.load_pem_x509_certificates(content)
            else:
                found = [x509.load_der_x509_certificate(content)]
            for one in found:
                _ = one.issuer, one.subject, one.extensions, one.public_key()
    except unreadable():
        raise BadUse(
            "A file of certificates cannot be read.",
            next="Take it from the authority again: PEM, or one certificate as DER.",
        ) from None
    return found


def read_lists(content: bytes) -> list[CertificateRevocationList]:
    """All revocation lists in a file, PEM or DER. Raises BadUse."""
    from cryptography import x509

    try:
        with quietly():
            if _BEGIN_LIST not in content:
                found = [x509.load_der_x509_crl(content)]
            else:
                parts = content.split(_BEGIN_LIST)[1:]
                found = [x509.load_pem_x509_crl(_BEGIN_LIST + part) for part in parts]
            for one in found:
                _ = one.issuer, one.last_update_utc, one.extensions, len(one)
    except unreadable():
        raise BadUse(
            "A revocation list cannot be read.",
            next="Take it from the authority again: the file its certificates name, PEM or DER.",
        ) from None
    return found


def is_root(certificate: Certificate) -> bool:
    """Whether a certificate vouches for itself."""
    return certificate.issuer == certificate.subject and issued(certificate, certificate)


def issued(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether `issuer`, by name and by signature, issued the certificate."""
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, _unsupported()):
        return False
    return True


def as_pem(certificates: list[Certificate] | list[CertificateRevocationList]) -> bytes:
    """One PEM file of them, as openssl reads it."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


@contextmanager
def quietly() -> Iterator[None]:
    """What the library has to say of odd certificates does not go to the terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def unreadable() -> tuple[type[Exception], ...]:
    """What the libraries raise where bytes are no certificate, list or token."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    # KeyError: a name with a kind of text that cryptography does not know
    known = (ValueError, TypeError, KeyError, UnsupportedAlgorithm)
    return (*known, x509.InvalidVersion, x509.DuplicateExtension)


def _unsupported() -> type[Exception]:
    from cryptography.exceptions import UnsupportedAlgorithm

    return UnsupportedAlgorithm
