"""Office files under a password (MS-OFFCRYPTO), opened with those given: then they are read like any other.

Office Open XML lies whole in an encrypted container; old Word, Excel and PowerPoint files encrypt their streams.
"""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from muniment.reading.formats import Account, Document, Format, Unreadable, find, register
from muniment.reading.pages import ENCRYPTED, FAILED

_BY_DEFAULT = "VelvetSweatshop"  # Excel encrypts with it what is only protected against changes
_OLE = b"\xd0\xcf\x11\xe0"


def read(document: Document, account: Account) -> None:
    """Office Open XML inside an encrypted container."""
    data = opened(document)
    if data is None:
        raise Unreadable(ENCRYPTED, "it is encrypted, and how cannot be read from its container")
    from muniment.reading import identify

    inner = identify.identify(data, document.name)
    form = find(inner)
    if form is None or form.read is read:
        raise Unreadable(FAILED, "what it holds is no office file")
    form.read(replace(document, data=data, type=inner), account)


def opened(document: Document) -> bytes | None:
    """The file without its encryption; None where it has none, or is damaged.

    Raises Unreadable with the state encrypted where no password opens it.
    """
    if not document.data.startswith(_OLE):
        return None
    file = _encrypted(document.data)
    if file is None:
        return None
    for password in (_BY_DEFAULT, *document.passwords):
        data = _with(file, password)
        if data:
            return data
    tried = "and none of those given opens it" if document.passwords else "to open it"
    raise Unreadable(ENCRYPTED, f"it needs a password {tried}")


def _encrypted(data: bytes) -> Any:
    """The file as the library sees it, or None where it is not encrypted or cannot be told."""
    import msoffcrypto
    from msoffcrypto import exceptions

    _keep_in_memory()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        return file if file.is_encrypted() else None
    except (
        exceptions.FileFormatError,
        exceptions.ParseError,
        OSError,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        struct.error,
        NotImplementedError,
        EOFError,
    ):
        return None


def _keep_in_memory() -> None:
    """The library decrypts old files into a temporary one; a worker may have no place for it (decision 0028)."""
    from msoffcrypto.format import doc97, ppt97, xls97

    for module in (doc97, ppt97, xls97):
        vars(module)["tempfile"] = SimpleNamespace(TemporaryFile=io.BytesIO)


def _with(file: Any, password: str) -> bytes | None:
    """What comes out with this password; None where it is another."""
    from msoffcrypto import exceptions

    out = io.BytesIO()
    try:
        try:
            file.load_key(password=password, verify_password=True)
        except TypeError:
            file.load_key(password=password)
        file.decrypt(out)
    except (
        exceptions.InvalidKeyError,
        exceptions.DecryptionError,
        exceptions.FileFormatError,
        exceptions.ParseError,
        OSError,
        ValueError,
        LookupError,
        AttributeError,
        struct.error,
        NotImplementedError,
        EOFError,
    ):
        return None
    return out.getvalue()


register(Format(family="office", types=("application/x-encrypted-ooxml",), read=read))
