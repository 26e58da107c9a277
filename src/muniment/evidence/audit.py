"""The whole audit: is every byte of the vault and of the log what was sealed? It needs no keys.

Each file of the vault is expected: the root's own files and an object's are determined byte for byte by its
inventory (docs/formats/vault.md), the inventory stands four times (two copies, each with its digest), and the
content must have the digests the inventory gives. So whatever differs, lacks or was added has a name here.
What an audit cannot see: an object replaced as a whole, digests included, by somebody who forges all of it;
the commitments in the log show that when it is opened with the case's keys.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from muniment.case.folder import printable
from muniment.errors import MunimentError, NotFound
from muniment.evidence.custodians.files import side_by_side
from muniment.evidence.vault import ocfl
from muniment.evidence.vault.chunks import decode_chunks

_BLOCK = 1 << 20
# 10,002 files take 3.6 MB; a file that claims to be an inventory and is larger is not ours.
_LARGEST_INVENTORY = 64 << 20


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found. Paths begin with the name of the vault's or the log's folder, `/` between parts.

    `objects` and `bytes` count what was read of the vault. `damaged`: not the bytes (or not the kind of file)
    that were sealed; `missing`: expected and not there; `unexpected`: there, folders too, and nobody's.
    Problems of the log stand among them, and `log_ok` is False.
    """

    objects: int
    bytes: int
    damaged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    log_ok: bool = True

    @property
    def ok(self) -> bool:
        """Whether everything is as it was sealed."""
        return self.log_ok and not (self.damaged or self.missing or self.unexpected)


def audit(vault_root: Path, log_dir: Path) -> AuditReport:
    """Read the whole vault and the whole log. Nothing in the vault is changed.

    A vault or a log that is not there at all is one missing path. Raises NotFound where both are not.
    """
    if not vault_root.is_dir() and not log_dir.is_dir():
        raise NotFound(
            f"There is neither a vault at {printable(vault_root)} nor a log beside it.",
            next="Check the path; restore both folders from a custodian's copy if they are lost.",
        )
    walk = Walk(vault_root)
    walk.run()
    problems = log_problems(log_dir)
    for path, what in problems:
        walk.found(what, f"{log_dir.name}/{path}".rstrip("/"))
    return AuditReport(
        objects=len(walk.objects),
        bytes=walk.bytes,
        damaged=_sorted(walk.damaged),
        missing=_sorted(walk.missing),
        unexpected=_sorted(walk.unexpected),
        log_ok=not problems,
    )


def _sorted(paths: set[str]) -> list[str]:
    return sorted(printable(path) for path in paths)


def log_problems(log_dir: Path) -> list[tuple[str, str]]:
    """Every problem of a log: (path in its folder, what)."""
    # Here and not above: the log's cryptography is slow to load, and a help page needs none of it.
    from muniment.evidence.log.store import VKEY, Log

    if not log_dir.is_dir():
        return [("", "missing")]
    try:
        return Log(log_dir).problems()
    except NotFound:
        return [(VKEY, "missing")]
    except MunimentError:
        return [("", "damaged")]


class Walk:
    """One walk over a vault: first what is there, then each object against its inventory, then what is left.

    Paths in `damaged`, `missing` and `unexpected` begin with the folder's name and are as the disk has them.
    `inventories`: for each object the SHA-512 of the inventory its witnesses agree on, "" where they do not.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.objects: list[str] = []
        self.bytes = 0
        self._counting = threading.Lock()
        self.damaged: set[str] = set()
        self.missing: set[str] = set()
        self.unexpected: set[str] = set()
        self.inventories: dict[str, str] = {}
        self._earlier: set[str] = set()
        # Every path below the root that was not accounted for yet: True for a regular file, False for a
        # folder, None for anything else (a symbolic link, a device).
        self._left: dict[str, bool | None] = {}

    def found(self, what: str, path: str) -> None:
        """Sort a problem of the log under the vault's three words."""
        if "missing" in what:
            self.missing.add(path)
        elif "unexpected" in what:
            self.unexpected.add(path)
        else:
            self.damaged.add(path)

    def run(self) -> None:
        """Walk and compare."""
        if not self.root.is_dir():
            self.missing.add(self.root.name)
            return
        self._left = dict(self._scan())
        for path, text in ocfl.ROOT_FILES.items():
            self._compare(path, hashlib.sha512(text).hexdigest())
        tops = {path.partition("/")[0] for path in self._left if "/" in path}
        for name in sorted(tops):
            if any(path in self._left for path in _marks(name)):
                self._object(name)
        for name in self._earlier.difference(self.objects):
            self.missing.add(self.named(name))
        self._account_for_folders()
        self.unexpected.update(self.named(path) for path in self._left)

    def _scan(self) -> Iterator[tuple[str, bool | None]]:
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(self.root / folder) as entries:
                    found = list(entries)
            except OSError:
                self.damaged.add(self.named(folder))
                continue
            for entry in found:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)
                    yield path, False
                else:
                    yield path, True if entry.is_file(follow_symlinks=False) else None

    def named(self, path: str) -> str:
        """A path below the vault as an audit names it."""
        return f"{self.root.name}/{path}" if path else self.root.name

    def _object(self, name: str) -> None:
        self.objects.append(name)
        namaste = hashlib.sha512(ocfl.OBJECT_NAMASTE_CONTENT).hexdigest()
        self._compare(f"{name}/{ocfl.OBJECT_NAMASTE}", namaste)
        files = self._inventory(name)
        if files is None:
            # Nobody can say what belongs here, so that nothing of it is called unexpected.
            inside = [path for path in self._left if path.startswith(f"{name}/")]
            self.damaged.update(self.named(path) for path in inside if self._left.pop(path))
            return
        self._contents(name, files)
        self._chunks(name, files)

    def _contents(self, name: str, files: dict[str, str]) -> None:
        """Every byte of an object's content, two files at a time: digests are computed outside Python's lock."""
        expected = [(f"{name}/{ocfl.CONTENT}/{content}", files[content]) for content in files]
        there = [path for path, _ in expected if self._left.get(path)]
        for path in there:
            del self._left[path]
        digests = dict(zip(there, side_by_side(self._digest, there), strict=True))
        for path, digest in expected:
            if path not in digests:
                self._compare(path, digest)
            elif digests[path] != digest:
                self.damaged.add(self.named(path))

    def _inventory(self, name: str) -> dict[str, str] | None:
        """What an object should hold, by the inventory most of its four witnesses agree on."""
        copies = {place: self._copy(name, place) for place in ("", f"{ocfl.VERSION}/")}
        votes = Counter(digest for pair in copies.values() for digest in pair if digest)
        chosen: tuple[str, dict[str, str]] | None = None
        for digest, _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
            place = next((p for p, (inventory, _) in copies.items() if inventory == digest), None)
            files = None if place is None else self._decode(name, place)
            if files is not None:
                chosen = digest, files
                break
        agreed = chosen[0] if chosen is not None else ""
        if votes and list(votes.values()).count(votes.most_common(1)[0][1]) > 1:
            agreed = ""  # two against two: each of them may be the forged one
        self.inventories[name] = agreed
        for place in copies:
            sidecar = hashlib.sha512(ocfl.encode_sidecar(agreed)).hexdigest()
            self._compare(f"{name}/{place}{ocfl.INVENTORY}", agreed)
            self._compare(f"{name}/{place}{ocfl.SIDECAR}", sidecar)
        return chosen[1] if chosen is not None else None

    def _copy(self, name: str, place: str) -> tuple[str, str]:
        """The digests that one copy of the inventory has, and that its sidecar says; "" where unreadable."""
        inventory = self._small(f"{name}/{place}{ocfl.INVENTORY}")
        sidecar = self._small(f"{name}/{place}{ocfl.SIDECAR}")
        said = sidecar[:128].decode("ascii", "replace")
        exact = sidecar == ocfl.encode_sidecar(said) if said.isascii() else False
        return (
            hashlib.sha512(inventory).hexdigest() if inventory else "",
            said if exact else "",
        )

    def _decode(self, name: str, place: str) -> dict[str, str] | None:
        try:
            return ocfl.decode_inventory(self._small(f"{name}/{place}{ocfl.INVENTORY}"), name)
        except ValueError:
            return None

    def _chunks(self, name: str, files: dict[str, str]) -> None:
        """chunks.json must describe exactly the ciphertexts; it also names the objects sealed before."""
        path = f"{name}/{ocfl.CONTENT}/{ocfl.CHUNKS}"
        if self.named(path) in self.damaged | self.missing:
            return
        try:
            chunked, earlier = decode_chunks((self.root / path).read_bytes())
        except (OSError, ValueError):
            self.damaged.add(self.named(path))
            return
        self._earlier.update(earlier)
        if set(chunked) != set(files) - {ocfl.CHUNKS}:
            self.damaged.add(self.named(path))

    def _small(self, path: str) -> bytes:
        """A regular file's content; nothing where it is missing, too large or something else."""
        if self._left.get(path, True) is not True:
            return b""
        try:
            with open(self.root / path, "rb") as file:
                raw = file.read(_LARGEST_INVENTORY + 1)
        except OSError:
            return b""
        return raw if len(raw) <= _LARGEST_INVENTORY else b""

    def _compare(self, path: str, expected: str) -> None:
        """Account for one expected file, against its SHA-512."""
        if path not in self._left:
            self.missing.add(self.named(path))
            return
        regular = self._left.pop(path)
        if not regular or self._digest(path) != expected:
            self.damaged.add(self.named(path))

    def _digest(self, path: str) -> str:
        digest = hashlib.sha512()
        try:
            handle = os.open(self.root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            size = 0
            with open(handle, "rb", buffering=0) as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    return ""
                while block := file.read(_BLOCK):
                    digest.update(block)
                    size += len(block)
        except OSError:
            return ""
        with self._counting:
            self.bytes += size
        return digest.hexdigest()

    def _account_for_folders(self) -> None:
        """A folder is expected where something expected lies, or should lie, in it."""
        for name in self.objects:
            for path in (name, f"{name}/{ocfl.VERSION}", f"{name}/{ocfl.CONTENT}"):
                if self._left.get(path) is False:
                    del self._left[path]


def _marks(name: str) -> list[str]:
    """Paths of which one is enough to take a folder for an object, however damaged."""
    places = ("", f"{ocfl.VERSION}/")
    files = [f"{name}/{place}{file}" for place in places for file in (ocfl.INVENTORY, ocfl.SIDECAR)]
    return [f"{name}/{ocfl.OBJECT_NAMASTE}", *files]
