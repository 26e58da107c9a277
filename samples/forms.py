"""A PDF form that was filled in and marked: field values and annotations stand beside the page's text."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from samples.scan import sealed
from samples.typeset import Area, Manuscript, properties

FIELDS = {
    "shed": "9, west door",
    "date": "24 October 2018",
    "temperature": "14",
    "humidity": "41",
    "packages": "Sound",
    "quantity": "",
    "result": "Satisfactory",
    "signature": "E. Qumush pp. Storage",
}
LABELS = (
    "Shed and door",
    "Date due",
    "Temperature, °C",
    "Humidity, %",
    "Packages",
    "Quantity",
    "Result",
    "Signature",
)
NOTE = "Copied from 28 March. Nobody went in. Do not show this to Ms She."
FREE_TEXT = "NOT A VISIT"


def _look(
    made: pikepdf.Pdf, place: Area, text: str, size: float = 11, red: bool = False
) -> pikepdf.Object:
    """An appearance stream: what a viewer draws for a field or a note."""
    w, h = place.x1 - place.x0, place.y1 - place.y0
    ink = "0.8 0 0 rg" if red else "0 0 0.55 rg"
    content = f"/Tx BMC q BT {ink} /F1 {size} Tf 4 {h * 0.3:.1f} Td ({text}) Tj ET Q EMC"
    stream = made.make_stream(content.encode("cp1252"))
    stream.Type, stream.Subtype = Name.XObject, Name.Form
    stream.BBox = Array([0, 0, round(w, 2), round(h, 2)])
    stream.Resources = Dictionary(Font=made.pages[0].obj.Resources.Font)
    return made.make_indirect(stream)


def _rect(place: Area) -> Array:
    return Array([round(v, 2) for v in (place.x0, place.y0, place.x1, place.y1)])


def _field(made: pikepdf.Pdf, name: str, value: str, place: Area) -> pikepdf.Object:
    return made.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String(name),
            V=String(value),
            DA=String("/F1 11 Tf 0 0 0.55 rg"),
            Rect=_rect(place),
            F=4,
            P=made.pages[0].obj,
            AP=Dictionary(N=_look(made, place, value)),
        )
    )


def _mark(made: pikepdf.Pdf, kind: str, place: Area, text: str, **more: object) -> pikepdf.Object:
    mark = Dictionary(
        Type=Name.Annot,
        Subtype=Name("/" + kind),
        Rect=_rect(place),
        Contents=String(text),
        T=String("m.qixiang"),
        M=String("D:20181024173005+02'00'"),
        F=4,
    )
    for key, value in more.items():
        mark[Name("/" + key)] = value
    return made.make_indirect(mark)


def form() -> bytes:
    """Form 41 of 24 October 2018 with its values, a sticky note, a highlight and words written across it."""
    text = Manuscript(running=lambda _: "Form 41 (rev. 2016) – hang at the door of the shed")
    text.new_page()
    text.line("Dorvane Port Authority", size=15, bold=True)
    text.line("Form 41. Fortnightly Inspection of Stored Goods", size=13, bold=True)
    text.rule()
    rows = [["Field", "Entry"], *[[f"{n}. {label}", ""] for n, label in enumerate(LABELS, 1)]]
    cells = text.table(rows, [1.2, 2], size=11, row=30)
    places = text.paragraph(
        "The inspector certifies by signing that the shed was entered and the instruments were read on the "
        "date given above."
    )
    made = text.pdf()
    fields = [
        _field(made, name, value, row[1])
        for (name, value), row in zip(FIELDS.items(), cells[1:], strict=True)
    ]
    temperature = cells[3][1]
    note_at = Area(0, temperature.x1 + 6, temperature.y0 + 4, temperature.x1 + 26, temperature.y1)
    note = _mark(made, "Text", note_at, NOTE, Name=Name.Note, C=Array([1, 0.9, 0.2]))
    line = places[0]
    corners = [line.x0, line.y1, line.x1, line.y1, line.x0, line.y0, line.x1, line.y0]
    quad = Array([round(v, 2) for v in corners])
    highlight = _mark(
        made, "Highlight", line, "signed by whom?", QuadPoints=quad, C=Array([1, 1, 0])
    )
    across = Area(0, 320, 240, 500, 280)
    free = _mark(
        made, "FreeText", across, FREE_TEXT,
        DA=String("/F1 22 Tf 0.8 0 0 rg"),
        AP=Dictionary(N=_look(made, across, FREE_TEXT, 22, red=True)),
    )  # fmt: skip
    made.pages[0].obj.Annots = Array([*fields, note, highlight, free])
    made.Root.AcroForm = made.make_indirect(
        Dictionary(
            Fields=Array(fields),
            DA=String("/F1 11 Tf 0 g"),
            DR=Dictionary(Font=made.pages[0].obj.Resources.Font),
        )
    )
    return sealed(made, properties("Form 41 Shed 9", "Storage Department", "20181024172500"))


FILES = {"delivery-1/form-41-shed-9.pdf": form}
