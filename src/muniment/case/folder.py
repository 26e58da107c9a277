"""Where everything of a case lies.

A case is one folder, `NAME.muniment`. `case.toml` is the only file in clear beside public proofs: it holds
the format's version and a random identifier, nothing that names the investigation.

    case.toml      format and identifier            vault/       encrypted originals (OCFL)
    keys/          who can open the case            log/         the transparency log
    catalogue.db   SQLCipher                        journal/     encrypted acts
    anchors/       timestamps and cosignatures      working/     derived and in clear; deleted by `lock`
    staging/       ciphertext being received        quarantine/  what `repair` put aside
"""

from __future__ import annotations

import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path

from muniment.errors import BadUse, Damaged, Newer, NotFound

FORMAT = 1
SUFFIX = ".muniment"


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of one case. `identifier` is 20 random lower-case base-32 characters."""

    root: Path
    identifier: str

    @property
    def keys(self) -> Path:
        """The folder of wrapped keys."""
        return self.root / "keys"

    @property
    def vault(self) -> Path:
        """The OCFL storage root."""
        return self.root / "vault"

    @property
    def log(self) -> Path:
        """The transparency log's static files."""
        return self.root / "log"

    @property
    def anchors(self) -> Path:
        """Timestamps of checkpoints and cosigned checkpoints; made when the first is asked for."""
        return self.root / "anchors"

    @property
    def catalogue(self) -> Path:
        """The SQLCipher database."""
        return self.root / "catalogue.db"

    @property
    def staging(self) -> Path:
        """Ciphertext that is received and not yet in an object of the vault."""
        return self.root / "staging"

    @property
    def journal(self) -> Path:
        """Encrypted acts."""
        return self.root / "journal"

    @property
    def working(self) -> Path:
        """Where derived data lies when it does not fit in memory."""
        return self.root / "working"


def locate(name: str | os.PathLike[str]) -> Path:
    """The folder a person means by `name`: as written, or with `.muniment` behind it."""
    path = Path(name)
    if path.name.endswith(SUFFIX) or (path / "case.toml").exists():
        return path
    return path.with_name(path.name + SUFFIX)


def open_folder(name: str | os.PathLike[str]) -> Folder:
    """Find an existing case. Raises NotFound, Newer or Damaged."""
    root = locate(name)
    description = root / "case.toml"
    try:
        content = tomllib.loads(description.read_text("utf-8"))
        version, identifier = content["format"], content["identifier"]
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(
            f"There is no case at {printable(root)}.",
            next=f"Check the path, or make one with: muniment new {printable(name)}",
        ) from None
    except PermissionError:
        raise BadUse(
            f"The case at {printable(root)} may not be read by this account.",
            next="Run muniment as the account that owns the case.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError):
        raise Damaged(
            f"{printable(description)} cannot be read.",
            next="Restore case.toml from a custodian's copy; the rest of the case is untouched.",
        ) from None
    if not isinstance(version, int) or version > FORMAT:
        raise Newer(
            f"This case has format {version}; this muniment knows formats up to {FORMAT}.",
            next="Install the muniment that made the case, or a later one. Nothing was changed.",
        )
    return Folder(root=root.absolute(), identifier=str(identifier))


def check_new(name: str | os.PathLike[str]) -> Path:
    """Where a new case of this name would lie. Raises BadUse where it cannot be made there."""
    root = locate(name)
    if not root.parent.is_dir():
        raise BadUse(
            f"The folder {printable(root.parent)} does not exist.",
            next="Make it first, or give another path.",
        )
    if root.exists() or root.is_symlink():
        raise _there_already(root)
    return root


def create_folder(name: str | os.PathLike[str]) -> Folder:
    """Make the folder of a new case, readable by its owner only. Raises BadUse where one is."""
    root = check_new(name)
    try:
        root.mkdir(mode=0o700)
    except FileExistsError:
        raise _there_already(root) from None
    except PermissionError:
        raise BadUse(
            f"A case cannot be made at {printable(root)}: permission denied.",
            next="Choose a folder you may write to.",
        ) from None
    folder = Folder(root=root.absolute(), identifier=random_name(20))
    for path in (folder.keys, folder.staging, folder.journal):
        path.mkdir(mode=0o700)
    return folder


def _there_already(root: Path) -> BadUse:
    if root.is_dir() and not (root / "case.toml").exists():
        if any(root.glob("journal/*.age")) or any(root.glob("vault/*/")):
            return BadUse(
                f"{printable(root)} holds a case whose case.toml is lost.",
                next="Restore case.toml from a custodian's copy; delete nothing.",
            )
        if (root / "keys").is_dir():
            return BadUse(
                f"{printable(root)} is a case that was begun and never finished; nothing was ever received in it.",
                next="Delete that folder, then run the same command again.",
            )
    return BadUse(
        f"{printable(root)} exists already.",
        next="Choose another name; an existing case is never overwritten.",
    )


def describe(folder: Folder) -> None:
    """Write case.toml, last of all: a folder without it is not a case yet."""
    from muniment.case.writing import write_whole

    write_whole(folder.root / "case.toml", description(folder))


def description(folder: Folder) -> bytes:
    """What case.toml holds, to the byte."""
    return f'format = {FORMAT}\nidentifier = "{folder.identifier}"\n'.encode()


# 256 is 8 times 32: each letter is as likely as any other.
_LETTERS = b"abcdefghijklmnopqrstuvwxyz234567" * 8


def random_name(length: int) -> str:
    """Random lower-case base-32 characters (a-z, 2-7): 5 bits each, safe in paths and speech."""
    return secrets.token_bytes(length).translate(_LETTERS).decode("ascii")


def printable(name: str | bytes | os.PathLike[str]) -> str:
    """A name as it may be shown: control characters, bidirectional marks and broken UTF-8 escaped."""
    raw = os.fsencode(name)
    text = raw.decode("utf-8", "backslashreplace")
    if text.isascii() and text.isprintable():
        return text  # nearly every name; there are millions
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    point = ord(character)
    if point < 32 or 0x7F <= point < 0xA0:
        return f"\\x{point:02x}"
    if point in _INVISIBLE:
        return f"\\u{point:04x}"
    return character


_INVISIBLE = frozenset(
    [0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)]
)
