"""How well names are found: precision and recall by kind, on passages exactly as they were marked by hand.

Chinese: UNER (corpora/uner-zh-gsdsimp, dev; `--train` for what rules were tuned on). English: a table of ours
(names_english.txt beside this file), whose first half rules were tuned on and whose second half is reported.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from muniment.names.finders import mentions
from muniment.names.mention import KINDS

CORPORA = Path(os.environ.get("MUNIMENT_CORPORA", Path(__file__).resolve().parents[1] / "data"))
UNER = CORPORA / "corpora" / "uner-zh-gsdsimp"
_KIND = {"PER": "person", "ORG": "organisation", "LOC": "place"}
_MARKED = re.compile(r"\[(person|organisation|place) ([^\]]+)\]")
Marked = tuple[str, set[tuple[int, int, str]]]


def uner(part: str) -> Iterator[Marked]:
    """Sentences of UNER with their names, as code points of the sentence."""
    text, found = "", set()
    for line in (UNER / f"zh_gsdsimp-ud-{part}.iob2").read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if line.startswith("# text = "):
            text, found, at, begun = line.removeprefix("# text = "), set(), 0, None
        elif len(fields) >= 3:
            start = text.index(fields[1], at)
            at, tag = start + len(fields[1]), fields[2]
            if tag.startswith("I-") and begun is not None:
                found.discard(begun)
                begun = (begun[0], at, begun[2])
            else:
                begun = (start, at, _KIND[tag[2:]]) if tag.startswith("B-") else None
            if begun is not None:
                found.add(begun)
        elif not line and text:
            yield text, found
            text = ""


def english(half: str) -> Iterator[Marked]:
    """Texts of ours, in which names stand as [kind name]."""
    content = (Path(__file__).with_name("names_english.txt")).read_text(encoding="utf-8")
    lines = [line for line in content.splitlines() if line and not line.startswith("#")]
    middle = len(lines) // 2
    for line in lines[:middle] if half == "train" else lines[middle:]:
        text, found, at = "", set(), 0
        for match in _MARKED.finditer(line):
            text += line[at : match.start()]
            found.add((len(text), len(text) + len(match.group(2)), match.group(1)))
            text += match.group(2)
            at = match.end()
        yield text + line[at:], found


def measure(name: str, marked: list[Marked], *, show: int = 0) -> None:
    """Print precision, recall and F1 by kind."""
    right, said, there = Counter(), Counter(), Counter()
    begun = time.process_time()
    answers = [{(m.start, m.end, m.kind) for m in mentions(text)} for text, _ in marked]
    spent = time.process_time() - begun
    for (text, wanted), got in zip(marked, answers, strict=True):
        for kind in KINDS:
            ours, theirs = ({m for m in some if m[2] == kind} for some in (got, wanted))
            right[kind] += len(ours & theirs)
            said[kind] += len(ours)
            there[kind] += len(theirs)
        if show > 0 and got != wanted:
            show -= 1
            for sign, some in (("+", got - wanted), ("-", wanted - got)):
                for start, end, kind in sorted(some):
                    print(
                        f"  {sign} {kind:12} {text[start:end]}   …{text[max(0, start - 8) : end + 8]}…"
                    )
    letters = sum(len(text) for text, _ in marked)
    print(
        f"{name}: {len(marked)} texts, {letters:,} characters, {letters / spent:,.0f} a second of one core"
    )
    for kind in (*KINDS, "all"):
        r, s, t = (c.total() if kind == "all" else c[kind] for c in (right, said, there))
        precision, recall = r / s if s else 0.0, r / t if t else 0.0
        f1 = 2 * r / (s + t) if s + t else 0.0
        print(
            f"  {kind:13} precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}  ({t} marked)"
        )


def main() -> int:
    """Measure what is there."""
    part = "train" if "--train" in sys.argv else "dev"
    show = 60 if "--show" in sys.argv else 0
    if UNER.is_dir():
        measure(f"Chinese, UNER {part}", list(uner(part)), show=show)
    else:
        print(
            "Chinese is not measured: MUNIMENT_CORPORA names no folder with corpora/uner-zh-gsdsimp."
        )
    measure(f"English, {part}", list(english(part)), show=show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
