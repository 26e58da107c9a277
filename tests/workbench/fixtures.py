"""Fixtures for tests of the workbench, here and in the journeys: one browser, one case full of invented papers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workbench.bench import CHROMIUM, FLAGS, Bench, muniment, workbench
from tests.workbench.papers import print_papers, write_texts


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Debian's Chromium, driven by Playwright."""
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not here; on Debian: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        held = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield held
        held.close()


@pytest.fixture(scope="session")
def leak(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of plain files."""
    folder = tmp_path_factory.mktemp("papers") / "leak"
    write_texts(folder)
    return folder


@pytest.fixture(scope="session")
def plain_bench(tmp_path_factory: pytest.TempPathFactory, leak: Path) -> Iterator[Bench]:
    """A workbench on plain files; needs no browser."""
    home = tmp_path_factory.mktemp("plain-home")
    muniment(home, "new", "harbour")
    muniment(home, "add", "harbour", leak)
    with workbench(home, "open", "harbour") as bench:
        bench.enter()
        yield bench
    muniment(home, "lock", "harbour")


@pytest.fixture(scope="session")
def printed(tmp_path_factory: pytest.TempPathFactory, browser) -> Path:
    """The same files and PDF papers in English, Chinese and Uyghur, three PDF files of several pages."""
    folder = tmp_path_factory.mktemp("printed") / "leak"
    write_texts(folder)
    print_papers(browser, folder)
    return folder


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory, printed: Path) -> Iterator[Bench]:
    """A workbench on the printed papers."""
    home = tmp_path_factory.mktemp("harbour-home")
    muniment(home, "new", "harbour")
    muniment(home, "add", "harbour", printed)
    with workbench(home, "open", "harbour") as bench:
        bench.enter()
        yield bench
    muniment(home, "lock", "harbour")


@pytest.fixture
def empty(tmp_path) -> Iterator[Bench]:
    """A workbench on a case in which nothing is yet."""
    home = tmp_path / "empty-home"
    muniment(home, "new", "harbour")
    with workbench(home, "open", "harbour") as bench:
        bench.home = home
        yield bench
    muniment(home, "lock", "harbour")
