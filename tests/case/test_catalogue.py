"""The catalogue: encrypted, versioned, whole after a crash."""

import pytest
import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.catalogue import open_catalogue
from muniment.errors import Damaged, Interrupted, Newer

KEY = "11" * 32


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "catalogue.db"
    open_catalogue(path, KEY, create=True).close()
    return path


def _insert(catalogue, name):
    catalogue.keep_setting(name, "a word that must not show")


def test_it_opens_with_its_key_only(path):
    catalogue = open_catalogue(path, KEY)
    _insert(catalogue, "one")
    catalogue.close()
    assert open_catalogue(path, KEY).setting("one") == "a word that must not show"
    with pytest.raises(Damaged):
        open_catalogue(path, "22" * 32)


def test_nothing_in_it_is_in_clear(path, tmp_path):
    catalogue = open_catalogue(path, KEY)
    _insert(catalogue, "one")
    on_disk = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"must not show" not in on_disk
    assert b"CREATE TABLE" not in on_disk
    catalogue.close()


def test_a_later_schema_is_left_alone(path):
    catalogue = open_catalogue(path, KEY)
    catalogue.keep_setting("schema", "999")
    catalogue.close()
    with pytest.raises(Newer, match="999"):
        open_catalogue(path, KEY)


def test_a_lost_catalogue_is_said_to_be_lost(tmp_path):
    with pytest.raises(Damaged, match=r"no catalogue\.db"):
        open_catalogue(tmp_path / "catalogue.db", KEY)


def test_a_transaction_that_fails_leaves_nothing(path):
    catalogue = open_catalogue(path, KEY)
    with pytest.raises(sa.exc.IntegrityError), catalogue.write() as connection:
        connection.execute(sa.insert(tables.setting).values(name="a", value="1"))
        connection.execute(sa.insert(tables.setting).values(name="a", value="2"))
    assert catalogue.setting("a", "none") == "none"
    catalogue.close()


def test_an_earlier_schema_gets_the_tables_it_lacks(path):
    catalogue = open_catalogue(path, KEY)
    with catalogue.write() as connection:
        connection.execute(sa.text("DROP TABLE listed"))
    catalogue.keep_setting("schema", "1")
    catalogue.close()
    catalogue = open_catalogue(path, KEY)
    with catalogue.read() as connection:
        assert connection.execute(sa.select(tables.listed)).all() == []
    assert catalogue.setting("schema") == str(tables.SCHEMA)
    catalogue.close()


def test_a_full_disk_is_said_in_our_words(path):
    catalogue = open_catalogue(path, KEY)
    with catalogue.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(Interrupted, match="full"):
        catalogue.keep_setting("large", "x" * 10_000_000)
    catalogue.close()


def test_no_error_repeats_what_was_to_be_written(path):
    catalogue = open_catalogue(path, KEY)
    row = {"name": "a", "value": "a word that must not show"}
    with pytest.raises(sa.exc.IntegrityError) as raised, catalogue.write() as connection:
        connection.execute(sa.insert(tables.setting).values(row))
        connection.execute(sa.insert(tables.setting).values(row))
    assert "must not show" not in str(raised.value)
    catalogue.close()


def test_a_damaged_page_is_one_error_and_no_chatter(tmp_path, capfd):
    """SQLCipher prints on standard error, where there must be our one line of JSON, unless it is told not to."""
    path, key = tmp_path / "catalogue.db", "ab" * 32
    with_content = open_catalogue(path, key, create=True)
    with_content.keep_setting("long", "x" * 20_000)
    with_content.close()
    content = path.read_bytes()
    refused = 0
    for at in range(5000, len(content), 4096):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        try:
            opened = open_catalogue(path, key)
            opened.setting("long")
            opened.close()
        except Damaged:
            refused += 1
    assert refused > 3
    assert capfd.readouterr().err == ""
