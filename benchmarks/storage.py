"""How fast weeks go into PostgreSQL and come back: ``python -m benchmarks.storage``.

Fills ``data.clean_inspections`` of an embedded server of its own with made-up rows of the size of a city's, and
prints for each way of writing, reading and hashing them how long it takes and how many rows a second that is.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
import numpy as np
import pandas as pd
from sqlalchemy import Engine, text

from food_inspections.settings import Settings
from food_inspections.storage.postgres import database, embedded, tables

TABLE = "data.clean_inspections"
FIRST_WEEK = pd.Timestamp("2010-01-04")
SEED = 0


@click.command()
@click.option("--rows", default=300_000, show_default=True, type=click.IntRange(1_000, 1_000_000))
@click.option("--weeks", default=880, show_default=True, type=click.IntRange(1, 2_000))
def main(rows: int, weeks: int) -> None:
    """Measure writing, reading and hashing of weeks."""
    with tempfile.TemporaryDirectory(prefix="fi-bench-") as folder:
        settings = Settings.from_environment({"FOOD_INSPECTIONS_HOME": folder})
        database.upgrade(settings)
        _measure_all(database.engine(settings), rows, weeks)
        embedded.stop(Path(folder), is_forced=True)


def _measure_all(engine: Engine, rows: int, weeks: int) -> None:
    frame = _made_up(engine, rows, weeks)
    mondays = [stamp.date() for stamp in frame["week"].unique()]
    newest = frame[frame["week"] == frame["week"].max()]
    without_text = [column for column in frame.columns if column != "violations"]
    size = frame.memory_usage(deep=True).sum() / 1e6
    click.echo(f"{rows:,} rows x {len(frame.columns)} columns in {weeks} weeks, {size:,.0f} MB as a frame")

    _measure("write all weeks", rows, lambda: _write(engine, frame, mondays))
    _measure("write them again", rows, lambda: _write(engine, frame, mondays))
    _measure("write one week", len(newest), lambda: _write(engine, newest, mondays[-1:]))
    _measure("read everything", rows, lambda: _read(engine, None))
    _measure("read all but the violations", rows, lambda: _read(engine, without_text))
    _measure("read one week", len(newest), lambda: _read(engine, None, mondays[-1:]))
    _measure("hash 10,000 rows", min(rows, 10_000), lambda: tables.content_hash(frame.iloc[:10_000]))
    _measure("hash one week", len(newest), lambda: tables.content_hash(newest))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    click.echo(f"peak memory of this process: {peak:,.0f} MB")


def _measure(what: str, rows: int, work: Callable[[], object]) -> None:
    begin = time.perf_counter()
    work()
    seconds = time.perf_counter() - begin
    click.echo(f"{what:<28}{seconds:>8.3f} s {rows / seconds:>12,.0f} rows/s")


def _write(engine: Engine, frame: pd.DataFrame, weeks: list[date]) -> None:
    with engine.begin() as connection:
        tables.replace_weeks(connection, TABLE, frame, weeks)


def _read(engine: Engine, columns: list[str] | None, weeks: list[date] | None = None) -> pd.DataFrame:
    with engine.connect() as connection:
        if weeks is not None:
            return tables.read_weeks(connection, TABLE, weeks, columns)
        return tables.read_before(connection, TABLE, date.max, columns)


def _made_up(engine: Engine, rows: int, weeks: int) -> pd.DataFrame:
    """Rows of the table's own columns and types; the violations as long as a city's are on average."""
    with engine.connect() as connection:
        described = connection.execute(
            text(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema || '.' || table_name "
                "= :table ORDER BY ordinal_position"
            ),
            {"table": TABLE},
        )
        types = {row.column_name: row.data_type for row in described}
    random = np.random.default_rng(SEED)
    week = FIRST_WEEK + pd.to_timedelta(7 * (np.arange(rows) * weeks // rows), unit="D")
    comments = [f"38. INSECTS, RODENTS, & ANIMALS NOT PRESENT - Comments: {number}; " * 12 for number in range(997)]
    made: dict[str, object] = {}
    for column, type_ in types.items():
        match column, type_:
            case "week", _:
                made[column] = week
            case "inspection_date", _:
                made[column] = week + pd.to_timedelta(random.integers(0, 7, rows), unit="D")
            case "inspection_id", _:
                made[column] = np.arange(rows).astype(str)
            case "violations", _:
                made[column] = [f"{comments[number % 997]}{number}" for number in range(rows)]
            case _, "text":
                made[column] = [f"{column} {number}" for number in random.integers(0, 5_000, rows)]
            case _, "double precision":
                made[column] = random.normal(41.0, 1.0, rows)
            case _, "boolean":
                made[column] = random.random(rows) > 0.5
            case _:
                made[column] = random.integers(0, 9, rows)
    return pd.DataFrame(made)


if __name__ == "__main__":
    main()
