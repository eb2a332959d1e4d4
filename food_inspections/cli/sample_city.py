"""``food-inspections sample-city``: a seeded artificial city's inspections, as CSV."""

import gzip
from datetime import datetime
from pathlib import Path

import click
import pandas as pd

from food_inspections.errors import StorageError
from food_inspections.portal.sample_city import FIRST_DAY, LAST_DAY, CityParameters, make_city, oracle_auc

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="CSV file to write; gzip where the name ends in .gz.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Another seed, another city.")
@click.option("--from", "first_day", type=DAY, default=str(FIRST_DAY), show_default=True, help="First day of visits.")
@click.option("--to", "last_day", type=DAY, default=str(LAST_DAY), show_default=True, help="Last day, included.")
@click.option(
    "--establishments", type=click.IntRange(min=1), default=3_000, show_default=True, help="In business at any time."
)
@click.option(
    "--inspections-per-week",
    type=click.FloatRange(min=0, min_open=True),
    help="In an ordinary week; by default one for every 30 establishments.",
)
@click.option("--shift-from", type=DAY, help="From this day on the city behaves differently (to try drift detection).")
@click.option(
    "--shift-size", type=float, default=0.5, show_default=True, help="How differently; 0.5 is plain to see after weeks."
)
@click.option(
    "--truth",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV file for the hidden chances of failure, which no portal publishes.",
)
def command(
    *,
    out: Path,
    seed: int,
    first_day: datetime,
    last_day: datetime,
    establishments: int,
    inspections_per_week: float | None,
    shift_from: datetime | None,
    shift_size: float,
    truth: Path | None,
) -> None:
    """Write the inspections of an artificial city.

    Establishments have a hidden level of hygiene that decides, with much chance, what
    inspectors find. The same arguments give the same file, byte for byte; a later --to
    continues the same city. Serve the file with: food-inspections portal --data FILE
    """
    plan = CityParameters(
        seed=seed,
        first_day=first_day.date(),
        last_day=last_day.date(),
        establishments=establishments,
        inspections_per_week=inspections_per_week,
        shift_from=shift_from.date() if shift_from else None,
        shift_size=shift_size if shift_from else 0.0,
    )
    city = make_city(plan)
    write_csv(city.inspections, out)
    click.echo(f"{len(city.inspections):,} inspections from {plan.first_day} to {plan.last_day} in {out}")
    if truth is not None:
        write_csv(city.truth, truth)
        click.echo(
            f"Hidden chances in {truth}: knowing them, the AUC of 'fail' on canvasses is {oracle_auc(city.truth):.3f}"
        )


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame at once, so that who watches the file never sees half of it; the same bytes for the same frame.

    Raises:
        StorageError: The file cannot be written.
    """
    content = frame.to_csv(index=False, lineterminator="\n").encode()
    if path.suffix == ".gz":
        content = gzip.compress(content, compresslevel=5, mtime=0)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}): choose another file.") from error
