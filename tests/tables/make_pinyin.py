"""Write src/muniment/finding/data/pinyin.tsv and pinyin_words.txt.

Run by hand when the sources change, never by the program:

    uv run --no-project --with pypinyin python tests/tables/make_pinyin.py /usr/share/dict/words

Sources: the package pypinyin (MIT), which carries the readings of Han characters and of 47,000 phrases; a
list of English words (Debian's wamerican, public domain) for those that could be read as pinyin.

pinyin.tsv: a syllable without tone (ü as v), a tab, the simplified characters read so. The first reading of
a character is kept, and others that the phrases know; nobody writes a name with the rest.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter, defaultdict
from importlib.metadata import version
from pathlib import Path

_DATA = Path(__file__).resolve().parents[2] / "src/muniment/finding/data"
_SHARE, _PHRASES = 0.02, 2

# In the list of English words, but Chinese names.
_CHINESE = [
    "baidu", "baotou", "beijing", "changchun", "changsha", "chengdu", "chongqing", "dalian",
    "fushun", "fuzhou", "guangzhou", "guiyang", "guofeng", "hangzhou", "jilin", "jinan",
    "kaifeng", "kunming", "lanzhou", "nanchang", "nanjing", "qingdao", "shanghai", "shenyang",
    "shijiazhuang", "suzhou", "taiyuan", "taiping", "tangshan", "tianjin", "tienanmen", "wuhan",
    "xiaoping", "xiongnu", "xuzhou", "yaobang", "yunnan", "zedong", "zhengzhou", "zibo",
]  # fmt: skip


def plain(syllable: str) -> str:
    """A syllable without its tone: lǜ to lv."""
    letters = unicodedata.normalize("NFD", syllable)
    joined = letters.replace("u\u0308", "v")
    return "".join(letter for letter in joined if not unicodedata.combining(letter))


def readings() -> dict[str, list[str]]:
    """The readings of each character that somebody uses."""
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict

    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for phrase, syllables in phrases_dict.items():
        if len(phrase) == len(syllables):
            for char, syllable in zip(phrase, syllables, strict=True):
                counted[char][plain(syllable[0])] += 1
    found = {}
    for code, listed in pinyin_dict.items():
        char = chr(code)
        if not 0x4E00 <= code <= 0x9FFF:
            continue
        first, *others = dict.fromkeys(map(plain, listed.split(",")))
        total = sum(counted[char].values())
        enough = max(_PHRASES, _SHARE * total)
        found[char] = [first, *(other for other in others if counted[char][other] >= enough)]
    return found


def main() -> None:
    """Write both files in a stable order."""
    variants = set()
    for line in (_DATA / "han.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            variants.update(line.split("\t")[1])
    table: dict[str, list[str]] = defaultdict(list)
    for char, syllables in readings().items():
        if char not in variants:
            for syllable in syllables:
                if syllable.isascii() and syllable.isalpha() and set(syllable) & set("aeiouv"):
                    table[syllable].append(char)
    head = [
        "# Syllables of pinyin without tones (v for ü) and the simplified Han characters read so.",
        f"# Made by tests/tables/make_pinyin.py from pypinyin {version('pypinyin')} (MIT).",
    ]
    lines = head + [f"{syllable}\t{''.join(sorted(table[syllable]))}" for syllable in sorted(table)]
    (_DATA / "pinyin.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    known = {syllable.replace("v", "u") for syllable in table} | set(table)
    listed = [word.strip() for word in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    plain_words = {word.lower() for word in listed if word.isascii() and word.isalpha()}
    words = sorted(
        word for word in plain_words - set(_CHINESE) if word not in known and split(word, known)
    )
    text = (
        "# English words that could be read as two or more syllables of pinyin: china, women, panda.\n"
        "# Made by tests/tables/make_pinyin.py from Debian's wamerican (public domain).\n"
    )
    text += "\n".join([*words]) + "\n"
    (_DATA / "pinyin_words.txt").write_text(text, encoding="utf-8", newline="\n")


def split(word: str, known: set[str]) -> bool:
    """Whether a word is a row of syllables."""
    if not word:
        return True
    return any(
        word[:n] in known and split(word[n:], known) for n in range(1, min(6, len(word)) + 1)
    )


if __name__ == "__main__":
    main()
