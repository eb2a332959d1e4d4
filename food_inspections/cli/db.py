"""``food-inspections db``: start, stop, upgrade and query the database."""

import csv
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile

import click
import psycopg2
import sqlparse
from sqlalchemy import make_url
from tabulate import tabulate

from food_inspections.errors import SettingsError, StorageError
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database, embedded
from food_inspections.storage.postgres.connections import connected, libpq_url

WIDEST_CELL = 80


@click.group()
def command() -> None:
    """Start, stop, upgrade and query the database.

    Without FOOD_INSPECTIONS_DATABASE_URL a PostgreSQL of the program's own runs under FOOD_INSPECTIONS_HOME for as
    long as some process uses it: commands start it where needed, and it stops after the last one.
    """


@command.command()
def upgrade() -> None:
    """Bring the schema up to date; does nothing where it is.

    Dagster's own tables are made in a schema beside it; `dagster instance migrate` brings those up to date.
    """
    from food_inspections.orchestration.instance.storage import records_url  # noqa: PLC0415 - imports Dagster

    settings = Settings.from_environment()
    applied = database.upgrade(settings)
    records_url(settings)
    for name in applied:
        click.echo(f"Applied {name}.")
    if not applied:
        click.echo("The schema is up to date.")


@command.command()
def start() -> None:
    """Start the embedded server and keep it running until ``db stop``."""
    settings = _embedded()
    embedded.pin(settings.home)
    click.echo(f"PostgreSQL runs under {settings.home} until food-inspections db stop.")


@command.command()
@click.option("--force", is_flag=True, help="Stop it even if other processes use it.")
def stop(force: bool) -> None:
    """Stop the embedded server."""
    settings = _embedded()
    was_running = embedded.stop(settings.home, is_forced=force)
    click.echo(f"PostgreSQL under {settings.home} {'has stopped' if was_running else 'was not running'}.")


@command.command()
def url() -> None:
    """Print the database's address, for psql and other programs. It contains the password."""
    settings = Settings.from_environment()
    is_running = settings.database_url is not None or embedded.running(settings.home) is not None
    click.echo(libpq_url(database.database_url(settings)))
    if not is_running:
        click.echo("The server stops with this command: keep it running with food-inspections db start.", err=True)


@command.command()
def shell() -> None:
    """Open psql on the database."""
    settings = Settings.from_environment()
    address = make_url(database.database_url(settings))
    psql = shutil.which("psql") or str(embedded.binaries() / "psql")
    password = {"PGPASSWORD": address.password} if address.password else {}
    # psql deals with Ctrl-C itself; this process stays to hold the embedded server.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    result = subprocess.run(  # noqa: S603 - psql itself, no shell
        [psql, libpq_url(address, has_password=False)], env=os.environ | password, check=False
    )
    sys.exit(result.returncode)


@command.command()
@click.argument("sql")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "csv"]),
    default="table",
    show_default=True,
    help="A table to look at, which cuts long texts, or CSV with everything.",
)
def query(sql: str, format_: str) -> None:
    """Print the rows of one SQL query; "-" reads it from standard input. Nothing can be changed.

    \b
    food-inspections db query "SELECT week, count(*) FROM data.clean_inspections GROUP BY week ORDER BY week"
    """  # noqa: D301 - click takes the control character for "do not wrap"
    text = (sys.stdin.read() if sql == "-" else sql).strip().rstrip(";")
    if len(sqlparse.split(text)) != 1:
        raise click.UsageError("Give one query: db shell takes several statements.")
    with _rows(Settings.from_environment(), text) as lines:
        if format_ == "csv":
            for line in lines:
                click.echo(line, nl=False)
        else:
            _print_table(list(csv.reader(lines)))


@contextmanager
def _rows(settings: Settings, sql: str) -> Iterator[Iterator[str]]:
    """The rows as lines of CSV, with a header, as PostgreSQL writes them."""
    with (
        connected(database.database_url(settings), is_read_only=True) as connection,
        TemporaryFile("w+", encoding="utf-8", newline="") as file,
    ):
        connection.set_client_encoding("UTF8")
        # Who asked waits for the answer, and has Ctrl-C.
        connection.let_it_take_its_time()
        try:
            # On a line of its own the bracket closes after a comment, too.
            connection.cursor().copy_expert(f"COPY ({sql}\n) TO STDOUT WITH (FORMAT csv, HEADER)", file)
        except psycopg2.errors.UndefinedTable as error:
            raise StorageError(
                f"{_one_line(error)}. Tables are named schema.table; food-inspections db upgrade makes them."
            ) from error
        except psycopg2.errors.SyntaxError as error:
            raise StorageError(
                f"The query failed: {_one_line(error)}. What only reads can be given (SELECT, WITH, VALUES, TABLE); "
                "food-inspections db shell takes the rest."
            ) from error
        except psycopg2.Error as error:
            raise StorageError(f"The query failed: {_one_line(error)}.") from error
        file.seek(0)
        yield iter(file)


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    header, *body = [[_cell(value) for value in row] for row in rows]
    click.echo(tabulate(body, header, disable_numparse=True))
    click.echo(f"({len(body)} row{'' if len(body) == 1 else 's'})")


def _cell(value: str) -> str:
    text = " ".join(value.splitlines())
    return text if len(text) <= WIDEST_CELL else f"{text[: WIDEST_CELL - 1]}…"


def _one_line(error: psycopg2.Error) -> str:
    return error.diag.message_primary or " ".join(str(error).split())


def _embedded() -> Settings:
    settings = Settings.from_environment()
    if settings.database_url is not None:
        raise SettingsError(
            "FOOD_INSPECTIONS_DATABASE_URL is set, so the embedded server is not used: start and stop that database's "
            "server itself, or unset the variable."
        )
    return settings
