"""Archives: every member is a part, at the path it was given; nothing is ever written under that path.

ZIP by its central directory, and by its local headers where that is damaged; tar, plain or compressed; single files
in gzip, bzip2, xz and Zstandard. Folders are no parts; links are recorded and not followed. A member that cannot be
had (encrypted, damaged, a method nobody has) is a part with that state. What expands beyond the limits stops the
reading.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import IO

from muniment.reading import zip_aes
from muniment.reading.decoding import decode
from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.formats.compressed import expand
from muniment.reading.member_names import decode_names
from muniment.reading.pages import ENCRYPTED, FAILED, OVER_LIMIT, UNSUPPORTED
from muniment.reading.passwords import spelled

_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_UNICODE_PATH = b"\x75\x70"
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_AES = 99
_SLICE = 1 << 20
_MOST_LINKS = 200


def read_zip(document: Document, account: Account) -> None:
    """Every member of a ZIP archive."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(document.data))
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        _salvage(document, account, type(error).__name__)
        return
    members = [one for one in archive.infolist() if not one.is_dir()]
    names = _zip_names(members)
    links = [one for one in members if stat.S_ISLNK(one.external_attr >> 16)]
    account.expect(parts=len(members) - len(links))
    account.property("comment", decode(archive.comment).text)
    tell_names(account, [names[id(one)] for one in members])
    told = []
    for member in members:
        name = names[id(member)]
        if member in links:
            told.append((name, _link_target(archive, member)))
        else:
            _zip_member(archive, member, name, document, account)
    tell_links(account, told)
    unlisted = document.data.count(b"PK\x03\x04") - len(archive.infolist())
    if unlisted > 0 and not _nested(document.data, archive):
        account.partly(f"{unlisted} members stand in the file that its list does not name")


def _zip_names(members: Sequence[zipfile.ZipInfo]) -> dict[int, str]:
    """Names as they were meant: UTF-8 where flagged, else the one legacy encoding that all the others share."""
    names: dict[int, str] = {}
    legacy: list[tuple[int, bytes]] = []
    for member in members:
        if member.flag_bits & _UTF8_FLAG or member.orig_filename.isascii():
            names[id(member)] = member.orig_filename
            continue
        raw = member.orig_filename.encode("cp437", "replace")
        unicode_path = _unicode_path(member.extra)
        if unicode_path:
            names[id(member)] = unicode_path
        else:
            legacy.append((id(member), raw))
    decoded = decode_names([raw for _, raw in legacy], "cp437")
    return names | dict(zip((key for key, _ in legacy), decoded, strict=True))


def _unicode_path(extra: bytes) -> str:
    """The name in UTF-8 that Info-ZIP adds (extra field 0x7075: version, CRC-32 of the other name, name)."""
    position = 0
    while position + 4 <= len(extra):
        size = int.from_bytes(extra[position + 2 : position + 4], "little")
        if extra[position : position + 2] == _UNICODE_PATH:
            return extra[position + 9 : position + 4 + size].decode("utf-8", "replace")
        position += 4 + size
    return ""


def _nested(data: bytes, archive: zipfile.ZipFile) -> bool:
    """Whether a member stored as it is brings local headers of its own (an archive in the archive)."""
    for member in archive.infolist():
        if member.compress_type == zipfile.ZIP_STORED and member.file_size > 30:
            start = member.header_offset + 30
            if b"PK\x03\x04" in data[start : start + member.file_size + 600]:
                return True
    return False


def _zip_member(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    name: str,
    document: Document,
    account: Account,
) -> None:
    properties = {"modified": _dos_time(member), "comment": decode(member.comment).text}
    properties = {key: value for key, value in properties.items() if value}
    try:
        data = _zip_bytes(archive, member, document, account)
    except Unreadable as stop:
        if stop.state == OVER_LIMIT:
            raise
        account.part(
            b"",
            name=last(name),
            path=name,
            properties=properties,
            state=stop.state,
            reason=stop.reason,
        )
    else:
        account.part(data, name=last(name), path=name, properties=properties)


def _zip_bytes(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, document: Document, account: Account
) -> bytes:
    """The bytes of a member. Raises Unreadable with the state it has instead."""
    locked = bool(member.flag_bits & _ENCRYPTED_FLAG)
    if member.compress_type == _AES:
        return _zip_aes(member, document, account)
    if member.compress_type not in _METHODS:
        raise Unreadable(
            UNSUPPORTED, f"compression method {member.compress_type} is not known here"
        )
    tried = (written for password in document.passwords for written in spelled(password))
    for password in tried if locked else (b"",):
        try:
            with archive.open(member, pwd=password or None) as opened:
                return _within(opened, account)
        except RuntimeError:
            continue  # a wrong password
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError):
            if locked:
                continue
            raise Unreadable(FAILED, "this member is damaged: its bytes do not unpack") from None
    raise Unreadable(ENCRYPTED, "this member is encrypted")


def _zip_aes(member: zipfile.ZipInfo, document: Document, account: Account) -> bytes:
    """The bytes of a member encrypted with AES, with the first password that opens it."""
    how = zip_aes.locked(member.extra)
    at = member.header_offset
    header = document.data[at : at + 30]
    if how is None or header[:4] != b"PK\x03\x04":
        raise Unreadable(FAILED, "this member is damaged: how it is encrypted is not told")
    begin = at + 30 + sum(int.from_bytes(header[one : one + 2], "little") for one in (26, 28))
    stored = document.data[begin : begin + member.compress_size]
    for password in document.passwords:
        for written in spelled(password):
            packed = zip_aes.unlock(stored, how, written)
            if packed is not None:
                return _unpacked(packed, how.method, account)
    raise Unreadable(ENCRYPTED, "this member is encrypted with AES")


def _unpacked(packed: bytes, method: int, account: Account) -> bytes:
    if method == zipfile.ZIP_STORED:
        return packed
    if method != zipfile.ZIP_DEFLATED:
        raise Unreadable(UNSUPPORTED, f"compression method {method} is not known here")
    limit = account.part_bytes_left() + 1
    try:
        out = zlib.decompressobj(-15).decompress(packed, limit)
    except zlib.error:
        raise Unreadable(FAILED, "this member is damaged: its bytes do not unpack") from None
    if len(out) >= limit:
        raise Unreadable(OVER_LIMIT, "its members expand to more bytes than allowed")
    return out


def _within(opened: IO[bytes], account: Account) -> bytes:
    """All bytes of a member, or Unreadable as soon as they are more than may still come."""
    out, left = [], account.part_bytes_left()
    while data := opened.read(_SLICE):
        out.append(data)
        left -= len(data)
        if left < 0:
            raise Unreadable(OVER_LIMIT, "its members expand to more bytes than allowed")
    return b"".join(out)


def _link_target(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    if member.file_size > 4096 or member.flag_bits & _ENCRYPTED_FLAG:
        return "?"
    try:
        return decode(archive.read(member)).text
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError):
        return "?"


def _salvage(document: Document, account: Account, why: str) -> None:
    """A ZIP archive without a list that can be read: what its local headers give (APPNOTE.TXT 4.3.7)."""
    data, position, found = document.data, 0, 0
    while (start := data.find(b"PK\x03\x04", position)) >= 0 and start + 30 <= len(data):
        flags, method = (
            int.from_bytes(data[start + at : start + at + 2], "little") for at in (6, 8)
        )
        packed = int.from_bytes(data[start + 18 : start + 22], "little")
        name_size = int.from_bytes(data[start + 26 : start + 28], "little")
        begin = start + 30 + name_size + int.from_bytes(data[start + 28 : start + 30], "little")
        name = decode(data[start + 30 : start + 30 + name_size]).text
        position = start + 4
        if name.endswith("/") or not name:
            continue
        found += 1
        state, reason, out, used = _salvaged(data[begin:], flags, method, packed, account)
        account.part(out, name=last(name), path=name, state=state, reason=reason)
        position = max(position, begin + used)
    account.expect(parts=found)
    if not found:
        raise Unreadable(FAILED, f"the list of its members cannot be read ({why})")
    account.partly("the list of its members is missing or damaged; these were found without it")


def _salvaged(
    data: bytes, flags: int, method: int, packed: int, account: Account
) -> tuple[str, str, bytes, int]:
    """State, reason, bytes and length of one member behind its local header."""
    if flags & _ENCRYPTED_FLAG:
        return ENCRYPTED, "this member is encrypted", b"", packed
    if method == zipfile.ZIP_STORED:
        if packed > len(data):
            return "", "", data, len(data)
        return "", "", data[:packed], packed
    if method != zipfile.ZIP_DEFLATED:
        return UNSUPPORTED, f"compression method {method} is not known here", b"", packed
    unpacker = zlib.decompressobj(-15)
    limit = account.part_bytes_left() + 1
    try:
        out = unpacker.decompress(data, limit)
    except zlib.error:
        return FAILED, "this member is damaged: its bytes do not unpack", b"", packed
    if len(out) >= limit:
        raise Unreadable(OVER_LIMIT, "its members expand to more bytes than allowed")
    if not unpacker.eof and not out:
        return FAILED, "this member is cut off", b"", len(data)
    if not unpacker.eof:
        account.partly("its last member is cut off")
    return "", "", out, len(data) - len(unpacker.unused_data)


def read_tar(document: Document, account: Account) -> None:
    """Every member of a tar archive."""
    _tar(document.data, account)


def _tar(data: bytes, account: Account) -> None:
    try:
        archive = tarfile.TarFile(fileobj=io.BytesIO(data), errors="surrogateescape")
        members, cut = _tar_members(archive)
    except (tarfile.TarError, OSError, ValueError, EOFError):
        raise Unreadable(FAILED, "its first header is damaged") from None
    parts = [one for one in members if one.isreg()]
    account.expect(parts=len(parts))
    names = decode_names([one.name.encode("utf-8", "surrogateescape") for one in parts], "cp1252")
    tell_names(account, names)
    for member, name in zip(parts, names, strict=True):
        properties = {"modified": unix_time(member.mtime), "owner": member.uname}
        properties = {key: value for key, value in properties.items() if value}
        content = b"" if member.size > account.part_bytes_left() else _tar_bytes(archive, member)
        if len(content) < member.size and member.size > account.part_bytes_left():
            raise Unreadable(OVER_LIMIT, "its members hold more bytes than allowed")
        if len(content) < member.size:
            cut = True
        account.part(content, name=last(name), path=name, properties=properties)
    tell_links(account, [(one.name, one.linkname) for one in members if one.issym() or one.islnk()])
    if cut:
        account.partly("it is cut off or damaged; what stands behind cannot be read")


def _tar_members(archive: tarfile.TarFile) -> tuple[list[tarfile.TarInfo], bool]:
    """Members up to the first that cannot be read, and whether there was one."""
    members: list[tarfile.TarInfo] = []
    try:
        for member in archive:
            members.append(member)  # one by one: what came before a damaged header is kept
    except (tarfile.TarError, OSError, ValueError, EOFError):
        return members, True
    return members, False


def _tar_bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    opened = archive.extractfile(member)
    if opened is None:
        return b""
    try:
        return opened.read()
    except (tarfile.TarError, OSError, EOFError):
        return b""


def read_compressed(document: Document, account: Account) -> None:
    """A compressed file: its content is one part; where that is a tar archive, its members are."""
    expanded = expand(document.data, document.type, account.part_bytes_left())
    if expanded.over:
        raise Unreadable(OVER_LIMIT, "it expands to more bytes than allowed")
    if not expanded.data and expanded.damage:
        raise Unreadable(FAILED, expanded.damage)
    account.property("modified", unix_time(expanded.modified))
    if expanded.data[257:262] == b"ustar":
        if expanded.damage:
            account.partly(expanded.damage)
        _tar(expanded.data, account)
        return
    account.expect(parts=1)
    name = decode(expanded.name).text or without_ending(document.name)
    account.part(expanded.data, name=last(name), path=name)
    if expanded.damage:
        account.partly(expanded.damage)


def _refuse(document: Document, account: Account) -> None:  # noqa: ARG001 - the shape of a reader
    """Archives nobody here opens."""
    raise Unreadable(
        UNSUPPORTED,
        f"archives of the type {document.type} are not opened yet; unpack it and add what it holds",
    )


def without_ending(name: str) -> str:
    """What a compressed file was called before."""
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 5:
        return "content"
    return f"{stem}.tar" if ending.lower() in ("tgz", "tbz2", "txz", "tzst") else stem


def last(path: str) -> str:
    """The file name of a path."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path


def tell_names(account: Account, names: Sequence[str]) -> None:
    """How many names lead outside, and how many come more than once: both are tricks."""
    outside = sum(
        1
        for name in names
        if name.startswith(("/", "\\"))
        or name[1:2] == ":"
        or ".." in name.replace("\\", "/").split("/")
    )
    if outside:
        account.property("names-leading-outside", str(outside))
    twice = sum(count - 1 for count in Counter(names).values())
    if twice:
        account.property("names-used-again", str(twice))


def tell_links(account: Account, links: Sequence[tuple[str, str]]) -> None:
    """Links, which are recorded and not followed."""
    if links:
        account.property("links", str(len(links)))
    for name, target in links[:_MOST_LINKS]:
        account.property(
            "link", f"{decode(name.encode('utf-8', 'surrogateescape')).text} -> {target}"
        )


def _dos_time(member: zipfile.ZipInfo) -> str:
    """The time in the list of members: local time of whoever packed it, zone unknown."""
    year, *rest = member.date_time
    if year <= 1980 and rest == [1, 1, 0, 0, 0]:
        return ""
    return f"{year:04d}-{rest[0]:02d}-{rest[1]:02d}T{rest[2]:02d}:{rest[3]:02d}:{rest[4]:02d}"


def unix_time(seconds: float) -> str:
    """A time in ISO 8601, UTC; nothing where it is none."""
    if not 0 < seconds < 1 << 40:
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""


_ZIP = ("application/zip", "application/x-zip-compressed")
_TAR = ("application/x-tar", "application/x-gtar")
_COMPRESSED = (
    "application/gzip", "application/x-gzip", "application/x-bzip2", "application/x-xz", "application/x-lzma",
    "application/zstd", "application/x-zstd",
)  # fmt: skip
_REFUSED = (
    "application/x-arj", "application/x-brotli", "application/java-pack200",
    "application/x-java-pack200",
)  # fmt: skip

register(Format(family="archive", types=_ZIP, read=read_zip))
register(Format(family="archive", types=_TAR, read=read_tar))
register(Format(family="archive", types=_COMPRESSED, read=read_compressed))
register(Format(family="archive", types=_REFUSED, read=_refuse))
