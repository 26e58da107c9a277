"""Benchmarks. They print ratios measured in one run on one machine, and are never tests."""
