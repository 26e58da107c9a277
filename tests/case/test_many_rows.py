"""Many rows at once: the same rows as one at a time would be, in the caller's transaction."""

import pytest
import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.catalogue import open_catalogue
from muniment.case.many_rows import change_rows, put_rows


@pytest.fixture
def catalogue(tmp_path):
    opened = open_catalogue(tmp_path / "catalogue.db", "ab" * 32, create=True)
    with opened.write() as connection:
        one = {
            "number": 1,
            "accession": "A1",
            "kind": "documents",
            "sources": "",
            "day": "",
            "stage": "",
        }
        put_rows(connection, tables.accession, [one])
    yield opened
    opened.close()


def _document(number, **more):
    return {
        "number": number,
        "document": f"d{number}",
        "reference": f"A1/{number:04d}",
        "accession": 1,
        "path": "p",
        "name": "n",
        **more,
    }


def test_rows_are_as_if_put_one_at_a_time(catalogue):
    """With other columns in each, columns that nobody names, and their defaults."""
    rows = [_document(1), _document(2, content=b"\0\xff", state="failed"), _document(3, parent=1)]
    with catalogue.write() as connection:
        put_rows(connection, tables.document, rows)
        together = connection.execute(sa.select(tables.document)).all()
        connection.execute(sa.delete(tables.document))
        for row in rows:
            connection.execute(sa.insert(tables.document).values(row))
        assert connection.execute(sa.select(tables.document)).all() == together
    assert [row.state for row in together] == ["waiting", "failed", "waiting"]


def test_all_of_them_or_none(catalogue):
    with pytest.raises(sa.exc.IntegrityError), catalogue.write() as connection:
        put_rows(connection, tables.document, [_document(1), _document(1)])
    with catalogue.read() as connection:
        assert not connection.execute(sa.select(tables.document)).all()


def test_what_is_there_may_be_passed_over(catalogue):
    listed = {"accession": 1, "location": b"/a", "path": "a", "state": "", "problem": ""}
    with catalogue.write() as connection:
        for path in ("a", "b"):
            put_rows(connection, tables.listed, [{**listed, "path": path}], pass_over=True)
        assert [row.path for row in connection.execute(sa.select(tables.listed))] == ["a"]


def test_many_rows_are_changed_by_their_key(catalogue):
    with catalogue.write() as connection:
        put_rows(connection, tables.document, [_document(n) for n in (1, 2, 3)])
        change_rows(
            connection, tables.document, "number", ("title", "size"), [("x", 7, 2), ("y", 8, 3)]
        )
        change_rows(connection, tables.document, "number", ("title",), [])
        columns = (tables.document.c.title, tables.document.c.size)
        rows = connection.execute(sa.select(*columns).order_by(tables.document.c.number)).all()
    assert [tuple(row) for row in rows] == [("", 0), ("x", 7), ("y", 8)]
