"""Late, corrected and re-stamped rows: what is pulled again, and what follows from it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import dagster as dg
import pandas as pd
import pytest

from food_inspections.portal.columns import DatasetColumns
from food_inspections_tests.chicago import COLUMNS
from food_inspections_tests.orchestration.automation.conftest import (
    UNDER_WAY,
    Ticks,
    assets_of,
    ticks_over,
    weeks_of,
)
from food_inspections_tests.orchestration.city import CUTOFF, FIRST, NEWEST, WEEKS, small_city
from food_inspections_tests.orchestration.shared_city import SharedCity

WEEK = timedelta(weeks=1)
NAMES = ("revisions", "out_of_date")


def requests_of(ticks: Ticks) -> dict[str, list[dg.RunRequest]]:
    return {name: list(ticks.sensor(name).run_requests or ()) for name in NAMES}


def count_runs(ticks: Ticks) -> int:
    return ticks.city.instance.get_runs_count()


def rows_on(frame: pd.DataFrame, day: object) -> pd.Index:
    return frame.index[frame["inspection_date"].str.startswith(str(day))]


@pytest.fixture
def portal() -> pd.DataFrame:
    """The portal's rows as they were; every test begins in a store that holds exactly these."""
    return small_city()


@pytest.fixture
def ticks(whole_city: SharedCity, portal: pd.DataFrame) -> Iterator[Ticks]:
    """A city to which nothing has happened yet."""
    with ticks_over(whole_city, portal) as ticks:
        yield ticks


def test_an_unchanged_portal_launches_nothing(ticks: Ticks) -> None:
    runs = count_runs(ticks)
    assert requests_of(ticks) == {name: [] for name in NAMES}
    assert count_runs(ticks) == runs
    tick = ticks.sensor("revisions")
    assert tick.skip_message == f"The portal holds what was pulled: {WEEKS} weeks are unchanged."


def test_a_tick_over_all_weeks_costs_one_request(ticks: Ticks, portal: pd.DataFrame, monkeypatch) -> None:
    asked = []
    answer = ticks.city.portal.answer
    monkeypatch.setattr(ticks.city.portal, "answer", lambda request: asked.append(request.path) or answer(request))
    ticks.sensor("revisions")
    assert len(asked) == 1


def test_the_cursor_remembers_an_unchanged_portal(ticks: Ticks, portal: pd.DataFrame) -> None:
    first = ticks.sensor("revisions")
    assert ticks.sensor("revisions", first.cursor).cursor == first.cursor


def test_late_rows_are_pulled_and_published(ticks: Ticks, portal: pd.DataFrame) -> None:
    day = NEWEST + timedelta(days=2)
    late = portal.loc[rows_on(portal, day)].copy()
    late["inspection_id"] = [str(9_000_000 + number) for number in range(len(late))]
    ticks.city.portal.replace(pd.concat([portal, late], ignore_index=True))
    published = "SELECT count(*) FROM api.predictions WHERE week = :w"
    before = ticks.city.query(published, w=NEWEST)[0][0]
    (request,) = ticks.sensor("revisions").run_requests or ()
    assert weeks_of(request) == (str(NEWEST), str(NEWEST))
    ticks.launch(request)
    launched = ticks.settle()
    assert len(launched) == 1, "the week is carried through in one run"
    assert {"clean_inspections", "predictions", "api_predictions"} <= assets_of(launched[0])
    assert ticks.city.query(published, w=NEWEST)[0][0] > before
    assert requests_of(ticks) == {name: [] for name in NAMES}


def test_where_nothing_is_stamped_the_last_four_weeks_are_pulled_again_and_the_same_content_launches_nothing(
    ticks: Ticks, portal: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A correction that leaves the count as it was cannot be seen from outside."""
    monkeypatch.setattr(DatasetColumns, "of", lambda *_: replace(COLUMNS, is_stamped=False))
    early = ticks.at(UNDER_WAY, 5)
    # From now on without the stamps that are stored.
    for unstamped in early.schedule("pull").run_requests or ():
        ticks.launch(unstamped)
    (request,) = early.schedule("pull").run_requests or ()
    assert weeks_of(request) == (str(NEWEST - WEEK * 3), str(NEWEST))
    before = ticks.city.hashes("raw_inspections")
    ticks.launch(request)
    assert ticks.city.hashes("raw_inspections") == before
    assert ticks.settle() == []

    corrected = portal.copy()
    row = rows_on(corrected, NEWEST - WEEK * 2 + timedelta(days=1))[0]
    corrected.loc[row, "results"] = "Pass" if corrected.loc[row, "results"] == "Fail" else "Fail"
    ticks.city.portal.replace(corrected)
    ticks.launch(request)

    changed = {week for week, content in ticks.city.hashes("raw_inspections").items() if content != before[week]}
    assert changed == {NEWEST - WEEK * 2}
    assert ticks.settle()


def test_rows_stamped_anew_are_pulled_once_and_launch_nothing_below(ticks: Ticks, portal: pd.DataFrame) -> None:
    stamped = portal.copy()
    ticks.city.portal.replace(stamped.assign(dba_name=stamped["dba_name"] + " "))
    ticks.city.portal.replace(portal)
    (request,) = ticks.sensor("revisions").run_requests or ()
    assert weeks_of(request) == (str(FIRST), str(NEWEST)), "all weeks in one run"
    ticks.launch(request)
    assert requests_of(ticks) == {name: [] for name in NAMES}


def test_a_row_whose_date_moved_is_never_in_two_weeks(ticks: Ticks, portal: pd.DataFrame) -> None:
    old, new = CUTOFF - WEEK * 8, NEWEST
    row = rows_on(portal, old + timedelta(days=1))[0]
    moved = str(portal.loc[row, "inspection_id"])
    frame = portal.copy()
    frame.loc[row, "inspection_date"] = f"{new + timedelta(days=1)}T00:00:00.000"
    ticks.city.portal.replace(frame)
    (request,) = ticks.sensor("revisions").run_requests or ()
    assert weeks_of(request) == (str(new), str(new)), "the week it left is pulled with it"
    ticks.launch(request)
    places = "SELECT week FROM metadata.pulled_inspections WHERE inspection_id = :i"
    assert ticks.city.query(places, i=moved) == [(new,)]
    assert not ticks.sensor("revisions").run_requests, "the week it left needs no pull of its own"
    launched = ticks.settle()
    assert weeks_of(launched[0]) == (str(old), str(new)), "clean rows of both weeks in one transaction"
    clean = "SELECT week FROM data.clean_inspections WHERE inspection_id = :i"
    assert ticks.city.query(clean, i=moved) == [(new,)]


def test_a_row_that_moved_between_two_changed_weeks_is_never_in_both(ticks: Ticks, portal: pd.DataFrame) -> None:
    """Both weeks are in one pull, so neither is pulled along; their clean rows were made in two runs once."""
    old, new = NEWEST - WEEK * 12, NEWEST - WEEK * 15
    frame = portal.copy()
    moving, *changing = rows_on(portal, old + timedelta(days=1))[0], rows_on(portal, old + timedelta(days=2))[0]
    frame.loc[moving, "inspection_date"] = f"{new + timedelta(days=1)}T00:00:00.000"
    frame.loc[changing, "dba_name"] = "RENAMED"
    ticks.city.portal.replace(frame)
    (request,) = ticks.sensor("revisions").run_requests or ()
    assert weeks_of(request) == (str(new), str(old))
    ticks.launch(request)
    launched = ticks.settle()
    assert weeks_of(launched[0]) == (str(new), str(old)), "clean rows of both weeks in one transaction"


def test_rows_taken_away_are_taken_away_here_too(ticks: Ticks, portal: pd.DataFrame) -> None:
    gone = rows_on(portal, NEWEST + timedelta(days=1))[0]
    ticks.city.portal.replace(portal.drop(index=gone))
    (request,) = ticks.sensor("revisions").run_requests or ()
    ticks.launch(request)
    held = "SELECT count(*) FROM metadata.pulled_inspections WHERE inspection_id = :i"
    assert ticks.city.query(held, i=str(portal.loc[gone, "inspection_id"])) == [(0,)]


def test_a_pull_that_fails_is_tried_again_later_and_not_at_once(
    ticks: Ticks, portal: pd.DataFrame, monkeypatch
) -> None:
    frame = portal.copy()
    frame.loc[rows_on(frame, NEWEST + timedelta(days=1))[0], "results"] = "Pass"
    frame.loc[rows_on(frame, NEWEST + timedelta(days=2))[0], "dba_name"] = "RENAMED"
    ticks.city.portal.replace(frame)
    (request,) = ticks.sensor("revisions").run_requests or ()
    failing = {"ops": {"raw_inspections_checks": {"config": {"minimum_bytes": 10**9}}}}
    ticks.launch(request._replace(run_config=failing), is_successful=False)
    assert not ticks.sensor("revisions").run_requests, "what was pulled is what the portal holds, rejected or not"
    week = ticks.city.status("raw_inspections", NEWEST)
    assert week == "rejected"
    others = ticks.sensor("out_of_date").run_requests or ()
    assert all(weeks_of(other)[1] < str(NEWEST) for other in others), "nothing is made of a rejected week"


def test_a_week_that_a_dead_run_left_unfinished_is_pulled_again(ticks: Ticks, portal: pd.DataFrame) -> None:
    """The portal holds what was stored, so nothing else would ever ask for it, and nobody may read it."""
    week = NEWEST - WEEK * 20
    ticks.city.query(
        """
        UPDATE metadata.materializations SET status = 'pending', decided_at = NULL
        WHERE asset = 'raw_inspections' AND week = :w RETURNING week
        """,
        w=week,
    )
    (request,) = ticks.sensor("revisions").run_requests or ()
    assert weeks_of(request) == (str(week), str(week))
    assert request.tags["food_inspections/reason"] == "a run left the week unfinished"
    ticks.launch(request)
    assert ticks.city.status("raw_inspections", week) == "accepted"
    assert requests_of(ticks) == {name: [] for name in NAMES}


def test_a_portal_that_does_not_answer_is_waited_for(ticks: Ticks, portal: pd.DataFrame, monkeypatch) -> None:
    from food_inspections.errors import PortalError  # noqa: PLC0415
    from food_inspections.portal.client import PortalClient  # noqa: PLC0415

    def down(*_: object) -> None:
        raise PortalError("Data set 4ijn-s7e5: no answer")

    monkeypatch.setattr(PortalClient, "days", down)
    tick = ticks.sensor("revisions")
    assert not tick.run_requests
    assert tick.skip_message == "The portal does not answer: Data set 4ijn-s7e5: no answer"
