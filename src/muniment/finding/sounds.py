"""One word in the letters of another script: Uyghur in Arabic, Latin and Cyrillic letters, Kazakh, Russian.

A romanisation loses letters (k may be ك or ق, e may be ە or ې), so a word becomes a pattern, not a list: a
regular expression that matches whole tokens, of the small language that Python and the index both read.
Within one script the loose spellings of a name (Qadir, Kadir; Tohti, Toxti, Tokhti; қ, к) are few, and are
written out. Tokens are folded; accents are gone. The tables were compiled for muniment from the official
Uyghur orthographies (Arabic, ULY, Cyrillic) and the romanisations that newspapers use.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

MOST_SPELLINGS = 24
"""Loose spellings of one word that are sought in its own script."""

SHORTEST = 3
"""Letters a word needs to be sought in another script: shorter ones are words of too many languages."""

# From Latin: segment to (Cyrillic, Arabic). The longest segment that fits is taken.
_LATIN: dict[str, tuple[str, str]] = {
    "shch": ("щ|шч", "شچ"), "sch": ("ш|щ|сч|сх", "ش|سچ"), "tch": ("ч|тч", "چ"), "dzh": ("дж|җ", "ج"),
    "dj": ("дж|җ|ж", "ج"), "gh": ("ғ|г|гх", "غ"), "kh": ("х|қ|кх", "خ|ق"), "zh": ("ж|җ|дж|зх", "ژ|ج"),
    "ch": ("ч|х", "چ|خ"), "sh": ("ш|щ|сх", "ش"), "ng": ("ң|нг", "ڭ|نگ|نغ"), "ts": ("ц|тс", "تس|ص"),
    "tz": ("ц|тз", "تس"), "ck": ("к", "ك"), "ph": ("ф|пх", "ف|پھ"), "th": ("т|тх", "ت|ث|تھ"),
    "iya": ("ия|ья", "ىيا|ىيە|يا|ية|يە"), "iye": ("ие|ия", "ىيە|ىيا|ىيې"),
    "ya": ("я|йа|ья|ия|йә", "يا|يە|ىيا|ىيە"), "yu": ("ю|йу|ью|йү", "يۇ|يۈ|يو"),
    "yo": ("ё|йо|е|ьо|йө", "يو|يۆ"), "ye": ("е|йе|ье|йә|є", "يە|يې|ي"), "ia": ("ия|иа|я", "ىيا|يا|ىيە"),
    "ju": ("ю|жу|джу|җу|жү", "جۇ|جۈ|يۇ"), "ja": ("я|жа|джа|җа|жә", "جا|جە|يا"), "ks": ("кс", "كس"),
    "ee": ("и|ее|і", "ى|ې|ي"), "oo": ("у|оо", "ۇ|ۈ|و"), "ou": ("у|оу", "ۇ|ۈ|و"), "aa": ("а|аа", "ا|ئا"),
    "iy": ("ий|ый|и|ій", "ىي|ى|ي"), "yy": ("ий|ый|й", "ىي|ي"), "ij": ("ий|иж", "ىي|ىج"),
    "a": ("а|ә|я", "ا|ئا|ە|ئە|آ"), "b": ("б", "ب|پ"), "c": ("к|ц|с|ч", "ك|س|چ|ج"), "d": ("д", "د|ت|ض"),
    "e": ("е|э|ә|є|и", "ە|ئە|ې|ئې|ي|ى"), "f": ("ф|п", "ف|پ"), "g": ("г|ғ|ґ", "گ|غ|ج"), "h": ("х|һ|г", "ھ|ه|خ|ح"),
    "i": ("и|і|ы|й|ї|ий", "ى|ئى|ي|ې"), "j": ("ж|җ|дж|й", "ج|ژ|ي"), "k": ("к|қ", "ك|ق"), "l": ("л", "ل"),
    "m": ("м", "م"), "n": ("н|ң", "ن"), "o": ("о|ө|у", "و|ئو|ۆ|ئۆ|ۇ"), "p": ("п", "پ|ب"), "q": ("қ|к|ч", "ق|چ"),
    "r": ("р", "ر"), "s": ("с|з", "س|ص|ث"), "t": ("т", "ت|ط"), "u": ("у|ү|ұ|ю|ө", "ۇ|ئۇ|ۈ|ئۈ|و"),
    "v": ("в|у", "ۋ|و|ف"), "w": ("в|у", "ۋ|و"), "x": ("х|кс|ш", "خ|كس|ش|ح"), "y": ("й|ы|и|ий|ый", "ي|ى"),
    "z": ("з|ц|ж", "ز|ض|ظ|ذ"),
}  # fmt: skip

# From Cyrillic: segment to (Latin, Arabic).
_CYRILLIC: dict[str, tuple[str, str]] = {
    "ий": ("iy|yi|y|i|ii|ij|yy", "ىي|ى|ي"),
    "ый": ("yy|iy|y|i|yi", "ىي|ى"), "ия": ("iya|ia|ija|iia|iye", "ىيا|ىيە|يا"),
    "кс": ("ks|x", "كس"), "дж": ("j|dzh|dj|dž", "ج"), "нг": ("ng", "ڭ|نگ"), "ье": ("ye|ie|je", "يې|ىې"),
    "ьо": ("yo|io", "يو"), "ья": ("ya|ia|ja", "يا"), "ью": ("yu|iu|ju", "يۇ"),
    "а": ("a", "ا|ئا|ە"), "б": ("b", "ب"), "в": ("v|w|ff", "ۋ"), "г": ("g|gh|h", "گ|غ"), "ғ": ("gh|g", "غ"),
    "ґ": ("g", "گ"), "д": ("d", "د"), "е": ("e|ye|je|ie|yo|io|o", "ې|ئې|ە|ئە|يې"), "є": ("ye|ie|e|je", "ې|يې"),
    "ж": ("zh|j", "ژ|ج"), "җ": ("j|zh|dj", "ج"), "з": ("z|s", "ز"), "и": ("i|y|ee|e", "ى|ئى|ي"),
    "і": ("i|y", "ى|ئى"), "ї": ("yi|i|ji", "يى"), "й": ("y|i|j", "ي"), "к": ("k|c|q|ck", "ك|ق"), "қ": ("q|k|kh", "ق"),
    "л": ("l", "ل"), "м": ("m", "م"), "н": ("n", "ن"),
    "ң": ("ng|n", "ڭ|نگ"), "о": ("o", "و|ئو"), "ө": ("o|oe|u", "ۆ|ئۆ|و"),
    "п": ("p", "پ"), "р": ("r", "ر"), "с": ("s|ss|c", "س"), "т": ("t", "ت"), "у": ("u|oo|ou|w|v", "ۇ|ئۇ|ۋ"),
    "ұ": ("u", "ۇ|ئۇ"), "ү": ("u|ue|y", "ۈ|ئۈ|ۇ"), "ф": ("f|ph", "ف"), "х": ("kh|h|x|ch", "خ|ھ"), "һ": ("h", "ھ"),
    "ц": ("ts|tz|c|z", "تس|س"), "ч": ("ch|tch|c|tsch|q", "چ"),
    "ш": ("sh|sch|s|ch", "ش"), "щ": ("shch|sch|sh|shh", "ش|شچ"),
    "ъ": ("", ""), "ь": ("|y|i|j", ""), "ы": ("y|i", "ى|ي"), "э": ("e", "ې|ئې"), "ә": ("e|a|ae", "ە|ئە|ا"),
    "ю": ("yu|iu|ju|u", "يۇ|يۈ"), "я": ("ya|ia|ja|a", "يا|يە"),
}  # fmt: skip

# From Arabic letters: letter to (Latin, Cyrillic). ئ carries the vowel after it and is nothing itself.
_ARABIC: dict[str, tuple[str, str]] = {
    "ىي": ("iy|yi|y|i|ey", "ий|и|ый"), "ىيا": ("iya|ia|iye", "ия|ья"), "يا": ("ya|ia|ja", "я|йа|ия"),
    "ىيە": ("iye|iya|ia|iyeh", "ийә|ия|ие"), "يە": ("ye|ya|ie|e", "йә|е|я"), "يۇ": ("yu|iu|ju|u", "ю|йу"),
    "يۈ": ("yu|yue|u", "ю|йү"), "يو": ("yo|io", "йо|ё|е"), "نگ": ("ng", "нг|ң"), "كس": ("ks|x", "кс"),
    "ا": ("a|aa", "а"), "آ": ("a", "а"), "ە": ("e|a|ae|eh|ah", "ә|е|а|э"), "ب": ("b", "б"), "پ": ("p", "п"),
    "ت": ("t", "т"), "ث": ("s|th", "с"), "ج": ("j|zh|dj|dzh|g", "җ|ж|дж"), "چ": ("ch|q|c|tch", "ч"),
    "ح": ("h", "х|һ"), "خ": ("kh|x|h|q|ch", "х"), "د": ("d", "д"),
    "ذ": ("z|dh", "з"), "ر": ("r", "р"), "ز": ("z", "з"),
    "ژ": ("zh|j", "ж|җ"), "س": ("s", "с"), "ش": ("sh|x|s|sch", "ш"),
    "ص": ("s", "с"), "ض": ("d|z", "д|з"), "ط": ("t", "т"),
    "ظ": ("z", "з"), "ع": ("|a|i|u|e", "|а|и|у"),
    "غ": ("gh|g", "ғ|г"), "ف": ("f|p", "ф|п"), "ق": ("q|k|kh|gh", "қ|к"),
    "ك": ("k|c", "к|қ"), "گ": ("g", "г"), "ڭ": ("ng|n", "ң|нг"), "ل": ("l", "л"), "م": ("m", "м"), "ن": ("n", "н"),
    "ھ": ("h|", "һ|х|г"), "ه": ("h|a|ah|", "х|һ|а|"), "و": ("o|u|w|v|oo|ou", "о|у|в"), "ۇ": ("u|o|oo|ou", "у|ұ|ю"),
    "ۆ": ("o|oe|u", "ө|о|ё"), "ۈ": ("u|ue|o", "ү|у|ю"), "ۋ": ("w|v|u", "в|у"), "ې": ("e|i|ee", "е|э|и"),
    "ى": ("i|y|ee|e|iy", "и|і|ы|ий"), "ي": ("y|i|j|ee|e|ai", "й|и|ий|е"), "ئ": ("", ""), "ء": ("", ""),
}  # fmt: skip

# In one script: what a segment may also be written as. Only what turns no English word into another.
_LOOSE_LATIN = {
    "kh": "kh|x", "gh": "gh|g", "zh": "zh|j", "q": "q|k", "k": "k|q", "g": "g|gh", "j": "j|zh", "x": "x|kh",
}  # fmt: skip
_LOOSE_LATIN_BEFORE_CONSONANT = {"h": "h|x|kh", "x": "x|h|kh", "kh": "kh|h|x"}
_LOOSE_LATIN_LONG = {"oo": "oo|u|ou", "ee": "ee|i", "ou": "ou|u|oo"}
_LOOSE_CYRILLIC = {
    "нг": "нг|ң", "дж": "дж|җ|ж", "ғ": "ғ|г", "г": "г|ғ", "қ": "қ|к|х", "к": "к|қ", "ң": "ң|н|нг", "ө": "ө|о|у",
    "о": "о|ө", "ү": "ү|у|ю", "ұ": "ұ|у", "у": "у|ү|ұ",
    "і": "і|и|ы", "ә": "ә|а|е|э", "һ": "һ|х|г", "җ": "җ|дж|ж", "ж": "ж|җ",
}  # fmt: skip

_VOWELS = "aeiouy"
_LATIN_WORD = re.compile(r"[a-z]+")
_CYRILLIC_WORD = re.compile(r"[\u0430-\u0491\u0493-\u04ff]+")
_ARABIC_WORD = re.compile(r"[\u0621-\u06d5]+")
_UYGHUR_ONLY = re.compile("[\u06d5\u06c6\u06c7\u06c8\u06cb\u06d0\u06be\u06ad]")


def script_of(token: str) -> str:
    """latin, cyrillic or arabic; "" for a token of none, or of several."""
    for name, pattern in (
        ("latin", _LATIN_WORD),
        ("cyrillic", _CYRILLIC_WORD),
        ("arabic", _ARABIC_WORD),
    ):
        if pattern.fullmatch(token):
            return name
    return ""


@lru_cache(maxsize=4000)
def elsewhere(token: str) -> dict[str, str]:
    """Script to the pattern of a token in it; nothing for a token that is no word of one of the scripts."""
    script = script_of(token)
    if script == "latin":
        return {
            "cyrillic": _pattern(token, _LATIN, 0, soft="ь?"),
            "arabic": _in_arabic(token),
        }
    if script == "cyrillic":
        return {
            "latin": _pattern(token, _CYRILLIC, 0),
            "arabic": _pattern(token, _CYRILLIC, 1),
        }
    if script == "arabic":
        if _UYGHUR_ONLY.search(token) or len(token) < 4:
            return {"latin": _pattern(token, _ARABIC, 0), "cyrillic": _pattern(token, _ARABIC, 1)}
        return {
            "latin": _pattern(token, _ARABIC, 0, vowels="[aeiou]{0,2}"),
            "cyrillic": _pattern(token, _ARABIC, 1, vowels="[аеиоуэ]{0,1}"),
        }
    return {}


def _in_arabic(token: str) -> str:
    """Latin to Arabic letters; short vowels, which Arabic leaves out, may be missing from longer words."""
    consonants = sum(letter not in _VOWELS for letter in token)
    return _pattern(token, _LATIN, 1, silent=consonants >= 4)


def in_letters(token: str) -> str:
    """One likely spelling in Latin letters of a word in Cyrillic or Arabic letters; others as they are."""
    table = {"cyrillic": _CYRILLIC, "arabic": _ARABIC}.get(script_of(token))
    if table is None:
        return token
    pieces = _segments(token, table)
    return "".join(table.get(piece, (piece, ""))[0].split("|")[0] for piece in pieces)


def _segments(token: str, table: dict[str, tuple[str, str]] | dict[str, str]) -> list[str]:
    """A token cut into the longest segments that a table knows; letters it does not know alone."""
    found, place = [], 0
    while place < len(token):
        length = next((n for n in (4, 3, 2) if token[place : place + n] in table), 1)
        found.append(token[place : place + length])
        place += length
    return found


def _pattern(
    token: str,
    table: dict[str, tuple[str, str]],
    column: int,
    *,
    soft: str = "",
    vowels: str = "",
    silent: bool = False,
) -> str:
    """The pattern of a token.

    `soft` may follow a consonant, and `vowels` stand behind it; vowels that are `silent` may be missing.
    """
    parts: list[str] = []
    before = ""
    mute = table is _LATIN and len(token) > SHORTEST and token.endswith("ah")
    for segment in _segments(token[:-1] if mute else token, table):
        written = table.get(segment, (segment, segment))[column]
        if segment == before and len(segment) == 1:  # a letter doubled: once or twice elsewhere
            parts[-1] = f"{parts[-1]}{_group(written)}?"
            continue
        group = _group(written)
        if silent and segment[0] in _VOWELS and parts:
            group += "?"
        elif written:
            is_vowel = segment[0] in "aeiouyаәеиіоөуұүыэюяاەوۇۆۈېىيئ"
            group += "" if is_vowel else soft + (f"{group}?" if vowels else "") + vowels
        parts.append(group)
        before = segment
    if mute:  # Abdullah, Абдулла
        parts.append(_group(table["h"][column]) + "?")
    return "".join(parts)


def _group(written: str) -> str:
    """Alternatives as one group; one letter or none stays as it is."""
    options = written.split("|")
    if len(options) == 1:
        return options[0]
    wanted = sorted(filter(None, dict.fromkeys(options)), key=len, reverse=True)
    return f"(?:{'|'.join(wanted)})" + ("?" if "" in options else "")


@lru_cache(maxsize=4000)
def loosely(token: str) -> tuple[str, ...]:
    """The other spellings of a name in its own script; the likeliest first."""
    script = script_of(token)
    if len(token) < SHORTEST + (script == "latin"):
        return ()
    if script == "cyrillic":
        return _spelled(token, _LOOSE_CYRILLIC)
    if script != "latin":
        return ()
    table = dict(_LOOSE_LATIN)
    if len(token) >= 6:
        table |= _LOOSE_LATIN_LONG
    found = dict.fromkeys(_spelled(token, table))
    if len(token) >= 5 and token.endswith("a"):
        found[token + "h"] = None
    elif len(token) >= 6 and token.endswith("ah"):
        found[token[:-1]] = None
    return tuple(found)


def _spelled(token: str, table: dict[str, str]) -> tuple[str, ...]:
    options: list[list[str]] = []
    segments = _segments(token, {**table, "kh": "", "sh": "", "ch": "", "th": "", "ph": ""})
    for place, segment in enumerate(segments):
        after = segments[place + 1][0] if place + 1 < len(segments) else ""
        inside = place > 0 and after and after not in _VOWELS + "h" and segment.isascii()
        written = _LOOSE_LATIN_BEFORE_CONSONANT.get(segment) if inside else None
        options.append((written or table.get(segment) or segment).split("|"))
    while _number(options) > MOST_SPELLINGS:  # the last letters lose their alternatives first
        longest = max(range(len(options)), key=lambda n: (len(options[n]), n))
        options[longest] = options[longest][:-1]
    return tuple(
        text
        for text in dict.fromkeys("".join(letters) for letters in product(*options))
        if text != token
    )


def _number(options: list[list[str]]) -> int:
    number = 1
    for option in options:
        number *= len(option)
    return number
