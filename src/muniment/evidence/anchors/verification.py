"""Checking a token: the signature and its chain by `rfc3161-client` (OpenSSL), then what that leaves open.

It leaves open whose certificates came along (anybody can add some to a token, whose signature does not cover
them) and what the authority's revocation lists say. Certificates have to be valid when the token was made, not today.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from muniment.evidence.anchors.certificates import Trust, issued, quietly, unreadable
from muniment.evidence.anchors.reply import Reply, decode, read_reply
from muniment.evidence.anchors.request import Asked
from muniment.evidence.anchors.revocation import check_not_revoked
from muniment.evidence.refusals import Malformed, Unproved

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

_HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_MOST_CERTIFICATES = 20
_NEXT = "Ask for a new timestamp; if it fails again, ask the authority or use another one."


@dataclass(frozen=True, slots=True)
class Attested:
    """What a token proves: its message was there at `time` (UTC), says the authority.

    revocation  the day of the oldest of the latest lists that were looked at along the chain; None where a
                certificate of the chain has no list
    """

    time: datetime
    revocation: date | None


def verify_reply(
    content: bytes, message: bytes, trust: Trust, asked: Asked | None = None
) -> Attested:
    """Check that the reply holds a token over `message` from an authority that is trusted.

    With `asked` its digest algorithm and nonce must be those of the request. Raises Malformed, or Unproved whose
    message is the reason in half a sentence.
    """
    reply = read_reply(content)
    if reply.refusal:
        raise _unproved(reply.refusal)
    if asked is not None and not reply.answers(asked):
        raise _unproved("the token answers another request")
    name = _HASHES.get(reply.algorithm)
    if name is None:
        raise _unproved("the token uses a digest that is no longer trusted")
    if hashlib.new(name, message).digest() != reply.digest:
        raise _unproved("the token is about another checkpoint")
    return _verify(reply, trust)


def _verify(reply: Reply, trust: Trust) -> Attested:
    try:
        with quietly():
            return _verified(reply, trust)
    except unreadable():
        raise Malformed("the token's certificates cannot be read", next=_NEXT) from None


def _verified(reply: Reply, trust: Trust) -> Attested:
    from cryptography import x509

    assert reply.time is not None
    response = decode(reply.content)
    there = [x509.load_der_x509_certificate(der) for der in response.signed_data.certificates]
    if len(there) > _MOST_CERTIFICATES:
        raise _unproved("the token carries more certificates than any chain has")
    signer = _signer(response, [*there, *trust.chain])
    chain = _chain(signer, [*there, *trust.chain], trust.roots, reply.time)
    _check_dates(chain, reply.time)
    _check_signature(response, reply.digest, trust, None if signer in there else signer)
    if not all(_belongs(one, chain) for one in there):
        raise _unproved("the token carries a certificate that is none of its signer's")
    days = [
        check_not_revoked(one, issuer, trust.lists, reply.time) for one, issuer in pairwise(chain)
    ]
    known = [day for day in days if day is not None]
    return Attested(reply.time, min(known) if known and len(known) == len(days) else None)


def _signer(response: TimeStampResponse, known: list[Certificate]) -> Certificate:
    """The certificate the signature names, from the token or from those kept."""
    infos = list(response.signed_data.signer_infos)
    if len(infos) != 1:
        raise _unproved("the token has not exactly one signature")
    for one in known:
        if one.issuer == infos[0].issuer and one.serial_number == infos[0].serial_number:
            return one
    raise _unproved("the authority's certificate is neither in the token nor kept")


def _chain(
    signer: Certificate,
    known: list[Certificate],
    roots: tuple[Certificate, ...],
    time: datetime,
) -> list[Certificate]:
    """From the signer up to a root that is trusted: the shortest of certificates valid then, else the shortest."""
    authorities = [one for one in (*roots, *known) if _is_authority(one)]
    current = [one for one in authorities if _valid(one, time)]
    for candidates in (current, authorities):
        ways = [[signer]]
        left = [one for one in candidates if one != signer]
        while ways:
            way = ways.pop(0)
            if way[-1] in roots:
                return way
            above = [one for one in left if issued(way[-1], one)]
            left = [one for one in left if one not in above]
            ways += [[*way, one] for one in above]
    raise _unproved("its certificates do not lead to a root given for this authority")


def _valid(one: Certificate, time: datetime) -> bool:
    return one.not_valid_before_utc <= time <= one.not_valid_after_utc


def _is_authority(certificate: Certificate) -> bool:
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _check_dates(chain: list[Certificate], time: datetime) -> None:
    for one in chain:
        if time < one.not_valid_before_utc:
            raise _unproved("the token was made before the authority's certificate was valid")
        if time > one.not_valid_after_utc:
            day = one.not_valid_after_utc.date().isoformat()
            raise _unproved(
                f"the authority's certificate had expired on {day}, before the token was made"
            )


def _check_signature(
    response: TimeStampResponse, digest: bytes, trust: Trust, kept_signer: Certificate | None
) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder

    verifier = VerifierBuilder(
        roots=list(trust.roots), intermediates=list(trust.chain), tsa_certificate=kept_signer
    ).build()
    try:
        verifier.verify(response, digest)
    except VerificationError as error:
        if "EKU" in str(error) or "purpose" in str(error):
            raise _unproved("its certificate is not one for timestamps") from None
        raise _unproved("its signature does not hold") from None


def _belongs(certificate: Certificate, chain: list[Certificate]) -> bool:
    """A member of the chain, or another certificate for the name and key of one (a cross-signed root)."""
    return certificate in chain or any(
        certificate.subject == one.subject and certificate.public_key() == one.public_key()
        for one in chain[1:]
    )


def _unproved(reason: str) -> Unproved:
    return Unproved(reason, next=_NEXT)
