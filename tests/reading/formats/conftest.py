"""One sandboxed worker for the tests of all formats, and the same readers without walls for thousands of inputs."""

from __future__ import annotations

import pytest

from muniment.reading import formats, protocol
from muniment.reading.account import Account, Document
from muniment.reading.pages import Budget, Reading
from muniment.reading.worker import Worker


@pytest.fixture(scope="session")
def worker():
    with Worker() as started:
        yield started


@pytest.fixture(scope="session")
def read(worker):
    """`read(data, name)` reads bytes in the sandbox."""

    def reading(data: bytes, name: str = "a", **settings: object) -> Reading:
        return worker.read(data, name, **settings)

    return reading


@pytest.fixture(scope="session")
def directly():
    """`directly(data, media type)` runs a format here, frames and all; what it raises is raised."""
    formats.load()

    def reading(data: bytes, media_type: str, budget: Budget | None = None) -> list[protocol.Reply]:
        frames = protocol.Frames(budget or Budget())
        replies: list[protocol.Reply] = []
        account = Account(
            lambda sent: replies.extend(frames.feed(sent)), budget or Budget(), len(data)
        )
        form = formats.find(media_type)
        form.read(Document(data, "a", media_type, budget or Budget()), account)
        return replies

    return reading
