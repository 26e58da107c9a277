"""Names in Chinese: words with their classes from a word list (rjieba), and rules for what no list holds.

Characters are compared simplified. A line end inside a line of text is nothing; between short lines, such as those
of a list, it stays. Names of Uyghur and other people are written with a dot between (伊力哈木·土赫提).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from muniment.finding import pinyin
from muniment.finding.folding import fold, is_han
from muniment.names.gazetteer import han_places, section
from muniment.names.mention import ORGANISATION, PERSON, PLACE, Mention

_HAN_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]{2}")
_DOTS = "·•・‧∙⋅･﹒"
_DOTTED = re.compile(f"[\u3400-\u9fff]{{1,7}}(?:[{_DOTS}][\u3400-\u9fff]{{1,8}}){{1,4}}")
_SHORT_LINE = 10
_LONGEST_ROW = 12
"""Words of the longest row that is looked at as one."""
_SOUNDS = frozenset(
    "阿埃艾爱安奥巴白拜班邦包保贝本比彼毕别宾波伯博布查蔡茨达大戴丹当道德邓迪底蒂第丁东杜多俄恩尔法范方菲费芬丰弗夫福富"
    "盖甘冈高戈哥格葛根贡古瓜圭哈海汉豪赫黑亨洪侯胡华怀霍基吉加贾简姜杰金久卡凯坎康考科克肯孔库夸奎拉莱兰朗劳勒雷黎李里利丽"
    "莉莲林琳龙隆卢鲁路伦罗洛吕马玛麦曼芒毛梅门蒙米密缅明摩莫默姆木穆慕娜纳南内尼妮年宁牛纽努诺欧帕派潘庞佩彭皮匹平珀普奇"
    "齐契恰钱乔切琴丘热仁日荣茹瑞若萨塞赛桑森沙莎山尚绍舍申圣施什石史士舒斯丝松苏孙索塔泰坦汤唐陶特滕提廷通图土吐托陀瓦万"
    "旺威韦维魏温文翁沃乌吾武西希锡夏先香肖谢辛欣修许雅亚扬耶叶伊依怡因英永尤于约泽扎詹珍芝直治朱祖佐兹孜力买提江热依甫肉孜"
)
_SURNAMES, _DOUBLE = pinyin.surnames()
_NOT_GIVEN = frozenset(
    "的了是在不有和与及为等到说也就都对于向从被把将后前中上下里内外时年月日个们这那其某他她它你我又则或"
)
_NOT_LAST = frozenset(
    "市县省州区镇村乡国军党队城河江山湖海岛路街站线院会社店家人式族语文派制型级性化学"
)
_AFTER_PLACE = frozenset("市县省州区镇村郡邦岛湾河江山湖海城堡港路街站线国府群半峡大学洲运")
_WEAK = frozenset(
    "明高安成平和于文白金温古时常易容海乐农帕蒙元方公万全双东广满经应解连通向强能都干项原税热买艾麦尼玉卡乃依再朴区宣单包左石"
    "车班仰秋仲宫水计伏支管虞花方空都尚别师相查后荆红游年商有开关段包祖德福宝"
)
_STRONG = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何罗郑梁谢宋唐许韩冯邓曹彭曾萧肖蔡潘袁董余叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范廖邹熊陶侯邵孟龙薛雷贺顾毛郝邱秦武戴莫孔汤尹黎赖"
)
_LEFT = ("n", "j", "b", "a", "vn", "s", "f", "eng", "x", "l", "i", "g", "m")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the simplified text, code points [start, end) in it, and its class in the word list."""

    text: str
    start: int
    end: int
    kind: str


def find(raw: str) -> Iterable[Mention]:
    """The names in the Chinese of a page."""
    if _HAN_RUN.search(raw) is None:
        return
    text, places = _flat(raw)
    words = _words(text)
    for mention in (
        *_dotted(text, words),
        *_organisations(words),
        *_persons(words),
        *_places(words),
    ):
        yield Mention(
            places[mention.start], places[mention.end - 1] + 1, mention.kind, mention.rule
        )


def _flat(raw: str) -> tuple[str, list[int]]:
    """The text in simplified characters without the line ends inside it, and the place of each in the raw text."""
    longest = max(map(len, raw.splitlines()), default=0)
    chars: list[str] = []
    places: list[int] = []
    at = 0
    for line in raw.splitlines(keepends=True):
        body = line.rstrip()
        begin = len(body) - len(body.lstrip())
        joins = bool(chars) and is_han(chars[-1]) and is_han(body[begin : begin + 1] or " ")
        for place in range(begin if joins else 0, len(body)):
            chars.append(_simplified(body[place]))
            places.append(at + place)
        full = len(body) >= max(_SHORT_LINE, 0.7 * longest) and is_han(body[-1:] or " ")
        if not full:
            chars += line[len(body) :]
            places += range(at + len(body), at + len(line))
        at += len(line)
    return "".join(chars), places


@lru_cache(maxsize=30_000)
def _simplified(char: str) -> str:
    if "\ud800" <= char <= "\udfff":  # half a character, which the word list cannot be asked about
        return " "
    plain = fold(char).strip() if is_han(char) else char
    return plain if len(plain) == 1 else char


def _words(text: str) -> list[Word]:
    import rjieba

    found: list[Word] = []
    at = 0
    for word, kind in rjieba.tag(text):
        start = text.find(word, at)
        if start < 0:  # never a word at a place where it does not stand
            continue
        at = start + len(word)
        found.append(Word(word, start, at, kind))
    return found


def _dotted(text: str, words: list[Word]) -> Iterator[Mention]:
    """X·Y: the words beside the dots, and those beyond them that spell sounds."""
    begins = {word.start: at for at, word in enumerate(words)}
    for match in _DOTTED.finditer(text):
        dots = [place for place in range(match.start(), match.end()) if text[place] in _DOTS]
        at, last = begins.get(dots[0]), begins.get(dots[-1])
        if at is None or last is None or not at or last + 1 >= len(words):
            continue
        first, end = at - 1, last + 2
        while first and words[first - 1].start >= match.start() and _goes_on(words[first - 1]):
            first -= 1
        while end < len(words) and words[end].end <= match.end() and _goes_on(words[end]):
            end += 1
        if all(is_han(char) or char in _DOTS for word in words[first:end] for char in word.text):
            stop = words[end - 1].end + _leaning(words, end)
            yield Mention(words[first].start, stop, PERSON, "name with a dot")


def _leaning(words: list[Word], at: int) -> int:
    """How many characters of a word that no list holds belong to the name before it."""
    if at >= len(words) or words[at].start != words[at - 1].end or _is_everyday(words[at].text):
        return 0
    text = words[at].text
    return next((n for n, char in enumerate(text) if char not in _SOUNDS), len(text))


def _goes_on(word: Word) -> bool:
    """Whether a word beside part of a name spells sounds too, and is not a small word of the language."""
    return _spells(word) and word.kind[:1] not in "pcudmqr"


def _persons(words: list[Word]) -> Iterator[Mention]:
    at = 0
    while at < len(words):
        word = words[at]
        taken = _sounded(words, at) or _surname_and_given(words, at) or _longer(words, at)
        if taken is not None:
            mention, at = taken
            if mention.kind:
                yield mention
            continue
        if word.kind == "nrfg" or (word.kind == "nr" and _is_person(words, at)):
            yield Mention(word.start, word.end, PERSON, "word list")
        at += 1


def _is_person(words: list[Word], at: int) -> bool:
    """Whether what the word list holds for a person's name has the form of one: surname, one or two characters."""
    text = words[at].text
    if text in section("chinese never") or text in han_places() or text[-1] in _NOT_LAST:
        return False
    if text[:2] in _DOUBLE and len(text) in (3, 4):
        return True
    if text[0] not in _SURNAMES or len(text) not in (2, 3) or any(c in _NOT_GIVEN for c in text):
        return False
    return (
        (len(text) == 3 and text[0] not in _WEAK)
        or _is_introduced(words, at, at + 1)
        or (len(text) == 2 and text[0] in _STRONG and not _is_everyday(text))
    )


def _longer(words: list[Word], at: int) -> tuple[Mention, int] | None:
    """A surname and a character that the list makes a name of, and the character behind that it leaves alone."""
    word = words[at]
    if word.kind != "nr" or len(word.text) != 2 or word.text[0] not in _SURNAMES - _WEAK:
        return None
    if at + 1 >= len(words) or _is_everyday(word.text) or words[at + 1].start != word.end:
        return None
    last = words[at + 1]
    fits = len(last.text) == 1 and is_han(last.text) and last.text not in _NOT_GIVEN | _NOT_LAST
    if not fits or last.kind[:1] in "pcudmqrvf" or last.text in section("chinese titles"):
        return None
    after = words[at + 2] if at + 2 < len(words) else None
    closed = after is None or after.kind[:1] in "xpcvdu" or after.start > last.end
    if not (closed or _is_introduced(words, at, at + 2)):
        return None
    return Mention(word.start, last.end, PERSON, "surname and what stands beside it"), at + 2


def _is_everyday(text: str) -> bool:
    """Whether the word list holds a word: names that it makes up itself are not in it."""
    import rjieba

    return bool(rjieba.has_word(text))


def _sounded(words: list[Word], at: int) -> tuple[Mention, int] | None:
    """Words in a row that spell the sounds of a foreign name: a place where a list or an ending says so."""
    end = at
    while (
        end < min(len(words), at + _LONGEST_ROW)
        and _spells(words[end])
        and (end == at or words[end].start == words[end - 1].end)
    ):
        end += 1
    while end > at and words[end - 1].kind[:1] in "pcudmqvrf":
        end -= 1
    text = "".join(word.text for word in words[at:end])
    if len(text) < 3 or words[at].kind[:1] in "pcudmqvrf" or _is_fragment(words, at, end):
        return None
    if all(len(word.text) == 1 for word in words[at:end]):
        return None
    if text in han_places() or any(word.kind == "ns" for word in words[at:end]):
        return None
    after = words[end] if end < len(words) and words[end].start == words[end - 1].end else None
    if (after is not None and after.text[0] in _AFTER_PLACE) or text[-1] in _AFTER_PLACE:
        return None
    known = end == at + 1 and words[at].kind != "nrt" and _is_everyday(text)
    if known and not _is_introduced(words, at, end):
        return None
    return Mention(words[at].start, words[end - 1].end, PERSON, "spelled by its sounds"), end


def _is_fragment(words: list[Word], at: int, end: int) -> bool:
    """Whether a lone character beside it, or a word no list holds, seems to belong to the name."""
    beside = [words[at - 1]] if at and words[at - 1].end == words[at].start else []
    if end < len(words) and words[end].start == words[end - 1].end:
        beside.append(words[end])
    return any(
        (is_han(word.text[0]) and (word.kind in ("x", "nr", "nrt", "nz", "g", "ng")))
        or word.text[0] in _DOTS
        for word in beside
    )


def _spells(word: Word) -> bool:
    names = word.kind[:2] in ("nr", "ns", "nz") or word.kind == "x" or len(word.text) == 1
    return names and all(char in _SOUNDS for char in word.text)


def _surname_and_given(words: list[Word], at: int) -> tuple[Mention, int] | None:
    """A surname and one or two characters after it that the list does not join; where what stands beside says so."""
    word = words[at]
    if not (word.text in _DOUBLE or (len(word.text) == 1 and word.text in _SURNAMES)):
        return None
    if word.kind[:1] in "cdpumqvfr" and word.text not in _STRONG:
        return None
    end, given = at + 1, ""
    while end < len(words) and words[end].start == words[end - 1].end:
        nxt = words[end].text
        fits = len(given) + len(nxt) <= 2 and all(is_han(c) and c not in _NOT_GIVEN for c in nxt)
        if not fits or words[end].text in section("chinese titles"):
            break
        given += nxt
        end += 1
    if not given or not (_is_introduced(words, at, end) or _stands_free(words, at, end, given)):
        return None
    return Mention(word.start, words[end - 1].end, PERSON, "surname and what stands beside it"), end


def _stands_free(words: list[Word], at: int, end: int, given: str) -> bool:
    """A usual surname and two characters, behind a mark or a small word and before a mark or what somebody does."""
    if words[at].text not in _STRONG and words[at].text not in _DOUBLE:
        return False
    if any(len(word.text) > 1 and word.kind[:1] in "vdcprtmfqu" for word in words[at + 1 : end]):
        return False
    before = words[at - 1] if at else None
    after = words[end] if end < len(words) else None
    opened = before is None or before.kind[:1] in "xpcv" or before.end < words[at].start
    closed = after is None or after.kind[:1] in "xpcvdu" or after.start > words[end - 1].end
    return opened and closed and (len(given) == 2 or words[at].text in _DOUBLE)


def _is_introduced(words: list[Word], at: int, end: int) -> bool:
    before = words[at - 1] if at and words[at - 1].end == words[at].start else None
    after = words[end] if end < len(words) and words[end].start == words[end - 1].end else None
    titles, said = section("chinese titles"), section("chinese said")
    if before is not None and any(before.text.endswith(title) for title in titles):
        return True
    if after is None:
        return False
    return after.text in said or any(after.text.startswith(title) for title in titles)


def _places(words: list[Word]) -> Iterator[Mention]:
    at = 0
    while at < len(words):
        known = _is_place(words[at])
        end = _place_end(words, at, known=known)
        if end > at:
            rule = "list of places" if known else "ending of a place"
            yield Mention(words[at].start, words[end - 1].end, PLACE, rule)
        at = max(end, at + 1)


def _place_end(words: list[Word], at: int, *, known: bool) -> int:
    """The word beyond a place that begins with a word; `at` where none does."""
    ends = section("chinese places")
    word = words[at]
    if word.text in section("chinese never") or not (known or _may_name(word)):
        return at
    end = at + 1
    while end < len(words) and words[end].start == words[end - 1].end:
        following = words[end]
        unit = following.text in _UNITS
        is_end = following.text in ends and following.text not in _NO_ENDS
        if is_end or (known and (unit or _is_place(following))):
            end += 1
        else:
            break
    named = known or (end > at + 1 and len(words[end - 1].text) <= 3)
    return end if named else at


_UNITS = frozenset("省市县区州镇乡村")
_NO_ENDS = frozenset(
    ["国", "星", "站", "府", "道", "里", "关", "角", "线", "盟", "旗", "城", "宫", "海", "洋"]
)


@cache
def _extra() -> frozenset[str]:
    return section("han province names")


def _is_place(word: Word) -> bool:
    """In a list of places, unless it is an everyday word too; or a new word that ends as places do."""
    text, ends = word.text, section("chinese places")
    if text in _extra():
        return True
    if len(text) < 2 or text in section("chinese never"):
        return False
    if text in han_places():
        return word.kind[:2] in ("ns", "nr", "nz", "nt", "x")
    if word.kind != "ns" or text[-1] in "人军":
        return False
    return (len(text) > 2 and (text[-1] in ends or text[-2:] in ends or _sounds(word))) or (
        len(text) == 2 and text[-1] in "江河湖山岛州县省市" and text[0] not in "城大小高"
    )


def _may_name(word: Word) -> bool:
    return len(word.text) > 1 and (
        word.kind[:2] in ("nr", "nz", "ns") or word.kind == "x" or _sounds(word)
    )


def _sounds(word: Word) -> bool:
    return len(word.text) >= 2 and all(char in _SOUNDS for char in word.text)


def _organisations(words: list[Word]) -> Iterator[Mention]:
    ends = section("chinese organisations")
    for at, word in enumerate(words):
        generic = word.text in section("chinese generic")
        if word.kind == "nt" and len(word.text) > 2 and not generic:
            yield Mention(_left(words, at)[0], word.end, ORGANISATION, "word list")
            continue
        if not any(word.text.endswith(end) for end in ends):
            continue
        start, named = _left(words, at)
        long_enough = word.end - start >= 3 and start < word.start
        if named and long_enough:
            yield Mention(start, word.end, ORGANISATION, "ending of an organisation")


def _left(words: list[Word], at: int) -> tuple[int, bool]:
    """Where a name that ends at a word begins, and whether something that names stands in it."""
    start, named, place = at, False, at
    while at - place < _LONGEST_ROW and place and words[place - 1].end == words[place].start:
        before = words[place - 1]
        names = (
            _is_place(before) or before.kind in ("nr", "nt", "nz", "nrt", "j") or _sounds(before)
        )
        joins = before.kind.split("_")[0] in _LEFT or before.kind.startswith("n")
        if not (names or joins) or not all(is_han(c) or c.isalnum() for c in before.text):
            break
        if before.text in section("chinese titles"):
            break
        place -= 1
        if names:
            start, named = place, True
    return words[start].start, named
