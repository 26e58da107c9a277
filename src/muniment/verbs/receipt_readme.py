"""README.txt of a receipt: how a stranger checks it with sha256sum, openssl and the written formats."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from muniment.evidence.log.note import VerifierKey
    from muniment.evidence.receipt import Chain, Link


def readme(key: VerifierKey, chain: Chain, files: Mapping[str, bytes]) -> str:
    """The text. Commands stand on lines of their own, after four spaces, to be run in the receipt's folder."""
    page = next((link for link in chain.links if link.layer == "page"), None)
    if page is None:
        part = any(link.layer == "document" for link in chain.links)
        beginning, shown = _BEGINNING + (_A_PART if part else ""), _file(chain, files)
    else:
        beginning, shown = _BEGINNING_OF_A_PAGE, _page(page)
    return "\n".join(
        [beginning + _COMMANDS, *shown, *_leads(chain), *_log(key), *_stamps(files), _END]
    )


_BEGINNING = """A RECEIPT

It shows that a file was sealed: that it is unchanged since the time below, and was there before it. It does not
show who wrote the file, nor that what it says is true.

Whoever has this receipt knows the exact size and the digests of the file, and can recognise the file by them. It
also tells roughly how many files were sealed together.
"""

_A_PART = """
The file was found inside another one (an attachment, or a file in an archive) and taken out by a program when that
was read. The receipt does not show in which one it lay.
"""

_BEGINNING_OF_A_PAGE = """A RECEIPT OF ONE PAGE

It shows that a page of a document was sealed: what was sealed of it is unchanged since the time below, and was
there before it.

What was sealed of a page is derived: programs made it of a file. They drew its picture, read its words, and noted
where these stand. The receipt does not show that they did so rightly, nor who wrote the document, nor that what it
says is true.

Nothing that stands on the page is told, and no name. It tells the number of the page, the size of its picture, which
programs drew it, and which layers it has; roughly how many pages the document has, and how many documents
were sealed together. Whoever has also the receipt of the document can see that the page is one of it.
"""

_COMMANDS = """
A program that came with a receipt proves nothing. The commands below are those of any Linux system; run them in
this folder.

1. Nothing in this folder has changed since it was made.

    sha256sum -c SHA256SUMS
"""

_DERIVED = {
    "pixels": "derived: the picture of the page, as it was drawn",
    "plain": "derived: the same picture in black and white",
    "text": "derived: the words, as they were read",
    "boxes": "derived: where the words stand",
}

_SEALED_LATER = """   What programs read of this very file (its pages) was sealed too. document.json leads from the
   root of the file to that of the document, and on to an entry of the log of its own, by document.tlog-proof.
   The pages are derived: that they were made of the file rightly is not shown. It tells roughly how many
   pages there are, and nothing else of them. The root of the document, which the receipt of one of its pages
   shows too:
"""

_END = """5. By a program. `muniment verify` does all of this; get it from its own page, never from whoever gave
   you this folder. The formats are written down in its docs/formats: receipt.md, commitment.md, log.md, anchors.md;
   a program of your own needs SHA-256 and Ed25519, and for the time RFC 3161.
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


def _file(chain: Chain, files: Mapping[str, bytes]) -> list[str]:
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
    return [*lines, *_document(files)]


def _document(files: Mapping[str, bytes]) -> list[str]:
    """What is said where a document was sealed of the file."""
    from muniment.evidence.receipt import Chain
    from muniment.evidence.receipt_check import DOCUMENT

    if DOCUMENT not in files:
        return []
    links = Chain.from_json(files[DOCUMENT]).links
    return ["", _SEALED_LATER, f"       {links[1].shown[links[0].at].hex()}", ""]


def _page(link: Link) -> list[str]:
    from muniment.evidence.layers import PAGE_LAYERS
    from muniment.evidence.receipt import page_told

    told = page_told(link)
    lines = ["2. The page. Its header, leaf 0 of the tree `page` in receipt.json, says:", ""]
    lines.append(f"       page     {told['page']}")
    if told["width"] != "0":
        size = f"{told['width']} by {told['height']} pixels, {told['dpi']} to the inch"
        lines.append(f"       picture  {size}, {'grey' if told['channels'] == '1' else 'colour'}")
        lines.append(f"       drawn by {told['renderer']}")
        lines.append(f"       fonts    {told['fonts'] or 'none'}")
    lines += [
        "",
        "   Its layers. Each is the root of a tree of which words, or parts of the picture, can be shown later.",
        "",
    ]
    for leaf, layer in enumerate(PAGE_LAYERS[:-1], 1):
        if link.shown.get(leaf):
            lines += [f"       {layer:8} {_DERIVED[layer]}", f"       {link.shown[leaf].hex()}"]
    return [*lines, ""]


def _leads(chain: Chain) -> list[str]:
    return [
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
