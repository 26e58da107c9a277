"""Harm to a copy of a case, found by an audit and mended from one custodian: what is not as it was afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from muniment.case.folder import open_folder
from muniment.errors import MunimentError
from muniment.verbs.case import Case
from muniment.verbs.repair import repair_folder
from tests.verbs import damage

CATALOGUE = "catalogue.db"


class Trials:
    """A case that is in order, and a custodian who holds all of it.

    An audit and a repair are acts, so that what is tried is each time a fresh copy of the case; the account that
    tries it has seen nothing newer: `home` is emptied.
    """

    def __init__(self, root: Path, keys: Any, custodian: Path, place: Path, home: Path) -> None:
        self._root, self._keys, self._custodian = root, keys, custodian
        self._copy, self._home = place / "tried.muniment", home
        self._good = _contents(root)
        self._rows = _rows(root, keys)
        self._acts = max(row[0] for row in self._rows["act"])

    def wrong(self, harm: Callable[[Path], None]) -> list[str]:
        """Do harm to a copy, audit, repair, audit; gives whatever did not go as it must."""
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.rmtree(self._home, ignore_errors=True)
        damage.copied(self._root, self._copy)
        harm(self._copy)
        said = ["the audit was content"] if self._content() else []
        try:
            report = repair_folder(self._copy, [self._custodian], keys=self._keys)
        except MunimentError as error:
            return [*said, f"not repaired: {error.message}"]
        for what in ("not_repaired", "lost"):
            said += [f"{what}: {one}" for one in report[what]]
        if not report["repaired"]:
            said.append("nothing was repaired")
        if not self._content():
            said.append("the audit was not content afterwards")
        return said + self._differences()

    def _content(self) -> bool:
        try:
            with Case(open_folder(self._copy), self._keys) as case:
                return bool(case.audit()["ok"])
        except MunimentError as error:
            assert error.next
            return False

    def _differences(self) -> list[str]:
        """Every file byte for byte what it was, the catalogue row for row; only acts have come."""
        now = _contents(self._copy)
        said = [f"not as it was: {p}" for p, c in self._good.items() if now.get(p) != c]
        more = [p for p in now.keys() - self._good.keys() if not self._is_later_act(p)]
        said += [f"came: {path}" for path in more]
        rows = _rows(self._copy, self._keys)
        rows["act"] = [row for row in rows["act"] if row[0] <= self._acts]
        return said + [
            f"rows of {table}: {rows.get(table)}"
            for table, wanted in self._rows.items()
            if rows.get(table) != wanted
        ]

    def _is_later_act(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return folder == "journal" and int(name.partition(".")[0]) > self._acts


def _contents(root: Path) -> dict[str, bytes]:
    """Every file but the catalogue's and what repair put aside."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        and not path.name.startswith(CATALOGUE)
        and path.relative_to(root).parts[0] != "quarantine"
    }


def _rows(root: Path, keys: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of a catalogue."""
    from sqlcipher3 import dbapi2

    connection = dbapi2.connect(str(root / CATALOGUE))
    try:
        connection.execute(f"PRAGMA key = \"x'{keys.catalogue}'\"")
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in [*names]
        }
    finally:
        connection.close()
