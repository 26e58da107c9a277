"""Tables of the catalogue: names and their mentions, which are derived; and what persons judged, which is not."""

from __future__ import annotations

import sqlalchemy as sa

from muniment.case.catalogue import metadata

# One spelling, folded (`key`), of one kind. `item` is random, and what a judgement is passed on.
name = sa.Table(
    "name",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("item", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.UniqueConstraint("kind", "key"),
)

mention = sa.Table(
    "mention",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.Integer, sa.ForeignKey("name.number"), nullable=False),
    sa.Column("document", sa.Integer, sa.ForeignKey("document.number"), nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    # Code points of the page's text, and what stands there.
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("exact", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
)
sa.Index("mention_by_name", mention.c.name, mention.c.document)
sa.Index("mention_by_page", mention.c.document, mention.c.page)

# Documents whose names stand in `mention`, and what looked for them.
named_document = sa.Table(
    "named_document",
    metadata,
    sa.Column("document", sa.Integer, sa.ForeignKey("document.number"), primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
)

# What a person decided, in the order it was decided, as the journal's act `act` encloses it (names/judging.py).
# `gone`: of a document that was withdrawn a name or a word was taken out of it.
name_judgement = sa.Table(
    "name_judgement",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("judgement", sa.Text, nullable=False, unique=True),
    sa.Column("action", sa.Text, nullable=False),
    # JSON: a list of {"item", "kind", "key"}, and the identifiers of the originals that named them then.
    sa.Column("items", sa.Text, nullable=False),
    sa.Column("originals", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False, default=""),
    sa.Column("why", sa.Text, nullable=False, default=""),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("time", sa.Text, nullable=False),
    sa.Column("salt", sa.Text, nullable=False),
    sa.Column("act", sa.Integer, nullable=False),
    sa.Column("gone", sa.Boolean, nullable=False, default=False),
)
