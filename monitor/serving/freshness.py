"""How new the newest results are: pages that stand open ask it, and draw themselves anew when it has changed."""

from flask import Flask, Response, jsonify

from food_inspections.monitor.queries.overview import newest_result
from food_inspections.monitor.queries.reading import CANNOT_READ, reading, trouble_of
from food_inspections.settings import Settings


def register(server: Flask, settings: Settings) -> None:
    """Answer ``/freshness``."""

    @server.get("/freshness")
    def freshness() -> Response:
        try:
            with reading(settings) as connection:
                newest = newest_result(connection)
        except CANNOT_READ as error:
            # The dashboard itself is well: a page goes on asking until there is something again.
            return jsonify(newest=None, reason=trouble_of(error).title)
        response = jsonify(newest=newest)
        response.cache_control.no_store = True
        return response
