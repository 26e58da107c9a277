"""What a number counts, where, and as of when: the words behind it and about it, as they are written."""

from __future__ import annotations

import re

_STOP = re.compile(
    r"(?:is|are|was|were|be|been|being|has|have|had|having|will|would|could|can|may|might|must|shall|should|do|does|did"
    r"|who|whom|which|that|when|where|while|because|after|before|since|until|as|than|said|says|told|according|including"
    r"|in|on|at|to|from|by|with|without|for|into|across|over|under|through|during|within|throughout"
    r"|between|among|against|about|of|ago|earlier|later|or|but|if|not|so|then|there|they|it|he|she|we|i|you|this|these|those"
    r"|stood|stand|lay|lie|sat|fell|rose|ran|broke|became|grew|got|lost|met|paid|read|saw|sold|spoke|spent|thought|won"
    r"|wrote|began|kept|led|made|put|set|need|needed|want|wanted|show|showed|walked|died|disappeared|vanished"
    r"|held|detained|sent|taken|died|killed|released|arrested|leaked|published|obtained|suspected|were|went|came|left|fled|live|lived|remain|remained|gathered)\b",
    re.I,
)
_TOKEN = re.compile(r"\s*(?P<word>%|[^\W\d_][\w’'.-]*\w|[^\W\d_])|\s+(?P<and>&)")
_OF = re.compile(r"\s+of\s+(?:the\s+|its\s+|their\s+|these\s+|those\s+|them\b)?", re.I)
_MAGNITUDE = re.compile(r"\s+(?:thousands?|hundreds?|millions?|billions?)\b", re.I)
PERCENT = re.compile(r"\s?(?:%|％|per\s?cent\b|percent\b|percentage points?\b)", re.I)
_VERB = re.compile(r"[a-z]{2,}ed", re.I)
_UNITS = frozenset("页頁张張公里米元户天年小时分钟岁吨")
_PLACE = re.compile(
    r"\b(?:in|across|throughout|inside|within|around)\s+(?P<place>(?:the\s+)?(?:(?:far-?\s?)?(?:north|south|east|west|central)"
    r"[a-z-]*\s+)?[A-Z][\w’'-]*(?:(?:\s+(?:of\s+|and\s+)?)"
    r"[A-Z][\w’'-]*){0,4}(?:\s+(?:region|province|prefecture|county|city|camps?|prisons?))?)"
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_TIME = re.compile(
    rf"\b(?P<time>(?i:as of|since|by|until|between|during|in|from|on|before|after)\s+(?:the\s+)?"
    rf"(?:(?:late|early|mid)[\s-])?"
    rf"(?:(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?(?:{_MONTHS})(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?(?:,?\s+(?:19|20)\d\d)?|(?:{_DAYS})|(?:19|20)\d\ds?"
    rf"|(?:end|beginning|start|spring|summer|autumn|winter) of (?:19|20)\d\d)"
    rf"(?:\s+(?:and|to|until)\s+(?:the\s+)?(?:19|20)\d\ds?)?"
    rf"|(?:last|this|next) (?:year|month|week|spring|summer|autumn|winter)|in recent years"
    rf"|(?:a |two |three |\d+ )?(?:years?|months?|weeks?) ago"
    rf"|(?:in|over|during) the (?:past|last) (?:\w+\s)?(?:years?|months?|weeks?|decades?))\b"
)
_HAN_TIME = re.compile(
    r"(?:截至|截止|自|从|到|在|于|至)?(?:(?:19|20|一九|二〇|二零)[\d〇零一二三四五六七八九]{2}年(?:\d{1,2}月(?:\d{1,2}日)?)?(?:底|初|以来|之间|前|后|间)?|去年|今年|目前|近年来?)"
)
_HAN_PLACE = re.compile(
    r"(?:在|于)(?P<place>[\u4e00-\u9fff]{2,12}?)(?:的|有|内|中|被|，|。|、|关押|$)"
)
_HAN_COUNTED = re.compile(
    r"\s?(?:多|余|餘|几|来)?\s?(?P<measure>万|名|个|個|位|份|页|頁|张|張|件|次|起|家|座|所|条|條|种|辆|艘|架|吨|公里|米|元|户|天|年|小时|分钟|岁)?"
    r"(?P<noun>[\u4e00-\u9fff·]{0,12})"
)
_HAN_END = re.compile(
    r"(?:被|在|的人|遭|已|曾|是|有|和|与|及|或|以上|左右|关押|拘押|拘留|失踪|死亡|获释|证实|显示|流出|泄露|，|。|、|；|：|（|\()"
)


def counted_english(text: str, end: int) -> tuple[str, int]:
    """The noun phrase behind a number and its end: ("Uighurs and other mostly Muslim minorities", …), ("", end)."""
    position = end
    of = _OF.match(text, end)
    if of:
        position = of.end() - 1 if text[of.end() - 1].isspace() else of.end()
    start = last = None
    words = 0
    while words < 8:
        token = _TOKEN.match(text, position)
        if token is None or token["word"] is None or _STOP.fullmatch(token["word"]):
            break
        if token["word"].casefold() == "and" and not re.match(r"\s+other\b", text[token.end() :]):
            break
        if last is not None and _VERB.fullmatch(token["word"]) and text[last - 1] == "s":
            break
        if start is None:
            start = token.start("word")
        last = position = token.end()
        words += 1
    if start is None or last is None:
        return "", end
    phrase = text[start:last].removesuffix("’s").removesuffix("'s")
    return re.sub(r"\s+", " ", phrase), start + len(phrase) if "\n" not in text[
        start:last
    ] else last


def counted_chinese(text: str, end: int) -> tuple[str, int]:
    """The noun behind a Chinese number, without its measure word where a noun follows."""
    found = _HAN_COUNTED.match(text, end)
    if found is None:
        return "", end
    measure = found["measure"] or ""
    if measure and set(measure) <= _UNITS:
        return measure, found.end("measure")
    noun = found["noun"]
    stop = _HAN_END.search(noun)
    if stop:
        noun = noun[: stop.start()]
    if noun:
        return noun, found.start("noun") + len(noun)
    return measure, found.end("measure") if measure else end


def scope_of(sentence: str, behind: int) -> str:
    """The place a number holds for: the first one named behind it in its sentence, else the last before it."""
    for pattern in (_PLACE, _HAN_PLACE):
        found = pattern.search(sentence, behind) or _last(pattern, sentence[:behind])
        if found:
            return re.sub(r"\s+", " ", found["place"])
    return ""


def as_of(sentence: str, behind: int) -> str:
    """The time a number holds for, as it is written: behind it in its sentence, else before it."""
    found = _TIME.search(sentence, behind) or _last(_TIME, sentence[:behind])
    if found:
        return re.sub(r"\s+", " ", found["time"])
    han = _HAN_TIME.search(sentence, behind) or _last(_HAN_TIME, sentence[:behind])
    return han[0] if han else ""


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found
