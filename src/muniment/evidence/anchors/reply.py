"""Replies of a timestamp authority (RFC 3161): files `.tsr`, and what they say before anything is believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.evidence.anchors.certificates import unreadable
from muniment.evidence.anchors.ordering import sorted_certificates
from muniment.evidence.anchors.request import Asked
from muniment.evidence.refusals import Malformed

if TYPE_CHECKING:
    from datetime import datetime

    from rfc3161_client import TimeStampResponse

LARGEST_REPLY = 256_000  # bytes; those of known authorities have 1 to 8 kB
GRANTED = 0
_SAID = {
    1: "the authority changed what was asked for",
    2: "the authority rejected the request",
    3: "the authority answered that the request waits",
    4: "the authority warns that its certificate is about to be revoked",
    5: "the authority answered that its certificate has been revoked",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that can be read. `refusal` is "" where a token came with it; then the rest is set."""

    content: bytes
    refusal: str
    algorithm: str = ""
    digest: bytes = b""
    nonce: int | None = None
    time: datetime | None = None

    def answers(self, asked: Asked) -> bool:
        """Whether its token is about just this request."""
        mine = (self.algorithm, self.digest, self.nonce)
        return not self.refusal and mine == (asked.algorithm, asked.digest, asked.nonce)


def read_reply(content: bytes) -> Reply:
    """Read a reply. Raises Malformed."""
    if len(content) > LARGEST_REPLY:
        raise _malformed("it is larger than a reply may be")
    try:
        response = decode(content)
        if response.status != GRANTED:
            return Reply(content, _refusal(response))
        info = response.tst_info
        imprint = info.message_imprint
        return Reply(
            content,
            "",
            imprint.hash_algorithm.dotted_string,
            bytes(imprint.message),
            info.nonce,
            info.gen_time,
        )
    except unreadable():
        raise _malformed("it is no RFC 3161 reply") from None


def decode(content: bytes) -> TimeStampResponse:
    """The reply as `rfc3161-client` reads it. Raises ValueError."""
    from rfc3161_client import decode_timestamp_response

    return decode_timestamp_response(sorted_certificates(content))


def _refusal(response: TimeStampResponse) -> str:
    said = " ".join(str(text) for text in response.status_string)[:200]
    reason = _SAID.get(response.status, f"the authority answered with status {response.status}")
    return f"{reason}: {said}" if said else reason


def _malformed(why: str) -> Malformed:
    return Malformed(
        f"This timestamp reply cannot be read: {why}.",
        next="Send the request file again and take the reply as it comes, without opening or converting it.",
    )
