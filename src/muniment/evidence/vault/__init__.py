"""The vault: originals as age ciphertext in an OCFL 1.1 storage root, one object per batch."""

from muniment.evidence.vault.failures import DiskFailed, DiskFull, SourceUnreadable
from muniment.evidence.vault.padding import padded_size
from muniment.evidence.vault.staging import Stored, stage, sweep, sync
from muniment.evidence.vault.store import Vault

__all__ = [
    "DiskFailed",
    "DiskFull",
    "SourceUnreadable",
    "Stored",
    "Vault",
    "padded_size",
    "stage",
    "sweep",
    "sync",
]
