"""Tables of the catalogue: what is sealed after reading: page and document seals, and where their packages lie."""

from __future__ import annotations

import sqlalchemy as sa

from muniment.case.catalogue import metadata

# The file of a part found inside a document, sealed when it was found: what `original` is for an original.
part_file = sa.Table(
    "part_file",
    metadata,
    sa.Column("number", sa.Integer, sa.ForeignKey("document.number"), primary_key=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("tree", sa.LargeBinary, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("properties", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("sha512", sa.LargeBinary, nullable=False),
)

# Document roots that went into the log together; their packages are one object of the vault.
seal_batch = sa.Table(
    "seal_batch",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("object", sa.Text, nullable=False, unique=True),
    sa.Column("tree", sa.LargeBinary, nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("log_index", sa.Integer),
    # sealing, sealed
    sa.Column("stage", sa.Text, nullable=False),
)

# One sealing of one document. A document read again has several; none is ever changed.
seal = sa.Table(
    "seal",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("document", sa.Integer, sa.ForeignKey("document.number"), nullable=False),
    sa.Column("tree", sa.LargeBinary, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("tools", sa.Text, nullable=False),
    sa.Column("pages", sa.Integer, nullable=False),
    # What is kept of its pictures, in bytes.
    sa.Column("pictures", sa.BigInteger, nullable=False),
    # The package: as `evidence.vault.Stored` describes it.
    sa.Column("stored", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("sha512", sa.LargeBinary, nullable=False),
    sa.Column("cipher_sha512", sa.Text, nullable=False),
    sa.Column("cipher_size", sa.BigInteger, nullable=False),
    sa.Column("chunk_root", sa.Text, nullable=False),
    sa.Column("batch", sa.Integer, sa.ForeignKey("seal_batch.number")),
    sa.Column("leaf", sa.Integer),
)
sa.Index("seal_by_document", seal.c.document)
sa.Index("seal_by_batch", seal.c.batch)

sealed_page = sa.Table(
    "sealed_page",
    metadata,
    sa.Column("seal", sa.Integer, sa.ForeignKey("seal.number"), primary_key=True),
    sa.Column("page", sa.Integer, primary_key=True),
    # Layer to tree id and layer to root, in hexadecimal (JSON).
    sa.Column("trees", sa.Text, nullable=False),
    sa.Column("roots", sa.Text, nullable=False),
    # Where it lies in the package.
    sa.Column("place", sa.BigInteger, nullable=False),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("kept", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

# Documents that were read again, or that cannot be sealed now: `reason` says why those wait.
seal_due = sa.Table(
    "seal_due",
    metadata,
    sa.Column("document", sa.Integer, sa.ForeignKey("document.number"), primary_key=True),
    sa.Column("reason", sa.Text, nullable=False, default=""),
)
