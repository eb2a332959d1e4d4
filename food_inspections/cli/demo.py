"""``food-inspections demo``: the main job on a sample city, from nothing."""

import click

from food_inspections.demo import run_demo
from food_inspections.settings import Settings


@click.command("demo")
def command() -> None:
    """Run the main job on a sample city, from nothing.

    Makes a seeded artificial city, serves it as a SODA portal on this machine, pulls some
    years of it, runs every asset for its newest weeks, and prints where things are and
    how good the forecast is. Needs no network.
    """
    run_demo(Settings.from_environment(), click.echo)
