"""README.txt of a receipt: how a stranger checks it with sha256sum, openssl and the written formats."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from muniment.evidence.log.note import VerifierKey
    from muniment.evidence.receipt import Chain


def readme(key: VerifierKey, chain: Chain, files: Mapping[str, bytes]) -> str:
    """The text. Commands stand on lines of their own, after four spaces, to be run in the receipt's folder."""
    return "\n".join([_BEGINNING, *_file(chain), *_log(key), *_stamps(files), _END])


_BEGINNING = """A RECEIPT

It shows that a file was sealed: that it is unchanged since the time below, and was there before it. It does not
show who wrote the file, nor that what it says is true.

Whoever has this receipt knows the exact size and the digests of the file, and can recognise the file by them. It
also tells roughly how many files were received together.

A program that came with a receipt proves nothing. The commands below are those of any Linux system; run them in
this folder.

1. Nothing in this folder has changed since it was made.

    sha256sum -c SHA256SUMS
"""

_END = """5. By a program. The function check_receipt of muniment (muniment.evidence.receipt_check) does all of this.
   The formats are written down in its docs/formats: receipt.md, commitment.md, log.md, anchors.md; a program of your
   own needs SHA-256 and Ed25519, and for the time RFC 3161.
"""

_LOG = r"""3. The entry is in the log, and the log signed that. Get the log's key from its owner, by another way, and
   compare it with:

       {vkey}

   receipt.tlog-proof gives the entry's index and the hashes from it up to the root (docs/formats/log.md). The
   root stands in the third line of checkpoint.note, whose signature is checked with:

    T=$(mktemp -d)
    head -n 3 checkpoint.note > $T/signed
    tail -n 1 checkpoint.note | cut -d ' ' -f 3 | base64 -d | tail -c 64 > $T/signature
    printf '\060\052\060\005\006\003\053\145\160\003\041\000' > $T/key
    echo {public} | base64 -d >> $T/key
    openssl pkeyutl -verify -pubin -keyform DER -inkey $T/key -rawin -in $T/signed -sigfile $T/signature
"""

_WHEN = """4. When. An authority stamped checkpoint.note at the time which its token gives. Get the authority's root
   from its own page and compare it with the one here. Where a certificate has expired since, add
   `-attime SECONDS`, the time of the token in seconds since 1970.
"""


def _file(chain: Chain) -> list[str]:
    header = next(
        (link.shown[0] for link in chain.links if link.layer == "file" and 0 in link.shown), None
    )
    lines = ["2. The file is the one that was sealed."]
    if header is not None:
        lines += [
            "   Its header, leaf 0 of the tree `file` in receipt.json, says:",
            "",
            f"       size     {int.from_bytes(header[:8], 'big')}",
            f"       SHA-256  {header[8:40].hex()}",
            f"       SHA-512  {header[40:].hex()}",
            "",
            "   Compare them with what `stat -c %s`, `sha256sum` and `sha512sum` say of your file.",
        ]
    return [
        *lines,
        "   That this leads to the entry of the log is checked by docs/formats/receipt.md and commitment.md: seeds",
        "   give salts, salts and bodies give leaves, leaves and hashes give a root; the root of each tree stands",
        "   in the next one, and the last is the entry:",
        "",
        f"       {chain.entry.hex()}",
        "",
    ]


def _log(key: VerifierKey) -> list[str]:
    return [_LOG.format(vkey=key.vkey, public=b64encode(key.public).decode())]


def _stamps(files: Mapping[str, bytes]) -> list[str]:
    tokens = [name for name in files if name.endswith(".tsr")]
    if not tokens:
        return [
            "4. When. No independent authority has stamped this log yet: ask for a later receipt.\n"
        ]
    lines = [_WHEN]
    for name in tokens:
        place = name.rpartition("-")[0]
        chain = f" -untrusted {place}-chain.pem" if f"{place}-chain.pem" in files else ""
        roots = f"-CAfile {place}-roots.pem{chain}"
        lines.append(f"    openssl ts -reply -in {name} -text | grep 'Time stamp'")
        lines.append(f"    openssl ts -verify -data checkpoint.note -in {name} {roots}")
        if f"{place}-crl.pem" in files:
            lines.append(f"    openssl crl -in {place}-crl.pem -noout -text")
    return [*lines, ""]
