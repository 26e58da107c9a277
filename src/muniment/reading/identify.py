"""What a document is, by its content and never by its extension. Runs inside the sandbox.

Own rules come first (a PDF behind some garbage, office files in ZIP and OLE containers, mbox, mail, PST, OneNote,
UTF-16 text), then the rules that formats bring themselves, then libmagic. The name only chooses among kinds of text.
"""

from __future__ import annotations

import codecs
import ctypes
import functools
import io
import re
import zipfile

from muniment.reading import formats
from muniment.reading.decoding import wide

UNKNOWN = "application/octet-stream"
_LOOK = 1 << 20
_LOOK_TEXT = 1 << 15
_MAGIC_MIME_TYPE = 0x10
_NAMED_TEXT = {
    "csv": "text/csv",
    "md": "text/markdown",
    "markdown": "text/markdown",
    "json": "application/json",
    "rst": "text/x-rst",
}
_ODF = re.compile(rb"application/(vnd\.oasis\.opendocument\.[a-z-]+|epub\+zip)")
_OOXML = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("FixedDoc", "application/vnd.ms-xpsdocument"),
    ("visio/", "application/vnd.ms-visio.drawing.main+xml"),
)
# Names of streams in an OLE compound file, as it stores them (UTF-16), and what holds them.
_OLE = (
    ("EncryptedPackage", "application/x-encrypted-ooxml"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
    ("WordDocument", "application/msword"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("Workbook", "application/vnd.ms-excel"),
    ("VisioDocument", "application/vnd.visio"),
    ("Quill", "application/x-mspublisher"),
)
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKED = (
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
# A PDF may begin behind some garbage; what is in one of these is a member of it, and no garbage stands before it.
_HOLDS = {
    "application/epub+zip", "application/gzip", "application/mbox", "application/vnd.ms-cab-compressed",
    "application/vnd.ms-outlook", "application/vnd.ms-outlook-pst", "application/vnd.rar",
    "application/x-7z-compressed", "application/x-archive", "application/x-bzip2", "application/x-cpio",
    "application/x-iso9660-image", "application/x-lzh-compressed", "application/x-rar",
    "application/x-tar", "application/x-xz", "application/xhtml+xml", "application/zip",
    "application/zstd", "message/rfc822", "multipart/related", "text/html",
}  # fmt: skip
_ONENOTE = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")
_ONENOTE_PACKAGE = bytes.fromhex("a12ff43cd9ef764c9ee210ea5722765f")
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]?")
_MAIL_HEADERS = {
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"received", b"return-path", b"mime-version",
    b"content-type", b"delivered-to", b"reply-to", b"x-mailer", b"in-reply-to", b"references",
    b"sender", b"dkim-signature",
    b"x-received", b"arc-seal", b"thread-topic",
}  # fmt: skip
_HTML = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|title|meta|script)\b",
    re.I | re.S,
)
_MARKUP = ("text/html", "application/xhtml+xml", "image/svg+xml", "application/javascript")
_MARKUP_BEGINS = re.compile(rb"\s*(<!--.*?-->\s*)*<[a-z!?/]", re.I | re.S)
_MARKUP_WHOLE = re.compile(
    rb"\s*(<\?xml|(<!--.*?-->\s*)*<(!doctype|html|head|body|svg)\b)", re.I | re.S
)
_MARKUP_NAMES = {"html", "htm", "xhtml", "shtml", "svg", "mht", "mhtml"}
# What is written in these often speaks of tags, and everything in it is meant to be seen.
_TEXT_NAMES = {
    "txt", "text", "log", "csv", "tsv", "md", "markdown", "rst", "json", "jsonl", "yaml", "yml", "toml", "ini",
    "cfg", "conf", "tex", "srt", "vtt", "py", "js", "ts", "css", "sh", "sql", "c", "h", "cpp", "java", "rs", "go",
}  # fmt: skip


def identify(data: bytes, name: str) -> str:
    """The media type of these bytes. `name` may only choose among kinds of text."""
    own = _by_rule(data)
    if own is None:
        for form in formats.registered():
            if form.identify is not None and (named := form.identify(data, name)):
                return named
        own = _by_magic(data[: _LOOK if b"\0" in data[:_LOOK_TEXT] else _LOOK_TEXT])
    if (
        b"%PDF-" in data[:1024]
        and own not in _HOLDS
        and data[:4] not in (b"PK\x03\x04", _OLE_MARK[:4])
    ):
        return "application/pdf"
    if own in _MARKUP and _only_speaks_of_tags(data[:65536], name):
        own = "text/plain"
    if own == "text/plain":
        return _NAMED_TEXT.get(name.rpartition(".")[2].lower(), own)
    return own


def _only_speaks_of_tags(head: bytes, name: str) -> bool:
    """Whether text that holds tags is better shown as it stands: it does not begin as a page of the web."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    head = head.removeprefix(codecs.BOM_UTF8)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in _TEXT_NAMES:
        return not _MARKUP_WHOLE.match(head)
    return ending not in _MARKUP_NAMES and not _MARKUP_BEGINS.match(head)


def _by_rule(data: bytes) -> str | None:
    if not data:
        return "inode/x-empty"
    if data[:1024].lstrip(b"\0\t\r\n\f \xef\xbb\xbf").startswith(b"%PDF-"):
        return "application/pdf"
    if data[:4] == b"!BDN":
        return "application/vnd.ms-outlook-pst"
    if data[:16] in (_ONENOTE, _ONENOTE_PACKAGE):
        return "application/onenote"
    if data[:4] == b"PK\x03\x04":
        return _in_zip(data)
    if data[:8] == _OLE_MARK:
        return _in_ole(data)
    for mark, media_type in _PACKED:
        if data.startswith(mark):
            return media_type
    return _text(data)


def _in_zip(data: bytes) -> str | None:
    """Office files are ZIP archives; libmagic only knows those whose members stand in the usual order."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                declared = archive.read("mimetype").strip()
                if _ODF.fullmatch(declared):
                    return declared.decode()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return "application/zip"
    if _in_iwork(names):
        return "application/vnd.apple.iwork"
    if "[Content_Types].xml" in names:
        for folder, media_type in _OOXML:
            if any(name.startswith(folder) for name in names):
                return media_type
    return "application/zip"


def _in_iwork(names: list[str]) -> bool:
    """Pages, Numbers or Keynote, as they were until 2013 and as they are since."""
    known = set(names)
    old = "buildVersionHistory.plist" in known and bool(known & {"index.xml", "index.apxl"})
    return old or "Index/Document.iwa" in known


def _in_ole(data: bytes) -> str | None:
    for stream, media_type in _OLE:
        if stream.encode("utf-16-le") + b"\0\0" in data:
            return media_type
    return None


def _text(data: bytes) -> str | None:
    """Kinds of text, or None where these bytes are none of those known here."""
    head = data[:65536]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        encoding = "utf-32" if head[:4] in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE) else "utf-16"
        text = head[: len(head) & ~3].decode(encoding, "replace").encode("utf-8", "replace")
        return "text/html" if _HTML.match(text) else "text/plain"
    head = head.removeprefix(codecs.BOM_UTF8)
    if head.startswith(b"From ") and _mail_headers(head.partition(b"\n")[2]) >= 2:
        return "application/mbox"
    if _mail_headers(head) >= 3:
        return "message/rfc822"
    if b"\0" in head:
        return "text/plain" if head.strip(b"\0\r\n\t ") and wide(head) else None
    if _HTML.match(head):
        return "application/xhtml+xml" if head.lstrip().startswith(b"<?xml") else "text/html"
    return None


def _mail_headers(head: bytes) -> int:
    """How many headers of a mail stand at the very start, before the first line that is none."""
    known = set()
    for line in head[:16384].splitlines():
        if line[:1] in b" \t" and line.strip():
            continue
        if not _HEADER.match(line):
            break
        name = line.partition(b":")[0].lower()
        if name in _MAIL_HEADERS:
            known.add(name)
    return len(known) if known & {b"from", b"received", b"return-path", b"message-id", b"to"} else 0


@functools.cache
def _magic() -> tuple[ctypes.CDLL, ctypes.c_void_p]:
    library = ctypes.CDLL("libmagic.so.1")
    library.magic_open.restype = ctypes.c_void_p
    library.magic_buffer.restype = ctypes.c_char_p
    library.magic_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    library.magic_load.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    cookie = ctypes.c_void_p(library.magic_open(_MAGIC_MIME_TYPE))
    if library.magic_load(cookie, None):
        raise OSError("libmagic has no database")
    return library, cookie


def _by_magic(data: bytes) -> str:
    library, cookie = _magic()
    found = library.magic_buffer(cookie, data, len(data))
    name = found.decode("ascii", "replace") if found else UNKNOWN
    if name == UNKNOWN and _like_text(data):
        return "text/plain"
    if name.startswith("text/") and b"\0" in data[:_LOOK_TEXT]:
        return UNKNOWN  # some of libmagic's rules have no type of their own and leave this one
    return name if "/" in name else UNKNOWN


def _like_text(data: bytes) -> bool:
    """Bytes of an old encoding that libmagic calls data: no control characters to speak of, and no NUL."""
    head = data[:65536]
    controls = sum(head.count(bytes([code])) for code in range(32) if code not in (9, 10, 12, 13))
    return bool(head) and controls * 200 < len(head) and b"\0" not in head
