import errno

import psycopg2
import psycopg2.errors
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from food_inspections.errors import StorageError
from food_inspections.last_words import last_words


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def test_an_error_for_people_is_said_in_one_line_however_it_was_wrapped() -> None:
    wrapped = caused(RuntimeError("Error while loading"), StorageError("The schema\n  is newer."))
    assert last_words(wrapped) == "The schema is newer."


def test_a_bug_has_no_last_words() -> None:
    assert last_words(caused(RuntimeError("a bug"), KeyError("week"))) is None
    assert last_words(FileNotFoundError(errno.ENOENT, "No such file or directory", "/home/file")) is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_with_the_file(number: int) -> None:
    assert last_words(OSError(number, "No space left on device", "/home/objects/part")) == (
        "The disk is full: nothing more could be written to /home/objects/part. Make room, then run this again."
    )


def test_a_refusal_of_the_database_is_said_without_its_statement(engine: Engine) -> None:
    statement = "DO $$ BEGIN RAISE disk_full USING MESSAGE = 'could not extend file'; END $$; SELECT 'secret'"
    with engine.connect() as connection, pytest.raises(DBAPIError) as raised:
        connection.execute(text(statement))

    words = last_words(raised.value)
    assert words is not None
    assert words.startswith("The database has a full disk (could not extend file")
    assert words.endswith("): make room, then run this again.")
    assert "secret" not in words


@pytest.mark.parametrize("kind", [psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.DatabaseError])
def test_a_lost_connection_is_said(kind: type[psycopg2.Error]) -> None:
    error = kind("server closed the connection unexpectedly\n")
    assert last_words(caused(RuntimeError("while storing an event"), error)) == (
        "The database was lost or refused to go on: server closed the connection unexpectedly. "
        "Check that its server runs, then run this again."
    )


def test_a_statement_that_is_wrong_is_a_bug() -> None:
    assert last_words(psycopg2.errors.UndefinedTable("no such table")) is None
