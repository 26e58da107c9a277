"""Who can open a case.

All secrets of a case are one bundle (`CaseKeys`). It is kept three times in `keys/`, so that no single way
of losing it is the end:

    daily.json      under the passphrase by Argon2id and ChaCha20-Poly1305: opens in about 0.3 s
    passphrase.age  under the same passphrase as an age file (scrypt): opens with `age` alone
    recovery.age    to the printed recovery identity, whose public half is in recipients.txt

docs/formats/keys.md describes the files.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass

from muniment.case.folder import Folder
from muniment.case.passphrase import stretch
from muniment.case.writing import write_whole
from muniment.errors import BadUse, Damaged, NoKey

VERSION = 1
_TIME, _MEMORY_KIB, _LANES = 3, 128 * 1024, 2
_BOUND = b"muniment/v1/daily"
_RECOVERY = "AGE-SECRET-KEY-1"


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """Everything secret. `catalogue` and `log_key` are 32 bytes in hexadecimal, `identity` an age secret key."""

    version: int
    catalogue: str
    identity: str
    recipient: str
    log_name: str
    log_key: str

    def as_bytes(self) -> bytes:
        """The bundle as JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> CaseKeys:
        """Read a bundle back. Raises Damaged."""
        try:
            fields = json.loads(content)
            return cls(**{name: fields[name] for name in cls.__slots__})
        except (ValueError, KeyError, TypeError):
            raise Damaged(
                "The case's keys are not readable.", next="Use recovery.age or a custodian's copy."
            ) from None


def generate(folder: Folder) -> CaseKeys:
    """Fresh keys for a new case."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    return CaseKeys(
        version=VERSION,
        catalogue=secrets.token_hex(32),
        identity=str(identity),
        recipient=str(identity.to_public()),
        log_name=f"muniment/{folder.identifier}",
        log_key=secrets.token_hex(32),
    )


def wrap(folder: Folder, keys: CaseKeys, passphrase: str) -> str:
    """Write the three wrapped copies; returns the recovery identity, which is kept nowhere."""
    import pyrage
    from pyrage import x25519

    if not passphrase:
        raise BadUse("The passphrase is empty.", next="Give one, or accept the one proposed.")
    recovery = x25519.Identity.generate()
    bundle = keys.as_bytes()
    write_whole(folder.keys / "daily.json", _daily(bundle, passphrase))
    write_whole(folder.keys / "passphrase.age", pyrage.passphrase.encrypt(bundle, passphrase))
    write_whole(folder.keys / "recovery.age", pyrage.encrypt(bundle, [recovery.to_public()]))
    write_whole(folder.keys / "recipients.txt", f"{recovery.to_public()}\n".encode())
    return str(recovery)


def _daily(bundle: bytes, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    key = stretch(passphrase, salt, time=_TIME, memory_kib=_MEMORY_KIB, lanes=_LANES)
    sealed = ChaCha20Poly1305(key).encrypt(nonce, bundle, _BOUND)
    fields = {
        "version": VERSION,
        "kdf": "argon2id",
        "time": _TIME,
        "memory_kib": _MEMORY_KIB,
        "lanes": _LANES,
        "salt": base64.b64encode(salt).decode(),
        "nonce": base64.b64encode(nonce).decode(),
        "box": base64.b64encode(sealed).decode(),
    }
    return (json.dumps(fields, indent=1) + "\n").encode()


def open_keys(folder: Folder, passphrase: str) -> CaseKeys:
    """Open the bundle with the daily passphrase, or with the recovery identity in its place.

    Raises NoKey where it is wrong, Damaged where the key file is torn.
    """
    if is_recovery_identity(passphrase):
        return _recover(folder, passphrase.strip().upper())
    return _open_daily(folder, passphrase)


def is_recovery_identity(passphrase: str) -> bool:
    """Whether what was given in the passphrase's place is the printed recovery identity."""
    return passphrase.strip().upper().startswith(_RECOVERY)


def _recover(folder: Folder, identity: str) -> CaseKeys:
    """The bundle by the printed recovery identity (an age secret key)."""
    import pyrage
    from pyrage import x25519

    try:
        sealed = (folder.keys / "recovery.age").read_bytes()
        bundle = pyrage.decrypt(sealed, [x25519.Identity.from_str(identity)])
    except (pyrage.IdentityError, pyrage.DecryptError):
        raise NoKey(
            "This recovery identity does not open this case.",
            next="Check each character against the printed one; it is of another case otherwise.",
        ) from None
    except OSError:
        raise Damaged(
            "keys/recovery.age cannot be read.",
            next="Restore keys/ from a custodian's copy, or use the passphrase.",
        ) from None
    return CaseKeys.from_bytes(bytes(bundle))


def _open_daily(folder: Folder, passphrase: str) -> CaseKeys:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        fields = json.loads((folder.keys / "daily.json").read_bytes())
        salt, nonce, box = (base64.b64decode(fields[name]) for name in ("salt", "nonce", "box"))
        key = stretch(
            passphrase,
            salt,
            time=min(int(fields["time"]), 64),
            memory_kib=min(int(fields["memory_kib"]), 4 * 1024 * 1024),
            lanes=min(int(fields["lanes"]), 16),
        )
        return CaseKeys.from_bytes(ChaCha20Poly1305(key).decrypt(nonce, box, _BOUND))
    except InvalidTag:
        raise NoKey(
            "The passphrase does not open this case.",
            next="Try again. The printed recovery identity (AGE-SECRET-KEY-…) opens it too, in its place.",
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise Damaged(
            "keys/daily.json cannot be read.",
            next="Restore keys/ from a custodian's copy, or use keys/passphrase.age with `age`.",
        ) from None
