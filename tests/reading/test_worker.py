"""Whatever a document does to its reader becomes a state with a reason, and the next document is read."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from muniment.reading import protocol
from muniment.reading.pages import (
    EXTRACTED,
    FAILED,
    OVER_LIMIT,
    PARTLY,
    UNSUPPORTED,
    Budget,
)
from muniment.reading.worker import NotRead, Worker

pytestmark = pytest.mark.hostile
QUICK = Budget(seconds=1.0, memory=300 << 20)


def still_reads(hostile):
    return hostile("try", "socketpair").pages[0].text == "done"


@pytest.mark.parametrize("way", ["crash", "abort", "exit"])
def test_a_reader_that_dies(hostile, way):
    reading = hostile("harm", way)
    assert (reading.state, reading.reason) == (
        PARTLY,
        "its reader stopped without an answer, after 1 pages and 0 parts",
    )
    assert [page.text for page in reading.pages] == ["what came before is kept"]
    assert still_reads(hostile)


@pytest.mark.parametrize("way", ["hang", "spin"])
def test_a_reader_that_never_ends(hostile, way):
    before = time.monotonic()
    reading = hostile("harm", way, budget=QUICK)
    assert time.monotonic() - before < 5
    assert reading.state == OVER_LIMIT
    assert reading.reason.startswith("it took longer than 1 seconds")
    assert still_reads(hostile)


def test_a_reader_that_eats_memory(hostile):
    reading = hostile("harm", "memory", budget=Budget(seconds=30, memory=300 << 20))
    assert reading.state == OVER_LIMIT
    assert "more than 300 MiB of memory" in reading.reason
    assert still_reads(hostile)


@pytest.mark.parametrize(
    ("way", "name"), [("panic", "PanicException"), ("recursion", "RecursionError")]
)
def test_what_a_parser_throws_is_named_without_its_text(hostile, way, name):
    reading = hostile("harm", way)
    assert (reading.state, reading.reason) == (FAILED, f"the hostile reader stopped: {name}")
    assert still_reads(hostile)


RAW = {
    "noise": bytes(range(256)),
    "an unknown kind": protocol.HEAD.pack(b"Z", 0, 0),
    "an over-long header": protocol.HEAD.pack(b"P", 0xFFFFFFFF, 0),
    "an over-long body": protocol.HEAD.pack(b"P", 2, 0xFFFFFFFF) + b"{}",
    "no JSON": protocol.frame(b"P", {})[:9] + b"[[",
    "deep JSON": protocol.HEAD.pack(b"P", 100_000, 0) + b"[" * 100_000,
    "a false state": protocol.frame(b"S", {"state": "fine"}),
    "a page out of order": protocol.frame(b"P", {"n": 7, "t": 0}),
    "lengths that lie": protocol.frame(b"P", {"n": 2, "t": 9, "b": None, "k": None}, b"x"),
    "pixels without bytes": protocol.frame(b"X", {"w": 1000, "h": 1000, "c": 3}),
}


@pytest.mark.parametrize("what", RAW)
def test_rubbish_on_the_pipe(hostile, what):
    reading = hostile("harm", "raw", RAW[what].hex())
    assert reading.state == PARTLY, reading
    assert reading.reason.startswith("its reader answered with")
    assert reading.pages[0].text == "what came before is kept"
    assert still_reads(hostile)


def test_a_reply_cut_short_is_waited_for_no_longer_than_allowed(hostile):
    cut = protocol.HEAD.pack(b"P", 2, 1000) + b"{}"
    reading = hostile("harm", "raw", cut.hex(), budget=QUICK)
    assert reading.state in (OVER_LIMIT, PARTLY)
    assert still_reads(hostile)


def test_a_flood_is_bounded(hostile):
    reading = hostile("harm", "flood", budget=Budget(seconds=20))
    assert reading.state == PARTLY
    assert still_reads(hostile)


def test_too_many_pages(hostile):
    reading = hostile("harm", "pages", budget=Budget(pages=50))
    assert (reading.state, reading.reason) == (OVER_LIMIT, "more than 50 pages")
    assert len(reading.pages) == 50


def test_parts_that_expand_too_far(hostile):
    reading = hostile("harm", "parts")
    assert reading.state == OVER_LIMIT
    assert reading.reason == f"its parts hold more than {16 << 20} bytes"
    assert len(reading.parts) == 16


def test_what_a_library_prints_does_not_reach_the_protocol(hostile):
    reading = hostile("harm", "print")
    assert (reading.state, reading.reason) == (EXTRACTED, "")


def test_bytes_after_the_end_do_not_become_the_next_answer(hostile):
    end = protocol.frame(
        b"S",
        {"state": "extracted", "reason": "", "type": "text/plain", "family": "plain", "title": ""},
    )
    hostile("harm", "after", end.hex())
    assert still_reads(hostile)
    assert hostile("try", "thread").family == "hostile"


def test_documents_over_the_limit_never_reach_the_sandbox(worker):
    reading = worker.read(b"x" * 100, "a.txt", Budget(document=99))
    assert (reading.state, reading.reason) == (OVER_LIMIT, "larger than 99 bytes")


def test_recycling_changes_nothing_for_the_caller():
    with Worker(recycle=3) as one:
        texts = [one.read(b"text %d" % number, "a.txt").pages[0].text for number in range(10)]
    assert texts == [f"text {number}" for number in range(10)]


def test_the_process_is_replaced(hostile_worker):
    with Worker(recycle=2) as one:
        seen = set()
        for _ in range(6):
            one.read(b"text", "a.txt")
            seen.add(one._process._confined.pid)
    assert len(seen) == 3


def test_nothing_is_left_behind():
    one = Worker()
    one.read(b"text", "a.txt")
    pid = one._process._confined.pid
    before = set(os.listdir("/proc/self/fd"))
    one.close()
    assert not Path(f"/proc/{pid}").exists()
    assert len(before - set(os.listdir("/proc/self/fd"))) == 3
    assert one.read(b"again", "a.txt").pages[0].text == "again"
    one.close()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0asm\1\0\0\0" + bytes(50), "a.wasm"),
        (bytes(5000), "zeros"),
        (b"\x7fELF" + bytes(100), "a.txt"),
    ],
)
def test_what_nothing_reads_is_unsupported(worker, data, name):
    reading = worker.read(data, name)
    assert reading.state == UNSUPPORTED
    assert reading.reason.startswith("nothing here reads ")


def test_page_images_that_cannot_be_had_say_why(worker):
    with pytest.raises(NotRead) as missing:
        worker.render(b"plain text", 1, 72)
    assert missing.value.state == UNSUPPORTED
    with pytest.raises(NotRead):
        worker.part(b"plain text", 1)


def test_hostile_names_are_only_names(worker):
    for name in ("../../etc/passwd", "a\ud800.txt", "x" * 100_000, "\0", "a\n.txt", ""):
        assert worker.read(b"some text", name).state == EXTRACTED
