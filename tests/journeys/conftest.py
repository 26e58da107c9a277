"""Journeys through the workbench share its fixtures."""

from tests.workbench.fixtures import browser, empty, harbour, leak, plain_bench, printed

__all__ = ["browser", "empty", "harbour", "leak", "plain_bench", "printed"]
