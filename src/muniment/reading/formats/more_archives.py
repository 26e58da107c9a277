"""Archives by libarchive: 7z, RAR, CAB, LHA, ISO 9660, cpio, ar, xar, and single files in .Z, lz4 and lzip.

Members become parts as those of a ZIP do. One that is encrypted, damaged or goes on in another volume is a part with
that state and without bytes; of 7z archives under a password those that one of the list opens come out. Where the
library is not installed the state is unsupported.
"""

from __future__ import annotations

from dataclasses import replace

from muniment.reading import libarchive, rar
from muniment.reading.decoding import decode
from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.formats.archive import last, tell_links, tell_names, unix_time, without_ending
from muniment.reading.libarchive import Archive, Broken, Member
from muniment.reading.pages import ENCRYPTED, FAILED, OVER_LIMIT, UNSUPPORTED

_DAMAGED = "this member cannot be unpacked: it is damaged, or goes on in another volume"
_SEVEN_ZIP = "application/x-7z-compressed"
_RAR = ("application/x-rar", "application/vnd.rar")
_UNPACK = "nothing here opens RAR with a password: unpack it elsewhere, and add what it holds"
_MARKS = (
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (b"xar!\0\x1c", "application/x-xar"),
    (b"\x04\x22\x4d\x18", "application/x-lz4"),
    (b"LZIP\x01", "application/x-lzip"),
    (b"\x1f\x9d", "application/x-compress"),
)


def read(document: Document, account: Account) -> None:
    """Every member."""
    if document.type == _SEVEN_ZIP and _locked(document, account):
        return
    _need(document)
    names: list[str] = []
    links: list[tuple[str, str]] = []
    locked = rar.locks(document.data)
    if locked.everything:
        raise Unreadable(ENCRYPTED, _locked_list(document))
    with Archive(document.data) as archive:
        try:
            for place, member in enumerate(archive.members()):
                member = replace(member, locked=member.locked or place in locked.members)
                name = _text(member.name)
                if member.target:
                    links.append((name, _text(member.target)))
                elif member.regular:
                    names.append(name)
                    _tell(archive, member, name, account, _how_to_open(document))
        except Broken as broken:
            if broken.locked and not names:
                raise Unreadable(ENCRYPTED, _locked_list(document)) from None
            if not names:
                raise Unreadable(FAILED, "its first member cannot be read") from None
            account.partly("it is cut off or damaged; what stands behind cannot be read")
    if not names and not links:
        account.partly("it has no members, or its list of them is damaged")
    tell_names(account, names)
    tell_links(account, links)


def _locked_list(document: Document) -> str:
    if document.type in _RAR:
        return f"its list of members is encrypted; {_UNPACK}"
    tried = "and none of those given opens it" if document.passwords else "to open it"
    return f"its list of members is encrypted: it needs a password {tried}"


def _locked(document: Document, account: Account) -> bool:
    """Tell the members of a 7z archive under a password; False where it is none, or its list stays locked."""
    from muniment.reading import seven_zip

    if not seven_zip.locked(document.data):
        return False
    try:
        found = seven_zip.members(document.data, document.passwords, account.part_bytes_left())
    except seven_zip.TooLarge:
        raise Unreadable(OVER_LIMIT, "its members expand to more bytes than allowed") from None
    if found is None:
        return False
    reason = "this member is encrypted"
    if document.passwords:
        reason = "no password given opens this member, or it is damaged or packed in an unknown way"
    files = [one for one in found if not one.link]
    for one in files:
        modified = "" if one.modified is None else one.modified.strftime("%Y-%m-%dT%H:%M:%SZ")
        state = ENCRYPTED if one.data is None else ""
        account.part(
            one.data or b"",
            name=last(one.name),
            path=one.name,
            properties={"modified": modified} if modified else {},
            state=state,
            reason=reason if state else "",
        )
    tell_names(account, [one.name for one in files])
    links = [(one.name, (one.data or b"?").decode("utf-8", "replace")) for one in found if one.link]
    tell_links(account, links)
    return True


def read_single(document: Document, account: Account) -> None:
    """One compressed file: its content is the one part."""
    _need(document)
    account.expect(parts=1)
    with Archive(document.data, raw=True) as archive:
        try:
            for _ in archive.members():
                name = without_ending(document.name)
                account.part(_bytes(archive, account), name=last(name), path=name)
                break
        except Broken:
            raise Unreadable(FAILED, "it is damaged: its bytes do not unpack") from None


def _how_to_open(document: Document) -> str:
    return f"; {_UNPACK}" if document.type in _RAR else ""


def _need(document: Document) -> None:
    if not libarchive.available():
        raise Unreadable(
            UNSUPPORTED,
            f"archives of the type {document.type} need libarchive, which this machine lacks",
        )


def _tell(archive: Archive, member: Member, name: str, account: Account, how: str) -> None:
    modified = unix_time(member.modified)
    properties = {"modified": modified} if modified else {}
    data, state, reason = b"", "", ""
    if member.locked:
        state, reason = ENCRYPTED, f"this member is encrypted{how}"
    else:
        try:
            data = _bytes(archive, account)
        except Broken:
            state, reason = FAILED, _DAMAGED
    if not state and member.size is not None and len(data) < member.size:
        data, state, reason = b"", FAILED, _DAMAGED
    account.part(
        data, name=last(name), path=name, properties=properties, state=state, reason=reason
    )


def _bytes(archive: Archive, account: Account) -> bytes:
    out, left = [], account.part_bytes_left()
    for piece in archive.content():
        out.append(piece)
        left -= len(piece)
        if left < 0:
            raise Unreadable(OVER_LIMIT, "its members expand to more bytes than allowed")
    return b"".join(out)


def _text(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return decode(name).text


def identify(data: bytes, name: str) -> str | None:  # noqa: ARG001 - the shape of a rule
    """By the first bytes."""
    return next((named for mark, named in _MARKS if data.startswith(mark)), None)


_ARCHIVES = (
    "application/x-7z-compressed", "application/x-rar", "application/vnd.rar", "application/x-lharc",
    "application/x-lzh-compressed", "application/x-cpio", "application/x-archive", "application/x-xar",
    "application/vnd.ms-cab-compressed", "application/x-iso9660-image", "application/x-lha",
    "application/vnd.debian.binary-package", "application/x-rpm",
)  # fmt: skip
_SINGLE = ("application/x-compress", "application/x-lz4", "application/x-lzip")
register(Format(family="archive", types=_ARCHIVES, read=read, identify=identify))
register(Format(family="archive", types=_SINGLE, read=read_single))
