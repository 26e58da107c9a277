"""class Case: everything that can be done with a case, one method per verb.

The command line, the workbench and a Python program call the same methods and get the same JSON documents
(docs/reference/json.md). A method's work lies in the file of its verb.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.case.folder import Folder, open_folder
from muniment.case.keys import CaseKeys, open_keys

if TYPE_CHECKING:
    from muniment.case.catalogue import Catalogue
    from muniment.case.journal import Journal
    from muniment.evidence.log.store import Log
    from muniment.evidence.vault import Vault
    from muniment.verbs.progress import Progress

Report = dict[str, Any]
Watch = Callable[["Progress"], None]


class Case:
    """An open case. Make one with `Case.open` or `Case.new`; close it, or use it in a `with` block."""

    def __init__(self, folder: Folder, keys: CaseKeys) -> None:
        self.folder = folder
        self.keys = keys

    @classmethod
    def new(cls, name: str | os.PathLike[str], passphrase: str) -> tuple[Case, str]:
        """Create a case; returns it with the recovery identity, which is shown once and kept nowhere."""
        from muniment.verbs.new import new

        return new(name, passphrase)

    @classmethod
    def open(cls, name: str | os.PathLike[str], passphrase: str) -> Case:
        """Open a case with its passphrase. Raises NotFound, NoKey, Newer or Damaged."""
        folder = open_folder(name)
        return cls(folder, open_keys(folder, passphrase))

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the catalogue. The case stays as it is."""
        if "catalogue" in self.__dict__:
            self.catalogue.close()
            del self.__dict__["catalogue"]

    @cached_property
    def catalogue(self) -> Catalogue:
        """The open catalogue."""
        from muniment.case.catalogue import open_catalogue

        return open_catalogue(self.folder.catalogue, self.keys.catalogue)

    @cached_property
    def journal(self) -> Journal:
        """The journal of acts."""
        from muniment.case.journal import Journal

        return Journal(self.folder.journal, self.keys.recipient, self.keys.identity)

    @cached_property
    def vault(self) -> Vault:
        """The vault of encrypted originals."""
        from muniment.evidence.vault import Vault

        return Vault(self.folder.vault)

    @cached_property
    def log(self) -> Log:
        """The transparency log."""
        from muniment.evidence.log.store import Log

        return Log(self.folder.log)

    def add(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        articles: bool = False,
        again: bool = False,
        pictures: float | None = None,
        watch: Watch | None = None,
    ) -> Report:
        """Receive files and folders: seal, extract, index, seal the pages. Run again, it goes on."""
        from muniment.verbs.add import add

        return add(self, paths, articles=articles, again=again, pictures=pictures, watch=watch)

    def status(self) -> Report:
        """What came in, what failed, anchors, copies, what awaits a person."""
        from muniment.verbs.status import status

        return status(self)

    def documents(self, *, state: str | None = None) -> Report:
        """Every part, where it was, and its state."""
        from muniment.verbs.documents import documents

        return documents(self, state=state)

    def show(self, document: str, *, page: int | None = None, text: bool = False) -> Report:
        """One document: parts, properties, receipts and, if asked, its text."""
        from muniment.verbs.show import show

        return show(self, document, page=page, text=text)

    def find(self, query: str, *, limit: int = 20, offset: int = 0) -> Report:
        """Passages that answer a query, and what was not searched."""
        from muniment.verbs.find import find

        return find(self, query, limit=limit, offset=offset)

    def page_image(self, document: str, page: int, *, dpi: int = 100) -> bytes:
        """A page as PNG, made in the sandbox. Raises NotFound where it has no picture."""
        from muniment.verbs.page_image import page_image

        return page_image(self, document, page, dpi=dpi)

    def audit(self) -> Report:
        """Every byte of vault and log against what was sealed, and both against the catalogue."""
        from muniment.verbs.audit import audit_case

        return audit_case(self)

    def lock(self) -> Report:
        """Delete everything derived and in clear."""
        self.close()
        return lock_folder(self.folder)

    def record(self, act: str, details: Mapping[str, Any]) -> int:
        """Note an act of custody in the journal; returns its number."""
        return self.journal.append(act, details)

    @property
    def root(self) -> Path:
        """The case's folder."""
        return self.folder.root


def audit_folder(folder: Folder) -> Report:
    """`audit` for one who has no keys."""
    from muniment.verbs.audit import audit

    return audit(folder)


def lock_folder(folder: Folder) -> Report:
    """`lock` for one who has no keys."""
    from muniment.verbs.lock import lock

    return lock(folder)
