"""Mending a case from custodians' copies: only bytes that match what is sealed, nothing deleted.

What belongs there is told by inventories, by the log's own hashes and by each copy's COPY.json. What only the keys
can decide (which of two inventories is true, which of two acts) is asked of who has them; without keys it is left
alone and named.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from muniment.case.folder import printable
from muniment.case.journal import numbers_in
from muniment.case.writing import sync_folder
from muniment.errors import MunimentError
from muniment.evidence.audit import Walk, log_problems
from muniment.evidence.custodians import logs
from muniment.evidence.custodians import objects as whole
from muniment.evidence.custodians.description import Description, read_description
from muniment.evidence.custodians.files import Wanted, bring_files, digest_of, make_folders
from muniment.evidence.custodians.quarantine import Quarantine
from muniment.evidence.log.note import VerifierKey
from muniment.evidence.vault import ocfl

VAULT, LOG = "vault", "log"
NO_SOURCE = "no copy that was asked has it as it was sealed"
NOT_SEALED = "nothing of it that is here or in a copy is what the log says was sealed"
UNDECIDED = "the copies say different things of it; open the case with its passphrase to decide"


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the keys tell of an object: whether it is what was `sealed`, how much in it is `withdrawn`, and the names
    of content in it that was withdrawn and is `leaving`: that never comes back."""

    sealed: bool
    withdrawn: int = 0
    leaving: frozenset[str] = frozenset()

    @property
    def rank(self) -> tuple[int, int]:
        """The less is to leave and the more has left, the later the object was made."""
        return len(self.leaving), -self.withdrawn


# What is told of an object with these contents; None where nobody can tell.
Vouch = Callable[[str, Mapping[str, str]], Vouched | None]


@dataclass(frozen=True, slots=True)
class Source:
    """A copy to mend from. `description` is None where its COPY.json cannot be read: then only what proves itself."""

    root: Path
    description: Description | None

    @classmethod
    def at(cls, root: Path) -> Source:
        """The copy in a folder."""
        try:
            return cls(root, read_description(root))
        except MunimentError:
            return cls(root, None)

    def file(self, path: str) -> str:
        """The SHA-512 of a described file that is there as it was written; "" for any other."""
        versions = self.description.versions() if self.description is not None else ()
        said = {version.files.get(path, "") for version in versions} - {""}
        digest = digest_of(self.root / path) if said else ""
        return digest if digest in said else ""


@dataclass(slots=True)
class Mended:
    """What came of it, paths below the case's folder. `aside`: (where it was, where it is now).

    `forgotten`: in words, what only a lost catalogue knew.
    """

    repaired: list[str] = field(default_factory=list)
    not_repaired: list[tuple[str, str]] = field(default_factory=list)
    aside: list[tuple[str, str]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    bytes: int = 0


class Mending:
    """One mending of the folder of a case."""

    def __init__(self, root: Path, sources: Sequence[Source]) -> None:
        self.root = root
        self.sources = list(sources)
        self.mended = Mended()
        self._quarantine = Quarantine(root)

    def put_aside(self, path: str, why: str) -> None:
        """Move something of the case into its quarantine."""
        self.mended.aside.append((printable(path), self._quarantine.put(path, why)))

    def fail(self, path: str, why: str) -> None:
        """Name what could not be repaired."""
        self.mended.not_repaired.append((printable(path), why))

    def file(self, path: str, *, why: str = "it was damaged") -> bool:
        """Take a described file from the first copy that has it right; what was there goes aside."""
        for source in self.sources:
            digest = source.file(path)
            if digest and self._bring(path, source, digest, why):
                return True
        return False

    def take(self, path: str, source: Source, *, why: str = "it was damaged") -> bool:
        """Take a file that the caller has found right by itself, described or not; what was there goes aside."""
        digest = digest_of(source.root / path)
        return bool(digest) and self._bring(path, source, digest, why)

    def _bring(self, path: str, source: Source, digest: str, why: str) -> bool:
        if os.path.lexists(self.root / path):
            if digest_of(self.root / path) == digest:
                return True
            self.put_aside(path, why)
        if bring_files(self.root, [Wanted(path, source.root / path, digest)]):
            return False
        self.mended.repaired.append(path)
        self.mended.bytes += (self.root / path).stat().st_size
        return True

    def described(self, folder: str) -> list[str]:
        """The paths below a folder that any copy describes, sorted."""
        prefix = f"{folder}/"
        known = (s.description for s in self.sources if s.description is not None)
        return sorted({path for d in known for path in d.files if path.startswith(prefix)})

    def log(self, key: VerifierKey | None) -> None:
        """Put the log together from what all have of it, up to the longest that was signed."""
        folder = make_folders(self.root, LOG)
        problems = log_problems(folder)
        theirs = [source.root / LOG for source in self.sources]
        found = logs.put_together([folder, *theirs], key=key or logs.vkey_of(folder))
        if found is None:
            for path, _ in problems:
                self.fail(f"{LOG}/{path}".rstrip("/"), NO_SOURCE)
            return
        for path, what in problems:
            strange = what == "unexpected" and path.rstrip("/") not in found.files
            if strange and os.path.lexists(folder / path):
                self.put_aside(f"{LOG}/{path}".rstrip("/"), "nobody put it into the log")
        changed = logs.settle_log(folder, found)
        self.mended.repaired += [f"{LOG}/{path}" for path in changed]
        self._drop_old_partials(folder, found)

    def _drop_old_partials(self, folder: Path, found: logs.Whole) -> None:
        """Partial tiles that the longer log has in another width: what they hold is in it."""
        for path, what in log_problems(folder):
            if what == "unexpected" and os.path.lexists(folder / path):
                self.put_aside(f"{LOG}/{path}".rstrip("/"), "it belongs to a shorter log")
            elif path not in found.files:
                self.fail(f"{LOG}/{path}".rstrip("/"), what)

    def vault(self, vouch: Vouch | None, tell: Callable[[int], None] = lambda _: None) -> None:
        """Mend every object, file by file and chunk by chunk; bring those that are gone."""
        self.mended.repaired += whole.mend_vault_root(self.root)
        walk = Walk(self.root / VAULT)
        walk.run()
        for path in sorted(walk.unexpected):
            if os.path.lexists(self.root / path):
                self.put_aside(path, "nobody put it into the vault")
        ill = {path.split("/")[1] for path in walk.damaged | walk.missing if "/" in path}
        names = {*walk.objects, *ill, *self._their_objects()}
        for name in sorted(name for name in names if ocfl.OBJECT_NAME.fullmatch(name)):
            self._object(name, walk, vouch, ill=name in ill)
            tell(1)

    def _their_objects(self) -> set[str]:
        names: set[str] = set()
        for source in self.sources:
            if source.description is not None:
                names.update(source.description.objects)
            vault = source.root / VAULT
            if vault.is_dir():
                names.update(p.name for p in vault.iterdir() if (p / ocfl.OBJECT_NAMASTE).is_file())
        return names

    def _object(self, name: str, walk: Walk, vouch: Vouch | None, *, ill: bool) -> None:
        here = name in walk.objects
        if here and not ill and vouch is None:
            return
        contents, leaving = self._decide(name, walk.inventories.get(name, ""), vouch)
        if contents is None:
            if ill or (not here and (vouch is None or self._promised(name))):
                undecided = UNDECIDED if vouch is None else NOT_SEALED
                self.fail(f"{VAULT}/{name}", undecided if self._inventories(name) else NO_SOURCE)
            return
        sources = [source.root / VAULT for source in self.sources]
        agreed = walk.inventories.get(name, "")
        if here and agreed not in ("", whole.inventory_digest(name, contents)):
            self._make_way(name, self._inventories(name).get(agreed), vouch)
            here = False
        if here and not ill:
            return
        if here:
            brought = whole.mend_object(name, contents, sources, self.root, leaving=leaving)
        else:
            brought = whole.bring_object(
                name, contents, sources, self.root, lenient=True, leaving=leaving
            )
        self.mended.bytes += brought.bytes
        if here:
            self.mended.repaired += [f"{VAULT}/{name}/{path}" for path in brought.changed]
        else:
            self.mended.repaired.append(f"{VAULT}/{name}")
        for path in brought.missing:
            self.fail(f"{VAULT}/{name}/{path}", NO_SOURCE)

    def _make_way(self, name: str, contents: Mapping[str, str] | None, vouch: Vouch | None) -> None:
        """For another object of that name. One that was made anew without something since is not kept."""
        former = vouch(name, contents) if vouch is not None and contents is not None else None
        if former is not None and former.sealed:
            shutil.rmtree(self.root / VAULT / name)
            sync_folder(self.root / VAULT)
        else:
            self.put_aside(f"{VAULT}/{name}", "it is not the object that was sealed")

    def _decide(
        self, name: str, agreed: str, vouch: Vouch | None
    ) -> tuple[Mapping[str, str] | None, frozenset[str]]:
        """Which inventory is the object's, and what of it was withdrawn; (None, nothing) where nobody can tell.

        With keys the one made last of those that are as they were sealed. Without keys ours where it agrees with
        itself, else what the copies promise, but of no copy that is older than the case's own journal: something
        may have been withdrawn since.
        """
        known = self._inventories(name)
        promised = {
            source.description.objects.get(name, "")
            for source in self.sources
            if source.description is not None and (vouch is not None or self._is_late(source))
        } & known.keys()
        if vouch is None:
            if agreed in known:
                return known[agreed], frozenset()
            if len(promised) == 1:
                return known[promised.pop()], frozenset()
            alone = len(known) == 1 and all(self._is_late(source) for source in self.sources)
            return (next(iter(known.values())) if alone else None), frozenset()
        order = sorted(known, key=lambda digest: (digest != agreed, digest not in promised, digest))
        answers = {digest: vouch(name, known[digest]) for digest in order}
        sealed = [
            (found.rank, place, digest, found.leaving)
            for place, (digest, found) in enumerate(answers.items())
            if found is not None and found.sealed
        ]
        if sealed:
            _, _, digest, leaving = min(sealed, key=lambda one: one[:2])
            return known[digest], leaving
        unknown = [digest for digest in order if answers[digest] is None]
        return (known[unknown[0]] if unknown else None), frozenset()

    def _promised(self, name: str) -> bool:
        """Whether a copy says to have an object: what a copying that was cut off brought is no part of it yet."""
        return any(
            source.description is None or name in source.description.objects
            for source in self.sources
        )

    def _is_late(self, source: Source) -> bool:
        """Whether a copy holds every act that is here."""
        theirs, ours = (numbers_in(root / "journal") for root in (source.root, self.root))
        return max(theirs, default=0) >= max(ours, default=0)

    def _inventories(self, name: str) -> dict[str, Mapping[str, str]]:
        """Every inventory in its canonical form that anybody has for an object, by its digest."""
        found: dict[str, Mapping[str, str]] = {}
        for root in (self.root, *(source.root for source in self.sources)):
            for place in ("", f"{ocfl.VERSION}/"):
                try:
                    raw = (root / VAULT / name / place / ocfl.INVENTORY).read_bytes()
                    contents = ocfl.decode_inventory(raw, name)
                except (OSError, ValueError):
                    continue
                found[hashlib.sha512(raw).hexdigest()] = contents
        return found

    def content(self, name: str, file: str, sha512: str) -> bytes | None:
        """A small file of an object from whoever has it right: a manifest, chunks.json."""
        for root in (self.root, *(source.root for source in self.sources)):
            path = root / VAULT / name / ocfl.CONTENT / file
            if digest_of(path) == sha512:
                return path.read_bytes()
        return None
