"""The sample case of `muniment demo`: built by samples/ from a fixed seed, kept in MUNIMENT_HOME."""

from __future__ import annotations

import shutil
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from muniment.case.folder import locate
from muniment.case.home import home
from muniment.case.working import forget
from muniment.verbs.case import Case

if TYPE_CHECKING:
    from muniment.verbs.case import Watch

_NAME = "sample"


def _samples() -> ModuleType | None:
    """The package samples/ of the checkout this muniment runs from, or None where it is installed alone."""
    checkout = Path(__file__).resolve().parents[3]
    if not (checkout / "samples" / "build.py").is_file():
        return None
    if str(checkout) not in sys.path:
        sys.path.insert(0, str(checkout))
    return import_module("samples.build")


def sample_case(*, again: bool = False) -> Case | None:
    """Open the sample case, making it if need be; None where its builder is not here."""
    samples = _samples()
    if samples is None:
        return None
    home().mkdir(mode=0o700, parents=True, exist_ok=True)
    place = home() / _NAME
    if again and locate(place).exists():
        from muniment.case.folder import open_folder

        forget(open_folder(place))
        shutil.rmtree(locate(place))
    if not (locate(place) / "case.toml").exists():
        shutil.rmtree(locate(place), ignore_errors=True)
        case, _ = Case.new(place, samples.PASSPHRASE)
        return case
    return Case.open(place, samples.PASSPHRASE)


def fill(case: Case, watch: Watch | None = None) -> None:
    """Build the fictional leak and add it, one accession after another. Goes on where it was cut off."""
    samples = _samples()
    if samples is None:
        return
    source = home() / "sample-leak"
    for folder, articles in samples.ACCESSIONS:
        built = source / f"{folder}.built"
        if not built.exists():
            shutil.rmtree(source / folder, ignore_errors=True)
            samples.build(source, folders=[folder])
            built.touch()
        case.add([source / folder], articles=articles, watch=watch)


def tour() -> list[dict[str, Any]]:
    """The stations of the tour on the Desk: title, what to see, and a query or the path of a document."""
    samples = _samples()
    return list(getattr(samples, "TOUR", [])) if samples is not None else []
