"""Files under a password, made by the tests: ZIP in both its ways, PDF, Office Open XML and Open Document."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import struct
import zipfile
import zlib


def _keys(password: bytes):
    """The key stream of PKWARE's traditional encryption (APPNOTE.TXT 6.1)."""
    table = []
    for number in range(256):
        value = number
        for _ in range(8):
            value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
        table.append(value)
    keys = [0x12345678, 0x23456789, 0x34567890]

    def crc(value, byte):
        return (value >> 8) ^ table[(value ^ byte) & 0xFF]

    def update(byte):
        keys[0] = crc(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = crc(keys[2], keys[1] >> 24)

    for byte in password:
        update(byte)

    def encrypt(data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            low = (keys[2] & 0xFFFF) | 2
            out.append(byte ^ ((low * (low ^ 1)) >> 8 & 0xFF))
            update(byte)
        return bytes(out)

    return encrypt


def _aes(content: bytes, password: bytes, salt: bytes = b"0123456789abcdef") -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    derived = hashlib.pbkdf2_hmac("sha1", password, salt, 1000, 66)
    encrypt = Cipher(algorithms.AES(derived[:32]), modes.ECB()).encryptor()
    body = bytearray()
    for number, at in enumerate(range(0, len(content), 16), 1):
        stream = encrypt.update(number.to_bytes(16, "little"))
        body += bytes(a ^ b for a, b in zip(content[at : at + 16], stream, strict=False))
    mac = hmac.new(derived[32:64], body, "sha1").digest()[:10]
    return salt + derived[64:] + bytes(body) + mac


def zip_with(members: dict[str, bytes], password: bytes | None, *, aes: bool = False) -> bytes:
    """A ZIP archive; with a password each member is encrypted, else none."""
    out, listed = bytearray(), bytearray()
    for name, content in members.items():
        squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = squeezed.compress(content) + squeezed.flush()
        crc, method, extra, flags = zlib.crc32(content), 8, b"", 0x800
        if password is not None and aes:
            extra, crc, method = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, 8), 0, 99
            packed, flags = _aes(packed, password), flags | 1
        elif password is not None:
            packed, flags = _keys(password)(bytes(11) + bytes([crc >> 24]) + packed), flags | 1
        raw = name.encode()
        head = struct.pack(
            "<HHHHHIIIHH", 51, flags, method, 0, 33, crc, len(packed), len(content), len(raw), len(extra)
        )  # fmt: skip
        listed += b"PK\x01\x02" + struct.pack("<H", 51) + head + bytes(10)
        listed += struct.pack("<I", len(out)) + raw + extra
        out += b"PK\x03\x04" + head + raw + extra + packed
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(listed), len(out), 0)
    return bytes(out + listed + b"PK\x05\x06" + end)


def pdf_with(text: str, password: str | None, attached: dict[str, bytes] | None = None) -> bytes:
    """A PDF of one page with this text, under AES-256, with files attached."""
    import pikepdf

    made = pikepdf.new()
    page = made.add_blank_page(page_size=(400, 200))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = made.make_stream(
        b"BT /F1 18 Tf 30 100 Td (" + text.encode("ascii") + b") Tj ET"
    )
    for name, content in (attached or {}).items():
        made.attachments[name] = content
    out = io.BytesIO()
    if password is None:
        made.save(out)
    else:
        made.save(out, encryption=pikepdf.Encryption(user=password, owner="owner " + password, R=6))
    return out.getvalue()


def docx_with(text: str, password: str | None) -> bytes:
    """A Word document with one paragraph, in an encrypted container (agile encryption)."""
    out = io.BytesIO()
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    schemas = "http://schemas.openxmlformats.org"
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{schemas}/package/2006/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{schemas}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{schemas}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
            "</Relationships>",
        )
        package.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{schemas}/wordprocessingml/2006/main"><w:body><w:p><w:r>'
            f"<w:t>{text}</w:t></w:r></w:p></w:body></w:document>",
        )
        package.writestr(
            "docProps/filler.bin", bytes(8192)
        )  # the library encrypts no smaller file rightly
    if password is None:
        return out.getvalue()
    from msoffcrypto.format.ooxml import OOXMLFile

    locked = io.BytesIO()
    OOXMLFile(out).encrypt(password, locked)
    return locked.getvalue()


_ODF = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>'
    "<text:p>{}</text:p></office:text></office:body></office:document-content>"
)
_NAMES = {
    "aes": ("http://www.w3.org/2001/04/xmlenc#aes256-cbc", "PBKDF2", "#sha256", "#sha256-1k"),
    "blowfish": ("Blowfish CFB", "PBKDF2", "SHA1", "SHA1/1K"),
    "whole": ("http://www.w3.org/2009/xmlenc11#aes256-gcm", "#argon2id", "#sha256", ""),
}


def odt_with(text: str, password: str, how: str = "aes") -> bytes:
    """An Open Document text; `how` it is locked: aes, blowfish, or whole (the package as one member)."""
    content, salt = _ODF.format(text).encode(), b"s" * 16
    vector = b"v" * {"aes": 16, "blowfish": 8, "whole": 12}[how]
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", content)
    name, inner = (
        ("encrypted-package", plain.getvalue()) if how == "whole" else ("content.xml", content)
    )
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = squeezed.compress(inner) + squeezed.flush()
    digest = hashlib.sha1 if how == "blowfish" else hashlib.sha256
    checksum = digest(packed[:1024]).digest()
    stored, size = _locked(packed, digest(password.encode()).digest(), salt, vector, how)
    cipher, derivation, start, kind = _NAMES[how]
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" xmlns:l="urn:l">'
        f'<m:file-entry m:full-path="{name}" m:size="{len(inner)}"><m:encryption-data '
        + (f'm:checksum-type="{kind}" m:checksum="{_b64(checksum)}"' if kind else "")
        + f'><m:algorithm m:algorithm-name="{cipher}" m:initialisation-vector="{_b64(vector)}"/>'
        f'<m:key-derivation m:key-derivation-name="{derivation}" m:key-size="{size}" m:salt="{_b64(salt)}" '
        'm:iteration-count="1000" l:argon2-iterations="2" l:argon2-memory="1024" l:argon2-lanes="2"/>'
        f'<m:start-key-generation m:start-key-generation-name="{start}"/></m:encryption-data></m:file-entry>'
        "</m:manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr(name, stored)
        package.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _locked(packed: bytes, start: bytes, salt: bytes, vector: bytes, how: str) -> tuple[bytes, int]:
    """The member encrypted, and the size of its key."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    if how == "whole":
        key = Argon2id(salt=salt, length=32, iterations=2, lanes=2, memory_cost=1024).derive(start)
        return vector + AESGCM(key).encrypt(vector, packed, None), 32
    if how == "blowfish":
        key = hashlib.pbkdf2_hmac("sha1", start, salt, 1000, 16)
        return Cipher(Blowfish(key), CFB(vector)).encryptor().update(packed), 16
    key = hashlib.pbkdf2_hmac("sha1", start, salt, 1000, 32)
    padding = 16 - len(packed) % 16
    padded = packed + bytes(padding - 1) + bytes([padding])
    return Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor().update(padded), 32
