"""Lines that stand around an article in a plain-text capture: what they say, in English and Chinese.

Each pattern is to match a whole line, upper and lower case alike. A list ends where its look-alikes begin: what might
as well be a sentence of a report is in none of them.
"""

from __future__ import annotations

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DATES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>{_MONTH}),?\s+{_YEAR}",
        rf"(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"{_YEAR}[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})",
        rf"{_YEAR}\s*年\s*(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*日",
    )
)
_AGENCY = (
    r"(?:reuters|afp|ap|(?:the )?associated press|agence france-?presse|getty(?: images)?|epa(?:-efe)?|dpa|xinhua|upi"
    r"|pa(?: media)?|ani|kyodo|yonhap|tass|bloomberg|shutterstock|alamy|cnsphoto|vcg"
    r"|新华社|路透社|法新社|美联社|中新社|视觉中国|东方ic)"
)


def _one_of(*lines: str) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(lines) + ")", re.I)


COMMENTS = _one_of(
    r"join (?:the|our) (?:conversation|discussion|commenting forum)",
    r"(?:leave a|post a|add a|write a) (?:comment|reply)",
    r"(?:view|show|read)? ?(?:all )?\(?\d*\)? ?(?:comments|responses|replies|thoughts on .*)(?: ?\(\d+\))?:?",
    r"comments are closed.*",
    r"what do you think\??",
    r"most (?:popular|read|viewed|commented)",
    r"trending(?: now)?",
    r"recent posts",
    r"your email address will not be published.*",
    r"(?:发表|最新|全部|热门|网友)评论",
    r"我要评论",
    r"评论\s*[(（]?\d*[)）]?",
    r"读者留言",
    r"相关(?:阅读|新闻|文章|报道)",
    r"延伸阅读",
    r"热门文章",
)
"""What begins the comments and lists behind an article: nothing after it is article."""

RELATED = _one_of(
    r"related(?: (?:articles|stories|posts|content|topics|coverage|news))?:?",
    r"more (?:from|on|stories|in) .{1,50}",
    r"you (?:may|might) also (?:like|be interested in):?",
    r"recommended(?: for you)?:?",
    r"read (?:next|also):?",
    r"(?:see also|also read|in other news|what to read next|editors?['’]? picks):?",
    r"推荐阅读|更多新闻|编辑推荐|猜你喜欢",
)
"""What begins a list of other reports; the article may go on behind it."""

ASIDE = _one_of(
    r"advertise?ments?|sponsored(?: content)?|ad|广告",
    r"(?:story|article) continues (?:below|after).*",
    r"(?:subscribe|sign up|register|log ?in|join) (?:to|for|with|now|here|our|up|free|today)\b.*",
    r"newsletters?\b.*|get (?:the|our) .{0,40}newsletter.*",
    r"(?:please )?(?:enable|turn on) (?:javascript|cookies).*",
    r"(?:we|this (?:web)?site) uses? cookies.*|accept(?: all)? cookies",
    r"thank you for (?:registering|subscribing|signing up|reading).*",
    r"please (?:refresh|reload|log ?in|sign in).*",
    r"click (?:here|to)\b.*|skip (?:to|ad|advertisement)\b.*|skip .{0,20}",
    r"(?:read|see|watch|listen|view|find out|learn) more\b.*",
    r"(?:also )?read:.*|read (?:the|our) full .*",
    r"visit .{1,60} (?:home ?page|website|site)\b.*",
    r"follow (?:us|him|her|them|@\w+).*|(?:like|find) us on .*",
    r"share(?: (?:this|on|via|with)\b.*)?",
    r"tweet|e-?mail|print|save|copy link|whatsapp|facebook|twitter|linkedin|reddit|telegram",
    r"menu|search|home|back to top|loading\.*",
    r"(?:support (?:us|our (?:work|journalism))|donate)\b.*",
    r"become a (?:member|supporter|subscriber)\b.*",
    r"(?:copyright|©|\(c\)) ?.*|.*\ball rights reserved\.?",
    r"terms (?:of (?:use|service)|and conditions).*|privacy (?:policy|notice).*",
    r"download (?:the|our) .{0,30}\bapp\b.*",
    r"(?:tags?|filed under|topics?):.*",
    r"\d+ (?:shares?|views?|likes?|min(?:ute)?s? read)",
    r"required fields are marked.*",
    r"订阅.*|点击.{0,30}|分享(?:到|至)?.{0,20}|扫(?:一扫|码).{0,40}|关注我们.*|返回(?:首页|顶部).*",
    r"版权所有.*|未经授权.*|本文版权.*|下载.{0,10}客户端.*",
    r"[(（]?责任编辑\s*[:：]?.*|编辑\s*[:：].{0,20}",
)
"""Adverts, invitations, buttons and notices between the paragraphs."""

CAPTION = _one_of(
    r"(?:file(?:[ -]photo)?|photo(?:graph)?s?|images?|pictures?|pic|video|watch|caption|illustration|graphic|map)"
    r"\s*(?:by\b|[:：])\s*\S.*",
    r"(?:above|below|left|right)\s*[:：]\s*\S.*",
    r"(?:图|图片|视频|插图|配图)\s*[:：]\s*\S.*",
    r"[（(]?(?:资料图|图为|图片来源|图源).*",
    r"in this (?:[\w ,.-]{0,60} )?(?:photo|image|picture|photograph|frame|file photo)\b.*",
    r".*[(\[（]\s*(?:file )?(?:photo|image|picture|credit|photograph|图片?|资料图)s?\s*(?:by\b|courtesy|[:：/])"
    r".{1,80}[)\]）]\s*\.?",
    rf".*[(\[（]\s*{_AGENCY}(?:\s*[/|,]\s*.{{1,60}})?[)\]）]\s*\.?",
    r".*\b(?:photo|image|picture|photograph|credit)s?\s*(?:by|courtesy of|credit)?\s*[:：]\s*.{1,80}",
    rf".*\b{_AGENCY}\s*/\s*[^\s/].{{0,60}}(?: more)?",
)
"""What stands under a picture."""

CREDIT = _one_of(
    rf"(?:source\s*[:：]\s*)?(?:© ?)?(?:photo(?:graph)?s? )?{_AGENCY}"
    rf"(?:\s*[/,|·-]\s*(?:{_AGENCY}|\w[\w .'-]{{0,40}}))*\.?",
)
"""An agency alone on its line."""

DATE_LINE = _one_of(
    r"(?:(?:published|updated|posted|last modified|date|modified|发布时间|发布|时间|日期|更新)"
    r"\s*(?:on|at)?\s*[:：]?\s*)?"
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
    "(?:" + "|".join(re.sub(r"\?P<\w+>", "?:", one.pattern) for one in _DATES) + ")"
    r"[\s,|·\-–]*(?:(?:at|@)\s*)?"
    r"(?:\d{1,2}[:.]\d\d(?:[:.]\d\d)?\s*(?:[ap]\.?m\.?)?\s*(?:[A-Z]{2,4}|[+-]\d{4})?)?"
    r"[\s,|·\-–]*(?:updated.{0,40}|来源.{0,30})?",
)

BYLINE = re.compile(
    r"(?:by|words by|written by|reported by|reporting by|story by|from)\s*[:：]?\s+"
    r"(?P<name>\w[\w.'’-]*(?:(?:\s+|,\s*|\s+and\s+|\s*&\s*)[\w.'’-]+){0,9})"
    r"|(?:(?:本报|本台|本刊|新华社)?(?:特约)?(?:记者|作者|撰文|文)\s*[:：/丨|]?\s*)(?P<name2>[\u4e00-\u9fff·\s、]{2,24})",
    re.I,
)
OUTLET = re.compile(
    r"(?:source|来源|via|first published (?:by|in|on))\s*[:：]\s*(?P<name>\S.{1,50})", re.I
)
OUTLET_BEHIND = re.compile(r"[.!?”\"'’)]\s+/\s?(?P<name>[A-Za-z][\w. ]{1,30})$")
"""An outlet's name behind the last sentence, after a stroke."""
HOME_PAGE = re.compile(
    r"visit (?P<name>[A-Z][\w. &-]{1,40}?)(?:['’]s?)? (?:home ?page|website)\b", re.I
)


def date_in(text: str) -> str:
    """The first date in a text as yyyy-mm-dd; "" where there is none."""
    found = [match for pattern in _DATES if (match := pattern.search(text))]
    if not found:
        return ""
    first = min(found, key=lambda match: match.start())
    month = first["month"].casefold()
    number = int(month) if month.isdigit() else 1 + _MONTHS.index(month[:3])
    day = int(first["day"])
    return f"{first['year']}-{number:02}-{day:02}" if 1 <= number <= 12 and 1 <= day <= 31 else ""
