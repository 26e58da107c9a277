"""The recovery sheet: what is printed on paper, and nowhere else, when a recovery identity is made."""

from __future__ import annotations

from muniment.case.identities import BEGINNING

_GROUP = 6


def recovery_sheet(identifier: str, identity: str) -> str:
    """The sheet of a case: its identifier, the identity in groups, and how to use it with and without muniment.

    It is written to the terminal alone: a file of it would stay on the disk after it was deleted.
    """
    rest = identity.removeprefix(BEGINNING)
    groups = [rest[at : at + _GROUP] for at in range(0, len(rest), _GROUP)]
    return "\n".join(
        [
            "Recovery identity: print it, keep it apart from this machine; it is not shown again.",
            f"  {BEGINNING} {' '.join(groups)}",
            f"  of the case {identifier} (it stands in case.toml). Type it where the passphrase is asked for;",
            "  spaces and small letters do not matter. Without muniment: write it in capitals and without spaces",
            "  into a file, then: age -d -i FILE keys/recovery.age",
        ]
    )
