"""Mailboxes of Outlook (PST, OST) by libpff: every message is a part, its folders are its path.

A message is written anew as a mail (see outlook.py), with its attachments, and read as one. What libpff can recover
of deleted messages comes too, in the folder `recovered`. A message that cannot be had is a part that failed.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from email.utils import format_datetime
from typing import Any

from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.formats.outlook import Letter
from muniment.reading.pages import FAILED, OVER_LIMIT

_NAMES = (0x3707, 0x3704, 0x3001)
_TO, _CC, _BCC, _ADDRESS, _MESSAGE_ID, _MIME_TYPE = 0x0E04, 0x0E03, 0x0E02, 0x0C1F, 0x1035, 0x370E
_DEEPEST = 20
_TROUBLE = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    SystemError,
    MemoryError,
    OverflowError,
    struct.error,
)


def read(document: Document, account: Account) -> None:
    """Every message of every folder."""
    import pypff

    store = pypff.file()
    try:
        store.open_file_object(io.BytesIO(document.data))
        root = store.get_root_folder()
    except _TROUBLE:
        raise Unreadable(FAILED, "libpff cannot open it") from None
    found = 0
    for path, message in _messages(root, "", 0, account):
        found += 1
        _message(message, path, found, account)
    for place in range(_count(store, "number_of_recovered_items")):
        try:
            message = store.get_recovered_item(place)
            recovered = message if hasattr(message, "get_subject") else None
        except _TROUBLE:
            recovered = None
        if recovered is not None:
            found += 1
            _message(recovered, "recovered", found, account)
    account.expect(parts=found)
    account.property("messages", str(found))


def _count(of: Any, name: str) -> int:
    try:
        return int(getattr(of, name, 0) or 0)
    except _TROUBLE:
        return 0


def _messages(folder: Any, path: str, deep: int, account: Account) -> Iterator[tuple[str, Any]]:
    """All messages below a folder, each with the folders it is in; what cannot be opened is told."""
    if deep > _DEEPEST:
        account.partly("its folders are nested too deep")
        return
    for place in range(_count(folder, "number_of_sub_messages")):
        try:
            yield path, folder.get_sub_message(place)
        except _TROUBLE:
            yield path, None
    for place in range(_count(folder, "number_of_sub_folders")):
        try:
            inner = folder.get_sub_folder(place)
            name = str(inner.get_name() or "folder")
        except _TROUBLE:
            account.partly("a folder cannot be opened")
            continue
        yield from _messages(inner, f"{path}/{name}".strip("/"), deep + 1, account)


def _message(message: Any, path: str, number: int, account: Account) -> None:
    name = f"message {number}.eml"
    where = f"{path}/{name}".strip("/")
    letter = None if message is None else _letter(message, 0)
    if letter is None:
        account.part(
            b"", name=name, path=where, state=FAILED, reason="libpff cannot open this message"
        )
        return
    account.part(
        letter.written(), name=name, path=where, properties={"rebuilt": "from a mailbox of Outlook"}
    )


def _letter(message: Any, deep: int) -> Letter:
    sender = _entry(message, (_ADDRESS,)) or ""
    shown = _said(message, "sender_name")
    letter = Letter(
        headers=_said(message, "transport_headers"), plain=_said(message, "plain_text_body")
    )
    letter.html = _bytes(message, "html_body")
    letter.made = [
        ("From", f"{shown} <{sender}>" if "@" in sender else shown or sender), ("To", _entry(message, (_TO, ))),
        ("Cc", _entry(message, (_CC, ))), ("Bcc", _entry(message, (_BCC, ))), ("Subject", _said(message,
        "subject")), ("Date", _date(message)), ("Message-ID", _entry(message, (_MESSAGE_ID, ))),
    ]  # fmt: skip
    for place in range(_count(message, "number_of_attachments")):
        letter.attached.append(_attached(message, place, deep))
    return letter


def _attached(message: Any, place: int, deep: int) -> tuple[str, str, bytes]:
    try:
        one = message.get_attachment(place)
        name = _entry(one, _NAMES) or f"attachment {place + 1}"
        size = int(one.get_size() or 0)
        if size > 1 << 30:
            raise Unreadable(OVER_LIMIT, "an attachment is larger than allowed")
        data = bytes(one.read_buffer(size)) if size else b""
        if not data and _count(one, "number_of_sub_items") and deep < _DEEPEST:
            inner = one.get_sub_item(0)
            return f"{name}.eml", "message/rfc822", _letter(inner, deep + 1).written()
    except _TROUBLE:
        return f"attachment {place + 1}", "application/octet-stream", b""
    return name, _entry(one, (_MIME_TYPE,)), data


def _said(of: Any, name: str) -> str:
    raw = _bytes(of, name)
    return raw.decode("utf-8", "replace").strip("\0")


def _bytes(of: Any, name: str) -> bytes:
    try:
        value = getattr(of, name, None)
    except _TROUBLE:
        return b""
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", "replace") if value else b""


def _entry(of: Any, wanted: tuple[int, ...]) -> str:
    """The first of these properties in the records of an item."""
    found: dict[int, str] = {}
    for place in range(_count(of, "number_of_record_sets")):
        try:
            records = of.get_record_set(place)
            for number in range(int(records.number_of_entries)):
                entry = records.get_entry(number)
                if entry.entry_type in wanted and entry.entry_type not in found:
                    found[entry.entry_type] = str(entry.get_data_as_string() or "")
        except _TROUBLE:
            continue
    return next((found[number] for number in wanted if found.get(number)), "")


def _date(message: Any) -> str:
    for name in ("client_submit_time", "delivery_time"):
        try:
            moment = getattr(message, name, None)
            if moment is not None:
                return format_datetime(moment)
        except _TROUBLE:
            continue
    return ""


register(Format(family="mailbox", types=("application/vnd.ms-outlook-pst",), read=read))
