"""Tokens of other people's authorities: those that are good are taken, the others are not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from muniment.errors import MunimentError
from muniment.evidence.anchors.certificates import Trust, is_root, read_certificates
from muniment.evidence.anchors.ordering import sorted_certificates
from muniment.evidence.anchors.reply import read_reply
from muniment.evidence.anchors.request import read_request
from muniment.evidence.anchors.verification import verify_reply
from muniment.evidence.refusals import Unproved

# What each is about: its message, and why it is refused ("" where it is good).
TOKENS = {
    "identrust/issue-104.tsr": ("hello", ""),
    "sigstage/response-sha256.tsr": ("hello", ""),
    "sigstage/response-sha384.tsr": ("hello", ""),
    "sigstage/response-sha512.tsr": ("hello", ""),
    "sigstage/response-no-embedded-cert.tsr": ("hello", ""),  # its chain was kept, office and all
    "sigstage/response-invalid-signature.tsr": ("hello", "signature does not hold"),
    "sigstore.mock/response-expired.tsr": ("payload", ""),  # expired since; made while it was valid
    "test_tsa/response.tsr": ("hello", ""),
    "test_tsa/response-injected-certs.tsr": ("hello", "none of its signer's"),
    "test_tsa/other_response.tsr": ("hello", "do not lead to a root"),
}


@pytest.fixture(scope="module")
def tokens(corpus) -> Path:
    return corpus("rfc3161-tokens") / "test" / "fixtures"


def message(tokens: Path, name: str) -> bytes:
    return b"hello" if name == "hello" else (tokens / "sigstore.mock" / name).read_bytes()


def trust(folder: Path) -> Trust:
    chain = read_certificates((folder / "ts_chain.pem").read_bytes())
    roots = tuple(one for one in chain if is_root(one))
    return Trust(roots, tuple(one for one in chain if one not in roots))


def test_every_token_of_the_corpus_is_judged_here(tokens, counted):
    there = {str(path.relative_to(tokens)) for path in tokens.rglob("*.tsr")}
    assert set(TOKENS) <= there
    for name in there - set(
        TOKENS
    ):  # one we know nothing of: whatever it is, it is judged, not tripped over
        with pytest.raises(Unproved):
            verify_reply((tokens / name).read_bytes(), b"not what it is of", Trust())
    counted("rfc3161", len(TOKENS), len(there), outside=len(there - set(TOKENS)))


@pytest.mark.parametrize("name", TOKENS)
def test_accepted_and_rejected_by_name(tokens, name):
    about, refusal = TOKENS[name]
    content, known = (tokens / name).read_bytes(), trust((tokens / name).parent)
    if refusal:
        with pytest.raises(Unproved, match=refusal):
            verify_reply(content, message(tokens, about), known)
        return
    assert verify_reply(content, message(tokens, about), known).time.year in range(2023, 2026)
    with pytest.raises(Unproved, match="another checkpoint"):
        verify_reply(content, b"something else", known)
    with pytest.raises(Unproved):
        verify_reply(content, message(tokens, about), Trust(chain=(*known.roots, *known.chain)))


def test_without_its_certificate_at_hand(tokens):
    content = (tokens / "sigstage" / "response-no-embedded-cert.tsr").read_bytes()
    roots = trust(tokens / "sigstage").roots
    with pytest.raises(Unproved, match="neither in the token nor kept"):
        verify_reply(content, b"hello", Trust(roots))


def test_a_reply_goes_with_its_own_request_only(tokens):
    folder = tokens / "test_tsa"
    reply = read_reply((folder / "response.tsr").read_bytes())
    asked = read_request((folder / "request.der").read_bytes())
    other = read_request((folder / "other_request.der").read_bytes())
    assert reply.answers(asked) and not reply.answers(other)
    with pytest.raises(Unproved, match="another request"):
        verify_reply(reply.content, b"hello", trust(folder), other)


@pytest.mark.parametrize("name", TOKENS)
def test_what_is_sorted_already_stays(tokens, name):
    content = (tokens / name).read_bytes()
    assert sorted_certificates(content) == content
    for end in range(0, len(content), 7):
        assert sorted_certificates(content[:end]) == content[:end], "cut off: left as it is"


@pytest.mark.hostile
@pytest.mark.parametrize("name", ["test_tsa/response.tsr", "identrust/issue-104.tsr"])
def test_damaged_tokens_are_refused_in_our_words(tokens, name):
    """Cut, changed and lengthened: an error of ours, or a token that says what it said before."""
    chance = random.Random(name)
    good, known = (tokens / name).read_bytes(), trust((tokens / name).parent)
    time = verify_reply(good, b"hello", known).time
    for _ in range(400):
        bad = bytearray(good)
        at = chance.randrange(len(bad))
        match chance.randrange(3):
            case 0:
                bad[at] ^= 1 << chance.randrange(8)
            case 1:
                del bad[at : at + chance.randrange(1, 40)]
            case _:
                bad = bad[:at]
        try:
            assert verify_reply(bytes(bad), b"hello", known).time == time
        except MunimentError as error:
            assert error.message and error.next
