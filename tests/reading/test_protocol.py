"""The parser of replies: what goes in comes out, however it is cut; anything else is Garbled and nothing worse."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muniment.reading import protocol
from muniment.reading.pages import STATES, Budget, Page, Part, Pixels
from muniment.reading.protocol import Frames, Garbled, Outcome, Property

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
words = st.from_regex(r"[a-z][a-z0-9 -]{0,10}", fullmatch=True)


@st.composite
def page_of(draw, number):
    said = draw(text)
    return Page(
        number=number,
        text=said,
        width=draw(st.floats(0, 1e5)),
        height=draw(st.floats(0, 1e5)),
        boxes=draw(st.none() | st.just(bytes(range(16)) * len(said))),
        source=draw(words),
        confidence=draw(st.none() | st.integers(0, 100)),
        word_confidence=draw(st.none() | st.binary(max_size=5)),
        language=draw(st.sampled_from([None, "en", "zh-Hant", "ug"])),
        needs_ocr=draw(st.booleans()),
    )


@st.composite
def answers(draw):
    """Pages, parts and properties in some order, then pixels or not, then the outcome."""
    replies = []
    pages = parts = 0
    for kind in draw(st.lists(st.sampled_from(["page", "part", "property"]), max_size=6)):
        if kind == "page":
            pages += 1
            replies.append(draw(page_of(pages)))
        elif kind == "part":
            parts += 1
            data = draw(st.binary(max_size=40))
            properties = draw(st.dictionaries(text, text, max_size=2))
            replies.append(Part(parts, draw(text), draw(text), data, properties))
        else:
            replies.append(Property(draw(text), draw(text)))
    if draw(st.booleans()):
        replies.append(Pixels(3, 2, 3, draw(st.binary(min_size=18, max_size=18))))
    state = draw(st.sampled_from(sorted(STATES)))
    reason = draw(st.sampled_from(["", "page 3 cannot be read"]))
    replies.append(Outcome(state, reason, "application/pdf", "pdf", draw(text), pages, None))
    return replies


def written(reply):
    if isinstance(reply, Page):
        return protocol.page_frame(reply)
    if isinstance(reply, Part):
        return protocol.part_frame(reply)
    if isinstance(reply, Property):
        return protocol.property_frame(reply.name, reply.value)
    if isinstance(reply, Pixels):
        return protocol.pixels_head(reply) + reply.raw
    return protocol.outcome_frame(reply)


def fed(data, cuts=()):
    frames = Frames(Budget())
    replies = []
    places = [0, *sorted(place % (len(data) + 1) for place in cuts), len(data)]
    for start, end in itertools.pairwise(places):
        replies += frames.feed(data[start:end])
    return replies, frames


@given(answers(), st.lists(st.integers(0, 10_000), max_size=8))
def test_what_is_written_is_read_however_it_is_cut(replies, cuts):
    data = b"".join(map(written, replies))
    found, frames = fed(data, cuts)
    assert found == replies
    assert frames.empty


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=3))
@example(protocol.HEAD.pack(b"P", 4, 0) + b"1e99", [])
@example(protocol.HEAD.pack(b"P", 20_000, 0) + b"[" * 20_000, [])
@example(protocol.HEAD.pack(b"S", 14, 0) + b'{"state":[[]]}', [])
def test_noise_is_garbled_and_nothing_worse(data, cuts):
    with contextlib.suppress(Garbled):
        fed(data, cuts)


HEADERS = st.dictionaries(
    st.sampled_from([*"ntbwhsclko", "path", "name", "properties", "state", "reason", "type", "family", "title"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("extracted"),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=4,
    ),
)  # fmt: skip


@settings(max_examples=300)
@given(st.sampled_from([b"P", b"A", b"I", b"X", b"S"]), HEADERS, st.binary(max_size=40))
def test_headers_of_any_kind_of_value(kind, header, body):
    with contextlib.suppress(Garbled):
        fed(protocol.frame(kind, header, body) if kind != b"S" else protocol.frame(kind, header))


@settings(max_examples=300)
@given(answers(), st.data())
def test_one_changed_byte_is_another_answer_or_garbled(replies, data):
    raw = bytearray(b"".join(map(written, replies)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(Garbled):
        for reply in fed(bytes(raw))[0]:
            if isinstance(reply, Page):
                assert reply.boxes is None or len(reply.boxes) == 16 * len(reply.text)


def over(budget, *frames):
    with pytest.raises(Garbled):
        for data in frames:
            list(budget.feed(data))


def test_lengths_are_bounded_before_the_bytes_come():
    over(Frames(Budget()), protocol.HEAD.pack(b"P", 1 << 30, 0))
    over(Frames(Budget(text=100)), protocol.HEAD.pack(b"P", 2, 1 << 24))
    over(Frames(Budget(pixels=100)), protocol.HEAD.pack(b"X", 2, 301))
    over(Frames(Budget(part_bytes=100)), protocol.HEAD.pack(b"A", 2, 101))
    over(Frames(Budget()), protocol.HEAD.pack(b"S", 2, 1))


def test_counts_and_sums_are_bounded():
    page = [protocol.page_frame(Page(number, "text")) for number in (1, 2, 3)]
    over(Frames(Budget(pages=2)), *page)
    over(Frames(Budget(text=10)), *page)
    parts = [protocol.part_frame(Part(number, "a", "a", b"12345")) for number in (1, 2)]
    over(Frames(Budget(parts=1)), *parts)
    over(Frames(Budget(part_bytes=9)), *parts)
    over(Frames(Budget(properties=1)), *[protocol.property_frame("a", "b")] * 2)


def test_nothing_may_follow_the_outcome():
    end = protocol.outcome_frame(Outcome("extracted", "", "text/plain", "plain", "", None, None))
    over(Frames(Budget()), end, protocol.property_frame("a", "b"))
    over(Frames(Budget()), end, end)


def test_a_reason_cannot_steer_a_terminal():
    end = Outcome("failed", "a\x1b[2J\nb\u202e", "text/plain", "plain", "", None, None)
    (reply,) = Frames(Budget()).feed(protocol.outcome_frame(end))
    assert reply.reason == "a\ufffd[2J\ufffdb\ufffd"
