"""Serves the API, or a bare Flask route, as ``food-inspections api`` does: for :mod:`benchmarks.api`."""

import sys

from flask import Flask

from food_inspections.cli.api import Server, server_options
from food_inspections.settings import Settings


class BareServer(Server):
    """The least that Flask can do, under the same gunicorn."""

    def load(self) -> Flask:
        """An application of one route."""
        app = Flask("bare")
        app.add_url_rule("/", view_func=lambda: {"status": "bare"})
        return app


if __name__ == "__main__":
    what, port, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
    server = BareServer if what == "bare" else Server
    server(Settings.from_environment(), server_options(f"127.0.0.1:{port}", workers, access_log=False)).run()
