import numpy as np
import pandas as pd
import pytest

from food_inspections.monitor.figures import ground

SQUARE = [[-87.7, 41.8], [-87.6, 41.8], [-87.6, 41.9], [-87.7, 41.9], [-87.7, 41.8]]
PLACES = pd.DataFrame(
    {
        "latitude": [41.80, 41.8001, 41.95, 0.0],
        "longitude": [-87.7, -87.7001, -87.65, 0.0],
        "zip": ["60601", "60601", "60602", "unknown"],
    }
)


def test_the_middle_of_the_world_is_its_middle() -> None:
    assert ground.mercator(np.array([0.0]), np.array([0.0])) == (0.5, 0.5)
    x, y = ground.mercator(np.array([85.05112878]), np.array([180.0]))
    assert (x[0], y[0]) == pytest.approx((1.0, 0.0), abs=1e-9)


@pytest.mark.parametrize(
    "geojson",
    [
        {"type": "Polygon", "coordinates": [SQUARE]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": SQUARE}},
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": None},
                {"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": [SQUARE]}},
            ],
        },
        {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": [SQUARE]}]},
    ],
)
def test_outlines_are_read_from_every_kind_of_geometry(geojson: dict[str, object]) -> None:
    (ring,) = ground.rings(geojson)
    east, south = ground.mercator(np.array([41.8]), np.array([-87.7]))
    assert ring[:2] == pytest.approx([east[0], south[0]], abs=1e-7)
    assert len(ring) == 2 * len(SQUARE)


def test_steps_nobody_can_see_are_left_out() -> None:
    fine = [[-87.7 + step * 1e-6, 41.8] for step in range(1000)]
    (ring,) = ground.rings({"type": "LineString", "coordinates": fine})
    assert 2 < len(ring) < 20


def test_the_ground_of_a_city_without_boundaries_is_where_its_places_are() -> None:
    found = ground.built_up(PLACES)
    # Two of the places are neighbours, and the one without a position is nowhere.
    assert len(found["cells"]) == 4
    km = found["reach"] * 40_075 * np.cos(np.radians(41.85))
    assert km == pytest.approx(0.7, rel=0.01)
    assert ground.built_up(PLACES.head(0)) == {"cells": [], "reach": 0.0}


def test_each_area_is_named_in_the_middle_of_its_places() -> None:
    labels = ground.area_labels(PLACES)
    assert [label[2] for label in labels] == ["60601", "60602"]
    east, south = ground.mercator(np.array([41.95]), np.array([-87.65]))
    assert labels[1][:2] == pytest.approx([east[0], south[0]], abs=1e-6)
