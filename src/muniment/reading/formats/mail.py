"""Mail: one message is one page; what is attached to it, messages too, are its parts.

The page begins with the headers a reader looks for (From, To, Cc, Bcc, Subject, Date, Attachments), an empty line,
then the text. docs/reference/formats.md says which text is shown where a message has several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from muniment.reading import mime, webpage
from muniment.reading.formats import Account, Document, Format, Unreadable, html, register
from muniment.reading.pages import ENCRYPTED, FAILED

_SHOWN = (
    ("from", "From"), ("to", "To"), ("cc", "Cc"), ("bcc", "Bcc"), ("subject", "Subject"), ("date", "Date"),
    ("x-event-start", "Begins"), ("x-event-end", "Ends"), ("x-event-place", "Place"),
    ("x-event-attendees", "Attendees"),
)  # fmt: skip
_KEPT = {
    "from": "from", "to": "to", "cc": "cc", "bcc": "bcc", "subject": "subject", "sender": "sender",
    "reply-to": "reply-to", "message-id": "message-id", "in-reply-to": "in-reply-to",
    "references": "references", "return-path": "return-path", "x-mailer": "application",
    "user-agent": "application", "x-originating-ip": "originating-address", "list-id": "list",
    "dkim-signature": "dkim-signature", "arc-seal": "arc-seal",
    "authentication-results": "authentication-results", "organization": "organisation",
    "x-event-start": "event-start", "x-event-end": "event-end", "x-event-place": "event-place",
    "x-event-attendees": "event-attendees", "thread-topic": "thread-topic",
    "importance": "importance", "x-priority": "importance",
}  # fmt: skip
_MAIL_HEADERS = {
    "from", "to", "cc", "subject", "date", "message-id", "received", "return-path", "mime-version",
    "content-type", "sender", "reply-to", "delivered-to",
}  # fmt: skip
_PGP = re.compile(rb"^-----BEGIN PGP MESSAGE-----[ \t\r]*$", re.M)
_LINE_END = re.compile("\r\n?")
_EMLX = re.compile(rb"\A\d{1,10} *\r?\n(?=[!-9;-~]{2,60}:)")
_CONTROLS = bytes(set(range(32)) - {0, 9, 10, 12, 13, 27})
_NO_MAIL = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!",
    b"\x7fELF", b"II*\0", b"MM\0*",
)  # fmt: skip
_SOME_TEXT = 200


@dataclass(slots=True)
class _Message:
    """What one message says: texts in order, parts in order, and what was damaged."""

    texts: list[str] = field(default_factory=list)
    parts: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    encrypted: str = ""
    signed: str = ""

    def damaged(self, sentence: str) -> None:
        if sentence not in self.damage:
            self.damage.append(sentence)


def read(document: Document, account: Account) -> None:
    """One message: properties, one page, parts."""
    data = _message_of_emlx(document.data, account)
    if not data.strip(b"\0 \t\r\n"):
        what = "zero bytes" if b"\0" in data else "empty lines"
        raise Unreadable(FAILED, f"it holds nothing but {what}")
    entity = mime.parse(data)
    if entity.first("snapshot-content-location"):
        html.read_mhtml(document, account)  # a browser saved a page in the clothes of a mail
        return
    message = _Message()
    zeros = data.count(0)
    if zeros:
        message.damaged(f"{zeros} of its bytes are zero")
    if not _MAIL_HEADERS & {name for name, _ in entity.headers}:
        if _is_noise(data):
            raise Unreadable(FAILED, "its headers are destroyed, and what is left is no text")
        message.damaged("its headers are missing or destroyed")
    _walk(entity, message)
    account.expect(pages=1, parts=len(message.parts))
    _properties(entity, message, account)
    page, start = _page(entity, message)
    account.property("text-begins", str(start))
    account.page(page)
    for name, part, properties in message.parts:
        account.part(part, name=name, properties=properties)
    for sentence in message.damage:
        account.partly(sentence)
    if message.encrypted:
        raise Unreadable(ENCRYPTED, message.encrypted)


def identify(data: bytes, name: str) -> str | None:
    """Mail of Apple Mail; and what its container calls a mail, damaged as it may be."""
    if _EMLX.match(data):
        return "message/x-emlx"
    if name.lower().endswith(".eml"):
        return None if data.startswith(_NO_MAIL) else "message/rfc822"
    return None


def _is_noise(data: bytes) -> bool:
    """Whether these bytes are no text in any charset: more than two in a hundred are control characters."""
    head = data[:65536].replace(b"\0", b"")
    return len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 50


def _message_of_emlx(data: bytes, account: Account) -> bytes:
    """The message inside an emlx file: the first line counts its bytes, a property list follows it."""
    found = _EMLX.match(data)
    if not found:
        return data
    size = int(data[: found.end()])
    if found.end() + size > len(data):
        account.partly("it is cut off: fewer bytes than its first line says")
    rest = data[found.end() + size :]
    flags = re.search(rb"<key>flags</key>\s*<integer>(\d{1,18})</integer>", rest)
    if flags:
        account.property("flags", flags[1].decode())
    return data[found.end() : found.end() + size]


def _walk(entity: mime.Entity, message: _Message) -> None:
    """Texts and parts of an entity and all below it (the depth is bounded by mime.parse)."""
    kind = entity.type
    if kind == "multipart/alternative":
        _alternative(entity, message)
    elif entity.children:
        _multipart(entity, message)
    elif _is_text(entity):
        _text(entity, message)
    else:
        _part(entity, message)
    for sentence in entity.damage:
        message.damaged(sentence)


def _multipart(entity: mime.Entity, message: _Message) -> None:
    kind = entity.type
    protocol = entity.parameters.get("protocol", "").lower()
    if kind == "multipart/encrypted":
        message.encrypted = "its text is encrypted with PGP"
    if kind == "multipart/signed":
        message.signed = "PGP" if "pgp" in protocol else "S/MIME"
    _aside(entity.preamble, message)
    root_is_html = kind == "multipart/related"
    for child in entity.children:
        if root_is_html and child.type == "text/html" and child is not entity.children[0]:
            _part(child, message)
        else:
            _walk(child, message)
    _aside(entity.epilogue, message)


def _aside(data: bytes, message: _Message) -> None:
    """Text before the first and behind the last part, which mail programs do not show."""
    text = mime.decode_text(data, "")[0].strip("\0\r\n\t ")
    if len(text) >= _SOME_TEXT:
        message.texts.append("[text outside of its parts]\n" + text)


def _alternative(entity: mime.Entity, message: _Message) -> None:
    """The plain text is shown, and the lines of the HTML that say something else; every other kind is a part."""
    plain, rich = _Message(), _Message()
    for child in entity.children:
        one = _Message()
        _walk(child, one)
        is_plain = child.type in ("text/plain", "text/enriched", "multipart/alternative")
        side = plain if is_plain and child.type != "multipart/alternative" else rich
        side.texts += one.texts
        for other in (plain, rich):
            if other is side:
                other.parts += one.parts
        message.damage += [said for said in one.damage if said not in message.damage]
        message.encrypted = message.encrypted or one.encrypted
        message.signed = message.signed or one.signed
    plain_text, rich_text = "\n".join(plain.texts), "\n".join(rich.texts)
    if not plain_text.strip():
        message.texts += rich.texts
        message.shown.add("html")
    else:
        message.texts += plain.texts
        message.shown.add("plain")
        if differing := _only_in(rich_text, plain_text):
            message.texts.append("\n".join(["[only in its HTML version]", *differing]))
            message.shown.add("html")
    message.parts += plain.parts + rich.parts


_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"<?\b(?:https?|mailto):[^\s>]*>?", re.I)


def _only_in(rich: str, plain: str) -> list[str]:
    """Lines of one text whose words, in their order, are not in the other (addresses of links left out)."""
    known = f" {_words(plain)} "
    return [
        line for line in rich.split("\n") if (said := _words(line)) and f" {said} " not in known
    ]


def _words(text: str) -> str:
    return " ".join(_WORD.findall(_ADDRESS.sub(" ", text.lower())))


def _is_text(entity: mime.Entity) -> bool:
    kind = entity.type
    if entity.disposition == "attachment" or _file_name(entity):
        return False
    return kind in (
        "text/plain", "text/html", "text/enriched", "text/richtext", "message/delivery-status",
        "message/disposition-notification", "text/rfc822-headers", "message/feedback-report",
    )  # fmt: skip


def _text(entity: mime.Entity, message: _Message) -> None:
    data = mime.decode_body(entity)
    charset = entity.parameters.get("charset", "")
    if entity.type == "text/html":
        text, lost = webpage.decode(data, charset)
        root = webpage.tree(text)
        text = "" if root is None else webpage.visible_text(root)
        message.shown.add("html")
    else:
        if _PGP.search(data):
            message.encrypted = "its text is encrypted with PGP"
        data = _without_uuencoded(data, message)
        text, lost = mime.decode_text(data, charset)
        text = _LINE_END.sub("\n", text)
        if entity.parameters.get("format", "").lower() == "flowed":
            text = flowed(text, delete=entity.parameters.get("delsp", "").lower() == "yes")
        message.shown.add("plain")
    if lost:
        message.damaged(f"{lost} places of its text are no text in its charset, shown as U+FFFD")
    if text.strip():
        message.texts.append(text.strip("\n"))


def _without_uuencoded(data: bytes, message: _Message) -> bytes:
    """Files uuencoded in the text become parts; a line in the text says where they stood."""
    out, position = [], 0
    for start, end, raw_name, file, whole in mime.uuencoded(data):
        out += [data[position:start], b"[attached: " + raw_name + b"]\n"]
        message.parts.append((mime.decode_words(raw_name), file, {"declared-type": "x-uuencode"}))
        if not whole:
            message.damaged("a uuencoded file is cut off")
        position = end
    return b"".join([*out, data[position:]])


def flowed(text: str, *, delete: bool) -> str:
    """Paragraphs put together again that were sent as format=flowed (RFC 3676)."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        kept = content[:-1] if flows and delete else content
        if open_depth == depth and content != "-- ":
            out[-1] += kept
        else:
            out.append(">" * depth + (" " if depth else "") + kept)
        open_depth = depth if flows else -1
    return "\n".join(out)


def _file_name(entity: mime.Entity) -> str:
    return entity.disposition_parameters.get("filename") or entity.parameters.get("name") or ""


def _part(entity: mime.Entity, message: _Message) -> None:
    """An entity that is a document of its own."""
    data = mime.decode_body(entity)
    kind = entity.type
    name = _file_name(entity)
    smime = entity.parameters.get("smime-type", "").lower()
    if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        if "signed" in smime:
            message.signed = "S/MIME"
        else:
            message.encrypted = "its text is encrypted with S/MIME"
    if kind in ("message/rfc822", "message/global", "message/news"):
        inner = mime.parse(data)
        subject = mime.decode_words(inner.first("subject"))
        name = _ending(name or subject or f"message {len(message.parts) + 1}", ".eml")
    if not name:
        ending = {"text/html": ".html", "text/plain": ".txt", "text/calendar": ".ics"}.get(kind, "")
        name = f"part {len(message.parts) + 1}{ending}"
    properties = {"declared-type": kind}
    said = entity.disposition_parameters
    for header, kept in (("creation-date", "created"), ("modification-date", "modified")):
        if moment := mime.iso_moment(said.get(header, "")):
            properties[kept] = moment
    if content_id := entity.first("content-id"):
        properties["content-id"] = mime.decode_words(content_id)
    if entity.disposition:
        properties["disposition"] = entity.disposition[:100]
    message.parts.append((name, data, properties))


def _ending(name: str, ending: str) -> str:
    return name if name.lower().endswith(ending) else name + ending


def _properties(entity: mime.Entity, message: _Message, account: Account) -> None:
    charset = entity.parameters.get("charset", "")
    for name, raw in entity.headers:
        if name in _KEPT:
            account.property(_KEPT[name], mime.decode_words(raw, charset))
    account.title = mime.decode_words(entity.first("subject"), charset)
    written = mime.decode_words(entity.first("date"))
    account.property("date", mime.iso_moment(written))
    account.property("date-as-written", written)
    received = entity.every("received")
    if received:
        account.property("hops", str(len(received)))
        account.property(
            "received", mime.iso_moment(mime.decode_words(received[0].rpartition(b";")[2]))
        )
    account.property("signed", message.signed)
    account.property("text-from", " and ".join(sorted(message.shown)))


def _page(entity: mime.Entity, message: _Message) -> tuple[str, int]:
    """The page, and where its text begins behind the headers."""
    lines = list(_header_lines(entity))
    if message.parts:
        lines.append("Attachments: " + ", ".join(name for name, _, _ in message.parts))
    head = "\n".join(lines) + "\n\n" if lines else ""
    return head + "\n\n".join(message.texts), len(head)


def _header_lines(entity: mime.Entity) -> Iterator[str]:
    charset = entity.parameters.get("charset", "")
    for name, label in _SHOWN:
        for raw in entity.every(name):
            if text := mime.decode_words(raw, charset):
                yield f"{label}: {text}"


register(
    Format(
        family="mail",
        types=("message/rfc822", "message/x-emlx", "message/news", "message/global"),
        read=read,
        identify=identify,
    )
)
