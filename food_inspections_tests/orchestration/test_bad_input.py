"""What bad input gets: a clear error, no half-written week, and a next run that repairs it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import URL, text

from food_inspections.errors import FoodInspectionsError, StorageError
from food_inspections.portal.client import PortalClient
from food_inspections.portal.paging import OffsetPaging
from food_inspections.portal.sample_city import CityParameters, make_city
from food_inspections.portal.soda import Patience
from food_inspections.storage.city import OBJECT as CITY
from food_inspections.storage.objects import ObjectStore
from food_inspections_tests.chicago import COLUMNS, DATASET
from food_inspections_tests.conftest import new_database
from food_inspections_tests.orchestration.city import Deployment, deployment, deployment_over
from food_inspections_tests.portal.faulty_portal import (
    Fault,
    FaultyPortal,
    broken_off,
    cut_json,
    html,
    rows,
    status,
    with_value,
    without,
)

FIRST = date(2018, 6, 11)
WEEKS = 5
LAST = FIRST + timedelta(weeks=WEEKS - 1)
PREPARED = ("raw_inspections", "clean_inspections", "inspection_features")
PAGE_ROWS = 30
FOREVER = 10_000

RECORDS = (
    "metadata.materializations",
    "metadata.pulls",
    "metadata.pulled_days",
    "metadata.pulled_inspections",
    "test.check_results",
    "data.clean_inspections",
    "data.closures",
    "data.inspection_features",
)


@pytest.fixture(scope="module")
def inspections() -> pd.DataFrame:
    """Five weeks, across the change of law."""
    return make_city(CityParameters(3, FIRST, LAST + timedelta(days=6), 300, inspections_per_week=25)).inspections


@pytest.fixture(scope="module")
def undisturbed(
    inspections: pd.DataFrame,
    database_server: URL,
    database_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[date, str]]:
    """Content hashes that a portal without faults leads to, by asset and week."""
    with (
        new_database(database_server, database_template) as url,
        deployment(tmp_path_factory.mktemp("home"), url.render_as_string(hide_password=False), inspections) as city,
    ):
        city.prepare(FIRST, LAST)
        found = {asset: city.hashes(asset) for asset in PREPARED}
        city.warehouse.engine.dispose()
    assert all(len(hashes) == WEEKS for hashes in found.values())
    return found


@pytest.fixture
def portal(inspections: pd.DataFrame) -> Iterator[FaultyPortal]:
    with FaultyPortal(inspections) as portal:
        yield portal


@pytest.fixture
def city(portal: FaultyPortal, tmp_path: Path, database_url: str) -> Iterator[Deployment]:
    """A deployment of the portal."""
    with asking(portal, tmp_path / "home", database_url) as city:
        yield city


@contextmanager
def asking(portal: FaultyPortal, home: Path, database_url: str) -> Iterator[Deployment]:
    """A deployment that asks in several pages, tries twice and does not wait."""
    patience = Patience(sleep=lambda _: None, attempts=2, page_attempts=2, pulls=2)
    client = PortalClient(portal.url, DATASET, COLUMNS, paging=OffsetPaging(PAGE_ROWS), patience=patience)
    with client, deployment_over(portal, home, database_url, client) as city:
        yield city
        city.warehouse.engine.dispose()


def counts(city: Deployment) -> dict[str, int]:
    return {table: city.query(f"SELECT count(*) FROM {table}")[0][0] for table in RECORDS}  # noqa: S608 - constants


def refusal(run: Callable[[], object]) -> str:
    with pytest.raises(FoodInspectionsError) as error:
        run()
    return str(error.value)


NOTHING = dict.fromkeys(RECORDS, 0)
EVERY_PAGE: dict[str, tuple[Fault, str]] = {
    "500": (status(500), "answered 500"),
    "429": (status(429), "answered 429"),
    "403": (status(403), "answered 403 .* Check FOOD_INSPECTIONS_APP_TOKEN"),
    "half of the JSON": (cut_json, "the answer is not whole JSON"),
    "connection lost": (broken_off, "gave no complete answer"),
    "page of a web site": (html, "the answer is not whole JSON"),
    "page cut short": (rows(lambda page: page[:-3]), "was cut short"),
    "page twice over": (rows(lambda page: page + page), "came twice"),
    "row without its id": (without("inspection_id", which=0), "a row of 20.* has no id"),
    "row without the portal's id": (without(":id", which=0), "a row of 20.* has no id"),
    "unknown column": (with_value("surprise", "x"), "unknown column 'surprise'"),
    "missing column": (without("results"), "the column 'results' is missing from all"),
    "date outside the weeks": (
        with_value("inspection_date", "2017-01-02T00:00:00.000"),
        "is of 2017-01-02, outside the days asked for",
    ),
    "no date": (with_value("inspection_date", "soon"), "has the date 'soon'"),
}


@pytest.fixture(scope="module")
def tried(
    inspections: pd.DataFrame,
    database_server: URL,
    database_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Deployment, FaultyPortal]]:
    """A deployment whose portal misbehaves in one way after the other."""
    with (
        new_database(database_server, database_template) as url,
        FaultyPortal(inspections) as portal,
        asking(portal, tmp_path_factory.mktemp("home"), url.render_as_string(hide_password=False)) as city,
    ):
        yield city, portal


@pytest.mark.parametrize(("fault", "reason"), EVERY_PAGE.values(), ids=EVERY_PAGE)
def test_a_portal_that_misbehaves_leaves_nothing(
    tried: tuple[Deployment, FaultyPortal], fault: Fault, reason: str
) -> None:
    city, portal = tried
    portal.mend()
    portal.spoil_pages(fault, FOREVER)

    message = refusal(lambda: city.run("pull", FIRST, LAST))

    assert f"raw_inspections: Data set {DATASET}, weeks {FIRST}...{LAST}: " in message
    assert re.search(reason, message)
    assert counts(city) == NOTHING
    assert objects(city) == []


# As each left nothing, one run stands for the next one after any of them.
def test_the_run_after_all_of_them_is_as_if_undisturbed(
    tried: tuple[Deployment, FaultyPortal], undisturbed: dict[str, dict[date, str]]
) -> None:
    city, portal = tried
    portal.spoil_pages(status(500), FOREVER)
    refusal(lambda: city.run("pull", FIRST, LAST))

    portal.mend()
    city.run("pull", FIRST, LAST)

    assert city.hashes("raw_inspections") == undisturbed["raw_inspections"]
    assert {city.status("raw_inspections", week) for week in undisturbed["raw_inspections"]} == {"accepted"}


def test_a_fault_in_the_middle_of_a_pull_stops_all_that_follows(
    city: Deployment, portal: FaultyPortal, undisturbed: dict[str, dict[date, str]]
) -> None:
    good: Fault = lambda answer: answer  # noqa: E731 - a fault that is none
    portal.spoil_pages(good, 2)
    portal.spoil_pages(status(503), FOREVER)

    message = refusal(lambda: city.prepare(FIRST, LAST))

    assert "answered 503" in message
    assert counts(city) == NOTHING
    portal.mend()
    city.prepare(FIRST, LAST)
    assert {asset: city.hashes(asset) for asset in PREPARED} == undisturbed


def test_a_count_that_is_never_met_is_an_error(city: Deployment, portal: FaultyPortal) -> None:
    portal.spoil_counts(rows(lambda answer: [{"count": "9999"}]), FOREVER)

    assert "was cut short" in refusal(lambda: city.run("pull", FIRST, LAST))
    assert counts(city) == NOTHING


def test_a_portal_that_is_not_there_is_named(tmp_path: Path, inspections: pd.DataFrame, database_url: str) -> None:
    with FaultyPortal(inspections) as portal:
        gone = portal.url
    client = PortalClient(gone, DATASET, COLUMNS, patience=Patience(sleep=lambda _: None, attempts=2))
    with FaultyPortal(inspections) as portal, deployment_over(portal, tmp_path, database_url, client) as city:
        message = refusal(lambda: city.run("pull", FIRST))
        assert f"week {FIRST}: {gone} gave no complete answer (Connection refused)" in message
        assert "Check FOOD_INSPECTIONS_PORTAL_URL" in message
        assert counts(city) == NOTHING
        city.warehouse.engine.dispose()


def test_faults_that_pass_are_not_noticed(
    city: Deployment, portal: FaultyPortal, undisturbed: dict[str, dict[date, str]]
) -> None:
    for fault, _ in EVERY_PAGE.values():
        if fault is not EVERY_PAGE["403"][0] and fault is not EVERY_PAGE["unknown column"][0]:
            portal.spoil_pages(fault)
            portal.spoil_pages(lambda answer: answer)

    city.prepare(FIRST, LAST)

    assert {asset: city.hashes(asset) for asset in PREPARED} == undisturbed


def test_a_failed_pull_leaves_what_was_accepted_before(
    city: Deployment, portal: FaultyPortal, undisturbed: dict[str, dict[date, str]]
) -> None:
    city.prepare(FIRST, LAST)
    before = counts(city)
    portal.spoil_pages(without("results"), FOREVER)

    refusal(lambda: city.prepare(FIRST, LAST))

    assert counts(city) == before
    assert {asset: city.hashes(asset) for asset in PREPARED} == undisturbed
    assert {city.status(asset, FIRST) for asset in PREPARED} == {"accepted"}


def test_an_object_store_that_fails_half_way_commits_nothing(
    city: Deployment, undisturbed: dict[str, dict[date, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(city.warehouse.objects)
    put, written = kind.put, []

    def fail(store: ObjectStore, key: str, content: bytes) -> None:
        if len(written) == 2:
            raise StorageError(f"{key} cannot be written: no space left on device.")
        written.append(key)
        put(store, key, content)

    with monkeypatch.context() as full:
        full.setattr(kind, "put", fail)
        message = refusal(lambda: city.prepare(FIRST, LAST))

    assert "no space left on device" in message
    assert counts(city) == NOTHING
    assert objects(city) == sorted(written), "orphans, which no record names and the sweep takes away"
    city.prepare(FIRST, LAST)
    assert {asset: city.hashes(asset) for asset in PREPARED} == undisturbed


@pytest.mark.parametrize("asset", PREPARED)
def test_a_database_that_refuses_the_record_refuses_the_rows(
    city: Deployment, undisturbed: dict[str, dict[date, str]], asset: str
) -> None:
    _execute(
        city,
        "CREATE FUNCTION test.refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'made to fail'; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT ON metadata.materializations FOR EACH ROW "
        f"WHEN (NEW.asset = '{asset}' AND NEW.week = '{LAST}') EXECUTE FUNCTION test.refuse()",
    )

    assert "made to fail" in refusal(lambda: city.prepare(FIRST, LAST))

    table = {"raw_inspections": "metadata.pulls"}.get(asset, f"data.{asset}")
    assert city.query(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - constants
    assert city.hashes(asset) == {}
    _execute(city, "DROP TRIGGER refuse ON metadata.materializations")
    city.prepare(FIRST, LAST)
    assert {name: city.hashes(name) for name in PREPARED} == undisturbed


def objects(city: Deployment) -> list[str]:
    return sorted(key for key in city.warehouse.objects.keys("") if key != CITY)


def _execute(city: Deployment, *statements: str) -> None:
    with city.warehouse.transaction() as connection:
        for statement in statements:
            connection.execute(text(statement))
