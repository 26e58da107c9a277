"""Workers for the tests of reading: the real sandbox, nothing stands in for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from muniment.reading.pages import Budget, Reading
from muniment.reading.worker import Worker


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """One worker that reads what the product reads."""
    with Worker() as one:
        yield one


@pytest.fixture(scope="session")
def hostile_worker() -> Iterator[Worker]:
    """A worker that also knows the family that does harm."""
    with Worker(formats=[Path(__file__).with_name("hostile_format.py")]) as one:
        yield one


@pytest.fixture(scope="session")
def hostile(hostile_worker: Worker) -> Callable[..., Reading]:
    """`hostile("try", "socket", "AF_INET")` or `hostile("harm", "hang")`, from inside the sandbox."""

    def run(kind: str, what: str, detail: str = "", budget: Budget | None = None) -> Reading:
        data = f"HOSTILE:{kind}:{what}:{detail}".encode()
        return hostile_worker.read(data, "harmless.txt", budget)

    return run
