"""Every page, drawn from a filled, a young, an empty and an absent database."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from dash import dcc
from dash.development.base_component import Component

from food_inspections.domain.weeks import WEEK
from food_inspections.monitor.pages import PAGES
from food_inspections.monitor.routing import router
from food_inspections.monitor.routing.flattening import Markup
from food_inspections.monitor.routing.page import Page, Site
from food_inspections.settings import Settings
from food_inspections_tests.monitor.conftest import Filled
from food_inspections_tests.monitor.figures.checking import check

BY_PATH = {page.path: page for page in PAGES}

# Selections of every kind, and what a careless or a hostile hand may write.
SEARCHES = {
    "/": [""],
    "/scores": ["", "?type=Bakery", "?against={before}", "?week={before}&against={older}",
                "?week=1999-01-04&type=nope"],
    "/drift": ["", "?week={before}", "?span=all", "?feature=age_days&span=26", "?span=9&feature='--"],
    "/performance": ["", "?source=random_share", "?span=all&source=predictions", "?week={older}&source=x"],
    "/fairness": [
        "", "?at=list", "?by=facility_type_zip&at=list",
        "?by=zip&metric=for", "?by=risk&metric=precision", "?week={audit}", "?by=x&metric=y",
    ],
    "/queue": ["", "?show=all&page=3", "?sort=-score&search=golden", "?show=random&page=99", "?establishment=1000003",
               "?establishment=nobody", "?search=nothing-like-this", "?week=2001-01-01&page=-1&sort=x"],
    "/plan": ["", "?inspector=bob&day={monday}", "?week={before}", "?week=1999-01-04&inspector=x&day=y"],
    "/pipeline": ["", "?only=failed", "?asset=predictions&only=passed&page=2", "?span=all", "?week={before}&asset=x"],
}  # fmt: skip


def parts(node: Any) -> Iterator[Component]:
    """Every component within."""
    if isinstance(node, list | tuple):
        for part in node:
            yield from parts(part)
    elif isinstance(node, Component):
        yield node
        yield from parts(getattr(node, "children", None))


def figures(node: Any) -> dict[str, Any]:
    """Every chart's figure by the name of the chart; no two have one name."""
    charts = [part for part in parts(node) if hasattr(part, "data-figure")]
    found = {chart.id: json.loads(getattr(chart, "data-figure")) for chart in charts}
    assert len(found) == len(charts)
    return found


def text(node: Any) -> str:
    """All text within."""
    if isinstance(node, list | tuple):
        return " ".join(text(part) for part in node)
    if isinstance(node, Component):
        return text(getattr(node, "children", None))
    if isinstance(node, Markup):
        return re.sub("[ \u00a0]+", " ", unescape(re.sub("<[^>]*>", " ", node))).strip()
    return "" if node is None else str(node).replace("\u00a0", " ")


def draw(settings: Settings, page: Page, search: str = "") -> tuple[list[Component], dict[str, Any]]:
    address = {"pathname": page.path, "search": search, "visit": 1}
    return router.draw_visit(Site(settings), BY_PATH, address)


@pytest.mark.parametrize(("path", "search"), [(path, search) for path in SEARCHES for search in SEARCHES[path]])
def test_every_selection_draws_its_page(filled: Filled, path: str, search: str) -> None:
    weeks = filled.seeded.weeks
    search = search.format(
        before=weeks[-2], older=weeks[-6], audit=filled.seeded.selection_weeks[0], monday=weeks[-1] + WEEK
    )
    content, facts = draw(filled.settings, BY_PATH[path], search)
    words = text(content)
    assert "could not be drawn" not in words
    assert "database" not in words
    assert facts["regions"].keys() == {region.name for region in BY_PATH[path].regions}
    drawn = figures(content)
    for figure in drawn.values():
        check(figure)
    # The pages of the week's work bring no chart, and so need not bring Plotly.
    assert bool(drawn) == BY_PATH[path].has_charts == (path not in ("/", "/queue", "/plan", "/pipeline"))


@pytest.mark.parametrize(("path", "search"), [(path, search) for path in SEARCHES for search in SEARCHES[path]])
def test_a_region_drawn_alone_is_the_one_drawn_with_its_page(filled: Filled, path: str, search: str) -> None:
    weeks = filled.seeded.weeks
    search = search.format(
        before=weeks[-2], older=weeks[-6], audit=filled.seeded.selection_weeks[0], monday=weeks[-1] + WEEK
    )
    whole = text(draw(filled.settings, BY_PATH[path], search)[0])
    for region in BY_PATH[path].regions:
        alone = router.draw_regions(Site(filled.settings), BY_PATH, {"pathname": path, "search": search}, [region.name])
        assert alone.keys() == {region.name}
        assert text(alone[region.name]) in whole


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_first_week_draws_every_page(one_week: Filled, page: Page) -> None:
    content, _ = draw(one_week.settings, page)
    words = text(content)
    assert "could not be drawn" not in words
    assert "nan" not in words.lower().split()
    for figure in figures(content).values():
        check(figure)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_an_empty_database_says_what_to_do(settings: Settings, page: Page) -> None:
    content, _ = draw(settings, page)
    words = text(content)
    assert "could not be drawn" not in words
    if page.path == "/":
        assert "No queue is published yet" in words
        assert "No inspections" in words
    else:
        assert "food-inspections" in words or "Come back" in words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_database_without_tables_or_out_of_reach_says_so(
    settings: Settings, empty_database_url: str, page: Page
) -> None:
    words = text(draw(replace(settings, database_url=empty_database_url), page)[0])
    assert "no tables" in words
    assert "food-inspections db upgrade" in words
    words = text(draw(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/x"), page)[0])
    assert "does not answer" in words
    assert "tried again by itself" in words


def test_an_unknown_page_leads_back(filled: Filled) -> None:
    content, facts = router.draw_visit(Site(filled.settings), BY_PATH, {"pathname": "/nowhere", "visit": 1})
    assert "no such page" in text(content)
    assert any(isinstance(part, dcc.Link) and part.href == "/" for part in parts(content))
    assert "regions" not in facts


def test_an_error_of_a_page_is_told_without_its_traceback(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_request: object) -> None:
        raise ZeroDivisionError("secret detail")

    page = replace(BY_PATH["/scores"], controls=fail)
    content, _ = router.draw_visit(Site(filled.settings), {"/scores": page}, {"pathname": "/scores", "visit": 1})
    assert "could not be drawn" in text(content)
    assert "secret detail" not in text(content)
    assert "secret detail" in caplog.text


def test_every_link_of_a_page_stays_under_the_prefix(filled: Filled) -> None:
    site = Site(filled.settings, prefix="/city/monitor/")
    for page in PAGES:
        address = {"pathname": "/city/monitor" + page.path, "search": "", "visit": 1}
        content, facts = router.draw_visit(site, BY_PATH, address)
        assert facts["path"] == page.path
        for part in parts(content):
            href = getattr(part, "href", None)
            if isinstance(href, str) and href.startswith("/"):
                assert href.startswith("/city/monitor/")


def test_the_overview_tells_what_fails(filled: Filled) -> None:
    content, _ = draw(filled.settings, BY_PATH["/"])
    words = text(content)
    assert "Needs attention: drift, checks." in words
    assert "1 failed" in words
    assert "XGBoost" in words
    assert "40 establishments to visit, 2 of them drawn at random, out of 400." in words
    cards = {text(part).split()[0]: part for part in parts(content) if isinstance(part, dcc.Link)}
    assert "bad" in cards["Checks"].className
    assert cards["Checks"].href == "/pipeline"


def test_services_are_linked_where_they_are_set(filled: Filled) -> None:
    def links(settings: Settings) -> set[str]:
        return {getattr(part, "href", "") for part in parts(draw(settings, BY_PATH["/"])[0])}

    settings = replace(filled.settings, dagster_url="http://d.example", api_url="http://a.example/api/")
    assert {"http://d.example", "http://a.example/api/docs"} <= links(settings)
    assert "http://m.example" in links(replace(settings, mlflow_url="http://m.example"))
    assert "http://m.example/x" in links(replace(settings, mlflow_url="http://me:secret@m.example/x"))
    # A tracking store in a folder is nothing a browser opens.
    assert not any("mlruns" in link for link in links(replace(settings, mlflow_url="sqlite:///mlruns.db")))


def test_the_score_of_an_establishment_stands_beside_its_bounds(filled: Filled) -> None:
    words = text(draw(filled.settings, BY_PATH["/queue"], "?establishment=1000003")[0])
    shown = re.search(r"Score (\d+\.\d)% Likely between (\d+)% and (\d+)%", words)
    assert shown is not None
    assert float(shown[2]) == pytest.approx(0.8 * float(shown[1]), abs=0.6)
    assert float(shown[3]) == pytest.approx(0.8 * float(shown[1]) + 20, abs=0.6)


def test_a_week_that_is_not_there_is_told(filled: Filled) -> None:
    asked = filled.seeded.weeks[0] - timedelta(weeks=5)
    for path in ("/scores", "/drift", "/performance", "/fairness", "/queue", "/plan", "/pipeline"):
        assert f"nothing for the week of {asked}" in text(draw(filled.settings, BY_PATH[path], f"?week={asked}")[0])


def test_the_evidently_report_is_one_click_away(filled: Filled) -> None:
    content, _ = draw(filled.settings, BY_PATH["/drift"])
    links = [part.href for part in parts(content) if str(getattr(part, "href", "")).startswith("/reports/")]
    assert links == [f"/reports/drift/{filled.seeded.weeks[-1]}"]


def test_small_samples_are_not_called_drift(filled: Filled) -> None:
    visits = filled.seeded.visits
    rarest = visits.loc[visits["week"].dt.date == filled.seeded.weeks[-1], "facility_type"].value_counts().index[-1]
    words = text(draw(filled.settings, BY_PATH["/scores"], f"?type={rarest}")[0])
    assert "Too few inspections to say" in words


def test_performance_says_what_the_list_was_worth_beside_one_line_rules(filled: Filled) -> None:
    words = text(draw(filled.settings, BY_PATH["/performance"])[0])
    assert "55% of the places listed were visited within their week" in words
    # Twenty-six weeks of eight failures in twenty-two visits.
    assert "On the list 572 208 36.4%" in words
    assert "Own past rate first, as many visits 572 182 31.8%" in words
    assert "Plan overridden 104 26 25.0%" in words


def test_the_plan_shows_who_goes_where_and_what_was_decided(filled: Filled) -> None:
    week = filled.seeded.weeks[-1]
    words = text(draw(filled.settings, BY_PATH["/plan"], f"?week={week}&inspector=bob")[0])
    assert "Found closed" in words
    assert "The owner is on holiday" in words
    assert "Ann Miller" in words, "the load is everybody's"
    assert "were visited within the week" in words
    newest = text(draw(filled.settings, BY_PATH["/plan"])[0])
    assert "No visit since the Monday is published yet" in newest
    assert "How many visits?" in newest
