"""What lies under the map's points, asked for once by a page that shows a map."""

import json
from pathlib import Path

from flask import Flask, Response, jsonify

from food_inspections.domain.city.loading import read_beside
from food_inspections.errors import SettingsError
from food_inspections.monitor.figures import ground
from food_inspections.monitor.queries import queue
from food_inspections.monitor.queries.reading import CANNOT_READ, reading, trouble_of
from food_inspections.monitor.routing.page import Site
from food_inspections.settings import Settings

KEPT_SECONDS = 3600


def register(server: Flask, site: Site) -> None:
    """Answer ``/map/ground``.

    Raises:
        SettingsError: There are boundaries that cannot be drawn: better said at the start than by an empty map.
    """
    outlines = boundaries(site.settings)

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
        under = {"rings": outlines} if outlines else ground.built_up(places) if places is not None else {}
        labels = ground.area_labels(places) if places is not None else []
        response = jsonify(**under, labels=labels)
        response.cache_control.max_age = KEPT_SECONDS
        return response


def boundaries(settings: Settings) -> list[ground.Ring]:
    """The outlines of the GeoJSON file that the settings or the city's profile name; none where neither does.

    Raises:
        SettingsError: The file cannot be read, is no GeoJSON, or is not in degrees.
    """
    text = _boundaries_text(settings)
    if text is None:
        return []
    try:
        found = ground.rings(json.loads(text))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise SettingsError(
            f"The city's boundaries cannot be drawn ({error!r}): export GeoJSON in longitude and latitude (WGS 84)."
        ) from error
    if not found:
        raise SettingsError("The city's boundaries hold no outline: polygons or lines are drawn, points are not.")
    return found


def _boundaries_text(settings: Settings) -> str | None:
    if settings.map_boundaries is None:
        return read_beside(settings.city, lambda profile: profile.map.boundaries if profile.map else None)
    try:
        return Path(settings.map_boundaries).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"FOOD_INSPECTIONS_MAP_BOUNDARIES, {settings.map_boundaries}, cannot be read ({error})."
        ) from error
