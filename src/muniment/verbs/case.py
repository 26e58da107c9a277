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
from muniment.case.keys import CaseKeys, is_recovery_identity, open_keys
from muniment.case.passphrase import weakness

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
        # What is wrong with the passphrase it was opened with; "" where nothing is, or it is not known.
        self.passphrase_weakness = ""

    @classmethod
    def new(cls, name: str | os.PathLike[str], passphrase: str) -> tuple[Case, str]:
        """Create a case; returns it with the recovery identity, which is shown once and kept nowhere."""
        from muniment.verbs.new import new

        return new(name, passphrase)

    @classmethod
    def restore(
        cls,
        name: str | os.PathLike[str],
        custodian: str | os.PathLike[str],
        passphrase: str,
        *,
        watch: Watch | None = None,
    ) -> tuple[Case, Report]:
        """Make a case again from a custodian's copy; returns it with what could not be restored."""
        from muniment.verbs.restoring import restore

        return restore(name, custodian, passphrase, watch=watch)

    @classmethod
    def open(cls, name: str | os.PathLike[str], passphrase: str) -> Case:
        """Open a case with its passphrase. Raises NotFound, NoKey, Newer or Damaged."""
        folder = open_folder(name)
        opened = cls(folder, open_keys(folder, passphrase))
        if not is_recovery_identity(passphrase):
            opened.passphrase_weakness = weakness(passphrase)
        return opened

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
        watch: Watch | None = None,
    ) -> Report:
        """Receive files and folders: seal, extract, index. Run again after an interruption, it goes on."""
        from muniment.verbs.add import add

        return add(self, paths, articles=articles, again=again, watch=watch)

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

    def audit(
        self, *, custodian: str | os.PathLike[str] | None = None, sample: int | None = None
    ) -> Report:
        """Every byte of vault and log against what was sealed, and both against the catalogue.

        `custodian`: a copy in its place, by name or path. `sample`: as many 64-KiB chunks instead of every byte.
        """
        from muniment.verbs.audit import audit_case

        if custodian is not None:
            from muniment.verbs.auditing_copies import audit_custodian

            return audit_custodian(self, custodian, sample=sample)
        return audit_case(self, sample=sample)

    def copy(
        self,
        custodian: str | os.PathLike[str],
        *,
        jurisdiction: str | None = None,
        name: str | None = None,
        anew: bool = False,
        watch: Watch | None = None,
    ) -> Report:
        """Bring a custodian's copy up to this case: a folder, or the name of one that is known."""
        from muniment.verbs.copy import copy

        return copy(self, custodian, jurisdiction=jurisdiction, name=name, anew=anew, watch=watch)

    def repair(
        self,
        sources: Sequence[str | os.PathLike[str]] = (),
        *,
        custodian: str | os.PathLike[str] | None = None,
        watch: Watch | None = None,
    ) -> Report:
        """Mend what is damaged or missing from custodians' copies; with `custodian` that copy from this case."""
        from muniment.verbs.repair import repair, repair_custodian

        if custodian is not None:
            return repair_custodian(self, custodian, watch=watch)
        return repair(self, sources, watch=watch)

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


def audit_folder(folder: Folder, *, sample: int | None = None) -> Report:
    """`audit` for one who has no keys."""
    from muniment.verbs.audit import audit

    return audit(folder, sample)


def audit_copy_at(path: str | os.PathLike[str], *, sample: int | None = None) -> Report:
    """`audit` of a custodian's copy for one who has neither keys nor the case."""
    from muniment.verbs.auditing_copies import audit_copy

    return audit_copy(path, sample=sample)


def repair_lost(
    name: str | os.PathLike[str],
    sources: Sequence[str | os.PathLike[str]] = (),
    *,
    passphrase: str | None = None,
    watch: Watch | None = None,
) -> Report:
    """`repair` of a case that may not open any more; `passphrase` as far as it is at hand."""
    from muniment.verbs.repair import repair_folder

    return repair_folder(name, sources, passphrase=passphrase, watch=watch)


def lock_folder(folder: Folder) -> Report:
    """`lock` for one who has no keys."""
    from muniment.verbs.lock import lock

    return lock(folder)
