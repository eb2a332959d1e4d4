"""``food-inspections db`` as a person runs it: through the command line's own entry point."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from food_inspections.cli import db
from food_inspections.errors import SettingsError, StorageError
from food_inspections.storage.postgres import embedded
from food_inspections.storage.postgres.connections import connected


@pytest.fixture
def given_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty_database_url: str) -> str:
    """The command line's database is a fresh one without the schema."""
    monkeypatch.setenv("FOOD_INSPECTIONS_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("FOOD_INSPECTIONS_HOME", str(tmp_path))
    return empty_database_url


def run(*arguments: str, standard_input: str | None = None) -> Result:
    return CliRunner().invoke(db.command, arguments, input=standard_input, catch_exceptions=False)


def test_upgrade_applies_the_schema_and_then_has_nothing_to_do(given_database: str) -> None:
    first = run("upgrade")
    second = run("upgrade")

    assert first.output.startswith("Applied 0001_records.\nApplied 0002_inspections.\n")
    assert second.output == "The schema is up to date.\n"


def test_query_prints_a_table(given_database: str) -> None:
    result = run("query", "SELECT 12 AS number, E'two\\nlines' AS text, NULL AS nothing;")

    assert result.output == (
        "number    text       nothing\n--------  ---------  ---------\n12        two lines\n(1 row)\n"
    )


def test_query_cuts_long_texts_in_a_table_but_not_in_csv(given_database: str) -> None:
    assert "x" * 79 + "…" in run("query", "SELECT repeat('x', 200)").output
    assert "x" * 200 in run("query", "SELECT repeat('x', 200)", "--format", "csv").output


def test_query_prints_csv_and_reads_standard_input(given_database: str) -> None:
    result = run("query", "-", "--format", "csv", standard_input="SELECT 1 AS a, E'x\\ny, 100%' AS b, true AS c\n")

    assert result.output == 'a,b,c\n1,"x\ny, 100%",t\n'


def test_query_prints_the_header_of_an_empty_answer(given_database: str) -> None:
    assert run("query", "SELECT 1 AS a WHERE false").output == "a\n---\n(0 rows)\n"


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM data.nothing", 'relation "data.nothing" does not exist. .* db upgrade makes them'),
        ("SELEC 1", "The query failed: syntax error"),
        ("DROP TABLE data.closures", "What only reads can be given .* db shell takes the rest"),
        ("SELECT nextval('numbers')", "read-only transaction"),
        ("SELECT 1) TO PROGRAM 'id' --", "syntax error"),
    ],
)
def test_query_explains_in_one_line_what_is_wrong(given_database: str, sql: str, message: str) -> None:
    with connected(given_database) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE numbers")

    with pytest.raises(StorageError, match=message) as raised:
        run("query", sql)

    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("sql", ["", "SELECT 1; SELECT 2", "SELECT 1) TO STDOUT; DROP TABLE t; --"])
def test_query_takes_one_query(given_database: str, sql: str) -> None:
    result = CliRunner().invoke(db.command, ["query", sql])

    assert (result.exit_code, "Give one query" in result.output) == (2, True)


def test_query_may_end_with_a_comment(given_database: str) -> None:
    assert run("query", "SELECT ';' AS a -- why", "--format", "csv").output == "a\n;\n"


def test_url_is_one_that_libpq_takes(given_database: str) -> None:
    address = run("url").output.strip()

    psql = str(embedded.binaries() / "psql")
    answer = subprocess.run([psql, address, "-Atc", "SELECT 42"], capture_output=True, text=True, check=True)  # noqa: S603
    assert answer.stdout == "42\n"


@pytest.mark.parametrize("name", ["start", "stop"])
def test_a_given_server_is_not_ours_to_start_or_stop(given_database: str, name: str) -> None:
    with pytest.raises(SettingsError, match="FOOD_INSPECTIONS_DATABASE_URL is set"):
        run(name)


def test_the_embedded_server_from_start_to_stop(tmp_path: Path) -> None:
    environment = {**os.environ, "FOOD_INSPECTIONS_HOME": str(tmp_path / "a home")}
    environment.pop("FOOD_INSPECTIONS_DATABASE_URL", None)

    def command(*arguments: str, standard_input: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", "from food_inspections.cli import main; main()", "db", *arguments],
            input=standard_input,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    assert "was not running" in command("stop").stdout
    assert "until food-inspections db stop" in command("start").stdout
    assert command("shell", standard_input="CREATE TABLE t AS SELECT 7 AS seven;").stdout == "SELECT 1\n"
    assert command("query", "TABLE t", "--format", "csv").stdout == "seven\n7\n"
    assert "has stopped" in command("stop").stdout
    failed = command("query", "TABLE nothing")
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (1, "", 1)
    assert failed.stderr.startswith('Error: relation "nothing" does not exist')
