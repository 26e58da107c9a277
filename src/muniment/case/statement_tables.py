"""Table of the catalogue: where statements that were listed stand, so that each keeps its identifier. Derived."""

from __future__ import annotations

import sqlalchemy as sa

from muniment.case.catalogue import metadata

statement = sa.Table(
    "statement",
    metadata,
    sa.Column("item", sa.Text, primary_key=True),
    sa.Column("document", sa.Integer, sa.ForeignKey("document.number"), nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    # Code points of the page's text, and the version of the rules that found it.
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("document", "page", "start", "end"),
)
