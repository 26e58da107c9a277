"""Numbers as they are written in Chinese: 四百零三, 100万, 1.2亿, 两百万, 三四百; 万 is 10^4, 亿 is 10^8.

Years, dates, ordinals (第三) and the many words that merely contain a numeral (一些, 万一, 十分) are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from muniment.claims.numbers import Number, last_unit

_DIGIT = {
    "〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6,
    "七": 7, "八": 8, "九": 9,
    "壹": 1, "贰": 2, "貳": 2, "叁": 3, "參": 3, "肆": 4, "伍": 5, "陆": 6, "陸": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
_PLACE = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIAD = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_CHARS = "".join([*_DIGIT, *_PLACE, *_MYRIAD])
_ARABIC = r"[\d０-９]{1,3}(?:[,，][\d０-９]{3})+|[\d０-９]+(?:[.．][\d０-９]+)?"
_NUMBER = re.compile(
    rf"(?<![\d.,A-Za-z第/:：-])(?:(?P<arabic>{_ARABIC})\s?(?P<scale>[十百千]?[万萬亿億]{{1,2}}|[百千](?![分米克])|)"
    rf"(?P<rest>(?<=[万萬亿億])(?:[\d]+|[{_CHARS}]+))?(?!\d)|(?P<han>[{_CHARS}]+))"
)
_NOT_BEHIND = re.compile(
    r"\s*(?:年(?!来|内|间|前|后|期|多|以上|度)|月(?!来|内|间|以上)|日|号|點|点(?:钟|半)|時|时(?![间候])|世纪|[:：/]\d|届|路|楼|°)"
)
_MEASURE = (
    "人名个個位份页頁张張件次起家所座处處项項條条種种枚辆輛艘架吨噸公里米元美欧户戶"
    "天年月小时分钟周岁歲倍成頭头只隻批組组册冊部篇段場场"
)
_BEFORE_COUNT = re.compile(r"(?:[约約近逾超达達共有了至多少过過於于的为為到]|左右|上下)$")
_IDIOMS = (
    "一些", "一样", "一樣", "一直", "一般", "一起", "一定", "一切", "一旦", "一致", "一方面",
    "一律", "一再", "统一", "唯一", "万分", "十分",
    "千万不", "千万要", "千千万万", "百姓", "百分之", "百货", "万里长城", "三峡", "四川", "五角大楼", "百度",
    "千克", "千米", "千瓦", "百万富翁", "亿万富翁", "万岁", "一带一路", "四处", "八路军", "九龙",
)  # fmt: skip
_DAYS = ("万一", "六四", "七五", "九一一", "十一", "五一", "五四", "七一", "八一")
"""Days and events that are named by their date, and one other word: no numbers where nothing is counted behind."""
_FULLWIDTH = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


def chinese_numbers(text: str) -> Iterator[Number]:
    """Numbers of a Chinese text in order; Arabic digits only where Chinese stands behind them."""
    for match in _NUMBER.finditer(text):
        behind = text[match.end() : match.end() + 12]
        if _NOT_BEHIND.match(behind):
            continue
        if match["arabic"]:
            number = _arabic(match)
            if not match["scale"] and not _counts(behind):
                continue
            yield number
            continue
        found = _han_value(match["han"])
        if found is None or not _is_meant(text, match):
            continue
        value, unit = found
        yield Number(
            match.start(),
            match.end(),
            value,
            unit,
            bare=match["han"] in ("一", "百", "千", "万", "亿", "十"),
        )


def _counts(behind: str) -> bool:
    return bool(re.match(rf"\s?(?:多|余|餘|几|来)?\s?(?:[{_MEASURE}]|[\u4e00-\u9fff])", behind))


def _arabic(match: re.Match[str]) -> Number:
    written = match["arabic"].translate(_FULLWIDTH).replace(",", "")
    value = Fraction(written)
    places = len(written.partition(".")[2])
    unit = Fraction(1, 10**places) if places else last_unit(value)
    for char in match["scale"]:
        factor = _MYRIAD.get(char) or _PLACE[char]
        value, unit = value * factor, unit * factor
    rest = match["rest"]
    if rest:
        added = Fraction(int(rest)) if rest.isdigit() else (_han_value(rest) or (Fraction(0),))[0]
        value += added
        unit = last_unit(value)
    return Number(match.start(), match.end(), value, unit)


def _han_value(written: str) -> tuple[Fraction, Fraction] | None:
    """Value and unit of Chinese numerals; None where they do not make one number (三四百 is read elsewhere)."""
    if all(char in _DIGIT for char in written):
        return _digits_alone(written)
    total = section = Fraction(0)
    digit: int | None = None
    last_place = 10**5
    zero = False
    for char in written:
        if char in _DIGIT:
            if digit:
                return None
            digit = _DIGIT[char]
            zero = zero or digit == 0
        elif char in _PLACE:
            place = _PLACE[char]
            if place >= last_place:
                return None
            alone = digit in (None, 0) and (section == 0 or place == 10)
            section += (1 if alone else digit or 0) * place
            digit, last_place, zero = None, place, False
        else:
            scale = _MYRIAD[char]
            section += digit or 0
            if section == 0 and total == 0:
                section = Fraction(1)
            if scale != 10**8 and 0 < total < scale:
                return None
            total = (total + section) * scale if scale == 10**8 else total + section * scale
            section, digit, last_place, zero = Fraction(0), None, 10**5, False
    value = total + section + (digit or 0) * _place_of_last(written, zero)
    return value, last_unit(value)


def _digits_alone(written: str) -> tuple[Fraction, Fraction] | None:
    """One digit, or four and more read one by one: 二〇一九; two or three side by side are no number."""
    if len(written) > 1 and (written[0] in "〇零○" or len(written) < 4):
        return None
    value = Fraction(int("".join(str(_DIGIT[char]) for char in written)))
    return value, last_unit(value)


def _place_of_last(written: str, zero: bool) -> int:
    """What a last digit counts: two thousand three in 两千三 is 2,300, but for a nought before it."""
    before = written[-2:-1]
    if zero or not before or before not in (*_PLACE, *_MYRIAD):
        return 1
    place = _PLACE.get(before) or _MYRIAD[before]
    return place // 10 if place > 10 else 1


def _is_meant(text: str, match: re.Match[str]) -> bool:
    """Whether a run of numerals is a number here and not part of a word."""
    han, start, end = match["han"], match.start(), match.end()
    window = text[max(0, start - 3) : end + 4]
    at = start - max(0, start - 3)
    counted = (
        re.match(rf"\s?(?:多|余|餘|几|幾|来)?(?:[{_MEASURE}])", text[end : end + 4]) is not None
    )
    if han in _DAYS and not counted:
        return False
    for idiom in _IDIOMS:
        place = window.find(idiom)
        if place >= 0 and place < at + len(han) and place + len(idiom) > at:
            return False
    if text[max(0, start - 1) : start] == "第" or text[max(0, start - 2) : start] == "星期":
        return False
    if counted:
        return True
    if len(han) >= 2 and any(char in _PLACE or char in _MYRIAD for char in han):
        return True
    return (
        len(han) >= 2
        or len(text.strip()) == len(han)
        or bool(_BEFORE_COUNT.search(text[:start][-3:]) and han in "百千万亿")
    )
