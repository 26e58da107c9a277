"""A document as entries of the index: one for the whole, one for each page when there are several."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from muniment.finding.asking import language_labels, type_labels
from muniment.finding.dates import span as span_of_days
from muniment.finding.entry import Entry
from muniment.finding.folding import fold
from muniment.finding.pairs import pairs_in

if TYPE_CHECKING:
    import tantivy


SCRIPTS = {
    "latin": re.compile("[a-z]"),
    "cyrillic": re.compile("[\u0430-\u04ff]"),
    "arabic": re.compile("[\u0621-\u06d5]"),
    "han": re.compile("[\u3400-\u9fff]"),
}


def script_label(script: str) -> str:
    """The label of the documents that have a letter of a script."""
    return f"script:{script}"


def scripts_in(texts: Iterable[str]) -> list[str]:
    """The scripts that stand somewhere in folded texts."""
    found: dict[str, None] = {}
    for text in texts:
        ascii_only = text.isascii()
        for script, letter in SCRIPTS.items():
            if script in found or (ascii_only and script != "latin"):
                continue
            if letter.search(text):
                found[script] = None
    return list(found)


def documents_of(entry: Entry) -> list[tantivy.Document]:
    """The entries of one document: the whole, and each page when there are several."""
    from tantivy import Document

    folded = [(page, fold(text)) for page, text in entry.pages]
    whole = Document()
    whole.add_unsigned("number", entry.number)
    whole.add_unsigned("page", folded[0][0] if len(folded) == 1 else 0)
    whole.add_unsigned("whole", 1)
    whole.add_unsigned("sheet", 1 if len(folded) == 1 else 0)
    for _, text in folded:  # a value for each page, so that no phrase runs from one into the next
        _text(whole, text)
    _fields(whole, entry)
    for script in scripts_in(text for _, text in folded):
        whole.add_text("label", script_label(script))
    if len(folded) == 1:
        return [whole]
    found = [whole]
    for page, text in folded:
        sheet = Document()
        sheet.add_unsigned("number", entry.number)
        sheet.add_unsigned("page", page)
        sheet.add_unsigned("whole", 0)
        sheet.add_unsigned("sheet", 1)
        _text(sheet, text)
        found.append(sheet)
    return found


def _text(document: tantivy.Document, folded: str) -> None:
    """The tokens of a page, and the pairs of characters where its script has no spaces."""
    document.add_text("text", folded)
    pairs = pairs_in(folded)
    if pairs:
        document.add_text("pairs", pairs)


def _fields(document: tantivy.Document, entry: Entry) -> None:
    for name, value in (("path", entry.path), ("from", entry.sender), ("to", entry.recipients)):
        if value:
            document.add_text(name, fold(value))
    facets = {
        "type": [entry.type],
        "language": entry.languages,
        "accession": [entry.accession],
        "state": [entry.state],
    }
    for name, values in facets.items():
        for value in filter(None, values):
            document.add_text(name, value)
    for label in _labels(entry):
        document.add_text("label", label)
    days = span_of_days(entry.date)
    document.add_unsigned("first", days[0] if days else 0)
    document.add_unsigned("last", days[1] if days else 0)


def _labels(entry: Entry) -> list[str]:
    """What `type:`, `language:`, `state:`, `accession:`, `tag:` and what persons said compare with, lower-cased."""
    labels = [f"type:{name}" for name in type_labels(entry.type)]
    for language in entry.languages:
        labels += [f"language:{name}" for name in language_labels(language)]
    labels += [f"tag:{tag.strip().lower()}" for tag in entry.tags]
    labels += entry.labels
    labels += [f"state:{entry.state.lower()}", f"accession:{entry.accession.lower()}"]
    return labels
