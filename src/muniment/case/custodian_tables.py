"""Tables of the catalogue: who holds a copy, where, and what was last seen of it."""

from __future__ import annotations

import sqlalchemy as sa

from muniment.case.catalogue import metadata

custodian = sa.Table(
    "custodian",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    # folder; others come with S3
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("jurisdiction", sa.Text, nullable=False, default=""),
    # What was last copied: the log, how many acts of the journal, SHA-512 of COPY.json, the day.
    sa.Column("log_size", sa.BigInteger, nullable=False, default=0),
    sa.Column("log_root", sa.Text, nullable=False, default=""),
    sa.Column("acts", sa.BigInteger, nullable=False, default=0),
    sa.Column("head", sa.Text, nullable=False, default=""),
    sa.Column("description", sa.Text, nullable=False, default=""),
    sa.Column("copied", sa.Text, nullable=False, default=""),
    # The last audit: its day and what it found (a word of evidence/custodians/story.py).
    sa.Column("audited", sa.Text, nullable=False, default=""),
    sa.Column("outcome", sa.Text, nullable=False, default=""),
)
