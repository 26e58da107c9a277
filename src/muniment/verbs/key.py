"""key: who can open the case, and how that is changed.

Every change writes `keys/` anew, is an act in the journal (`keyed`) and comes to its end after a kill
(case/keyring.py). What a change cannot do is said in plain words: copies made before it stay what they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from muniment.case import keyring
from muniment.case.keys import (
    RECOVERY,
    check_recipient,
    listed_recipients,
    new_recovery,
    opens,
    recipients_of,
    renewed,
    sealed_to,
    strength_of,
    under_passphrase,
)
from muniment.case.labels import choose_label
from muniment.case.listing import RECIPIENTS
from muniment.case.passphrase import weakness
from muniment.errors import BadUse, Interrupted, MunimentError, NotFound

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

PASSPHRASE = "passphrase"  # noqa: S105 - a label, and no password
_FILES = ("daily.json", "passphrase.age")


def passphrase_is_weak(case: Case) -> bool:
    """Whether the passphrase would not withstand whoever has a copy of the case; True where nobody knows."""
    return case.keys.strength != "strong"


def key_list(case: Case) -> Report:
    """The shape of `key`: who can open the case."""
    return _report(case, recipients_of(case.folder, case.keys))


def key_add(case: Case, recipient: str, label: str = "") -> Report:
    """Let the holder of an age identity open the case. Raises BadUse where the recipient is none or is there."""
    known = recipients_of(case.folder, case.keys)
    wanted = check_recipient(recipient)
    for name, other in known.items():
        if other == wanted:
            raise BadUse(
                f"This recipient can open the case already, as {name}.",
                next="See: muniment key CASE list",
            )
    chosen = choose_label(known, label)
    recipients = {**known, chosen: wanted}
    files = {
        **_kept(case, [*known, PASSPHRASE]),
        **sealed_to(case.keys, None, {chosen: wanted}),
        RECIPIENTS: listed_recipients(case.keys, recipients),
    }
    _change(case, files, {"change": "added", "label": chosen})
    return {**_report(case, recipients), "label": chosen}


def key_revoke(case: Case, label: str) -> Report:
    """Take the file of one recipient away. Raises NotFound, or BadUse for what can only be replaced."""
    known = recipients_of(case.folder, case.keys)
    if label in (RECOVERY, PASSPHRASE):
        raise BadUse(
            f"The {label} cannot be taken away, only replaced.",
            next=f"Run: muniment key CASE rotate --only {label}",
        )
    if label not in known:
        raise NotFound(
            "Nobody can open this case under that label.", next="See: muniment key CASE list"
        )
    recipients = {name: value for name, value in known.items() if name != label}
    files = {
        **_kept(case, [*recipients, PASSPHRASE]),
        RECIPIENTS: listed_recipients(case.keys, recipients),
    }
    _change(case, files, {"change": "revoked", "label": label})
    readable = [
        f"The holder of {label} could read every secret of this case, and may have kept them: with them, or with "
        f"a copy of keys/ that still has {label}.age, everything can be read, also what is added from now on.",
        "To shut that out for what comes: muniment key CASE rotate. What is there already stays readable to whoever "
        "has a copy of it.",
        _COPIES,
    ]
    return {**_report(case, recipients), "label": label, "still_readable": readable}


def key_rotate(case: Case, passphrase: str | None, *, only: str = "") -> Report:
    """New keys, a new passphrase and a new recovery identity; with `only`, just the one or the other.

    The report holds the new `recovery_identity`, which is shown once and kept nowhere. Raises BadUse for an empty
    passphrase, Refused where another process has the case open.
    """
    if only == RECOVERY:
        return _new_recovery(case)
    if passphrase is None:
        raise BadUse("There is no new passphrase.", next="Give one, or accept the one proposed.")
    if opens(case.folder, passphrase):
        raise BadUse(
            "This is the passphrase in force.", next="Give another, or accept the one proposed."
        )
    if only == PASSPHRASE:
        return _new_passphrase(case, passphrase)
    if only:
        raise BadUse(
            "Only the passphrase or the recovery can be replaced alone.", next="Leave it away."
        )
    return _new_keys(case, passphrase)


def _new_recovery(case: Case) -> Report:
    identity, recipient = new_recovery()
    recipients = {**recipients_of(case.folder, case.keys), RECOVERY: recipient}
    others = [name for name in recipients if name != RECOVERY]
    files = {
        **_kept(case, [*others, PASSPHRASE]),
        **sealed_to(case.keys, None, {RECOVERY: recipient}),
        RECIPIENTS: listed_recipients(case.keys, recipients),
    }
    _change(case, files, {"change": "recovery"})
    readable = [
        "The old recovery identity opens every copy of keys/ made before now, and with it everything in the case, "
        "also what is added from now on. If a stranger may have it: muniment key CASE rotate.",
        _COPIES,
    ]
    return {
        **_report(case, recipients),
        "recovery_identity": identity,
        "still_readable": readable,
    }


def _new_passphrase(case: Case, passphrase: str) -> Report:
    recipients = recipients_of(case.folder, case.keys)
    files = {
        **under_passphrase(case.keys, passphrase),
        **sealed_to(case.keys, passphrase, recipients),
        RECIPIENTS: listed_recipients(case.keys, recipients),
    }
    _change(case, files, {"change": "passphrase"})
    case.take_keys(replace(case.keys, strength=strength_of(passphrase)))
    readable = [
        "The old passphrase opens every copy of keys/ made before now, and with it everything in the case, also "
        "what is added from now on. If a stranger may have both: muniment key CASE rotate.",
        _COPIES,
    ]
    return {
        **_report(case, recipients),
        "warning": weakness(passphrase),
        "still_readable": readable,
    }


def _new_keys(case: Case, passphrase: str) -> Report:
    from muniment.case.rekeying import check_alone, rekey

    before = case.keys
    case.close()
    check_alone(case.folder.catalogue, before.catalogue)
    keys = renewed(before)
    identity, recipient = new_recovery()
    recipients = {**recipients_of(case.folder, before), RECOVERY: recipient}
    files = {
        **under_passphrase(keys, passphrase),
        **sealed_to(keys, passphrase, recipients),
        RECIPIENTS: listed_recipients(keys, recipients),
    }
    _change(case, files, {"change": "rotated"})
    case.take_keys(replace(keys, strength=strength_of(passphrase)))
    with _saying_what_is_in_force("rotated"):
        rekey(case.folder.catalogue, before.catalogue, keys.catalogue)
    readable = [
        "Everything received up to now can still be read by whoever has a copy of it together with the old "
        "passphrase, the old recovery identity or an identity that was revoked: the vault is not encrypted again.",
        "What is received from now on cannot be read with any of these, on no copy.",
        "The key the log signs with stays, because the log's name is bound to it: whoever had the old keys can sign "
        "in its name.",
        _COPIES,
    ]
    return {
        **_report(case, recipients),
        "recovery_identity": identity,
        "warning": weakness(passphrase),
        "still_readable": readable,
    }


_COPIES = (
    "Custodians' copies and backups keep the keys/ they were given until they are copied to again; old versions of a "
    "backup keep it for ever."
)


def _kept(case: Case, names: list[str]) -> dict[str, bytes]:
    """Files of `keys/` that stay as they are."""
    files: list[str] = []
    for name in names:
        files += _FILES if name == PASSPHRASE else [f"{name}.age"]
    return {name: keyring.wrapped(case.folder, name) for name in files}


def _change(case: Case, files: Mapping[str, bytes], details: Mapping[str, Any]) -> None:
    """Prepare, note, put in place. Nobody may be adding to the case meanwhile."""
    from muniment.verbs.add import one_at_a_time

    with one_at_a_time(case):
        digest = keyring.prepare(case.folder, files)
        case.record(keyring.ACT, {**details, "listing": digest})
        with _saying_what_is_in_force(str(details["change"])):
            keyring.put_in_place(case.folder)


@contextmanager
def _saying_what_is_in_force(change: str) -> Iterator[None]:
    """Once the act stands in the journal the change is made, whatever the disk does then: so that the person knows.

    Raises Interrupted where the passphrase is another from now on; "run the same command again" would be wrong there.
    """
    try:
        yield
    except (OSError, MunimentError) as error:
        if change not in ("rotated", PASSPHRASE):
            raise
        why = error.message if isinstance(error, MunimentError) else error.strerror
        unseen = (
            "If the new recovery identity was not shown: muniment key CASE rotate --only recovery"
        )
        raise Interrupted(
            f"The change was cut off, and the new passphrase is in force. {why}",
            next="Make room on the disk, or check it, and open the case with the new passphrase: that brings the "
            f"change to its end. {unseen if change == 'rotated' else 'Then run `muniment audit`.'}",
        ) from None


def _report(case: Case, recipients: Mapping[str, str]) -> Report:
    """Who can open the case, the passphrase first."""
    strength = case.keys.strength or "unknown"
    entries: list[Report] = [
        {"name": PASSPHRASE, "kind": PASSPHRASE, "recipient": None, "strength": strength}
    ]
    for name in sorted(recipients, key=lambda label: (label != RECOVERY, label)):
        kind = RECOVERY if name == RECOVERY else "identity"
        entries.append(
            {"name": name, "kind": kind, "recipient": recipients[name], "strength": None}
        )
    return {"recipients": entries, "still_readable": []}
