"""``food-inspections data``: versions of a week's data, a past forecast made again, objects nothing names."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import click
from tabulate import tabulate

from food_inspections.domain.weeks import monday_of
from food_inspections.errors import DataError
from food_inspections.rebuild import Forecast, rebuild
from food_inspections.settings import Settings
from food_inspections.storage.records import versions
from food_inspections.storage.records.materializations import Recorded
from food_inspections.storage.warehouse import Warehouse

SHORT = 12
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Versions of a week's data: list them, rebuild a forecast from them, sweep what nothing names."""


@command.command()
@click.option("--week", type=_DAY, required=True, help="A day of the week.")
@click.option("--asset", help="Only this asset.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table to look at, or JSON with whole hashes, keys and parameters.",
)
def history(week: datetime, asset: str | None, format_: str) -> None:
    """Print every version ever written of a week, the newest first.

    * marks the newest of each asset: what readers take where it is accepted, and what keeps them waiting where not.
    """
    monday = monday_of(week.date())
    with Warehouse(Settings.from_environment()).snapshot() as connection:
        rows = versions.written(connection, monday, asset)
    if not rows:
        what = asset or "any asset"
        raise DataError(
            f"Nothing was ever written of {what} for week {monday}: `food-inspections run --week {monday}` makes "
            "what can be made of it."
        )
    if format_ == "json":
        click.echo(json.dumps([asdict(row) for row in rows], default=str, indent=2))
        return
    seen: set[str] = set()
    lines = []
    for row in rows:
        mark = "" if row.asset in seen else "*"
        seen.add(row.asset)
        lines.append(_line(row, mark))
    header = ("asset", "", "written (UTC)", "status", "rows", "data version", "code", "made from", "run")
    click.echo(tabulate(lines, header, disable_numparse=True))


@command.command(name="rebuild")
@click.option("--week", type=_DAY, required=True, help="A day of the forecast's week.")
@click.option(
    "--asset",
    type=click.Choice(["inspection_queue", "predictions"]),
    default="inspection_queue",
    show_default=True,
    help="The forecast.",
)
@click.option("--data-version", help="Which version, by the beginning of its hash; the newest by default.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="A new folder for the rebuilt deployment.",
)
@click.option(
    "--database",
    "database_name",
    help="An empty database on the deployment's own server; by default an embedded server under --into.",
)
def rebuild_command(
    week: datetime, asset: str, data_version: str | None, into: Path, database_name: str | None
) -> None:
    """Make a past forecast again from the versions it names, beside the deployment.

    Raw weeks and model are taken as they were then, the assets run again on them in a database of their own (under
    --into, or the one of --database), and every content hash is compared with the one on record. Exit code 1 where
    one differs.
    """
    source = Warehouse(Settings.from_environment())
    monday = monday_of(week.date())
    result = rebuild(source, cast(Forecast, asset), monday, data_version, into, click.echo, database_name)
    if result.different:
        raise DataError(
            f"Not as recorded: {_some(result.different)}. Either the program or one of its libraries has changed since."
        )
    click.echo(f"Identical: {result.row_count:,} rows with data version {result.content_hash[:SHORT]}.")
    if database_name is None:
        # Where production's address is set, it would be asked instead.
        home = shlex.quote(str(result.settings.home))
        click.echo(
            f"Look at it: env -u FOOD_INSPECTIONS_DATABASE_URL FOOD_INSPECTIONS_HOME={home} food-inspections db shell"
        )
    else:
        click.echo(f"Look at it in the database {database_name}, and drop that when you have seen enough.")


@command.command()
@click.option("--delete", "is_delete", is_flag=True, help="Delete them; without it they are only listed.")
@click.option(
    "--older-than-hours",
    type=click.IntRange(min=1),
    default=24,
    show_default=True,
    help="Spare younger objects: the record that names them may be about to come.",
)
def sweep(is_delete: bool, older_than_hours: int) -> None:
    """List, or delete, objects that no record names: what a run left that was killed between object and record."""
    warehouse = Warehouse(Settings.from_environment())
    before = datetime.now(UTC) - timedelta(hours=older_than_hours)
    with warehouse.snapshot() as connection:
        found = list(versions.orphans(connection, warehouse.objects, before))
    if is_delete:
        with warehouse.transaction() as connection:
            found = versions.delete_orphans(connection, warehouse.objects, found)
    for key in found:
        click.echo(key)
    click.echo(f"{len(found)} objects that no record names{' were deleted' if is_delete else ''}.", err=True)


def _line(row: Recorded, mark: str) -> tuple[str, ...]:
    return (
        row.asset,
        mark,
        f"{row.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        row.status,
        str(row.row_count),
        row.content_hash[:SHORT],
        row.code_version,
        row.upstream_hash[:SHORT],
        row.run_id[:8],
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
