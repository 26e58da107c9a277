"""A workbook of the inspections of 2018 with a hidden sheet, a very hidden one and hidden rows."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from samples.packing import zipped

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SCHEMA = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."

HIDDEN_SHEET = "Real readings"
Row = tuple[str | int | float, ...]


def _cell(column: int, row: int, value: str | int | float) -> str:
    place = f"{chr(65 + column)}{row}"
    if isinstance(value, str):
        return (
            f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        )
    return f'<c r="{place}"><v>{value}</v></c>'


def _sheet(rows: Sequence[Row], hidden: frozenset[int]) -> str:
    lines = ""
    for number, row in enumerate(rows, 1):
        state = ' hidden="1"' if number in hidden else ""
        cells = "".join(_cell(column, number, value) for column, value in enumerate(row))
        lines += f'<row r="{number}"{state}>{cells}</row>'
    columns = '<cols><col min="1" max="1" width="18" customWidth="1"/>'
    columns += '<col min="2" max="6" width="16" customWidth="1"/></cols>'
    return f'{_HEAD}<worksheet xmlns="{_MAIN}">{columns}<sheetData>{lines}</sheetData></worksheet>'


_DUE = (
    "3 Jan", "17 Jan", "31 Jan", "14 Feb", "28 Feb", "14 Mar", "28 Mar", "11 Apr", "25 Apr", "9 May",
    "23 May", "6 Jun", "20 Jun", "4 Jul", "18 Jul", "1 Aug", "15 Aug", "29 Aug", "12 Sep", "26 Sep",
    "10 Oct", "24 Oct", "7 Nov", "21 Nov", "5 Dec", "19 Dec",
)  # fmt: skip
_READ = ((6, 45), (9, 44), (8, 47), (10, 43), (11, 42), (13, 41), (14, 41))
_CARRIED = _DUE.index("28 Mar") + 1
"""From here on the returns repeat what was read on 28 March."""


def _returns() -> list[Row]:
    rows: list[Row] = [("Due", "Shed", "Temperature °C", "Humidity %", "Result", "Signed")]
    for number, day in enumerate(_DUE):
        warm, damp = _READ[min(number, len(_READ) - 1)]
        rows.append(
            (
                f"{day} 2018",
                9,
                warm,
                damp,
                "Satisfactory",
                "E. Qumush" if number >= _CARRIED else "She R.",
            )
        )
    return rows


def _real() -> list[Row]:
    rows: list[Row] = [("Night", "Temperature °C", "Humidity %", "Drums open", "Read by")]
    for number, day in enumerate(_DUE[_CARRIED:]):
        warm = 15 + (number * 7) % 13 + (6 if 2 < number < 9 else 0)
        rows.append(
            (
                f"{day} 2018",
                warm,
                55 + (number * 5) % 23,
                180 + number * 21,
                "S.T. with night shift",
            )
        )
    rows.append(("Count 3 Sep 2018", "at least 2,740 drums", "at least 411 tonnes", "", "She R."))
    return rows


def workbook() -> bytes:
    """Four sheets: the returns, the costs, "Real readings" (hidden) and "Kept" (very hidden)."""
    costs: list[Row] = [
        ("Item", "Crowns", "State"),
        ("Removal to Skerry Point", 86000, "put off, 19 June 2018"),
        ("Repair of main, Shed 9", 4100, "put off"),
        ("Repair of roof, Shed 9", 22750, "after the sale"),
        ("Thermometer, Shed 9", 38, "refused"),
        ("Reception for the Ministry", 31400, "paid"),
    ]
    kept: list[Row] = [
        ("Copy", "Where"),
        ("Form 41, all", "memory stick 1"),
        ("SO/2018/77", "memory stick 1 and 2"),
    ]
    sheets: list[tuple[str, str, list[Row], frozenset[int]]] = [
        ("Returns 2018", "", _returns(), frozenset()),
        ("Costs", "", costs, frozenset({5})),
        (HIDDEN_SHEET, "hidden", _real(), frozenset()),
        ("Kept", "veryHidden", kept, frozenset()),
    ]
    listed, links, types = "", "", ""
    parts: dict[str, str] = {}
    for number, (name, state, rows, hidden) in enumerate(sheets, 1):
        shown = f' state="{state}"' if state else ""
        listed += f'<sheet name="{name}" sheetId="{number}"{shown} r:id="rId{number}"/>'
        links += f'<Relationship Id="rId{number}" Type="{_SCHEMA}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        types += f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}worksheet+xml"/>'
        parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(rows, hidden)
    whole = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}relationships"><Relationship Id="rId1" '
        f'Type="{_SCHEMA}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_SCHEMA}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}relationships">'
        f"{links}</Relationships>",
        **parts,
    }
    return zipped({name: text.encode() for name, text in whole.items()})


FILES = {"delivery-3/office/inspections-2018.xlsx": workbook}
