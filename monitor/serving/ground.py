"""What lies under the map's points, asked for once by a page that shows a map."""

import json
from functools import cache

from flask import Flask, Response, jsonify

from food_inspections.domain.city.loading import read_beside
from food_inspections.monitor.figures import ground
from food_inspections.monitor.queries import queue
from food_inspections.monitor.queries.reading import CANNOT_READ, reading, trouble_of
from food_inspections.monitor.routing.page import Site

KEPT_SECONDS = 3600


def register(server: Flask, site: Site) -> None:
    """Answer ``/map/ground``."""

    @server.get("/map/ground")
    def map_ground() -> Response:
        try:
            with reading(site.settings) as connection:
                shown = queue.publication(connection)
                places = queue.places(connection, shown) if shown else None
        except CANNOT_READ as error:
            response = jsonify(reason=trouble_of(error).title)
            response.status_code = 503
            return response
        outlines = boundaries(site.settings.city)
        under = {"rings": outlines} if outlines else ground.built_up(places) if places is not None else {}
        labels = ground.area_labels(places) if places is not None else []
        response = jsonify(**under, labels=labels)
        response.cache_control.max_age = KEPT_SECONDS
        return response


@cache
def boundaries(city: str) -> list[ground.Ring]:
    """The outlines of the city's GeoJSON file; none where its profile names no file.

    Raises:
        SettingsError: The file cannot be read.
    """
    text = read_beside(city, lambda profile: profile.map.boundaries if profile.map else None)
    return ground.rings(json.loads(text)) if text else []
