"""new: create a case."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from muniment.case import keyring
from muniment.case.folder import create_folder, describe
from muniment.case.keys import generate, strength_of, wrap
from muniment.case.listing import listing_digest

if TYPE_CHECKING:
    from muniment.verbs.case import Case


def new(name: str | os.PathLike[str], passphrase: str) -> tuple[Case, str]:
    """Make the folder, keys, catalogue, vault and log of an empty case.

    Returns the case and its recovery identity (an age secret key), which is kept nowhere. Where a step
    fails, what was made so far is removed: nothing in it could be anybody's evidence yet.
    """
    from muniment.case.catalogue import open_catalogue
    from muniment.evidence.log.store import Log
    from muniment.evidence.vault import Vault
    from muniment.verbs.case import Case
    from muniment.verbs.committing import signer_of

    folder = create_folder(name)
    finished = False
    try:
        keys = generate(folder)
        recovery = wrap(folder, keys, passphrase)
        open_catalogue(folder.catalogue, keys.catalogue, create=True).close()
        Vault.create(folder.vault)
        Log.create(folder.log, keys.log_name, signer_of(keys))
        made = Case(folder, replace(keys, strength=strength_of(passphrase)))
        made.record(keyring.ACT, {"change": "made", "listing": listing_digest(folder.keys)})
        describe(folder)
        finished = True
    finally:
        if not finished:
            shutil.rmtree(folder.root, ignore_errors=True)
    return made, recovery
