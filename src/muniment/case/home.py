"""MUNIMENT_HOME: the one folder outside a case in which muniment keeps anything of this account's."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """MUNIMENT_HOME, by default `muniment` in the person's data folder."""
    named = os.environ.get("MUNIMENT_HOME")
    if named:
        return Path(os.path.abspath(named))  # noqa: PTH100 - the keeping process leaves this folder
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")  # noqa: PTH111
    return Path(data) / "muniment"
