"""``food-inspections portal``: inspection files as a SODA portal on this machine."""

import logging
from datetime import datetime
from pathlib import Path

import click

from food_inspections.cli.city_option import CITY, FILE_HELP
from food_inspections.portal.server import LOOPBACK, serve
from food_inspections.settings import Settings, choose_city


@click.command()
@click.option(
    "--data",
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    required=True,
    help=f"{FILE_HELP} Of a row that is in several files, the last file counts.",
)
@click.argument(
    "more_files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, metavar="[FILE]..."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--host", default=LOOPBACK, show_default=True, help="A loopback address.")
@CITY
@click.option("--app-token", help="Refuse clients that do not send this application token.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Hold back rows whose published_at is after this day.",
)
def command(
    *,
    files: tuple[Path, ...],
    more_files: tuple[Path, ...],
    port: int,
    host: str,
    city: str | None,
    app_token: str | None,
    as_of: datetime | None,
) -> None:
    """Serve inspection files as a Socrata (SODA) portal on this machine.

    Prints its address; set FOOD_INSPECTIONS_PORTAL_URL to it and the program pulls from here,
    without internet. Files are read again when they change, so that a growing file is a portal
    where inspections arrive late. The city's profile tells the days, and which rows are one
    inspection; exports of other portals (CKAN, ArcGIS, a spreadsheet) are served the same way.
    Ctrl-C stops it.

    Example: food-inspections portal --city new_york --data january.csv.gz february.csv.gz
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    choose_city(city)
    settings = Settings.from_environment()
    portal = serve(
        [*files, *more_files],
        profile=settings.profile,
        dataset=settings.dataset,
        port=port,
        host=host,
        app_token=app_token,
        as_of=as_of and as_of.date(),
    )
    older = f"; {portal.superseded_count:,} more are earlier versions of them" if portal.superseded_count else ""
    click.echo(f"Serving {portal.row_count:,} rows{older} on {portal.url} (Ctrl-C stops)")
    try:
        portal.serve_forever()
    except KeyboardInterrupt:
        click.echo("Stopped.")
    finally:
        portal.close()
