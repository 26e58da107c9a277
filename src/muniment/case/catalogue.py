"""The catalogue: what is in a case, in one encrypted database (SQLCipher under SQLAlchemy Core).

Tables hold what was received, where each part was, its state and its text. Text and boxes are zstd
frames. The schema has a number; a database with a later number is refused, one with an earlier number gets
the tables it lacks (2 added `listed`; 3 those of seals, anchors, custody and custodians; 4 notes, an index of how
sure OCR was of pages, and lines that two readers read otherwise; 5 names,
and where statements stand).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from muniment.errors import Damaged, Interrupted, MunimentError, Newer

SCHEMA = 5

metadata = sa.MetaData()

setting = sa.Table(
    "setting",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

accession = sa.Table(
    "accession",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("accession", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("sources", sa.Text, nullable=False),
    sa.Column("day", sa.Text, nullable=False),
    # listing, receiving, reading, done
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("originals", sa.Integer, nullable=False, default=0),
)

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("accession", sa.Integer, sa.ForeignKey("accession.number"), nullable=False),
    sa.Column("object", sa.Text, nullable=False, unique=True),
    sa.Column("tree", sa.LargeBinary, nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("log_index", sa.Integer),
    # sealing, sealed
    sa.Column("stage", sa.Text, nullable=False),
)

document = sa.Table(
    "document",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("document", sa.Text, nullable=False, unique=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("accession", sa.Integer, sa.ForeignKey("accession.number"), nullable=False),
    sa.Column("parent", sa.Integer, sa.ForeignKey("document.number")),
    # Where it lies in its container, from 1; with `parent` it says how to take it out again.
    sa.Column("part", sa.Integer),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False, default=""),
    sa.Column("family", sa.Text, nullable=False, default=""),
    sa.Column("title", sa.Text, nullable=False, default=""),
    sa.Column("size", sa.BigInteger, nullable=False, default=0),
    sa.Column("content", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False, default="waiting"),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("held", sa.Boolean, nullable=False, default=False),
    sa.Column("pages", sa.Integer),
    sa.Column("expected_pages", sa.Integer),
    sa.Column("expected_parts", sa.Integer),
    sa.Column("languages", sa.Text, nullable=False, default=""),
    sa.Column("date", sa.Text, nullable=False, default=""),
    sa.Column("properties", sa.Text, nullable=False, default="{}"),
    # While pages wait for OCR ("waiting", then "done"): what the reader itself had said.
    sa.Column("ocr", sa.Text, nullable=False, default=""),
    sa.Column("read_state", sa.Text, nullable=False, default=""),
    sa.Column("read_reason", sa.Text, nullable=False, default=""),
    sa.Column("indexed", sa.Integer, nullable=False, default=0),
    sa.Column("tried", sa.Integer, nullable=False, default=0),
)
sa.Index("document_by_state", document.c.state, document.c.ocr)
sa.Index("document_by_parent", document.c.parent, document.c.part, unique=False)
sa.Index("document_by_accession", document.c.accession)
sa.Index("document_by_content", document.c.content)
sa.Index("document_by_index", document.c.indexed)

# An original: a document whose bytes are in the vault (or on their way there).
original = sa.Table(
    "original",
    metadata,
    sa.Column("number", sa.Integer, sa.ForeignKey("document.number"), primary_key=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("tree", sa.LargeBinary, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("properties", sa.Text, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("sha512", sa.LargeBinary, nullable=False),
    sa.Column("stored", sa.Text, nullable=False),
    sa.Column("cipher_sha512", sa.Text, nullable=False),
    sa.Column("cipher_size", sa.BigInteger, nullable=False),
    sa.Column("chunk_root", sa.Text, nullable=False),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.Column("modified", sa.BigInteger, nullable=False),
    sa.Column("batch", sa.Integer, sa.ForeignKey("batch.number")),
    sa.Column("leaf", sa.Integer),
)
sa.Index("original_by_batch", original.c.batch)

# What an accession still being received was seen to hold: nothing in it may be lost without a word.
listed = sa.Table(
    "listed",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("accession", sa.Integer, sa.ForeignKey("accession.number"), nullable=False),
    sa.Column("location", sa.LargeBinary, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    # For what is no file: the state to record, and why it cannot be received.
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Column("taken", sa.Boolean, nullable=False, default=False),
    sa.UniqueConstraint("accession", "location"),
)

page = sa.Table(
    "page",
    metadata,
    sa.Column("document", sa.Integer, sa.ForeignKey("document.number"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("text", sa.LargeBinary, nullable=False),
    sa.Column("boxes", sa.LargeBinary),
    sa.Column("width", sa.Float, nullable=False),
    sa.Column("height", sa.Float, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("confidence", sa.Integer),
    sa.Column("word_confidence", sa.LargeBinary),
    sa.Column("needs_ocr", sa.Boolean, nullable=False, default=False),
)
sa.Index("page_by_need", page.c.needs_ocr)
sa.Index(
    "page_by_confidence",
    page.c.confidence,
    page.c.document,
    sqlite_where=page.c.confidence.is_not(None),
)


class Catalogue:
    """An open catalogue. Use `read()` and `write()` for connections."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for reading."""
        with _in_our_words(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction: all of it is durable when the block ends, or none of it."""
        with _in_our_words(), self.engine.begin() as connection:
            yield connection

    def setting(self, name: str, default: str = "") -> str:
        """A setting's value."""
        with self.read() as connection:
            row = connection.execute(
                sa.select(setting.c.value).where(setting.c.name == name)
            ).first()
        return default if row is None else str(row.value)

    def keep_setting(self, name: str, value: str) -> None:
        """Store a setting."""
        with self.write() as connection:
            connection.execute(sa.delete(setting).where(setting.c.name == name))
            connection.execute(sa.insert(setting).values(name=name, value=value))

    def shed(self, place: Path) -> None:
        """Write the whole database anew: of what was deleted or changed nothing is left in any page of it.

        SQLite leaves deleted bytes in pages that are free or half full, and copies of pages in its log.
        What does not fit in memory meanwhile lies in `place`, encrypted as the catalogue is. Raises Interrupted
        where another process reads it without a pause.
        """
        spill = str(place).replace("'", "''")
        with _in_our_words(), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            try:
                connection.exec_driver_sql("PRAGMA temp_store = FILE")
                connection.exec_driver_sql(f"PRAGMA temp_store_directory = '{spill}'")
                connection.exec_driver_sql("VACUUM")
            finally:
                connection.exec_driver_sql("PRAGMA temp_store_directory = ''")
                connection.exec_driver_sql("PRAGMA temp_store = MEMORY")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        if busy:
            raise Interrupted(
                "Another muniment has been reading the catalogue for a minute.",
                next="End it (the workbench, say), then run the same command again.",
            )

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What the disk or another process can do to the catalogue, as errors that say what to do next."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        trouble = trouble_in_our_words(str(error.orig))
        if trouble is None:
            raise
        raise trouble from None


def trouble_in_our_words(said: str) -> MunimentError | None:
    """What SQLite says is wrong, as one of our errors; None where it is none of what is known."""
    for part, message, step in _TROUBLES:
        if part in said:
            return Interrupted(message, next=step)
    if "malformed" in said or "not a database" in said:
        return Damaged(
            "catalogue.db is damaged.",
            next="Restore it from a custodian's copy; originals, log and journal are untouched.",
        )
    return None


_TROUBLES = (
    (
        "is full",
        "The disk that holds the catalogue is full. What was done so far is kept.",
        "Make room on it and run the same command again.",
    ),
    (
        "is locked",
        "Another muniment has been writing to the catalogue for a minute.",
        "Wait until it is done, then run the same command again.",
    ),
    (
        "disk I/O error",
        "The disk refused the catalogue. What was done so far is kept.",
        "Check the disk, run the same command again, then `muniment audit`.",
    ),
    (
        "unable to open database file",
        "The disk refused a file of the catalogue. What was done so far is kept.",
        "Make room on it, or check it, and run the same command again; then `muniment audit`.",
    ),
    (
        "readonly database",
        "The catalogue cannot be written.",
        "Run muniment as the account that owns the case, on a disk that can be written.",
    ),
)


def open_catalogue(path: Path, key: str, *, create: bool = False) -> Catalogue:
    """Open (or, with `create`, make) the catalogue. `key`: 32 bytes in hexadecimal.

    Raises Damaged where the file is missing or not readable with the key, Newer where its schema is later.
    """
    if not create and not path.exists():
        raise Damaged(
            "The case has no catalogue.db.",
            next="Restore it from a custodian's copy, or restore the case with `muniment new --from`.",
        )
    _know_every_table()
    catalogue = Catalogue(_engine(path, key))
    if create:
        metadata.create_all(catalogue.engine)
        path.chmod(0o600)
        catalogue.keep_setting("schema", str(SCHEMA))
        return catalogue
    try:
        version = int(catalogue.setting("schema", "0"))
    except sa.exc.DatabaseError:
        raise Damaged(
            "catalogue.db cannot be opened with the case's key.",
            next="Restore it from a custodian's copy; originals, log and journal are untouched.",
        ) from None
    if version > SCHEMA:
        raise Newer(
            f"The catalogue has schema {version}; this muniment knows {SCHEMA}.",
            next="Use the muniment that wrote it, or a later one. Nothing was changed.",
        )
    if version < SCHEMA:
        metadata.create_all(catalogue.engine)
        for index in page.indexes:  # of a table that was there already
            index.create(catalogue.engine, checkfirst=True)
        catalogue.keep_setting("schema", str(SCHEMA))
    return catalogue


def check_catalogue(path: Path, key: str) -> None:
    """Read every page of a catalogue that nobody writes to, and change nothing. Raises Damaged."""
    from sqlcipher3 import dbapi2

    connection = dbapi2.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        for pragma in ("cipher_log_level = NONE", f"key = \"x'{key}'\""):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        altered = connection.execute("PRAGMA cipher_integrity_check").fetchall()
        wrong = connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]
        empty = not connection.execute("SELECT count(*) FROM setting").fetchone()[0]
    except dbapi2.DatabaseError:
        altered, wrong, empty = [], True, True
    finally:
        connection.close()
    if altered or wrong or empty:
        raise Damaged(
            f"{path.name} is damaged, or not of this case.",
            next="Restore it with: muniment repair CASE --from CUSTODIAN",
        )


def _know_every_table() -> None:
    """Tables that lie in files of their own join `metadata` when those are loaded."""
    from muniment.case import (
        anchor_tables,
        custodian_tables,
        custody_tables,
        name_tables,
        note_tables,
        reading_tables,
        seal_tables,
        statement_tables,
    )

    del anchor_tables, custodian_tables, custody_tables, name_tables, note_tables
    del reading_tables, seal_tables, statement_tables


def _engine(path: Path, key: str) -> sa.Engine:
    from sqlalchemy.pool import QueuePool
    from sqlcipher3 import dbapi2

    def connect() -> Any:
        connection = dbapi2.connect(str(path), check_same_thread=False, timeout=60)
        for pragma in (
            "cipher_log_level = NONE",  # it would print to standard error, among our own words
            f"key = \"x'{key}'\"",
            "journal_mode = WAL",
            "synchronous = FULL",
            "temp_store = MEMORY",
            "foreign_keys = ON",
        ):
            try:
                connection.execute(f"PRAGMA {pragma}").fetchall()
            except dbapi2.DatabaseError:
                connection.close()
                raise
        return connection

    return sa.create_engine(
        "sqlite+pysqlite://",
        creator=connect,
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=8,
        hide_parameters=True,  # keys and text of documents stay out of every error
    )
