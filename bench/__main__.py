"""`make bench`: run every measurement in this folder, or those named: `python -m bench find`.

A measurement is a file here with a `main()` that prints what it measured, as a ratio to something bare that
does the same work in the same run. Times alone say more about a machine than about muniment.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def measurements() -> list[str]:
    """The names of the measurements here."""
    return sorted(p.stem for p in Path(__file__).parent.glob("[a-z]*.py"))


def main(names: list[str]) -> int:
    """Run them one after another, each in a process of its own; the exit status is the worst."""
    unknown = sorted(set(names) - set(measurements()))
    if unknown:
        print(f"No such measurement: {', '.join(unknown)}. There are: {', '.join(measurements())}.")
        return 2
    worst = 0
    for name in names or measurements():
        print(f"\n== {name}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, "-m", f"bench.{name}"]).returncode)
    if not names and not measurements():
        print("Nothing is measured yet.")
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
