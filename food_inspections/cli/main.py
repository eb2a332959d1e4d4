"""The command group: names every command, imports only the one that is called.

Importing Dagster, scikit-learn or Dash takes seconds; ``food-inspections --help``
should not.
"""

import importlib
import sys

import click

from food_inspections.last_words import last_words

COMMANDS = {
    "demo": ("food_inspections.cli.demo", "Run the main job on a sample city, from nothing."),
    "up": ("food_inspections.cli.up", "Start the Dagster UI and daemon, the API and the monitor."),
    "run": ("food_inspections.cli.run", "Materialize what is missing or out of date."),
    "api": ("food_inspections.cli.api", "Serve the HTTP API."),
    "monitor": ("food_inspections.cli.monitor", "Serve the dashboard."),
    "city": ("food_inspections.cli.city", "List, check and draft the profiles of cities."),
    "portal": ("food_inspections.cli.portal", "Serve inspection files as a SODA portal on this machine."),
    "sample-city": ("food_inspections.cli.sample_city", "Write a seeded artificial city's inspections."),
    "backtest": ("food_inspections.cli.backtest", "Measure the forecast on past inspections."),
    "models": ("food_inspections.cli.models", "List, compare, promote and roll back models."),
    "data": ("food_inspections.cli.data", "Show the versions of a week's data."),
    "db": ("food_inspections.cli.db", "Start, stop, upgrade and query the database."),
}


class _LazyGroup(click.Group):
    """Resolves a command to the ``command`` object of its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="food-inspections")
def cli() -> None:
    """Forecast which food establishments fail their next inspection.

    Settings come from FOOD_INSPECTIONS_* environment variables (see .env.example).
    """


def main() -> None:
    """Run the command line; an error a user can act on is one line and exit code 1."""
    try:
        cli()
    except Exception as error:
        words = last_words(error)
        if words is None:
            raise
        click.echo(f"Error: {words}", err=True)
        sys.exit(1)
