"""Contacts and calendars (vCard, iCalendar): a line for each property, unfolded and decoded; one page.

Lines were folded and encoded for old mail programs, so that a name could stand in pieces. Pictures and files inside
become parts.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re

from muniment.reading.decoding import decode
from muniment.reading.formats import Account, Document, Format, register

_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPED = re.compile(r"\\([nN,;:\\])")
_TITLES = ("FN", "SUMMARY", "X-WR-CALNAME")
_COUNTED = {
    "VCARD": "contacts",
    "VEVENT": "events",
    "VTODO": "tasks",
    "VJOURNAL": "journal-entries",
}
_HEAD = re.compile(
    r"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]{1,60})((?:;(?:\"[^\"]*\"|[^\":;])*)*):", re.S
)


def read(document: Document, account: Account) -> None:
    """One page of all properties."""
    decoded = decode(document.data)
    if decoded.lost:
        account.partly(f"{decoded.lost} places hold bytes that are no {decoded.encoding} text")
    account.expect(pages=1)
    lines: list[str] = []
    counts: dict[str, int] = {}
    for line in _lines(decoded.text):
        found = _HEAD.match(line)
        if found is None:
            lines.append(line)
            continue
        name, how, value = found[1].upper(), found[2].upper(), line[found.end() :]
        if name == "BEGIN" and value.strip().upper() in _COUNTED:
            kind = _COUNTED[value.strip().upper()]
            counts[kind] = counts.get(kind, 0) + 1
        content = _file(how, value)
        if content is not None:
            account.part(content, name=name.lower())
            lines.append(f"{found[0]}[{len(content)} bytes]")
            continue
        value = _value(how, value)
        if name in _TITLES and not account.title:
            account.title = value
        lines.append(found[0] + value)
    for kind, count in counts.items():
        account.property(kind, str(count))
    account.page("\n".join(lines))


def _lines(text: str) -> list[str]:
    """Lines as they were before they were folded, those in quoted-printable too."""
    out: list[str] = []
    broken = False
    for line in _FOLD.sub("", text).splitlines():
        if broken:
            out[-1] = out[-1][:-1] + line
        else:
            out.append(line)
        broken = line.endswith("=") and "QUOTED-PRINTABLE" in out[-1].upper().partition(":")[0]
    return [line for line in out if line.strip()]


def _value(how: str, value: str) -> str:
    if "QUOTED-PRINTABLE" in how:
        raw = quopri.decodestring(value.encode("utf-8", "surrogateescape"))
        declared = re.search(r"CHARSET=\"?([A-Z0-9_-]{1,30})", how)
        try:
            value = raw.decode(declared[1] if declared else "utf-8")
        except (LookupError, UnicodeDecodeError):
            value = decode(raw).text
    return (
        _ESCAPED.sub(lambda m: " " if m[1] in "nN" else m[1], value)
        .replace("\r", "")
        .replace("\n", " ")
    )


def _file(how: str, value: str) -> bytes | None:
    """The bytes of a picture or a file that stands in a value; None where it holds words."""
    if value[:5].lower() == "data:" and ";base64," in value[:200]:
        value = value.partition(",")[2]
    elif not re.search(r"ENCODING=(B|BASE64)\b|;BASE64\b", how):
        return None
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


register(Format(family="plain", types=("text/vcard", "text/x-vcard", "text/calendar"), read=read))
