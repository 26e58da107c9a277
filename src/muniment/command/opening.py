"""Opening the case a command names, and where its passphrase comes from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from muniment.case.folder import open_folder, printable
from muniment.case.keys import CaseKeys
from muniment.errors import BadUse, MunimentError, NoKey
from muniment.verbs.case import Case

_kept: dict[str, CaseKeys] = {}
_from_environment: str | None = None


def keep_for_this_process(identifier: str, keys: CaseKeys) -> None:
    """The keys of a case that is open already."""
    _kept[identifier] = keys


def is_kept(identifier: str) -> bool:
    """Whether a case is kept open: for this process, or by another one meanwhile."""
    from muniment.command.sockets import connect

    channel = None if identifier in _kept else connect(identifier)
    if channel is not None:
        channel.close()
    return identifier in _kept or channel is not None


def open_case(name: str, passphrase_file: str | None = None) -> Case:
    """Open a case: as it is kept open, else with a passphrase."""
    folder = open_folder(name)
    keys = _kept.get(folder.identifier)
    if keys is not None:
        return Case(folder, keys)
    return Case.open(name, passphrase(passphrase_file))


def open_case_if_given(name: str, passphrase_file: str | None = None) -> Case | None:
    """Open a case that is kept open or whose passphrase is given; None where one would have to ask."""
    folder = open_folder(name)
    keys = _kept.get(folder.identifier)
    if keys is not None:
        return Case(folder, keys)
    given = given_passphrase(passphrase_file)
    return None if given is None else Case.open(name, given)


def kept_case(name: str, passphrase_file: str | None = None) -> Case | None:
    """A case that opens without asking; None where it does not, for whatever reason: it is to be mended."""
    try:
        return open_case_if_given(name, passphrase_file)
    except MunimentError:
        return None


def passphrase(passphrase_file: str | None = None) -> str:
    """The passphrase: from the file named, from MUNIMENT_PASSPHRASE, or asked for. Raises NoKey."""
    given = given_passphrase(passphrase_file)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise NoKey(
            "The case is locked.",
            next="Run `muniment unlock CASE`, set MUNIMENT_PASSPHRASE, or use --passphrase-file.",
        )
    import getpass

    return getpass.getpass("Passphrase: ")


def given_passphrase(passphrase_file: str | None) -> str | None:
    """A passphrase given without asking, or None."""
    if passphrase_file is not None:
        return _in_file(passphrase_file)
    # Taken out of the environment, so that no process started from here inherits it.
    global _from_environment
    _from_environment = os.environ.pop("MUNIMENT_PASSPHRASE", None) or _from_environment
    return _from_environment


def new_passphrase(passphrase_file: str | None) -> str | None:
    """The passphrase that is to take the place of the one in force, given without asking, or None."""
    if passphrase_file is not None:
        return _in_file(passphrase_file)
    return os.environ.pop("MUNIMENT_NEW_PASSPHRASE", None) or None


def _in_file(passphrase_file: str) -> str:
    try:
        return Path(passphrase_file).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise BadUse(
            f"The passphrase file {printable(passphrase_file)} cannot be read.",
            next="Check the path; the file holds the passphrase on one line.",
        ) from None
