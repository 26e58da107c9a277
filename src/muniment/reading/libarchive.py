"""libarchive (BSD licence, Debian's own package), bound by ctypes as libmagic is: reads archives from memory.

Only formats and filters that run in the process itself are switched on: none starts a program.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

_LIBRARIES = ("libarchive.so.13", "libarchive.13.dylib")
_FORMATS = ("7zip", "rar", "rar5", "cab", "lha", "iso9660", "cpio", "ar", "xar")
_FILTERS = ("gzip", "bzip2", "compress", "xz", "lzma", "lzip", "zstd", "lz4", "uu", "rpm")
_OK, _EOF, _WARN = 0, 1, -20
_TYPE, _REGULAR, _LINK = 0o170000, 0o100000, 0o120000
_SLICE = 1 << 20


class Broken(Exception):
    """The archive cannot be read from here on. `locked`: because its list of members is encrypted."""

    def __init__(self, *, locked: bool) -> None:
        super().__init__("broken")
        self.locked = locked


@dataclass(frozen=True, slots=True)
class Member:
    """One entry as the archive declares it; `target` where it is a link, `size` None where it is not told."""

    name: bytes
    regular: bool
    target: bytes
    size: int | None
    modified: int
    locked: bool


@functools.cache
def available() -> bool:
    """Whether this machine has the library."""
    return _library() is not None


@functools.cache
def _library() -> ctypes.CDLL | None:
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        _declare(library, pointer, size)
        return library
    return None


def _declare(library: ctypes.CDLL, pointer: type, size: type) -> None:
    library.archive_read_new.restype = pointer
    library.archive_read_open_memory.argtypes = [pointer, ctypes.c_char_p, size]
    library.archive_read_next_header.argtypes = [pointer, ctypes.POINTER(pointer)]
    library.archive_read_data_block.argtypes = [
        pointer,
        ctypes.POINTER(pointer),
        ctypes.POINTER(size),
        ctypes.POINTER(ctypes.c_int64),
    ]
    for name in ("archive_read_free", "archive_read_has_encrypted_entries"):
        getattr(library, name).argtypes = [pointer]
    for name in ("pathname_utf8", "pathname", "symlink_utf8", "hardlink_utf8"):
        getattr(library, f"archive_entry_{name}").argtypes = [pointer]
        getattr(library, f"archive_entry_{name}").restype = ctypes.c_char_p
    for name, result in (
        ("filetype", ctypes.c_uint),
        ("size", ctypes.c_int64),
        ("size_is_set", ctypes.c_int),
        ("mtime", ctypes.c_long),
        ("is_data_encrypted", ctypes.c_int),
    ):
        getattr(library, f"archive_entry_{name}").argtypes = [pointer]
        getattr(library, f"archive_entry_{name}").restype = result
    for kind, names in (("format", (*_FORMATS, "raw")), ("filter", _FILTERS)):
        for name in names:
            getattr(library, f"archive_read_support_{kind}_{name}").argtypes = [pointer]


class Archive:
    """An archive in memory, its members one after another. `raw`: one compressed file, not an archive."""

    def __init__(self, data: bytes, *, raw: bool = False) -> None:
        library = _library()
        assert library is not None, "ask `available` first"
        self._library = library
        self._data = data  # the library reads it where it lies
        self._handle = ctypes.c_void_p(library.archive_read_new())
        for name in _FILTERS:
            getattr(library, f"archive_read_support_filter_{name}")(self._handle)
        for name in ("raw",) if raw else _FORMATS:
            getattr(library, f"archive_read_support_format_{name}")(self._handle)
        self._opened = library.archive_read_open_memory(self._handle, data, len(data)) >= _WARN

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._library.archive_read_free(self._handle)

    def members(self) -> Iterator[Member]:
        """Each member; read it before asking for the next. Raises Broken."""
        if not self._opened:
            raise Broken(locked=False)
        entry = ctypes.c_void_p()
        while True:
            said = self._library.archive_read_next_header(self._handle, ctypes.byref(entry))
            if said == _EOF:
                return
            if said < _WARN:
                found = self._library.archive_read_has_encrypted_entries(self._handle)
                raise Broken(locked=found > 0)
            yield self._member(entry)

    def _member(self, entry: ctypes.c_void_p) -> Member:
        of = self._library
        kind = of.archive_entry_filetype(entry) & _TYPE
        link = of.archive_entry_hardlink_utf8(entry)
        if kind == _LINK:
            link = of.archive_entry_symlink_utf8(entry) or b"?"
        return Member(
            name=of.archive_entry_pathname_utf8(entry) or of.archive_entry_pathname(entry) or b"",
            regular=kind in (_REGULAR, 0) and link is None,
            target=link or b"",
            size=of.archive_entry_size(entry) if of.archive_entry_size_is_set(entry) else None,
            modified=of.archive_entry_mtime(entry),
            locked=bool(of.archive_entry_is_data_encrypted(entry)),
        )

    def content(self) -> Iterator[bytes]:
        """The bytes of the member that was given last, in slices; holes are zeros. Raises Broken.

        Block by block: `archive_read_data` fills members of a xar up with zeros.
        """
        block, size, at = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_int64()
        written = 0
        while True:
            said = self._library.archive_read_data_block(
                self._handle, ctypes.byref(block), ctypes.byref(size), ctypes.byref(at)
            )
            if said == _EOF:
                return
            if said < _WARN or at.value < written:
                raise Broken(locked=False)
            while written < at.value:
                hole = min(at.value - written, _SLICE)
                written += hole
                yield bytes(hole)
            written += size.value
            yield ctypes.string_at(block, size.value)
