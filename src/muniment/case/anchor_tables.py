"""Tables of the catalogue: timestamps of checkpoints, asked for and received; who cosigns whom.

The proofs themselves are files of `anchors/`; `anchor_file` says which, so that one put there or taken away
together with its line in the folder's own index is noticed.
"""

from __future__ import annotations

import sqlalchemy as sa

from muniment.case.catalogue import metadata

anchor_file = sa.Table(
    "anchor_file",
    metadata,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False),
    # False from before the file is written until it is durable.
    sa.Column("kept", sa.Boolean, nullable=False, default=False),
)

# Whom timestamps are asked of.
authority = sa.Table(
    "authority",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False, default=""),
    sa.Column("hash", sa.Text, nullable=False, default="sha512"),
)

anchor = sa.Table(
    "anchor",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("anchor", sa.Text, nullable=False, unique=True),
    sa.Column("authority", sa.Text, sa.ForeignKey("authority.name"), nullable=False),
    # Of the checkpoint that is stamped.
    sa.Column("size", sa.BigInteger, nullable=False),
    # pending, attested, failed
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("time", sa.Text, nullable=False, default=""),
    sa.Column("revocation", sa.Text, nullable=False, default=""),
    sa.Column("reply", sa.Text, nullable=False, default=""),
)

# Another newsroom that cosigns our checkpoints, and the size it cosigned last.
witness = sa.Table(
    "witness",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("vkey", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False, default=0),
    sa.Column("time", sa.Text, nullable=False, default=""),
    sa.Column("path", sa.Text, nullable=False, default=""),
)

# Another newsroom's log, and the last checkpoint of it that was seen and cosigned here.
seen_log = sa.Table(
    "seen_log",
    metadata,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("vkey", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False, default=0),
    sa.Column("path", sa.Text, nullable=False, default=""),
    sa.Column("day", sa.Text, nullable=False, default=""),
)

# A log that told two stories: rollback, split-view, unproved.
contradiction = sa.Table(
    "contradiction",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("seen", sa.Text, nullable=False),
    sa.Column("shown", sa.Text, nullable=False),
)
