"""Who speaks: the words before or behind a cue that name somebody, and the name they stand for.

A speaker is kept as written; `resolved` gives the name it stands for: "Geng" the Geng last named in full, "he" the
last person, "the newspaper" the last outlet, "the ICIJ" the name it was short for. What is concluded is marked
inferred.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

PRONOUNS = frozenset({"he", "she", "they", "it", "who", "i", "we"})
_NAME = r"(?:[A-Z\u00c0-\u024f][\w\u00c0-\u024f’'-]*|de|van|von|bin|al-\w+|bint|ibn|Mc\w+)"
_TIME = (
    r"(?:(?:(?:late|early) )?(?:on|in|by|since|last|this|next|earlier|later|late)\s+(?:the\s+)?(?:same\s+)?"
    r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August"
    r"|September|October|November|December|week|month|year|day|morning|evening|spring|summer|autumn"
    r"|winter|\d{4}|\d{1,2} \w+)"
    r"(?:\s+\d{1,4})?(?:\s+(?:morning|evening|night))?|yesterday|today|(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday))"
)
_ADVERB = (
    r"(?:\w+ly|also|then|now|later|again|once|here|still|ever|never|not|only|just|even|often|always|already|further"
    r"|earlier|meanwhile|instead|in turn|himself|herself|themselves|itself|both|all|each|too|soon|long"
    r"|has|had|have|was|were|is|are|been|being"
    r"|would|will|could|can|may|might|did|does|do|to|at the time|at least|in part|for years|in public"
    r"|in private|in response)"
)
_SKIP = re.compile(rf"(?:(?:\s+|(?<=,)|^)(?:{_TIME}|{_ADVERB})(?:,)?)+\s*$")
_BOUNDARY = re.compile(
    r"[;:,()–—\[\]“”\"«»\n]|(?<=\s)(?:and|but|while|as|that|because|when|after|before|where|although|though|if|since|until|whether|than|so|yet"
    r"|or|which|who|whom|whose|what)\s"
)
_LEADING = re.compile(
    r"^(?:(?:and|but|so|yet|however|meanwhile|also|then|still|later|now|here|there|thus|indeed|instead|moreover|furthermore|separately"
    r"|after|before|when|while|as|because|although|if|since|that|in a statement|in an interview"
    r"|in response|at the same time|for (?:its|his|her|their) part"
    r"|in (?:recent|other) \w+|on the other hand|last \w+|earlier \w+ \w+|"
    + _TIME
    + r")\b[,\s]*)+",
    re.I,
)
_APPOSITIVE = re.compile(
    r"(?P<np>[^,;:.()“”\"–—\n]{2,90}),\s+(?P<what>(?:an?|the|who|whose|which|its|his|her|their|one|himself|herself|now|then|formerly|former|who['’]s|[a-z][\w-]*(?:\s|$)"
    r"|\d{2},?|[A-Z][\w’'-]+\s[A-Z])[^;:“”\"\n]{0,200}?),\s*$"
)
_VERB_INSIDE = re.compile(
    r"\s(?:is|are|was|were|has|have|had|includ\w+|show\w*|be|been|did|does|do|will|would|can|could|ordered|told|continued|began|followed|knocked)\s"
)
_ROLE = re.compile(
    r"(?:^|\s)(?:spokes(?:man|woman|person)|chief|president|secretary(?: of state)?|minister|director"
    r"|professor|leader|official|chairman|chairwoman|analyst"
    r"|researcher|editor|lawyer|author|activist|scholar|expert|reporter|correspondent|head|deputy|governor|mayor|senator|ambassador|general|judge|officer"
    r"|founder|linguist|historian|economist|clerk|manager|guard|captain|doctor|teacher|engineer|inspector|commissioner|boss|representative|State|Dr\.?|Prof\.?|Mr\.?|Mrs\.?|Ms\.?|President|Secretary|Minister|Chairman|Professor|Sen\.?"
    r"|Rep\.?|Gen\.?|Col\.?|Sir|Lord|Governor|Senator|Judge|Chancellor|Premier|Ambassador|Spokes(?:man|woman|person))\s+(?P<name>"
    + _NAME
    + r"(?:\s+"
    + _NAME
    + r"){0,4})$"
)
_PERSON = re.compile(r"[A-Z\u00c0-\u024f][\w\u00c0-\u024f’'-]+(?:\s+" + _NAME + r"){1,3}")
_ACRONYM = re.compile(
    r"(?P<name>(?:"
    + _NAME
    + r"|of|the|for|and|on|in)(?:\s+(?:"
    + _NAME
    + r"|of|the|for|and|on|in)){1,9})\s+\((?P<short>[A-Z][A-Za-z]{1,7})\)"
)
_OUTLET = re.compile(
    r"\b(?:(?:The\s+)?[A-Z]\w+(?:\s+[A-Z]\w+)*\s+(?:Times|Post|Journal|News|Herald|Tribune|Guardian|Telegraph|Mirror|Gazette|Wire|Review|Press|Insider"
    r"|Weekly|Daily|Chronicle|Observer|Mail|Standard|Star|Sun|Globe|Courier|Register|Ledger|Examiner)"
    r"|AFP|AP|Reuters|Xinhua|dpa|BBC|CNN|NPR|NBC|CBS|ABC|RFA|DPA|Agence France-Presse|The Guardian"
    r"|The Times|The Economist|Le Monde|Der Spiegel|Global Times"
    r"|de Volkskrant|Bloomberg|Al Jazeera|Radio Free \w+|Deutsche Welle|People[’']s Daily)\b"
)
_THINGS = re.compile(
    r"(?:^|\s)(?:leaks?|documents?|papers|files|cables|records|images|photos?|pictures|videos?|footage|letters|directives|bulletins|speeches"
    r"|tears|move|moves|decision|rules?|laws?|problem|question|reason|result|visit|trip|campaign|crackdown)(?:\s+(?:published|made|released|leaked|obtained|seen|by|from)\b.*)?$",
    re.I,
)
_UNENDED = re.compile(r"\b(?:of|the|a|an|to|for|in|on|by|with|final|from|and|or|little|no)$", re.I)
"""What shows or reveals something and says nothing."""
_OUTLET_NOUN = re.compile(
    r"^(?:the\s+)?(?:newspaper|paper|broadcaster|agency|news agency|magazine|outlet|daily|site|website"
    r"|wire service|network|Times|Post|Journal)$",
    re.I,
)
_OFFICE = re.compile(
    r"\b(?:ministry|embassy|government|commission|council|department|committee|office|agency|party|court|bureau|authority|consortium|group|institute|police"
    r"|company|organi[sz]ation|union|administration|parliament|consulate|university|centre|center|association|fund|bank|army|state)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """[start, end) of the words as written, the name they stand for, and whether that was concluded."""

    start: int
    end: int
    written: str
    name: str
    inferred: bool = False
    outlet: bool = False


@dataclass(slots=True)
class Named:
    """Who was named so far in a text, in order, so that short forms can be resolved."""

    people: dict[str, str] = field(default_factory=dict)
    """The last full name by its first and by its last word."""
    outlets: list[str] = field(default_factory=list)
    short: dict[str, str] = field(default_factory=dict)
    last: str = ""
    last_is_one: bool = False
    last_person: str = ""
    last_office: str = ""

    def read(self, text: str) -> None:
        """Take note of names in a stretch of text that was passed."""
        for match in _ACRONYM.finditer(text):
            name = re.sub(r"^(?:(?:the|of|and|in|on|for|by|The)\s+)+", "", match["name"])
            capitals = "".join(word[0] for word in name.split() if word[0].isupper())
            if capitals.casefold() == match["short"].casefold():
                self.short[match["short"]] = name
        for match in _OUTLET.finditer(text):
            name = re.sub(r"^[Tt]he\s+(?!Guardian$|Times$|Economist$)", "", match[0])
            if name != "The Times":
                self.outlets.append(name)
        for match in _PERSON.finditer(text):
            name = _plain(match[0])
            if " " in name:
                self.people[name.split()[0]] = self.people[name.split()[-1]] = name

    def resolve(self, written: str) -> tuple[str, bool]:
        """The name that words stand for, and whether it was concluded."""
        bare = written.strip(" ,")
        low = bare.casefold()
        if low in ("they", "we", "i"):
            return (self.last or bare, bool(self.last))
        if low in ("he", "she", "who"):
            # An office that spoke last speaks on through whoever speaks for it.
            found = self.last if self.last_is_one else self.last_person
            return (found or bare, bool(found))
        if low == "it":
            found = self.last_office or self.last
            return (found or bare, bool(found))
        if _OUTLET_NOUN.match(bare):
            tail = bare.split()[-1]
            same = [name for name in self.outlets if tail[0].isupper() and name.endswith(tail)]
            found = (
                same[-1]
                if same
                else (self.outlets[-1] if self.outlets and not tail[0].isupper() else "")
            )
            return (found or bare, bool(found))
        without = re.sub(r"^(?:the|a|an)\s+", "", bare, flags=re.I)
        if without in self.short:
            return self.short[without], True
        name = _plain(bare)
        if " " not in name and name in self.people:
            return self.people[name], True
        return name, False

    def spoke(self, name: str, *, person: bool, office: bool) -> None:
        """Remember who spoke last."""
        self.last = name
        self.last_is_one = person or (office and not is_outlet(name))
        if person:
            self.last_person = name
        if office:
            self.last_office = name


def _plain(written: str) -> str:
    """A name without article and role before it: "foreign ministry spokesman Geng Shuang" is Geng Shuang."""
    name = re.sub(r"\s+", " ", written.strip(" ,.\n"))
    name = re.sub(r"(?:['’]s)$", "", name)
    role = _ROLE.search(name)
    if role:
        return role["name"]
    # "one local official, Wang Yongzhi": what stands behind the last comma, where it is a name
    tail = name.rsplit(", ", 1)[-1]
    if tail != name and _PERSON.fullmatch(tail):
        return tail
    # "facilities Beijing calls …": a relative clause without its pronoun
    name = re.sub(r"^[a-z]+s\s+(?=[A-Z][\w’'-]+$)", "", name)
    name = re.sub(r"(?<=[a-z])\s+(?:newspaper|magazine|news agency|broadcaster)$", "", name)
    return re.sub(r"^(?:the|The)\s+(?=[A-Z])(?!Guardian$|Times$|Economist$|Hague)", "", name)


def before_cue(text: str, start: int, cue: int) -> tuple[int, int] | None:
    """[start, end) of the words before a cue that can speak; None where nothing there can.

    `start` is where the sentence begins.
    """
    head = text[start:cue]
    head = head[: len(head) - len(_skipped(head))]
    stripped = head.rstrip()
    if stripped.endswith(","):
        apposed = _APPOSITIVE.search(
            stripped[:-1] + ", " if not stripped.endswith(", ") else stripped
        )
        apposed = _APPOSITIVE.search(stripped + " ")
        if apposed:
            if _PERSON.fullmatch(apposed["what"]):
                return start + apposed.start("what"), start + apposed.end("what")
            begin, end = trimmed(stripped, apposed.start("np"), apposed.end("np"))
            return (start + begin, start + end) if end > begin else None
        stripped = stripped[:-1]
        return None
    relative = re.search(r"\s(?:who|which|that)\s+[^,;:()“”\"]{3,90}$", stripped)
    if relative and re.match(
        r"\s(?:who|which|that)\s+(?:\w+ly\s+)?(?:had|has|have|was|were|is|are|asked|\w+ed|spoke|knew|saw|left|said|works?|lives?|did)\b",
        relative[0],
    ):
        found = antecedent(stripped[: relative.start()] + relative[0][:4], start)
        if found and can_speak(text[slice(*found)]):
            return found
    last = _boundary(stripped)
    begin, end = trimmed(stripped, last, len(stripped))
    if stripped[begin:end].casefold() in ("", "who", "which", "that"):
        return antecedent(stripped, start)
    relative = re.search(r"(?:^|\s)(?:who|which)\s+$", stripped[:begin] + " ")
    if relative and not stripped[begin:end].strip():
        return antecedent(stripped, start)
    return (start + begin, start + end) if end > begin else None


def _boundary(head: str) -> int:
    """Where the words that can speak begin: behind the last mark or conjunction, but "A and B say" has two."""
    places = [(match.start(), match.end(), match[0].strip()) for match in _BOUNDARY.finditer(head)]
    if not places:
        return 0
    start, end, what = places[-1]
    if what != "and":
        return end
    begin = places[-2][1] if len(places) > 1 else 0
    first = head[begin:start]
    joined = 0 < len(first.split()) <= 6 and not _VERB_INSIDE.search(f" {first} ")
    if (
        joined
        and (begin == 0 or head[begin - 1] in ",;")
        and not re.search(r"\b[a-z]\w*(?:ed|ing)\b", first)
    ):
        return begin
    return end


def _skipped(head: str) -> str:
    found = _SKIP.search(head)
    return found[0] if found else (head[len(head.rstrip()) :])


def antecedent(stripped: str, start: int) -> tuple[int, int] | None:
    """The words before "who": "a clerk who …"."""
    place = max(stripped.rfind(" who"), stripped.rfind(" which"))
    if place < 0:
        return None
    head = stripped[:place].rstrip(" ,")
    last = 0
    for match in re.finditer(
        r"[,;:()–—“”\"\n]|(?<=\s)(?:and|but|that|by|as|while|from|to|whom)\s", head
    ):
        last = match.end()
    begin, end = trimmed(head, last, len(head))
    return (start + begin, start + end) if end > begin else None


def trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """Without leading connectives and white space."""
    piece = text[begin:end]
    leading = _LEADING.match(piece.lstrip())
    skip = len(piece) - len(piece.lstrip()) + (leading.end() if leading else 0)
    begin += skip
    piece = text[begin:end]
    end = begin + len(piece.rstrip(" ,"))
    return begin, end


def can_speak(written: str) -> bool:
    """Whether words can name somebody: a pronoun, a name, a noun with its article, people in plural; no clause."""
    bare = written.strip()
    if not bare or len(bare) > 140 or _VERB_INSIDE.search(f" {bare} "):
        return False
    if bare.casefold() in ("the", "a", "an") or re.fullmatch(
        r"(?:its|his|her|their|the)(?: own)?", bare, re.I
    ):
        return False
    if bare.casefold() in PRONOUNS:
        return bare.casefold() not in ("i", "we", "who")
    if _THINGS.search(bare) or _UNENDED.search(bare):
        return False
    if re.search(r"\d{3}", bare) and not bare[0].isalpha():
        return False
    return bool(
        re.search(r"[A-Z\u00c0-\u024f]", bare)
        or re.match(
            r"(?:an?|the|one|two|three|four|five|six|seven|eight|nine|ten|dozens|scores|several|some|many|most|other|another|its|his|her|their|local|senior|former|rights|human|officials|experts|activists)\b",
            bare,
        )
        or bare.endswith("s")
    )


def is_outlet(name: str) -> bool:
    """Whether a name is a news organisation's, as far as the name tells."""
    return bool(
        _OUTLET.fullmatch(name) or _OUTLET.fullmatch("The " + name) or _OUTLET_NOUN.match(name)
    )


def is_person(name: str) -> bool:
    """Whether a name looks like a person's and not like an office's or a country's."""
    return bool(_PERSON.fullmatch(name)) and not _OFFICE.search(name) and not is_outlet(name)


def is_office(name: str) -> bool:
    """Whether a name is an office's or an organisation's."""
    return bool(_OFFICE.search(name)) or is_outlet(name) or name.isupper()
