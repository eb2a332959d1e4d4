"""One place decides on a new model: what is launched is on record, what is on record was launched, and each once."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import dagster as dg
import pytest

from food_inspections.domain.monitoring.retraining import Seen
from food_inspections.domain.monitoring.verdicts import Verdict
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import retraining_log
from food_inspections_tests.orchestration.automation.conftest import Ticks, weeks_of
from food_inspections_tests.orchestration.shared_city import SECOND_CUTOFF, SharedCity

WEEK = timedelta(weeks=1)
DUE = SECOND_CUTOFF + WEEK * 4
ALARM = Seen.of(4, 100, [Verdict("scores", "changed", 0.4, 0.2, "The scores have moved.")])
QUIET = Seen.of(4, 100, [Verdict("scores", "holds", 0.1, 0.2, "The scores hold.")])


@pytest.fixture
def ticks(shared_city: SharedCity) -> Iterator[Ticks]:
    """A copy of the city: no drift report, no run and no decision on record."""
    with shared_city.copy({}) as city:
        yield Ticks(city.deployed)


def report(ticks: Ticks, week: date, seen: Seen, model_id: str | None = None) -> None:
    """A drift report of the reigning model, or of another one."""
    reigning = ticks.city.warehouse.champion(SECOND_CUTOFF).model_id
    row = records.Materialization(
        run_id=f"run of {week}",
        asset="drift_report",
        week=week,
        row_count=1,
        code_version="1",
        content_hash=f"content of {week}",
        upstream_hash="",
        parameters={"model_id": model_id or reigning, "seen": seen.as_json()},
    )
    with ticks.city.warehouse.transaction() as connection:
        records.write(connection, [row])
        records.decide(connection, "drift_report", records.latest(connection, "drift_report", [week]), [])


def tick(ticks: Ticks, cutoff: date) -> Any:
    return ticks.at(cutoff + timedelta(days=1), 6).schedule("training")


def log(ticks: Ticks) -> list[tuple[Any, ...]]:
    return ticks.city.query(
        "SELECT week, rule, is_retraining, run_key FROM monitoring.retraining_decisions ORDER BY decided_at"
    )


def test_another_profile_of_the_city_asks_for_another_model_before_its_time(ticks: Ticks) -> None:
    """What the reigning model learnt is no longer what the tables hold."""
    ticks.city.query(
        'UPDATE metadata.materializations SET parameters = parameters || \'{"profile": "another"}\' '
        "WHERE asset = 'selected_model' RETURNING 1"
    )

    (request,) = tick(ticks, SECOND_CUTOFF + WEEK).run_requests

    assert request.job_name == "training"
    assert log(ticks) == [(SECOND_CUTOFF, "profile_changed", True, request.run_key)]


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.SUCCESS])
def test_a_model_that_was_asked_for_is_neither_asked_for_nor_decided_on_again(
    ticks: Ticks, status: dg.DagsterRunStatus
) -> None:
    (request,) = tick(ticks, DUE).run_requests
    once = [(DUE - WEEK, "model_age", True, request.run_key)]
    assert log(ticks) == once
    job = ticks.defs.resolve_job_def("training")
    ticks.city.instance.create_run_for_job(job, tags=dict(request.tags), status=status)

    assert not tick(ticks, DUE).run_requests
    assert log(ticks) == once


def test_the_newest_report_of_the_model_that_serves_decides(ticks: Ticks) -> None:
    cutoff = SECOND_CUTOFF + WEEK * 5
    report(ticks, cutoff - WEEK * 3, QUIET)
    report(ticks, cutoff - WEEK * 2, ALARM)
    report(ticks, cutoff - WEEK, QUIET, "another model")

    (request,) = tick(ticks, cutoff).run_requests

    assert weeks_of(request) == (str(cutoff), str(cutoff))
    assert log(ticks) == [(cutoff - WEEK * 2, "score_drift", True, request.run_key)], "age and alarm ask for one model"


def test_a_quiet_report_is_logged_and_launches_nothing(ticks: Ticks) -> None:
    week = SECOND_CUTOFF + WEEK * 3
    report(ticks, week, QUIET)

    # The model is four weeks old only a week later.
    late = ticks.at(week + timedelta(days=5), 6).schedule("training")
    assert not late.run_requests, "the week is not over, so there is nothing to report on yet"

    answer = tick(ticks, week + WEEK)
    (request,) = answer.run_requests
    assert log(ticks) == [(week, "none", False, None), (week, "model_age", True, request.run_key)]


def test_after_a_retraining_the_rules_wait(ticks: Ticks) -> None:
    week = SECOND_CUTOFF + WEEK * 4
    with ticks.city.warehouse.transaction() as connection:
        retraining_log.log_decision(
            connection,
            week - WEEK,
            "fail",
            is_retraining=True,
            rule="score_drift",
            values={},
            reason="PSI of the scores",
            run_key="key",
        )
    report(ticks, week, ALARM)

    tick(ticks, week + WEEK)

    assert (week, "cool_down", False, None) in log(ticks)
