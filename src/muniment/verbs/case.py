"""class Case: everything that can be done with a case, one method per verb.

The command line, the workbench and a Python program call the same methods and get the same JSON documents
(docs/reference/json.md). A method's work lies in the file of its verb.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from muniment.case.folder import Folder, open_folder
from muniment.case.keys import CaseKeys, open_keys
from muniment.errors import MunimentError
from muniment.reading.limits import Means
from muniment.verbs.of_text import OfText

if TYPE_CHECKING:
    from muniment.case.catalogue import Catalogue
    from muniment.case.journal import Journal
    from muniment.evidence.log.store import Log
    from muniment.evidence.vault import Vault
    from muniment.verbs.note import Kind, Said
    from muniment.verbs.progress import Progress
    from muniment.verbs.stamp import Asked

Report = dict[str, Any]
Watch = Callable[["Progress"], None]


class Case(OfText):
    """An open case. Make one with `Case.open` or `Case.new`; close it, or use it in a `with` block."""

    def __init__(self, folder: Folder, keys: CaseKeys) -> None:
        self.folder = folder
        self.keys = keys
        self.passwords: tuple[str, ...] = ()  # of documents, while `retry` runs; kept nowhere
        self.means = Means()  # the reader and limits that `retry` was asked for, while it runs

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
        return cls(folder, open_keys(folder, passphrase))

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the catalogue and the index. The case stays as it is."""
        self.__dict__.pop("index", None)
        if "catalogue" in self.__dict__:
            self.catalogue.close()
            del self.__dict__["catalogue"]

    @cached_property
    def catalogue(self) -> Catalogue:
        """The open catalogue. Raises Older where it, journal or log was put back (verbs/put_back.py)."""
        from muniment.case.rekeying import open_rekeyed
        from muniment.verbs.put_back import check

        opened = open_rekeyed(self.folder.catalogue, self.keys)
        try:
            check(self, opened)
        except MunimentError:
            opened.close()
            raise
        return opened

    def look(self) -> None:
        """Open the catalogue whether or not something newer was seen: for who says what is older."""
        from muniment.case.rekeying import open_rekeyed

        if "catalogue" not in self.__dict__:
            opened = open_rekeyed(self.folder.catalogue, self.keys)
            self.__dict__["catalogue"] = opened

    @cached_property
    def journal(self) -> Journal:
        """The journal of acts."""
        from muniment.case.journal import Journal
        from muniment.verbs.put_back import catch_up, noted_by

        return Journal(
            self.folder.journal,
            self.keys.recipient,
            self.keys.identity,
            before=lambda: catch_up(self),
            after=lambda noted, carry_out: noted_by(self, noted, carry_out),
        )

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
        channel: str = "",
        pictures: float | None = None,
        watch: Watch | None = None,
    ) -> Report:
        """Receive files and folders: seal, extract, index, seal the pages. Run again, it goes on."""
        from muniment.verbs.add import add

        return add(
            self,
            paths,
            articles=articles,
            again=again,
            channel=channel,
            pictures=pictures,
            watch=watch,
        )

    def retry(
        self,
        document: str | None = None,
        *,
        passwords: Sequence[str] = (),
        reader: str = "",
        limits: Mapping[str, int] | None = None,
        watch: Watch | None = None,
    ) -> Report:
        """Try again what was not read, or not wholly; `passwords` are kept nowhere. Run again, it goes on.

        `reader` and `limits` by their names in muniment.reading.limits.
        """
        from muniment.verbs.retry import retry

        return retry(self, document, passwords=passwords, reader=reader, limits=limits, watch=watch)

    def status(self) -> Report:
        """What came in, what failed, anchors, copies, what awaits a person."""
        from muniment.verbs.status import status

        return status(self)

    def documents(self, *, state: str | None = None, marked: str | None = None) -> Report:
        """Every part, where it was, and its state; `marked` is what persons said (seen, starred, tag:NAME)."""
        from muniment.verbs.documents import documents

        return documents(self, state=state, marked=marked)

    def notes(self, document: str | None = None, *, deleted: bool = False) -> Report:
        """What persons said of the case's documents, or of one."""
        from muniment.verbs.note import listed

        return listed(self, document, deleted=deleted)

    def note(self, document: str, kind: Kind, **said: Unpack[Said]) -> Report:
        """Say something of a document, a page or a passage: a note, tag, star, translation, or that it was seen."""
        from muniment.verbs.note import add

        return add(self, document, kind, said)

    def note_change(self, note: str, **said: Unpack[Said]) -> Report:
        """Say it otherwise; what stood before stays in its history."""
        from muniment.verbs.note import change

        return change(self, note, said)

    def note_delete(self, note: str, *, by: str = "") -> Report:
        """Take it back; it stays in the history."""
        from muniment.verbs.note import delete

        return delete(self, note, by=by)

    def note_export(self) -> Report:
        """All notes as a W3C Web Annotation collection, to be put together with another's work."""
        from muniment.verbs.note_exchange import exported

        return exported(self)

    def note_import(self, collection: Mapping[str, Any]) -> Report:
        """Put another's notes on a copy of this case together with those here."""
        from muniment.verbs.note_exchange import imported

        return imported(self, collection)

    def show(self, document: str, *, page: int | None = None, text: bool = False) -> Report:
        """One document: parts, properties, receipts and, if asked, its text."""
        from muniment.verbs.show import show

        return show(self, document, page=page, text=text)

    def receipt(
        self,
        document: str,
        directory: str,
        *,
        page: int | None = None,
        properties: bool = False,
    ) -> Report:
        """Write what a stranger needs to check that a document, or a page, was sealed (`show --receipt`)."""
        from muniment.verbs.receipt import write_receipt

        return write_receipt(self, document, directory, page=page, properties=properties)

    def find(
        self,
        query: str,
        *,
        limit: int | None = 20,
        offset: int = 0,
        sort: str = "relevance",
        copies: str = "each",
    ) -> Report:
        """Passages that answer a query, and what was not searched.

        `limit` None gives every hit, up to 20,000. `sort` is relevance, date, newest or path; `copies` is
        each, or grouped: hits of the first copy only.
        """
        from muniment.verbs.find import find

        return find(self, query, limit=limit, offset=offset, sort=sort, copies=copies)

    def find_list(
        self,
        content: bytes,
        *,
        column: str = "",
        phrases: bool = False,
        near: bool = True,
        preview: bool = False,
        watch: Watch | None = None,
    ) -> Report:
        """Each line of a list of names or queries (CSV), with its hits, zeros included (`find --list`)."""
        from muniment.verbs.find_list import find_list

        return find_list(
            self,
            content,
            column=column,
            phrases=phrases,
            near=near,
            preview=preview,
            watch=watch,
        )

    def searches(self) -> Report:
        """The searches saved under a name."""
        from muniment.verbs.saved_searches import saved_searches

        return {"searches": saved_searches(self)}

    def save_search(
        self, name: str, query: str, *, sort: str = "relevance", copies: str = "each"
    ) -> Report:
        """Keep a query under a name."""
        from muniment.verbs.saved_searches import save_search

        return {"searches": save_search(self, name, query, sort=sort, copies=copies)}

    def saved_search(self, name: str) -> Report:
        """One saved search: its query and how it is shown."""
        from muniment.verbs.saved_searches import saved_search

        return saved_search(self, name)

    def forget_search(self, name: str) -> Report:
        """Keep a search no longer."""
        from muniment.verbs.saved_searches import forget_search

        return {"searches": forget_search(self, name)}

    def page_image(self, document: str, page: int, *, dpi: int = 100, held: bool = False) -> bytes:
        """A page as PNG, made in the sandbox. Raises NotFound where it has no picture, Refused where it is held."""
        from muniment.verbs.page_image import page_image

        return page_image(self, document, page, dpi=dpi, held=held)

    def hold(self, document: str, *, release: bool = False) -> Report:
        """Hide a document and its parts from search, thumbnails and page images, or show them again."""
        from muniment.verbs.hold import hold

        return hold(self, document, release=release)

    def withdraw(self, document: str, why: str) -> Report:
        """Take an original and its parts out of the case for good; run again after an interruption, it goes on."""
        from muniment.verbs.withdraw import withdraw

        return withdraw(self, document, why)

    def audit(
        self, *, custodian: str | os.PathLike[str] | None = None, sample: int | None = None
    ) -> Report:
        """Every byte of vault, log and anchors against what was sealed, and all against the catalogue.

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

    def custody(
        self, act: int | None = None, *, receipt: str | os.PathLike[str] | None = None
    ) -> Report:
        """Every act of custody, or one; with `receipt`, what proves it, written into that new folder."""
        from muniment.verbs.custody import custody

        return custody(self, act, receipt=receipt)

    def accept_older(self) -> Report:
        """Go on with an older copy of the whole case, where the newer one is lost."""
        from muniment.verbs.put_back import accept_older

        return self.custody(accept_older(self))

    def stamp(self, **asked: Unpack[Asked]) -> Report:
        """Timestamps and cosignatures of the log, by files that are carried; shows how things stand."""
        from muniment.verbs.stamp import stamp

        return stamp(self, asked)

    def lock(self) -> Report:
        """Delete everything derived and in clear."""
        self.close()
        return lock_folder(self.folder)

    def record(self, act: str, details: Mapping[str, Any]) -> int:
        """Note an act of custody in the journal and in the catalogue; returns its number.

        Acts of an earlier day that are not committed yet are committed then. Never call this within a
        transaction of the catalogue.
        """
        from muniment.verbs.committing import commit_earlier_days

        number = self.journal.append(act, details)
        commit_earlier_days(self)
        return number

    def take_keys(self, keys: CaseKeys) -> None:
        """Go on with other keys: those of the case were changed."""
        self.close()
        self.__dict__.pop("journal", None)
        self.keys = keys

    def key_list(self) -> Report:
        """Who can open the case."""
        from muniment.verbs.key import key_list

        return key_list(self)

    def key_add(self, recipient: str, *, label: str = "") -> Report:
        """Let the holder of an age identity open the case."""
        from muniment.verbs.key import key_add

        return key_add(self, recipient, label)

    def key_revoke(self, label: str) -> Report:
        """Take a recipient's way into the case away, and say what can still be read."""
        from muniment.verbs.key import key_revoke

        return key_revoke(self, label)

    def key_rotate(self, passphrase: str | None = None, *, only: str = "") -> Report:
        """New keys, passphrase and recovery identity; `only` "passphrase" or "recovery" replaces just that."""
        from muniment.verbs.key import key_rotate

        return key_rotate(self, passphrase, only=only)

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
