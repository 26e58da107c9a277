"""Statements in Chinese: quotations with their cues, reported speech, silence.

S表示，“Q” · S说：“Q” · “Q”，S说 · 据S报道，C · S援引O的话称，C · S称X为“Q” · S否认C · S拒绝置评 · S没有否认C
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from muniment.claims import cues
from muniment.claims.sentences import Paragraph, Quotation
from muniment.claims.statements import Statement

_SHORT = 4
_FAR = 80
_VERBS = {
    "表示": "asserts", "说": "asserts", "说道": "asserts", "称": "asserts", "指出": "asserts",
    "强调": "asserts", "认为": "asserts", "宣称": "asserts", "声称": "asserts", "透露": "asserts",
    "写道": "asserts", "回应": "asserts", "坚称": "asserts", "辩称": "asserts", "警告": "asserts",
    "呼吁": "asserts", "解释": "asserts", "补充": "asserts", "介绍": "asserts", "宣布": "asserts",
    "估计": "asserts", "担心": "asserts", "要求": "asserts", "下令": "asserts", "指责": "asserts",
    "批评": "asserts", "谴责": "asserts", "形容": "asserts", "描述": "asserts", "回忆": "asserts",
    "告诉": "asserts", "相信": "asserts", "预计": "asserts", "重申": "asserts", "报道": "relays",
    "证实": "confirms", "确认": "confirms", "承认": "confirms", "否认": "denies", "驳斥": "rejects",
    "反驳": "rejects", "斥责": "rejects", "斥": "rejects", "拒绝承认": "denies", "质疑": "doubts",
    "怀疑": "doubts", "评论": "asserts", "提到": "asserts", "谈到": "asserts", "直言": "asserts",
    "抱怨": "asserts", "反问": "asserts", "作证": "asserts", "表明": "asserts",
}  # fmt: skip
_TAIL = r"(?:称|说|道|到|表示|指出|指|为|是)?"
_VERB = "|".join(sorted(_VERBS, key=len, reverse=True))
_WHEN = (
    r"(?:本?周[一二三四五六日天]|星期[一二三四五六日天]|(?:\d{1,2}|[一二三四五六七八九十]{1,3})月(?:(?:\d{1,2}|[一二三四五六七八九十]{1,3})日)?|\d{1,2}日|昨[天日]|今[天日]|当[天日]|日前|近日"
    r"|随后|此前|事后|后来|上周|上月|去年|今年|早些时候|当晚|当地时间)"
)
_HOW = (
    r"(?:曾经?|还|也|则|亦|又|再次|多次|一再|反复|强烈|坚决|公开|明确|已经?|一直|并|均|都|私下|当场|立即|只|仅|直接|事后|最终|先后|同时|进一步"
    r"|在[^，。；“”]{1,24}?(?:上|中|时|里|会|后|内)|在[^，。；“”]{1,16}(?=对|向|就)|对[^，。；“”]{1,18}?|向[^，。；“”]{1,16}?|就[^，。；“”]{1,22}?|接受[^，。；“”]{1,18}?(?:采访|访问|专访)时"
    r"|通过[^，。；“”]{1,14}?|回答[^，。；“”]{1,14}?时|以[^，。；“”]{1,12}?为由)"
)
_WHO = r"(?P<who>[\u3400-\u9fff·A-Za-z（）()、\-]{1,36}?)"
_BEFORE = re.compile(
    rf"(?:^|(?<=[，。；：、“”\s！？]))(?:{_WHEN}，?)*{_WHO}?(?:{_WHEN}|{_HOW})*(?<!不愿)(?<!拒绝)(?P<verb>{_VERB}){_TAIL}(?P<whom>(?<=告诉)[^，。：“”；]{{1,16}})?(?=[，,：:“「\u3400-\u9fffA-Za-z\d])"
)
_BEHIND = re.compile(
    rf"[，,]?\s*(?:{_WHEN}，?)*{_WHO}(?:{_WHEN}|{_HOW})*(?P<verb>{_VERB}){_TAIL}(?P<whom>(?<=告诉)[^，。：“”；]{{1,16}})?(?=[，。；！]|$)"
)
_REPORTED = re.compile(
    r"(?:^|(?<=[，。；\s]))(?:另?据|根据|按照)(?P<who>[^，。；：“”]{1,30}?)(?:的)?(?P<verb>报道|报导|消息|说法|介绍|透露|统计|估计|估算|证词|供述|披露|称|表示|说)(?:说|称|显示)?[，,：:]"
)
_CITED = re.compile(
    r"(?:^|(?<=[，。；\s]))(?P<via>[^，。；：“”]{1,24}?)(?:周.|\d{1,2}日)?(?:援引|引述|引用|转引)(?P<who>[^，。；：“”]{1,30}?)(?:的(?:话|说法|消息))?(?P<verb>报道|报导|称|说|指出|表示)(?:称|说)?[，,：:]?"
)
_AS = re.compile(
    rf"(?:^|(?<=[，。；\s]))(?:{_WHEN}，?)*{_WHO}(?:{_WHEN}|{_HOW})*(?:(?:将|把)(?P<what>[^，。；“”]{{1,30}}?))?(?P<verb>称|斥|形容|描述|称呼|指责|批评)(?:[^，。；“”]{{0,30}}?)(?:为|是|作)?(?:一种|所谓的?)?$"
)
_SILENCE = re.compile(
    r"(?:拒绝(?:对此|就此)?(?:发表|作出|做出|进行)?(?:任何)?(?:置评|评论|回应|接受采访|回答)|不予置评|不愿(?:置评|评论|透露(?!姓名|身份))"
    r"|(?:没有|未|并未|尚未|未能|暂未)(?:立即|对此|就此|立刻|马上)?(?:对[^，。；]{1,20}|就[^，。；]{1,24})?(?:作出|做出|发表|予以|给予|进行)?(?:任何)?(?:回应|置评|回复|答复|评论))"
)
_NOT_DENYING = re.compile(r"(?:没有|并未|未|从未|并没有)(?:直接|明确|正面|当场)?否认")
_ROLE = re.compile(
    r"(?:发言人|部长|主席|书记|教授|学者|主任|总统|总理|国务卿|记者|官员|律师|所长|局长|市长|专家|研究员|会长|秘书长|大使|负责人|站长|馆长|管理员|职员|工人|社长|院长|校长|县长|省长|主编|编辑"
    r"|分析师|议员|法官|警察|医生|老师|经理|司机|工程师|检查员|居民|男子|女子|妇女)(?P<name>[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}(?:·[\u4e00-\u9fff]{1,8})+)$"
)
_PERSON = re.compile(
    r"[\u4e00-\u9fff]{2,4}(?<![部局社报会府国京所院团署厅处委方织])|[\u4e00-\u9fff]{1,8}(?:·[\u4e00-\u9fff]{1,8})+|一[名位].{1,20}"
)
_PRONOUNS = frozenset(
    [
        "他",
        "她",
        "他们",
        "她们",
        "它",
        "其",
        "该人",
        "对方",
        "该报",
        "该社",
        "该台",
        "该组织",
        "该官员",
        "该发言人",
    ]
)
_NOT_WHO = re.compile(
    r"(?:^(?:人们|俗话|常言|老话|大家)常?$)|(?:^(?:但|而|因此|所以|如果|因为|虽然|这|那|此|其中|可以|应该|不|没有|文件|报告|材料|有|是|将|会|能|被|把|让|使|可|当|于是|据|根据)$)|(?:的$)|(?:可以|应当|必须|不能|无法|已经|没有)$"
)
_LEADING = re.compile(
    r"^(?:但是?|而且?|然而|不过|因此|所以|同时|此外|另外|对此|其中|随后|之后|目前|据悉|于是|并且?|与此同时)[，,]?"
)
_OUTLET = re.compile(
    r"(?:报|时报|日报|晚报|通讯社|社|新闻网|网|电视台|广播电台|电台|周刊|杂志|法新社|美联社|路透社|新华社|卫报|BBC|CNN|AFP|AP)$"
)


@dataclass(frozen=True, slots=True)
class _Speech:
    who: tuple[int, int]
    written: str
    name: str
    inferred: bool
    verb: str
    via: str
    rule: str
    end: int


def chinese_statements(text: str, parts: Sequence[Paragraph]) -> list[Statement]:
    """Statements of these paragraphs, in order."""
    return list(_Reading(text).run(parts))


class _Reading:
    """One passage through a text: who spoke last."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.last: _Speech | None = None
        self.full: list[str] = []
        self.outlet = ""
        self.person = ""

    def run(self, parts: Sequence[Paragraph]) -> Iterator[Statement]:
        for part in parts:
            for start, end in part.sentences:
                quotations = [one for one in part.quotations if start <= one.start < end]
                yield from self._sentence(start, end, part.end, quotations)

    def _sentence(
        self, start: int, end: int, part_end: int, quotations: list[Quotation]
    ) -> Iterator[Statement]:
        direct = False
        previous: _Speech | None = None
        for quotation in quotations:
            speech = self._of_quotation(quotation, start, end, part_end, previous)
            if speech is None:
                continue
            direct = True
            previous = speech
            yield self._quoted(quotation, speech)
            self._spoke(speech)
        silent = list(self._silence(start, end, quotations))
        yield from silent
        if not direct and not silent:
            yield from self._reported(start, end, quotations)

    def _spoke(self, speech: _Speech) -> None:
        self.last = speech
        self.full.append(speech.name)
        if _OUTLET.search(speech.name):
            self.outlet = speech.name
        elif _ROLE.search(speech.written) or _PERSON.fullmatch(speech.name):
            self.person = speech.name

    def _of_quotation(
        self, quotation: Quotation, start: int, end: int, part_end: int, previous: _Speech | None
    ) -> _Speech | None:
        if quotation.carried and self.last is not None:
            return self._again("quotation carried on", quotation.start)
        size = quotation.inner_end - quotation.inner
        head = self.text[start : quotation.start]
        behind = _BEHIND.match(self.text, quotation.end, min(part_end, quotation.end + _FAR))
        if behind and behind["who"] and size >= _SHORT and self._may_speak(behind["who"]):
            return self._speech(behind, "cue behind")
        cited = _CITED.search(self.text, start, quotation.start)
        if cited and self._may_speak(cited["who"]):
            return self._speech(cited, "cited")
        as_ = _AS.search(self.text, start, quotation.start)
        named = as_ if as_ and as_.end() == quotation.start else None
        found = self._last_before(start, quotation.start)
        if found is not None and (size >= _SHORT or quotation.start - found.end <= 2):
            return found
        if named is not None and named["who"] and self._may_speak(named["who"]):
            return self._speech(named, "called")
        reported = _REPORTED.search(self.text, start, quotation.start)
        if reported and size >= _SHORT:
            return self._speech(reported, "according to")
        if previous is not None and size >= _SHORT:
            return previous
        if (
            not head.strip()
            and size >= 2 * _SHORT
            and self.last is not None
            and end - quotation.end <= 2
        ):
            return self._again("quotation goes on", quotation.start)
        return None

    def _last_before(self, start: int, upto: int) -> _Speech | None:
        """The speech of the last cue before a quotation; its speaker stands before the verb or earlier."""
        chosen = None
        who: _Speech | None = None
        for match in _BEFORE.finditer(self.text, start, upto):
            if match["who"] and self._may_speak(match["who"]):
                chosen = who = self._speech(match, "cue before")
            elif not match["who"] and who is not None:
                chosen = _Speech(
                    who.who,
                    who.written,
                    who.name,
                    True,
                    match["verb"],
                    who.via,
                    "second cue",
                    match.end(),
                )
            elif not match["who"] and self.last is not None and match.start() <= start + 6:
                chosen = _Speech(
                    self.last.who,
                    self.last.written,
                    self.last.name,
                    True,
                    match["verb"],
                    "",
                    "speaker left out",
                    match.end(),
                )
        return chosen

    def _may_speak(self, who: str) -> bool:
        bare = _LEADING.sub("", who.strip())
        return bool(bare) and len(bare) <= 36 and not _NOT_WHO.search(bare)

    def _speech(self, match: re.Match[str], rule: str) -> _Speech:
        written = match["who"].strip()
        leading = _LEADING.match(written)
        start = match.start("who") + (leading.end() if leading else 0)
        end = match.end("who")
        taken = re.search(r"(?<=.)[将把](?!军)", self.text[start:end])  # "A将B称为": A speaks
        if taken:
            end = start + taken.start()
        written = self.text[start:end].strip()
        name, inferred = self._resolve(written)
        groups = match.groupdict()
        via = groups.get("via") or ""
        whom = groups.get("whom") or ""
        if whom and _OUTLET.search(whom):
            via = whom
        return _Speech(
            (start, end), written, name, inferred, match["verb"], via.strip(), rule, match.end()
        )

    def _resolve(self, written: str) -> tuple[str, bool]:
        if written in _PRONOUNS:
            if written in ("该报", "该社", "该台"):
                found = self.outlet
            elif written in ("他", "她", "该官员", "该发言人"):
                found = self.person
            else:
                found = self.last.name if self.last else ""
            return (found or written, bool(found))
        role = _ROLE.search(written)
        name = role["name"] if role else written.strip("《》")
        if len(name) == 1 or (len(name) == 2 and name[1] in "某说"):
            found = next((one for one in reversed(self.full) if one.startswith(name[0])), "")
            return (found or name, bool(found))
        return name, False

    def _again(self, rule: str, at: int) -> _Speech:
        assert self.last is not None
        last = self.last
        return _Speech(last.who, last.written, last.name, True, "", last.via, rule, at)

    def _quoted(self, quotation: Quotation, speech: _Speech) -> Statement:
        content = self.text[quotation.inner : quotation.inner_end].strip()
        whole = content.endswith(("。", "！", "？", "…")) or len(content) >= 16
        return self._statement(
            quotation.start, quotation.end, content, speech, partial=not whole, direct=True
        )

    def _statement(
        self,
        start: int,
        end: int,
        content: str,
        speech: _Speech,
        *,
        partial: bool,
        direct: bool,
        stance: str = "",
    ) -> Statement:
        base = _VERBS.get(speech.verb, cues.ASSERTS)
        if base in (cues.ASSERTS, cues.REJECTS, cues.RELAYS) and cues.NEGATIVE.search(content):
            base = cues.DENIES
        elif base == cues.RELAYS:
            base = cues.ASSERTS
        return Statement(
            start, end, self.text[start:end], content, speech.name, speech.written, speech.inferred, speech.verb,
            stance or base, partial, direct, speech.via, speech.rule,
        )  # fmt: skip

    def _reported(self, start: int, end: int, quotations: list[Quotation]) -> Iterator[Statement]:
        cited = _CITED.search(self.text, start, end)
        reported = _REPORTED.search(self.text, start, end)
        if cited and self._may_speak(cited["who"]):
            speech = self._speech(cited, "cited")
        elif reported and self._may_speak(reported["who"]):
            speech = self._speech(reported, "according to")
        else:
            inside = [(one.start, one.end) for one in quotations]
            found = next(
                (
                    match
                    for match in _BEFORE.finditer(self.text, start, end)
                    if match["who"] and self._may_speak(match["who"])
                    and not any(begin <= match.start() < stop for begin, stop in inside)
                ),
                None,
            )  # fmt: skip
            if found is None:
                return
            speech = self._speech(found, "reported speech")
        begin = speech.end
        while begin < end and self.text[begin] in "，,：: ":
            begin += 1
        stop = end
        while stop > begin and self.text[stop - 1] in "。！？ \n":
            stop -= 1
        if stop - begin < _SHORT:
            return
        content = self.text[begin:stop]
        yield self._statement(begin, stop, content, speech, partial=False, direct=False)
        self._spoke(speech)

    def _silence(self, start: int, end: int, quotations: list[Quotation]) -> Iterator[Statement]:
        for pattern, stance, rule in (
            (_NOT_DENYING, cues.DID_NOT_DENY, "did not deny"),
            (_SILENCE, cues.SILENT, "no comment"),
        ):
            for match in pattern.finditer(self.text, start, end):
                if any(one.start <= match.start() < one.end for one in quotations):
                    continue
                head = re.split(r"[，。；：“”]", self.text[start : match.start()])[-1]
                bare = re.sub(rf"(?:{_WHEN}|{_HOW})+$", "", head)
                bare = re.sub(rf"^(?:{_WHEN}，?)+", "", bare)
                bare = _LEADING.sub("", bare) or head
                if not bare or not self._may_speak(bare):
                    continue
                at = self.text.rfind(bare, start, match.start())
                name, inferred = self._resolve(bare)
                stop = end
                while stop > match.end() and self.text[stop - 1] in "。！？ \n":
                    stop -= 1
                speech = _Speech(
                    (at, at + len(bare)), bare, name, inferred, match[0], "", rule, match.end()
                )
                yield self._statement(
                    match.start(),
                    stop,
                    self.text[match.start() : stop],
                    speech,
                    partial=False,
                    direct=False,
                    stance=stance,
                )
                return
