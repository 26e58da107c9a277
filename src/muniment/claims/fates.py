"""What is said to have happened to those who are counted, as far as it keeps two numbers apart.

A million detained and 7,000 released are no conflict. Only fates that exclude each other are told apart; for every
other verb two numbers of the same thing may be compared.
"""

from __future__ import annotations

import re

_FATES = {
    "held": r"detain\w*|detention|held|hold(?:s|ing)?"
    r"|intern(?:ed|ment|ing)|imprison\w*|jail\w*|incarcerat\w*|lock(?:ed|ing) up"
    r"|round(?:ed|ing) up"
    r"|(?:in|into|to|of) (?:the )?(?:\w+[ -]){0,3}camps?|关押|拘押|拘留|拘禁|羁押|收押|监禁|被关|關押",
    "released": r"releas\w*|free(?:d|ing)|let go|获释|释放|获得自由|獲釋|釋放",
    "killed": r"kill\w*|di(?:ed|e|es)|dead|death\w*|execut(?:ed|ing|ion\w*)|死亡|丧生|遇难|被杀|打死|处决|死",
    "hurt": r"injur\w*|wound\w*|hurt|受伤|负伤|伤",
    "arrested": r"arrest\w*|逮捕|抓捕|被捕",
    "charged": r"(?:charg|indict|convict|sentenc)\w*|起诉|判刑|定罪|判处",
    "fled": r"fled|flee\w*|escap\w*|逃离|逃亡|逃走",
    "missing": r"missing|disappear\w*|vanish\w*|失踪|下落不明",
}  # fmt: skip
_PATTERN = re.compile("|".join(rf"(?P<{name}>{pattern})" for name, pattern in _FATES.items()), re.I)
_CLAUSE = re.compile(r"[,;:，；。.!?]\s|\n|\b(?:after|before|while|when|because|who had)\b")
_NEAR = 90


def fate_of(sentence: str, start: int, end: int) -> str:
    """What happened to what is counted at [start, end): told behind it in its clause, else right before it."""
    stop = _CLAUSE.search(sentence, end)
    behind = _PATTERN.search(
        sentence, end, min(stop.start() if stop else len(sentence), end + _NEAR)
    )
    if behind:
        return str(behind.lastgroup)
    before = None
    for before in _PATTERN.finditer(sentence, max(0, start - 30), start):  # noqa: B007
        pass
    if before is not None and not re.search(r"[,;:，；。.]", sentence[before.end() : start]):
        return str(before.lastgroup)
    return ""
