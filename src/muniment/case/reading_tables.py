"""The catalogue's table of what a second reader made of lines of a page."""

from __future__ import annotations

import sqlalchemy as sa

from muniment.case.catalogue import metadata

# Where two readers of a scan differ: `begin` to `end` (code points of the page's text) is what was taken, `text` what
# `reader` made of it, with its own estimate in per cent.
other_line = sa.Table(
    "other_line",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("document", sa.Integer, sa.ForeignKey("document.number"), nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("begin", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reader", sa.Text, nullable=False),
    sa.Column("confidence", sa.Integer, nullable=False),
)
sa.Index("other_line_by_page", other_line.c.document, other_line.c.page)
