"""Words by which a text says that somebody said something, and the stance each gives."""

from __future__ import annotations

import re

ASSERTS, DENIES, REJECTS, CONFIRMS = "asserts", "denies", "rejects", "confirms"
DOUBTS, RELAYS, SILENT, DID_NOT_DENY = "doubts", "relays", "silent", "did-not-deny"

_VERBS = {
    ASSERTS: (
        "say", "tell", "add", "claim", "argue", "insist", "explain", "note", "warn", "state",
        "stress", "declare", "announce", "assert", "allege", "maintain", "contend", "believe",
        "estimate", "recall", "write", "reply", "respond", "answer", "vow", "pledge", "promise",
        "urge", "order", "instruct", "fear", "complain", "predict", "point out", "reiterate",
        "repeat", "emphasise", "emphasize", "remark", "observe", "describe", "call", "accuse",
        "blame", "criticise", "criticize", "condemn", "tweet", "post", "testify", "reveal",
        "disclose", "suggest", "conclude", "label", "brand", "term", "express", "demand", "ask",
        "joke", "shout", "caution", "counter", "retort", "quip", "boast", "comment", "agree",
        "opine", "propose", "threaten", "hail", "praise",
    ),
    CONFIRMS: (
        "acknowledge", "admit", "concede", "confirm", "authenticate", "verify", "corroborate",
    ),
    DENIES: (
        "deny", "refute", "dispute",
    ),
    REJECTS: (
        "dismiss", "reject", "denounce", "rebuff", "brush off",
    ),
    DOUBTS: (
        "doubt", "question",
    ),
    RELAYS: (
        "report",
    ),
}  # fmt: skip
SAYING = {verb: stance for stance, verbs in _VERBS.items() for verb in verbs}
"""Verbs by their plain form. `report` relays: what it reports is somebody else's unless nobody is named."""

_IRREGULAR = {
    "said": "say", "says": "say", "saying": "say", "told": "tell", "tells": "tell", "telling": "tell",
    "wrote": "write", "writes": "write", "written": "write", "writing": "write", "denies": "deny",
    "denied": "deny", "denying": "deny", "replied": "reply", "replies": "reply", "testifies": "testify",
    "testified": "testify", "verified": "verify", "admitted": "admit", "admitting": "admit",
    "rebuffed": "rebuff", "pointed out": "point out", "points out": "point out", "pointing out": "point out",
    "brushed off": "brush off", "brushing off": "brush off", "quipped": "quip", "labelled": "label",
    "labelling": "label",
}  # fmt: skip
INDIRECT = frozenset(
    {
        "say", "tell", "add", "claim", "argue", "insist", "warn", "state", "declare", "announce", "assert",
        "allege", "maintain", "contend", "estimate", "deny", "confirm", "acknowledge", "admit", "concede",
        "accuse", "report", "dismiss", "reject", "denounce", "refute", "reveal", "disclose", "vow", "testify",
        "predict", "note", "dispute", "point out", "believe", "fear", "reiterate", "stress", "brush off",
        "authenticate", "verify", "call", "describe", "corroborate", "repeat",
    }
)  # fmt: skip
"""Verbs that make a statement of what follows them also where nothing is in quotation marks."""


def _forms() -> dict[str, str]:
    forms = dict(_IRREGULAR)
    for verb in SAYING:
        if " " in verb:
            forms[verb] = verb
            continue
        stem = verb[:-1] if verb.endswith("e") else verb
        last = verb[-1]
        forms[verb] = verb
        if last == "y" and verb[-2] not in "aeiou":
            forms[verb[:-1] + "ies"] = verb
            forms[verb[:-1] + "ied"] = verb
        else:
            forms[verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")] = verb
            forms[stem + "ed"] = verb
        forms[stem + "ing"] = verb
    return forms


FORMS = _forms()
VERB = re.compile(
    r"(?<![\w-])(?:" + "|".join(sorted(map(re.escape, FORMS), key=len, reverse=True)) + r")\b"
)
NOUNS = frozenset(
    {
        "state", "states", "report", "reports", "claim", "claims", "question", "questions", "order", "orders",
        "note", "notes", "estimate", "estimates", "fear", "fears", "doubt", "doubts", "demand", "demands",
        "call", "calls", "brand", "term", "terms", "post", "posts", "comment", "comments", "answer", "answers",
        "label", "labels", "tweet", "tweets", "remark", "remarks", "counter", "pledge", "pledges", "promise",
        "vow", "joke", "reply", "dispute", "disputes", "stress", "blame", "praise", "express", "shout", "hail",
    }
)  # fmt: skip
"""Forms that are as often nouns: they count only where what stands before them can be who speaks."""

NAMING = frozenset({"call", "calls", "label", "labels", "brand", "brands", "term", "terms"})
"""Nouns and verbs that name something: verbs where a name in quotation marks, or "as", is near behind them."""
PARTICIPLES = frozenset(
    {
        "reported",
        "disputed",
        "described",
        "questioned",
        "estimated",
        "ordered",
        "feared",
        "expressed",
        "believed",
    }
)

SILENCE = re.compile(
    r"\b(?:declin(?:ed|es|ing) (?:repeated requests )?to (?:be )?(?:say|comment|answer|discuss|interviewed"
    r"|elaborate|confirm)\w*"
    r"|refus(?:ed|es|ing) to (?:comment|answer|discuss|be interviewed)"
    r"|(?:did|do|does|has|have|had) not (?:immediately )?(?:respond|repl(?:y|ied)|return(?:ed)?"
    r"|responded|answer(?:ed)?)\b"
    r"|could not (?:immediately )?be reached"
    r"|(?:did|does|do) not (?:immediately )?have (?:an? )?(?:immediate )?comment|had no (?:immediate )?comment"
    r"|made no (?:immediate )?comment|offered no comment|would not comment|was not available for comment"
    r"|were not available for comment)"
)
NOT_DENYING = re.compile(
    r"\b(?:(?:(?:did|do|does|has|have|had) (?:not|never)|never) (?:\w+ly )?(?:den(?:y|ied)|disput(?:e"
    r"|ed)|challeng(?:e|ed))"
    r"|stopp(?:ed|ing) short of denying|without denying)\b"
)
NEGATIVE = re.compile(
    r"\b(?:fabricat\w*|fake|falsehoods?|(?:a lie|lies)\b(?! (?:in|with|at|on|within|behind))|slander\w*"
    r"|smear\w*|distort\w*|groundless|baseless|unfounded|untrue|nonsense|hoax"
    r"|no such thing|there (?:is|was|are|were) no such|nothing more than|never (?:happened|existed"
    r"|took place)|malicious\w*|sheer invention|invented|concocted"
    r"|turning a blind eye|out of context|not true|hyped?(?: up)?|defam\w*|preposterous"
    r"|does not exist|do not exist|doesn['’]t exist|hearsay|vilif\w*)\b"
    r"|捏造|编造|谎言|虚假|造谣|污蔑|诬蔑|抹黑|毫无根据|子虚乌有|无中生有|歪曲|诽谤|不实|纯属|假新闻|断章取义|不存在|根本没有|恶意",
    re.I,
)
"""Words by which what is said is itself a denial."""


def stance_of(verb: str, content: str) -> str:
    """The stance of a statement by its verb and its words: who calls something a fabrication denies it."""
    stance = SAYING.get(verb, ASSERTS)
    if stance in (ASSERTS, REJECTS, RELAYS) and NEGATIVE.search(content):
        return DENIES
    return ASSERTS if stance == RELAYS else stance
