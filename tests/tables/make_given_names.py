"""Write src/muniment/names/data/given_names.txt: given names usual in English texts.

Run by hand, never by the program:

    uv run --no-project --with names python tests/tables/make_given_names.py

Source: the package names (MIT), which carries the list of the United States census of 1990 (public domain). Names
that are also everyday English words or months are left out: they would make persons of them.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

_TARGET = Path(__file__).resolve().parents[2] / "src/muniment/names/data/given_names.txt"
_MOST = {"dist.male.first": 1000, "dist.female.first": 1800}
_EVERYDAY = """
an young man many long love joy hope faith grace will mark bill rose may june april august summer
autumn dawn rich art guy king prince royal sunny star sky angel page sage ivy iris violet daisy lily
olive ruby amber crystal jewel gay rusty buddy lucky bee dee so see le my ha in on do de la el van
von pearl chance carry dale glen forest cliff dean earl grant lane miles noble reed sterling wade
trinity charity mercy honor treasure heaven harmony melody destiny kitty precious tuesday china asia
america london paris georgia virginia carolina florida dakota holland israel jordan kenya india
major judge
"""


def main() -> None:
    """Write the names in lower case, in the order of the alphabet."""
    found = set()
    for name, most in _MOST.items():
        text = (files("names") / name).read_text(encoding="utf-8")
        found |= {line.split()[0].lower() for line in text.splitlines()[:most]}
    lines = [
        "# Given names usual in English texts. Made by tests/tables/make_given_names.py",
        f"# from names {version('names')} (MIT), the list of the United States census of 1990 (public domain).",
        *sorted(found - set(_EVERYDAY.split())),
    ]
    _TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
