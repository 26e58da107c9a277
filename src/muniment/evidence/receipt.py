"""Receipts: a folder from which anybody checks, offline, that something was sealed (docs/formats/receipt.md).

A receipt is a chain of disclosures, from what is shown up to an entry of the log; the proof that the entry is in
the log; and timestamps of the checkpoint. `check_receipt` trusts nothing in the folder: who signs the log comes from
elsewhere (a policy), and so do the authorities' roots.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muniment.errors import BadUse
from muniment.evidence.commitment import Disclosure, verify_disclosure
from muniment.evidence.layers import FILE, FIRST_PAGE, HEADER, PAGE_LAYERS, Header, layer_dom
from muniment.evidence.log.note import strict_base64
from muniment.evidence.refusals import Malformed, Unproved

FORMAT = "muniment/receipt/v1"
LARGEST = 64_000_000  # bytes of receipt.json: a page of pixels is some 2 MB
NEXT = "Take the receipt from its source again; if it fails there too, do not rely on it."
_LEAF_OF_A_PAGE = {
    layer: leaf for leaf, layer in enumerate(("pixels", "plain", "text", "boxes"), 1)
}
TOPS = ("batch", "custody")


@dataclass(frozen=True, slots=True)
class Link:
    """What is shown of one tree, and at which leaf of the next link's tree its root stands (0 for the last)."""

    disclosure: Disclosure
    shown: Mapping[int, bytes]
    at: int = 0

    @property
    def layer(self) -> str:
        """The name of the layer: `file`, `batch`."""
        return self.disclosure.dom.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Chain:
    """The links from the lowest up, and the entry of the log (32 bytes) which is the root of the last one."""

    links: tuple[Link, ...]
    entry: bytes

    def to_json(self) -> bytes:
        """receipt.json: RFC 8785."""
        return _encode(
            {
                "entry": self.entry.hex(),
                "format": FORMAT,
                "links": [
                    {
                        "at": link.at,
                        "disclosure": json.loads(link.disclosure.to_json()),
                        "leaves": [
                            {"body": b64encode(link.shown[index]).decode(), "index": index}
                            for index in sorted(link.shown)
                        ],
                    }
                    for link in self.links
                ],
            }
        )

    @classmethod
    def from_json(cls, content: bytes) -> Chain:
        """Read what `to_json` wrote, in its one form. Raises Malformed."""
        if len(content) > LARGEST:
            raise _malformed("it is larger than a receipt may be")
        try:
            fields = json.loads(content)
            good = fields["format"] == FORMAT
            chain = cls(tuple(map(_link, fields["links"])), bytes.fromhex(fields["entry"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise _malformed("receipt.json is not what it should be") from None
        if not good or len(chain.entry) != 32 or not chain.links or chain.to_json() != content:
            raise _malformed("receipt.json is not in its one form")
        return chain

    def verify(self) -> None:
        """Check every link against the one above, and the last against the entry. Raises Unproved or Malformed."""
        root, above = self.entry, None
        for link in reversed(self.links):
            _check_place(link, above)
            if above is not None:
                root = above.shown.get(link.at, b"")
                if len(root) != 32:
                    raise _unproved(f"the root of `{link.layer}` is not shown in `{above.layer}`")
            verify_disclosure(root, layer_dom(link.layer), link.disclosure, link.shown)
            above = link


def _link(fields: dict[str, Any]) -> Link:
    leaves = {leaf["index"]: strict_base64(leaf["body"]) for leaf in fields["leaves"]}
    at = fields["at"]
    if type(at) is not int or at < 0 or any(type(i) is not int for i in leaves):
        raise ValueError
    return Link(Disclosure.from_json(_encode(fields["disclosure"])), leaves, at)


def _check_place(link: Link, above: Link | None) -> None:
    """Whether a tree of this layer may stand at this leaf of that one; pages must be the same page."""
    layer, name = link.layer, link.disclosure.name
    paged = layer in PAGE_LAYERS
    number = int(name[5:]) if paged and name[:5] == "page:" and name[5:].isdecimal() else 0
    if name != (f"page:{number}" if paged else layer) or (paged and not number):
        raise _unproved(f"a tree of the layer `{layer}` has the name of another")
    if above is None:
        good = layer in TOPS and link.at == 0
    elif layer == "file":
        good = above.layer == "batch" or (above.layer == "document" and link.at == FILE)
    elif layer == "document":
        good = above.layer == "batch"
    elif layer == "page":
        good = above.layer == "document" and link.at == FIRST_PAGE + number - 1
    else:
        good = above.layer == "page" and link.at == _LEAF_OF_A_PAGE.get(layer)
        good = good and above.disclosure.name == name
    if not good:
        raise _unproved(f"a tree of the layer `{layer}` cannot stand there")


def layers_shown(links: Sequence[Link]) -> Iterator[tuple[str, int]]:
    """(layer, how many leaves are shown) of each link."""
    for link in links:
        yield link.layer, len(link.shown)


def page_told(link: Link) -> dict[str, str]:
    """What a link of the layer `page` tells: its header, and as `layers` the ones it has, as far as they are shown.

    Raises Malformed where the header is not in its one form, or is another page's.
    """
    try:
        header = Header(**json.loads(link.shown[HEADER]))
        good = header.body() == link.shown[HEADER]
        good = good and link.disclosure.name == f"page:{header.page}"
    except KeyError:
        raise _malformed("the header of the page is not shown") from None
    except (ValueError, TypeError, AttributeError, RecursionError, BadUse):
        good = False
    if not good:
        raise _malformed("the header of the page is not what it should be")
    told = {name: str(getattr(header, name)) for name in Header.__slots__}
    has = [layer for layer, leaf in _LEAF_OF_A_PAGE.items() if link.shown.get(leaf)]
    return {**told, "layers": " ".join(has)}


def _encode(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _malformed(why: str) -> Malformed:
    return Malformed(f"This receipt cannot be read: {why}.", next=NEXT)


def _unproved(why: str) -> Unproved:
    return Unproved(f"This receipt does not hold: {why}.", next=NEXT)
