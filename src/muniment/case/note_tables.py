"""Tables of the catalogue: what persons said of passages and documents, every version of it."""

from __future__ import annotations

import sqlalchemy as sa

from muniment.case.catalogue import metadata

# A row is one revision of a note (case/notes.py) as the journal's act `act` encloses it. Of one whose document was
# withdrawn stay `note`, `revision`, `original` and `act`, and `gone` is set.
note_revision = sa.Table(
    "note_revision",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("revision", sa.Text, nullable=False, unique=True),
    # Those it takes the place of: a JSON list of revisions.
    sa.Column("previous", sa.Text, nullable=False, default="[]"),
    sa.Column("kind", sa.Text, nullable=False, default=""),
    # The identifier of the original, and the reference of the document in it: both outlive the catalogue.
    sa.Column("original", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False, default=""),
    sa.Column("page", sa.Integer, nullable=False, default=0),
    sa.Column("exact", sa.Text, nullable=False, default=""),
    sa.Column("prefix", sa.Text, nullable=False, default=""),
    sa.Column("suffix", sa.Text, nullable=False, default=""),
    sa.Column("start", sa.Integer, nullable=False, default=0),
    sa.Column("end", sa.Integer, nullable=False, default=0),
    sa.Column("value", sa.Text, nullable=False, default=""),
    sa.Column("language", sa.Text, nullable=False, default=""),
    sa.Column("who", sa.Text, nullable=False, default=""),
    sa.Column("time", sa.Text, nullable=False, default=""),
    sa.Column("deleted", sa.Boolean, nullable=False, default=False),
    sa.Column("salt", sa.Text, nullable=False, default=""),
    sa.Column("act", sa.Integer, nullable=False),
    # Whether no other revision takes its place.
    sa.Column("head", sa.Boolean, nullable=False, default=True),
    sa.Column("gone", sa.Boolean, nullable=False, default=False),
)
sa.Index("note_by_note", note_revision.c.note)
sa.Index("note_by_reference", note_revision.c.reference, note_revision.c.head)
sa.Index("note_by_original", note_revision.c.original)
