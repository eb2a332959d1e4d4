"""``food-inspections city``: the profiles there are, what one makes of rows, and a draft for a city without one."""

import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click
import pandas as pd
from tabulate import tabulate

from food_inspections.domain.city.draft import draft_profile, open_guesses
from food_inspections.domain.city.draft_fields import Column
from food_inspections.domain.city.examination import Examination, examine
from food_inspections.domain.city.loading import SUFFIX, city_names, load_profile, read_profile
from food_inspections.domain.city.profile import Profile
from food_inspections.errors import DataError, PortalError, SettingsError
from food_inspections.portal.csv_files import read_csv_file
from food_inspections.portal.sample import DataSet
from food_inspections.settings import Settings

SAMPLE_ROWS = 50_000
_SHOWN = 25
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DATA = click.option(
    "--data",
    "files",
    type=_FILE,
    multiple=True,
    help="CSV file, plain or gzip, with the portal's field names; repeat it.",
)
_ROWS = click.option(
    "--rows", type=click.IntRange(1), default=SAMPLE_ROWS, show_default=True, help="Rows asked of the portal."
)


@click.group()
def command() -> None:
    """List, check and draft the profiles of cities.

    A profile is one TOML file that says what a city's rows mean; docs/cities.md explains it.
    """


@command.command(name="list")
def list_() -> None:
    """Print the cities that come with the program."""
    profiles = {name: load_profile(name) for name in city_names()}
    lines = [
        (
            name,
            profile.city.name,
            f"{urlsplit(profile.portal.url).netloc} {profile.portal.dataset}" if profile.portal else "",
            profile.rows.grain,
            ", ".join(word.word for word in profile.inspection_types if word.meaning == "first_look") or "every visit",
        )
        for name, profile in profiles.items()
    ]
    click.echo(tabulate(lines, ("profile", "city", "data set", "a row is a", "first looks"), disable_numparse=True))


@command.command()
@click.argument("profile", required=False)
@_DATA
@_ROWS
def check(profile: str | None, files: tuple[Path, ...], rows: int) -> None:
    """Show what a profile makes of rows, and whether to trust it (exit code 1 where not).

    PROFILE is the name of a city or the path of a file; by default the city that the settings name. Rows come from
    --data, or from the portal that the profile names.

    Example: food-inspections city check new_york --data new_york.csv.gz
    """
    profile = profile or Settings.from_environment().city
    city = load_profile(profile)
    history = None
    if files:
        raw = read_rows(files)
    else:
        data_set = _data_set_of(city)
        raw = data_set.rows(rows)
        history = data_set.history(city.columns.date)
        # A column that is null in every row is left out of SODA's answers.
        described = [name for name, _ in data_set.description()[1]]
        raw = raw.reindex(columns=[*raw.columns, *(name for name in described if name not in raw.columns)])
    seen = examine(raw, city, city.city.calendar.today())
    _show(seen, city)
    if history is not None:
        click.echo(f"\nThe portal keeps {history[0]:,} rows from {history[1]} to {history[2]}.")
    guesses = open_guesses(Path(profile).expanduser().read_text(encoding="utf-8")) if profile.endswith(SUFFIX) else []
    _show_verdict(seen, guesses)
    if seen.problems or guesses:
        sys.exit(1)


@command.command()
@click.option("--portal", "url", help="Address of the portal, such as https://data.example.org.")
@click.option("--dataset", help="The portal's id of the data set, such as abcd-1234.")
@_DATA
@_ROWS
@click.option("--name", help="The city's name; from the portal's address by default.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; the screen by default.")
def init(
    *, url: str | None, dataset: str | None, files: tuple[Path, ...], rows: int, name: str | None, out: Path | None
) -> None:
    """Draft the profile of a new city from its portal's columns and a sample of rows.

    Every guess is marked. The draft can be loaded at once; 'city check' says what is still to be decided.

    Example: food-inspections city init --portal https://data.example.org --dataset abcd-1234 --out example.toml
    """
    if (url is None) != (dataset is None) or (url is None and not files):
        raise SettingsError("Name the rows: give --portal with --dataset, or --data, or all three.")
    data_set = None if url is None or dataset is None else _data_set(url, dataset)
    columns: list[Column] = []
    if data_set is not None:
        try:
            columns = [Column(field, kind) for field, kind in data_set.description()[1]]
        except PortalError as error:
            if not files:
                raise
            click.echo(f"The portal's columns are not known, those of the files are taken: {error}", err=True)
    raw = read_rows(files) if files else data_set.rows(rows) if data_set is not None else pd.DataFrame()
    known = {column.name for column in columns}
    columns += [Column(str(column)) for column in raw.columns if column not in known]
    city = name or (_name_in(url) if url else files[0].name.partition(".")[0].replace("_", " ").title())
    text = draft_profile(columns, raw, city, (url, dataset) if url and dataset else None)
    read_profile(text, str(out or "the draft"))
    if out is None:
        click.echo(text)
        return
    if out.exists():
        raise SettingsError(f"{out} exists: name another file, so that nobody's decisions are lost.")
    out.write_text(text, encoding="utf-8")
    click.echo(f"Wrote {out} with {len(open_guesses(text))} guesses. Next: food-inspections city check {out}")


def read_rows(files: Sequence[Path]) -> pd.DataFrame:
    """Rows of the files as the portal gives them: text, or missing where a field is empty.

    Raises:
        DataError: A file is no CSV, or has no rows.
    """
    raw = pd.concat([read_csv_file(path) for path in files], ignore_index=True)
    if raw.empty:
        raise DataError(f"{files[0]} has no rows: export some from the portal.")
    return raw


def _data_set_of(city: Profile) -> DataSet:
    if city.portal is None:
        raise SettingsError("The profile names no portal: give its rows by --data, or add a table [portal].")
    return _data_set(city.portal.url, city.portal.dataset)


def _data_set(url: str, dataset: str) -> DataSet:
    if urlsplit(url).scheme not in ("http", "https"):
        raise SettingsError(f"--portal {url!r}: use an address that starts with https://.")
    return DataSet(url, dataset, Settings.from_environment().app_token)


def _name_in(url: str) -> str:
    """``Cityofboston`` from ``https://data.cityofboston.gov``: a start."""
    parts = (urlsplit(url).hostname or "").split(".")
    return (parts[-2] if len(parts) > 1 else parts[0]).title() or "City"


def _show(seen: Examination, city: Profile) -> None:
    places = f"{seen.visits_per_place:.1f} per establishment"
    click.echo(f"{city.city.name}: {seen.raw_row_count:,} rows are {seen.inspection_count:,} inspections, {places}.")
    if seen.first_day is not None:
        click.echo(f"Days from {seen.first_day} to {seen.last_day}.")
    for reason, count in seen.dropped.items():
        click.echo(f"  {count:,} rows left out: {reason.replace('_', ' ')}")
    for column, count in seen.contradictions.items():
        click.echo(f"  in {count:,} inspections rows disagree on {column}; what most of them say counts")
    if seen.early_count or seen.late_count:
        click.echo(f"  {seen.early_count:,} inspections before the first week, {seen.late_count:,} after today")
    if seen.points is not None:
        click.echo("Points, higher is worse: {:g} to {:g}, half of them up to {:g}.".format(*_ends(seen.points)))
    click.echo("\nShare of the inspections that have a value")
    filled = [(field, f"{share:.1%}") for field, share in seen.filled.items()]
    click.echo(tabulate(filled, ("field", "share"), disable_numparse=True))
    click.echo("\nFirst looks that failed, by year")
    _print_rates(seen.by_year, "year", "first_looks")
    click.echo("\nInspections that failed, by type")
    _print_rates(seen.by_type, "inspection_type", "inspections")
    if len(seen.unmapped):
        click.echo("\nValues that no vocabulary knows; they become 'other'")
        shown = seen.unmapped.head(_SHOWN)
        lines = [
            (str(row["column"]), str(row["value"])[:60], f"{row['inspection_count']:,}") for _, row in shown.iterrows()
        ]
        click.echo(tabulate(lines, ("field", "value", "inspections"), disable_numparse=True))
        if len(seen.unmapped) > _SHOWN:
            click.echo(f"... and {len(seen.unmapped) - _SHOWN:,} more")


def _ends(points: tuple[float, float, float]) -> tuple[float, float, float]:
    least, median, most = points
    return least, most, median


def _print_rates(table: pd.DataFrame, group: str, count: str) -> None:
    lines = [
        (
            str(row[group]),
            f"{row[count]:,}",
            f"{row['unknown']:,}",
            "" if pd.isna(row["failure_rate"]) else f"{row['failure_rate']:.1%}",
        )
        for row in table.to_dict("records")
    ]
    headings = (group.replace("_", " "), count.replace("_", " "), "not known", "failed")
    click.echo(tabulate(lines, headings, disable_numparse=True))


def _show_verdict(seen: Examination, guesses: list[str]) -> None:
    if seen.remarks:
        click.echo("\nWorth a look")
        for remark in seen.remarks:
            click.echo(f"  - {remark}")
    if guesses:
        click.echo(f"\nStill to be decided: {len(guesses)} guesses. Correct or keep each line and delete its mark.")
        for guess in guesses:
            click.echo(f"  - {guess}")
    if seen.problems:
        click.echo("\nNot to be trusted:")
        for problem in seen.problems:
            click.echo(f"  - {problem}")
    elif guesses:
        click.echo("\nNot to be trusted yet: it holds guesses that nobody has confirmed.")
    else:
        click.echo("\nThe profile can be trusted with these rows.")
