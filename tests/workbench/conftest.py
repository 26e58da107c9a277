"""Fixtures of the workbench."""

from tests.workbench.fixtures import browser, empty, harbour, leak, plain_bench, printed

__all__ = ["browser", "empty", "harbour", "leak", "plain_bench", "printed"]
