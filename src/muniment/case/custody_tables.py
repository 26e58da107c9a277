"""Tables of the catalogue: the acts it has carried out, which entry of the log holds each, how things came."""

from __future__ import annotations

import sqlalchemy as sa

from muniment.case.catalogue import metadata

# The last row is the journal's head as far as the catalogue has carried it out.
act = sa.Table(
    "act",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    # RFC 8785, as it is told outside (docs/formats/custody.md).
    sa.Column("details", sa.Text, nullable=False),
    # SHA-256 of its plaintext in the journal, hexadecimal.
    sa.Column("digest", sa.Text, nullable=False),
)

# The acts `first` to `last` stand in one custody tree, by the act `act`; log_index once it is in the log.
commitment = sa.Table(
    "custody_commitment",
    metadata,
    sa.Column("act", sa.Integer, primary_key=True),
    sa.Column("first", sa.Integer, nullable=False, unique=True),
    sa.Column("last", sa.Integer, nullable=False, unique=True),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("log_index", sa.Integer),
)

# Random entries, by the act `act`; `log_index` is where the first of them stands.
padding = sa.Table(
    "padding",
    metadata,
    sa.Column("act", sa.Integer, primary_key=True),
    sa.Column("seed", sa.LargeBinary, nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("log_index", sa.Integer),
)

channel = sa.Table(
    "channel",
    metadata,
    sa.Column("accession", sa.Integer, sa.ForeignKey("accession.number"), primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
)
