"""verify: is what was published or given unchanged, and since when? From its files alone, without a case.

So far of receipts: of a document, a page (docs/formats/receipt.md) or an act of custody (docs/formats/custody.md).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.errors import BadUse, MunimentError

if TYPE_CHECKING:
    from muniment.evidence.act_receipt import ActReceipt
    from muniment.evidence.log.policy import Policy

_LARGEST_KEY = 10_000  # bytes of a file that holds one verifier key
_LARGEST = 64_000_000


def verify(
    directory: Path,
    *,
    key: str = "",
    policy: Path | None = None,
    roots: Path | None = None,
    original: Path | None = None,
) -> dict[str, Any]:
    """Check a folder; the report of docs/reference/json.md.

    key       the log's verifier key, or a file that holds it; `policy` a file of tlog-policy: either from elsewhere
    roots     certificates of timestamp authorities, from elsewhere
    original  the file itself, to be compared with the one that was sealed
    Raises BadUse where there is nothing to check, or what was given cannot be read.
    """
    believed = _believed(key, policy)
    if (directory / "receipt.json").is_file():
        return _receipt(directory, believed, roots, original)
    if (directory / "act.tlog-proof").is_file():
        return _act(directory, believed)
    raise BadUse(
        "There is no receipt in this folder.",
        next="Give the folder that holds receipt.json or act.tlog-proof; unpack it first where it is a ZIP.",
    )


def _believed(key: str, policy: Path | None) -> Policy | None:
    from muniment.evidence.log.policy import LARGEST_POLICY, Policy
    from muniment.evidence.refusals import Malformed

    if key and policy:
        raise BadUse("A key and a policy were given.", next="Give one of them.")
    if policy is not None:
        try:
            return Policy.parse(_bytes(policy, LARGEST_POLICY))
        except Malformed as error:
            raise BadUse(error.message, next=error.next) from None
    if not key:
        return None
    if "+" not in key:
        key = _bytes(Path(key), _LARGEST_KEY).decode("utf-8", "replace").strip()
    try:
        return Policy.of_log(key)
    except Malformed:
        raise BadUse(
            "This is no verifier key.",
            next="Give the log's key for readers, as `muniment stamp CASE` prints it on its owner's machine.",
        ) from None


def _bytes(path: Path, most: int) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise BadUse(
            f"{path} cannot be read: {error.strerror}.", next="Give a file that is there."
        ) from None


def _receipt(
    directory: Path, believed: Policy | None, roots: Path | None, original: Path | None
) -> dict[str, Any]:
    from muniment.evidence.anchors.certificates import read_certificates
    from muniment.evidence.receipt_check import check_receipt

    if original is not None and not original.is_file():
        raise BadUse(f"{original} is not a file that is there.", next="Give the file itself.")
    trusted = None if roots is None else tuple(read_certificates(_bytes(roots, _LARGEST)))
    checked = check_receipt(directory, believed, roots=trusted, original=original)
    return {
        "matches_seal": checked.ok,
        "signer": checked.signer,
        "log_key": _key_of(directory) if checked.signer == "unknown" else "",
        "layers": [
            {"layer": layer, "unchanged_since": checked.since} for layer, _ in checked.layers
        ],
        "checked": {
            "leaves": sum(len(shown) for _, shown in checked.layers),
            "timestamps": len(checked.stamps),
            "originals": int(original is not None),
        },
        "timestamps": [
            {"authority": one.authority, "time": one.time, "known": one.known}
            for one in checked.stamps
        ],
        "failures": [{"file": file, "reason": reason} for file, reason in checked.failures],
        "file": checked.file,
        "properties": checked.properties,
        "page": checked.page,
        "act": None,
    }


def _key_of(directory: Path) -> str:
    """The key that came along: nothing to be believed, but what the log's owner can be asked about; "" for none."""
    if not (directory / "policy.txt").is_file():
        return ""
    for line in (
        _bytes(directory / "policy.txt", _LARGEST_KEY).decode("utf-8", "replace").split("\n")
    ):
        words = line.split()
        if len(words) > 1 and words[0] == "log":
            return words[1]
    return ""


def _act(directory: Path, believed: Policy | None) -> dict[str, Any]:
    from muniment.evidence.act_receipt import ActReceipt

    if believed is None:
        raise BadUse(
            "The receipt of an act does not bring the log's key.",
            next="Get it from the log's owner and give it with --key.",
        )
    files = {path.name: _bytes(path, _LARGEST) for path in directory.iterdir() if path.is_file()}
    failures, act = [], None
    try:
        receipt = ActReceipt.parse(files)
        receipt.verify(believed)
        act = _told(receipt)
    except MunimentError as error:
        failures.append({"file": "act.tlog-proof", "reason": error.message})
    return {
        "matches_seal": not failures,
        "signer": "unknown" if failures else "known",
        "log_key": "",
        "layers": [] if failures else [{"layer": "custody", "unchanged_since": ""}],
        "checked": {"leaves": int(not failures), "timestamps": 0, "originals": 0},
        "timestamps": [],
        "failures": failures,
        "file": {},
        "properties": {},
        "page": {},
        "act": act,
    }


def _told(receipt: ActReceipt) -> dict[str, Any]:
    """The act. Raises Malformed where what was sealed is none."""
    from muniment.evidence.refusals import Malformed

    if receipt.is_token:
        return {"token_sha256": receipt.body.hex()}
    try:
        act = json.loads(receipt.body)
    except (ValueError, RecursionError):
        act = None
    if not isinstance(act, dict):
        raise Malformed("The act cannot be read.", next="Ask the log's owner for it again.")
    return act
