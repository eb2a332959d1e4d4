"""Regions of a page, drawn together and apart."""

import logging
from dataclasses import replace

import pytest
from dash import html
from dash.development.base_component import Component
from sqlalchemy import text

from food_inspections.monitor.queries.reading import read
from food_inspections.monitor.routing import router
from food_inspections.monitor.routing.flattening import to_html
from food_inspections.monitor.routing.page import Page, Region, Request, Site
from food_inspections_tests.monitor.conftest import Filled


def number(request: Request) -> Component:
    return html.P(str(read(request.connection, "SELECT random() AS number")["number"][0]))


def broken(request: Request) -> Component:
    raise ZeroDivisionError


def refused(request: Request) -> Component:
    request.connection.execute(text("SELECT * FROM nowhere"))
    raise AssertionError("there is no such table")


def page(**draw: object) -> Page:
    regions = [Region(name, frozenset(), how) for name, how in draw.items()]  # type: ignore[arg-type]
    return Page("/", "A", "A", "A", lambda _: [], regions)


def drawn(filled: Filled, of: Page, names: list[str]) -> dict[str, str]:
    found = router.draw_regions(Site(filled.settings), {"/": of}, {"pathname": "/", "search": ""}, names)
    return {name: to_html(content) for name, content in found.items()}


def test_regions_of_one_request_see_the_same_state_of_the_database(filled: Filled) -> None:
    found = drawn(filled, page(a=number, b=number, c=number), ["a", "b"])

    assert found.keys() == {"a", "b"}
    assert found["a"] == found["b"]


@pytest.mark.parametrize(("fails", "said"), [(broken, "could not be drawn"), (refused, "no tables of this version")])
def test_a_region_that_fails_leaves_the_others_alone(
    filled: Filled, fails: object, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    found = drawn(filled, page(a=number, b=fails, c=number), ["a", "b", "c"])

    assert found["a"].startswith("<p>0.")
    assert found["c"].startswith("<p>0.")
    assert said in found["b"]


def test_a_database_out_of_reach_is_told_in_every_region(filled: Filled) -> None:
    away = replace(filled.settings, database_url="postgresql://nobody@127.0.0.1:1/x")
    found = router.draw_regions(Site(away), {"/": page(a=number, b=number)}, {"pathname": "/"}, ["a", "b"])

    assert all("does not answer" in to_html(content) for content in found.values())
