"""Who can open a case.

All secrets of a case are one bundle (`CaseKeys`). It is kept several times in `keys/`, so that no single way
of losing it is the end:

    daily.json      under the passphrase by Argon2id and ChaCha20-Poly1305: opens in about 0.3 s
    passphrase.age  under the same passphrase as an age file (scrypt): opens with `age` alone
    recovery.age    to the printed recovery identity
    LABEL.age       to another person's or device's age recipient, as many as were added
    recipients.age  the recipients of all these, sealed to the case itself
    sha512sums      what lies here, with digests

docs/formats/keys.md describes the files.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from muniment.case import keyring
from muniment.case.canonical import canonical
from muniment.case.folder import Folder, description
from muniment.case.identities import identities, identity_in
from muniment.case.listing import EARLIER, RECIPIENTS, differs
from muniment.case.passphrase import stretch, weakness
from muniment.errors import BadUse, Damaged, MunimentError, Newer, NoKey

VERSION = 2
RECOVERY = "recovery"
_DAILY_VERSION = 1
_TIME, _MEMORY_KIB, _LANES = 3, 128 * 1024, 2
_BOUND = b"muniment/v1/daily"
_FIRST = ("version", "catalogue", "identity", "recipient", "log_name", "log_key")
_OTHERS = ("passphrase.age", RECIPIENTS)


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """Everything secret. `catalogue` and `log_key` are 32 bytes in hexadecimal.

    `identity` holds the age secret keys of the case, one a line, the one in force first; `recipient` is the public
    half of that one. `earlier_catalogues` are catalogue keys that were in force, the latest first. `strength` says of
    the passphrase "strong" or "weak", or "" where nobody knows.
    """

    version: int
    catalogue: str
    identity: str
    recipient: str
    log_name: str
    log_key: str
    earlier_catalogues: tuple[str, ...] = ()
    strength: str = field(default="", compare=False)

    def as_bytes(self) -> bytes:
        """The bundle as JSON."""
        fields = {**asdict(self), "version": VERSION}
        return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> CaseKeys:
        """Read a bundle back. Raises Damaged, or Newer where a later muniment wrote it."""
        try:
            fields = json.loads(content)
            version = int(fields["version"])
            if version > VERSION:
                raise Newer(
                    f"The case's keys have version {version}; this muniment knows {VERSION}.",
                    next="Use the muniment that changed them last, or a later one. Nothing was changed.",
                )
            first = {name: fields[name] for name in _FIRST}
            return cls(
                **first,
                earlier_catalogues=tuple(fields.get("earlier_catalogues", ())),
                strength=str(fields.get("strength", "")),
            )
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


def renewed(keys: CaseKeys) -> CaseKeys:
    """The same case with a new identity and a new catalogue key; what was in force is kept for reading.

    The key of the log stays: the log's name is bound to it, and everything that was ever signed is checked with it.
    """
    from pyrage import x25519

    identity = x25519.Identity.generate()
    return replace(
        keys,
        version=VERSION,
        identity=f"{identity}\n{keys.identity}",
        recipient=str(identity.to_public()),
        catalogue=secrets.token_hex(32),
        earlier_catalogues=(keys.catalogue, *keys.earlier_catalogues),
    )


def wrap(folder: Folder, keys: CaseKeys, passphrase: str) -> str:
    """Write `keys/` of a new case; returns the recovery identity, which is kept nowhere."""
    identity, recipient = new_recovery()
    files = {
        **under_passphrase(keys, passphrase),
        **sealed_to(keys, passphrase, {RECOVERY: recipient}),
        RECIPIENTS: listed_recipients(keys, {RECOVERY: recipient}),
    }
    keyring.write_keys(folder.keys, description(folder), files)
    return identity


def new_recovery() -> tuple[str, str]:
    """A fresh recovery identity, and its recipient."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def strength_of(passphrase: str) -> str:
    """What the bundle says of a passphrase: strong or weak."""
    return "weak" if weakness(passphrase) else "strong"


def under_passphrase(keys: CaseKeys, passphrase: str) -> dict[str, bytes]:
    """The two files that the passphrase opens. Raises BadUse where there is none, or it would be taken for a key."""
    import pyrage

    if not passphrase:
        raise BadUse("The passphrase is empty.", next="Give one, or accept the one proposed.")
    if identity_in(passphrase) is not None:
        raise BadUse(
            "An age identity cannot be the passphrase.",
            next="Give another, or accept the one proposed.",
        )
    bundle = replace(keys, strength=strength_of(passphrase)).as_bytes()
    return {
        "daily.json": _daily(bundle, passphrase),
        "passphrase.age": pyrage.passphrase.encrypt(bundle, passphrase),
    }


def sealed_to(
    keys: CaseKeys, passphrase: str | None, recipients: Mapping[str, str]
) -> dict[str, bytes]:
    """The file of each recipient (label: age recipient). `passphrase`: the one in force, where it is new."""
    import pyrage

    strength = keys.strength if passphrase is None else strength_of(passphrase)
    bundle = replace(keys, strength=strength).as_bytes()
    return {
        f"{label}.age": pyrage.encrypt(bundle, [_recipient(recipient)])
        for label, recipient in recipients.items()
    }


def listed_recipients(keys: CaseKeys, recipients: Mapping[str, str]) -> bytes:
    """`recipients.age`: who is in `keys/`, readable to whoever has the case open and to nobody else."""
    import pyrage

    plain = canonical({"version": 1, "recipients": dict(recipients)})
    return bytes(pyrage.encrypt(plain, [_recipient(keys.recipient)]))


def recipients_of(folder: Folder, keys: CaseKeys) -> dict[str, str]:
    """Label and age recipient of each file of `keys/` that an identity opens. Raises Damaged."""
    import pyrage

    try:
        if RECIPIENTS not in keyring.wraps(folder):  # a case made before there was a listing
            return {RECOVERY: keyring.wrapped(folder, EARLIER).decode("ascii").strip()}
        plain = pyrage.decrypt(keyring.wrapped(folder, RECIPIENTS), identities(keys.identity))
        return {str(k): str(v) for k, v in dict(json.loads(plain)["recipients"]).items()}
    except (OSError, ValueError, KeyError, TypeError, pyrage.DecryptError):
        raise Damaged(
            f"keys/{RECIPIENTS} cannot be read.",
            next="Restore keys/ from a custodian's copy; the case itself is untouched.",
        ) from None


def check_recipient(text: str) -> str:
    """An age recipient (age1…) as it is kept. Raises BadUse."""
    return str(_recipient(text.strip().lower()))


def _recipient(text: str) -> object:
    import pyrage
    from pyrage import x25519

    try:
        return x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BadUse(
            "This is not an age recipient (age1 and 58 characters more).",
            next="Ask for the public key that `age-keygen` printed; check each character.",
        ) from None


def _daily(bundle: bytes, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    key = stretch(passphrase, salt, time=_TIME, memory_kib=_MEMORY_KIB, lanes=_LANES)
    sealed = ChaCha20Poly1305(key).encrypt(nonce, bundle, _BOUND)
    fields = {
        "version": _DAILY_VERSION,
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
    """Open the bundle with the passphrase, or with an age identity in its place (the recovery identity or another).

    A change of keys that was cut off is brought to its end, or taken back. Raises NoKey where the passphrase is
    wrong, Damaged where the key file is not what was written.
    """
    prepared = False
    try:
        keys = _unwrapped(folder, passphrase, prepared=False)
    except NoKey:
        if keyring.replaced(folder):
            raise keyring.no_longer() from None
        if not keyring.unsettled(folder):
            raise
        keys, prepared = _unwrapped(folder, passphrase, prepared=True), True
    keyring.settle(folder, keys, prepared=prepared)
    return keys


def opens(folder: Folder, passphrase: str) -> bool:
    """Whether this is the passphrase in force."""
    try:
        _open_daily(folder, passphrase, prepared=False)
    except (NoKey, Damaged):
        return False
    return True


def _unwrapped(folder: Folder, passphrase: str, *, prepared: bool) -> CaseKeys:
    identity = identity_in(passphrase)
    if identity is None:
        return _open_daily(folder, passphrase, prepared=prepared)
    return _open_sealed(folder, identity, prepared=prepared)


def _open_sealed(folder: Folder, identity: str, *, prepared: bool) -> CaseKeys:
    """The bundle by an age identity, from whichever file is sealed to it."""
    import pyrage
    from pyrage import x25519

    wrong: MunimentError = NoKey(
        "This identity does not open this case.",
        next="Check each character against the printed one; it is of another case otherwise, or was revoked.",
    )
    try:
        known = [x25519.Identity.from_str(identity)]
        names = [name for name in keyring.wraps(folder) if name not in _OTHERS]
    except pyrage.IdentityError:
        raise wrong from None
    for name in names:
        try:
            bundle = pyrage.decrypt(keyring.wrapped(folder, name, prepared=prepared), known)
        except (pyrage.DecryptError, OSError):
            if differs(folder.keys, name) and not prepared:
                wrong = _torn(name)
            continue
        return CaseKeys.from_bytes(bytes(bundle))
    if f"{RECOVERY}.age" not in names and not prepared:
        raise _torn(f"{RECOVERY}.age")
    raise wrong


def _open_daily(folder: Folder, passphrase: str, *, prepared: bool) -> CaseKeys:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    name = "daily.json"
    try:
        fields = json.loads(keyring.wrapped(folder, name, prepared=prepared))
        salt, nonce, box = (base64.b64decode(fields[part]) for part in ("salt", "nonce", "box"))
        key = stretch(
            passphrase,
            salt,
            time=min(int(fields["time"]), 64),
            memory_kib=min(int(fields["memory_kib"]), 4 * 1024 * 1024),
            lanes=min(int(fields["lanes"]), 16),
        )
        keys = CaseKeys.from_bytes(ChaCha20Poly1305(key).decrypt(nonce, box, _BOUND))
        return replace(keys, strength=strength_of(passphrase))
    except InvalidTag:
        if differs(folder.keys, name) and not prepared:
            raise _torn(name) from None
        raise NoKey(
            "The passphrase does not open this case.",
            next="Try again. The printed recovery identity (AGE-SECRET-KEY-…) opens it too, in its place.",
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        if prepared:
            raise NoKey(
                "The passphrase does not open this case.",
                next="A change of keys was cut off: open it with the passphrase before that.",
            ) from None
        raise _torn(name) from None


def _torn(name: str) -> Damaged:
    return Damaged(
        f"keys/{name} cannot be read, or is not what was written.",
        next="Restore keys/ from a custodian's copy, or open the case another way: passphrase, recovery identity.",
    )
