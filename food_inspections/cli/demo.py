"""``food-inspections demo``: the main job on a sample city, from nothing, or on a city's own files."""

from pathlib import Path

import click

from food_inspections.cli.city_option import CITY, FILE_HELP
from food_inspections.demo import run_demo
from food_inspections.settings import Settings, choose_city


@click.command("demo")
@CITY
@click.option(
    "--data",
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help=f"Inspections to show instead of a sample city: {FILE_HELP}",
)
def command(city: str | None, files: tuple[Path, ...]) -> None:
    """Run the main job on a sample city, from nothing, or on inspections of a city.

    Makes a seeded artificial city, or takes the files given, serves them as a SODA portal on
    this machine, pulls some years of them, runs every asset for the newest weeks, and prints
    where things are and how good the forecast is. Needs no network.

    Example: food-inspections demo --city new_york --data new_york.csv.gz
    """
    choose_city(city)
    run_demo(Settings.from_environment(), click.echo, files)
