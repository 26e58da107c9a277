"""What a revocation list says about a certificate at the time of a token.

RFC 3161, section 4.1: tokens made before the revocation stay good only where the list gives one of the
reasons that leave the key itself beyond doubt. Without a reason, or where the key was compromised, whoever has the
key can have made a token of any date, so that none of them counts.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from muniment.evidence.refusals import Unproved

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, CertificateRevocationList, RevokedCertificate

# unspecified, affiliationChanged, superseded, cessationOfOperation; removeFromCRL says it was never one
_KEY_BEYOND_DOUBT = frozenset(
    ["unspecified", "affiliationChanged", "superseded", "cessationOfOperation"]
)
_NEXT = "Ask for a timestamp of the current checkpoint, from another authority if need be."


def check_not_revoked(
    certificate: Certificate,
    issuer: Certificate,
    lists: tuple[CertificateRevocationList, ...],
    time: datetime,
) -> date | None:
    """The day of the latest list that was looked at; None where there is none for this certificate.

    Raises Unproved where a list that the issuer signed takes away the certificate's word.
    """
    latest: date | None = None
    for one in lists:
        if one.issuer != issuer.subject or not _signed(one, issuer):
            continue
        day = one.last_update_utc.date()
        latest = day if latest is None else max(latest, day)
        entry = one.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None:
            _judge(entry, time)
    return latest


def _signed(one: CertificateRevocationList, issuer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        return one.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError, InvalidSignature, UnsupportedAlgorithm):
        return False


def _judge(entry: RevokedCertificate, time: datetime) -> None:
    since, reason = entry.revocation_date_utc, _reason(entry)
    day = since.date().isoformat()
    if reason == "removeFromCRL":
        return
    if time >= since:
        raise Unproved(
            f"the authority's certificate was revoked on {day}, before the token was made",
            next=_NEXT,
        )
    if reason not in _KEY_BEYOND_DOUBT:
        why = f"for {reason}" if reason else "without a reason"
        raise Unproved(
            f"the authority's certificate was revoked on {day} {why}, and then no token of it counts",
            next=_NEXT,
        )


def _reason(entry: RevokedCertificate) -> str:
    from cryptography import x509

    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except (x509.ExtensionNotFound, ValueError):
        return ""
