"""stamp: timestamps of the log's checkpoint, and cosignatures, by files that are carried."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from muniment.errors import BadUse, MunimentError
from muniment.verbs.authorities import authorities_of, authority_named, configure
from muniment.verbs.cosigning import cosign_file
from muniment.verbs.put_back import catch_up
from muniment.verbs.stamping import (
    anchors_as_json,
    ask_online,
    assess_all,
    finish_assessing,
    take_reply,
    write_requests,
)
from muniment.verbs.witnessing import (
    add_witness,
    cosigning_as_json,
    take_cosigned,
    write_bundle,
)

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

PROXY = "socks_proxy"  # a setting of the case
_LARGEST_FILE = 2_000_000  # bytes


class Asked(TypedDict, total=False):
    """What `stamp` is asked for; with nothing it shows how things stand. All paths are of this machine.

    authority, roots, chain, crl, url, hash   set up an authority (files of certificates and revocation lists)
    proxy       the SOCKS proxy to remember for `online`
    request     a folder for request files
    reply       files that came back: .tsr replies, cosigned checkpoints
    online      ask the authorities that have an address, through the proxy
    witness, key   set up a newsroom that cosigns us
    bundle, since  our checkpoint as a file for a witness, continuing the size it saw
    cosign, output, key   cosign another newsroom's bundle
    """

    authority: str
    roots: str
    chain: str
    crl: str
    url: str
    hash: str
    proxy: str
    request: str
    reply: Sequence[str]
    online: bool
    witness: str
    key: str
    bundle: str
    since: int
    cosign: str
    output: str


def stamp(case: Case, asked: Asked) -> Report:
    """The shape of `stamp`."""
    _check_together(asked)
    if asked:
        catch_up(case)  # or what a killed run did would be done again
    finish_assessing(case)
    written: list[str] = []
    troubles: list[dict[str, str]] = []
    cosigned: dict[str, Any] | None = None
    if "proxy" in asked:
        _remember_proxy(case, asked["proxy"])
    if "authority" in asked:
        _set_up(case, asked)
    if "witness" in asked and "key" in asked:
        add_witness(case, asked["witness"], asked["key"])
    if "reply" in asked:
        troubles += [trouble for path in asked["reply"] if (trouble := _take(case, path))]
    if "request" in asked:
        written += write_requests(case, asked["request"])
    if asked.get("online"):
        troubles += ask_online(case, case.catalogue.setting(PROXY))
    if "bundle" in asked:
        write_bundle(case, asked["bundle"], asked.get("since"), asked.get("witness"))
        written.append(asked["bundle"])
    if "cosign" in asked:
        cosigned = cosign_file(case, asked["cosign"], asked["output"], asked.get("key"))
        written.append(asked["output"])
    return {
        "anchors": anchors_as_json(case),
        "authorities": authorities_of(case),
        "cosigning": cosigning_as_json(case),
        "proxy": case.catalogue.setting(PROXY) or None,
        "written": written,
        "problems": troubles,
        "cosigned": cosigned,
    }


def _check_together(asked: Asked) -> None:
    """What has to be said together, and what cannot."""
    if any(name in asked for name in ("roots", "chain", "crl", "url", "hash")):
        if "authority" not in asked:
            raise BadUse("Of which authority?", next="Name it: --authority NAME")
    elif "authority" in asked:
        raise BadUse(
            "There is nothing to set for the authority.", next="Give --roots, --url or --crl too."
        )
    if ("cosign" in asked) != ("output" in asked):
        raise BadUse("Cosigning takes a file and gives one.", next="Say both: --cosign FILE -o OUT")
    if "since" in asked and "bundle" not in asked:
        raise BadUse("--since belongs to --bundle.", next="Say where to write: --bundle FILE")
    if "key" in asked and "witness" not in asked and "cosign" not in asked:
        raise BadUse("Whose key?", next="Say --witness NAME, or --cosign FILE")
    if "witness" in asked and "key" not in asked and "bundle" not in asked:
        raise BadUse(
            "A witness needs its key.", next="Get it from the newsroom: --witness NAME --key VKEY"
        )


def _set_up(case: Case, asked: Asked) -> None:
    name = asked["authority"]
    configure(
        case,
        name,
        roots=asked.get("roots"),
        chain=asked.get("chain"),
        crl=asked.get("crl"),
        url=asked.get("url"),
        hash_name=asked.get("hash"),
    )
    authority_named(case, name)
    assess_all(case, name)


def _remember_proxy(case: Case, address: str) -> None:
    from muniment.evidence.anchors.online import read_proxy

    read_proxy(address)
    case.catalogue.keep_setting(PROXY, address)


def _take(case: Case, path: str) -> dict[str, str] | None:
    """Take in one file; what went wrong with it, if anything did."""
    from muniment.verbs.anchoring import read_file

    content = read_file(path, _LARGEST_FILE)
    try:
        if content[:1] == b"\x30":  # a DER sequence
            take_reply(case, content, Path(path).stem)
        else:
            take_cosigned(case, content)
    except MunimentError as error:
        return {"file": path, "problem": error.message, "next": error.next}
    return None
