"""``food-inspections monitor``: the dashboard under gunicorn."""

from typing import Any

import click
from gunicorn.app.base import BaseApplication

from food_inspections.settings import Settings
from food_inspections.storage.postgres import database

THREADS = 4


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured from here alone.

    Args:
        settings: Settings of the program.
        options: Settings of gunicorn, by its names.
    """

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn its settings."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application; it connects to the database when it is first asked, so after the fork."""
        from food_inspections.monitor import create_app  # noqa: PLC0415 - Dash takes a second to import

        return create_app(self._settings).server


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
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    click.echo(f"Food Inspections monitor on http://{address} (Ctrl-C stops it)")
    Server(settings, server_options(address, workers)).run()


def server_options(address: str, workers: int) -> dict[str, Any]:
    """Settings of gunicorn.

    Args:
        address: ``host:port`` to listen on.
        workers: Processes that answer.
    """
    return {
        "bind": address,
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        # Dash and pandas are loaded once and shared by the workers.
        "preload_app": True,
        "timeout": 60,
        "graceful_timeout": 5,
        "keepalive": 15,
        "loglevel": "warning",
        "forwarded_allow_ips": "",
        # It would be made in the user's home folder, outside of FOOD_INSPECTIONS_HOME.
        "control_socket_disable": True,
        "proc_name": "food-inspections-monitor",
    }
