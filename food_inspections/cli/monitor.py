"""``food-inspections monitor``: the dashboard."""

from typing import Any

import click

from food_inspections.serving.server import Server, address_of
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database

THREADS = 4
LARGEST_BODY_BYTES = 1024 * 1024
"""What a page sends back of its state is far smaller."""


@click.command("monitor")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8050, show_default=True, type=click.IntRange(1, 65_535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
def command(host: str, port: int, workers: int) -> None:
    """Serve the dashboard.

    The path of FOOD_INSPECTIONS_MONITOR_URL is the prefix it is served under.
    """
    settings = Settings.from_environment()
    if settings.database_url is None:
        # The embedded server is ours to set up; a given one has its own operator.
        database.upgrade(settings)
    address = address_of(host, port)
    click.echo(f"Food Inspections monitor on http://{address} (Ctrl-C stops it)")
    server(settings, address, workers).run()


def server(settings: Settings, address: str, workers: int) -> Server:
    """The dashboard with its workers.

    Args:
        settings: Settings of the program.
        address: ``host:port`` to listen on.
        workers: Processes that answer.
    """

    def make() -> Any:
        # It connects to the database when it is first asked, so after the fork.
        from food_inspections.monitor import create_app  # noqa: PLC0415 - Dash takes a second to import

        return create_app(settings).server

    return Server(
        make,
        address,
        workers=workers,
        threads=THREADS,
        largest_body_bytes=LARGEST_BODY_BYTES,
        # Dash and pandas are loaded once and shared by the workers.
        options={"preload_app": True, "graceful_timeout": 5, "proc_name": "food-inspections-monitor"},
    )
