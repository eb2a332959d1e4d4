"""``food-inspections portal``: inspection files as a SODA portal on this machine."""

import logging
from datetime import datetime
from pathlib import Path

import click

from food_inspections.portal.server import LOOPBACK, serve


@click.command()
@click.option(
    "--data",
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    required=True,
    help="CSV file, plain or gzip, with the portal's field names; may be repeated. "
    "Of an inspection that is in several files, the last file counts.",
)
@click.argument(
    "more_files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, metavar="[FILE]..."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--host", default=LOOPBACK, show_default=True, help="A loopback address.")
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
    app_token: str | None,
    as_of: datetime | None,
) -> None:
    """Serve inspection files as a Socrata (SODA) portal on this machine.

    Prints its address; set FOOD_INSPECTIONS_PORTAL_URL to it and the program pulls from here,
    without internet. Files are read again when they change, so that a growing file is a portal
    where inspections arrive late. Ctrl-C stops it.

    Example: food-inspections portal --data january.csv.gz february.csv.gz --port 8080
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    portal = serve([*files, *more_files], port=port, host=host, app_token=app_token, as_of=as_of and as_of.date())
    click.echo(f"Serving {portal.row_count:,} inspections on {portal.url} (Ctrl-C stops)")
    try:
        portal.serve_forever()
    except KeyboardInterrupt:
        click.echo("Stopped.")
    finally:
        portal.close()
