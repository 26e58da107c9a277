"""What an answer may have missed, in lines."""

from __future__ import annotations


def print_not_searched(counts: dict[str, int]) -> None:
    """Documents that were not searched, and those searched in part or with doubt."""
    in_part = ("partly-extracted", "doubtful")
    missing = {state: n for state, n in counts.items() if n and state not in in_part}
    lines = []
    if missing:
        counted = ", ".join(f"{count} {state}" for state, count in sorted(missing.items()))
        lines.append(f"Not searched: {counted}")
    if counts.get("partly-extracted"):
        lines.append(f"Searched in part: {counts['partly-extracted']} partly-extracted")
    if counts.get("doubtful"):
        lines.append(f"Searched with doubt: {counts['doubtful']}, where OCR was not sure")
    if lines:
        print("\n" + "\n".join(lines))
