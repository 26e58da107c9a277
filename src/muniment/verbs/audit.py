"""audit: every byte of vault and log against what was sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.case.folder import Folder

if TYPE_CHECKING:
    from muniment.verbs.case import Report


def audit(folder: Folder) -> Report:
    """The shape of `audit`. Needs no keys: ciphertext is checked against its digests, the log against itself."""
    from muniment.evidence.audit import audit as audit_bytes

    report = audit_bytes(folder.vault, folder.log)
    sound = not (report.damaged or report.missing or report.unexpected) and report.log_ok
    return {
        "ok": sound,
        "sampled": None,
        "objects": report.objects,
        "bytes": report.bytes,
        "damaged": report.damaged,
        "missing": report.missing,
        "unexpected": report.unexpected,
        "log_ok": report.log_ok,
    }
