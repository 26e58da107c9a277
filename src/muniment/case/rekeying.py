"""A new key for the catalogue.

`PRAGMA rekey` writes every page again in one transaction with a rollback journal, so that after a kill the whole
database is under the old key or under the new one. The bundle of keys is replaced before that and holds both:
`open_rekeyed` finds out which one it is and brings a change that was cut off to its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.case.catalogue import Catalogue, open_catalogue, trouble_in_our_words
from muniment.errors import Damaged, Interrupted, Refused

if TYPE_CHECKING:
    from muniment.case.keys import CaseKeys


def check_alone(path: Path, key: str) -> None:
    """Raise Refused where another process has the catalogue open."""
    with _alone(path, key):
        pass


def rekey(path: Path, old: str, new: str) -> None:
    """Put the catalogue under the key `new`.

    Raises Refused where somebody has it open, Interrupted where the disk refused it (it stays under `old`).
    """
    with _alone(path, old) as connection:
        _write_anew(connection, new)
    try:
        with _alone(path, new) as connection:
            torn = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    except Damaged:
        if _opens(path, old):  # SQLCipher keeps to itself that it was rolled back
            raise _not_rekeyed() from None
        raise
    if torn:
        raise _damaged()


def _write_anew(connection: Any, key: str) -> None:
    """The one transaction. What SQLCipher says of a disk that fails meanwhile may sound like damage, and is none."""
    from sqlcipher3 import dbapi2

    try:
        connection.execute(f"PRAGMA rekey = \"x'{key}'\"").fetchall()
    except dbapi2.DatabaseError:
        raise _not_rekeyed() from None


def _not_rekeyed() -> Interrupted:
    return Interrupted(
        "The disk refused the catalogue while it got its new key. It stays under the one before, and is whole.",
        next="Make room on the disk, or check it, and open the case again: that goes on; then `muniment audit`.",
    )


def open_rekeyed(path: Path, keys: CaseKeys) -> Catalogue:
    """Open the catalogue; where a key that went out of force still opens it, first put it under the one in force."""
    try:
        return open_catalogue(path, keys.catalogue)
    except Damaged:
        for earlier in keys.earlier_catalogues:
            if _opens(path, earlier):
                rekey(path, earlier, keys.catalogue)
                return open_catalogue(path, keys.catalogue)
        raise


def _opens(path: Path, key: str) -> bool:
    try:
        open_catalogue(path, key).close()
    except Damaged:
        return False
    return True


@contextmanager
def _alone(path: Path, key: str) -> Iterator[Any]:
    """A connection that nobody else can have beside it: leaving WAL needs every other one to be gone."""
    from sqlcipher3 import dbapi2

    connection = dbapi2.connect(str(path), timeout=1, isolation_level=None)
    try:
        connection.execute(f"PRAGMA key = \"x'{key}'\"").fetchall()
        connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        connection.execute("PRAGMA synchronous = FULL").fetchall()
        connection.execute("BEGIN EXCLUSIVE").fetchall()
        connection.execute("COMMIT").fetchall()
        yield connection
    except dbapi2.OperationalError as error:
        if "locked" in str(error):
            raise Refused(
                "Another muniment has this case open, so its catalogue cannot get a new key.",
                next="End the workbench and whatever else works on the case, then run this again.",
            ) from None
        raise trouble_in_our_words(str(error)) or _damaged() from None
    except dbapi2.DatabaseError as error:
        raise trouble_in_our_words(str(error)) or _damaged() from None
    finally:
        connection.close()


def _damaged() -> Damaged:
    return Damaged(
        "catalogue.db cannot be opened with the case's key.",
        next="Restore it from a custodian's copy; originals, log and journal are untouched.",
    )
