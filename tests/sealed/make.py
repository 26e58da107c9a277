"""Makes the fixture of this version: the copy of a sealed case, which must verify and open for ever.

A copy is the case again, but for COPY.json and folders that may be empty: the tests make one of the other.

    .venv/bin/python tests/sealed/make.py

writes tests/sealed/VERSION (refusing where it is there; delete it first to make it again while the version is not
released). The three papers are fictional, and the passphrase is public: it stands in expected.json.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from muniment.verbs.case import Case

HERE = Path(__file__).resolve().parent
PASSPHRASE = "correct horse battery staple of the fictional port"
PAPERS = {
    "notice.txt": "Notice of the fictional port: berth seven stays closed until the drums are counted.\n",
    "minutes.txt": "Minutes.\nPresent: the harbour master, the clerk.\nAt least one million litres.\n",
    "letter.txt": "港口的信。The letter says four hundred pages; the clerk counted 403.\n",
}


def make(target: Path) -> None:
    """Seal the papers, copy the case, and write what must be found in both."""
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as place:
        papers = Path(place) / "papers"
        papers.mkdir()
        for name, text in PAPERS.items():
            (papers / name).write_text(text, encoding="utf-8")
            os.utime(papers / name, (1_500_000_000, 1_500_000_000))
        case, recovery = Case.new(Path(place) / "case", PASSPHRASE)
        with case:
            case.add([papers])
            case.copy(target / "copy", name="copy", jurisdiction="IS")
            expected = {
                "passphrase": PASSPHRASE,
                "recovery_identity": recovery,
                "texts": {
                    one["path"]: case.show(one["document"], text=True)["text"]
                    for one in case.documents()["documents"]
                },
                "log": case.status()["log"],
            }
        case.lock()
    text = json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (target / "expected.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    place = HERE / ".".join(version("muniment").split(".")[:2])
    if place.exists():
        sys.exit(f"{place.name} is there already. What was released is never made again.")
    try:
        make(place)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
