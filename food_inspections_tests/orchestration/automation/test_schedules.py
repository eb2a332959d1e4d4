"""What schedules and the other sensors ask for, tick by tick, on one city."""

import importlib
import json
from collections.abc import Iterator
from datetime import date, timedelta

import dagster as dg
import pandas as pd
import pytest

from food_inspections.orchestration.automation.clock import PUBLISH
from food_inspections.orchestration.automation.failures import notice_of
from food_inspections.orchestration.automation.notifications import send
from food_inspections.orchestration.automation.runs import NEED_TAG, run_request
from food_inspections.portal.client import PortalClient
from food_inspections_tests.orchestration.automation.conftest import (
    UNDER_WAY,
    Receiver,
    Ticks,
    assets_of,
    ticks_over,
    weeks_of,
)
from food_inspections_tests.orchestration.city import CUTOFF, FIRST, NEWEST, small_city
from food_inspections_tests.orchestration.shared_city import PUBLISHED, SharedCity

WEEK = timedelta(weeks=1)
FRIDAY = UNDER_WAY + timedelta(days=4)
NEXT_MONDAY = UNDER_WAY + WEEK
COMING = PUBLISHED


@pytest.fixture(scope="module")
def ticks(whole_city: SharedCity) -> Iterator[Ticks]:
    """A portal that holds what was pulled."""
    with ticks_over(whole_city, small_city()) as ticks:
        yield ticks


@pytest.fixture(autouse=True)
def as_pulled(ticks: Ticks) -> Iterator[None]:
    """The portal as it was pulled, whatever a test makes of it."""
    yield
    ticks.city.portal.replace(small_city())


def grown(week: date) -> pd.DataFrame:
    """The city with more rows in a week, those of the newest one under other ids and days."""
    frame = small_city()
    late = frame[frame["inspection_date"] >= str(NEWEST)].copy()
    days = pd.to_datetime(late["inspection_date"]) + pd.Timedelta(days=(week - NEWEST).days)
    late["inspection_date"] = days.dt.strftime("%Y-%m-%dT00:00:00.000")
    late["inspection_id"] = [str(8_000_000 + number) for number in range(len(late))]
    return pd.concat([frame, late], ignore_index=True)


def only(requests: object) -> dg.RunRequest:
    (request,) = requests  # type: ignore[misc]
    assert isinstance(request, dg.RunRequest)
    return request


# --- pull ---------------------------------------------------------------------------------------------------------


def test_nothing_is_pulled_where_the_portal_holds_what_is_stored(ticks: Ticks) -> None:
    tick = ticks.at(UNDER_WAY, 5).schedule("pull")
    assert not tick.run_requests
    assert tick.skip_message == "The portal holds nothing new of the last 12 weeks."


def test_the_week_that_has_just_ended_is_pulled(ticks: Ticks) -> None:
    request = only(ticks.at(NEXT_MONDAY, 5).schedule("pull").run_requests)
    assert (request.job_name, weeks_of(request)) == ("pull", (str(UNDER_WAY), str(UNDER_WAY)))
    assert request.tags["food_inspections/reason"] == "the week is over"


def test_a_week_whose_pull_failed_is_tried_again_by_the_sensor_on_the_same_morning(ticks: Ticks) -> None:
    ticks.city.portal.replace(grown(UNDER_WAY))
    before = ticks.at(NEXT_MONDAY, 4).sensor("revisions")
    assert not before.run_requests, "the schedule pulls it at five"
    failed = only(ticks.at(NEXT_MONDAY, 5).schedule("pull").run_requests)
    again = only(ticks.at(NEXT_MONDAY, 6).sensor("revisions", before.cursor).run_requests)
    assert weeks_of(again) == (str(UNDER_WAY), str(UNDER_WAY))
    assert again.tags[NEED_TAG] == failed.tags[NEED_TAG], "pauses and the number of attempts are counted together"


def test_late_rows_of_the_last_twelve_weeks_are_pulled(ticks: Ticks) -> None:
    late = NEWEST - WEEK * 7
    ticks.city.portal.replace(grown(late))
    request = only(ticks.at(UNDER_WAY, 5).schedule("pull").run_requests)
    assert weeks_of(request) == (str(late), str(late))


def test_older_weeks_are_left_to_the_sensor(ticks: Ticks) -> None:
    ticks.city.portal.replace(grown(NEWEST - WEEK * 20))
    assert not ticks.at(UNDER_WAY, 5).schedule("pull").run_requests


def test_the_week_that_has_ended_is_pulled_even_if_the_portal_is_silent(
    ticks: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    from food_inspections.errors import PortalError  # noqa: PLC0415

    def down(*_: object) -> None:
        raise PortalError("no answer")

    monkeypatch.setattr(PortalClient, "days", down)
    request = only(ticks.at(NEXT_MONDAY, 5).schedule("pull").run_requests)
    assert weeks_of(request) == (str(UNDER_WAY), str(UNDER_WAY))
    assert ticks.at(UNDER_WAY, 5).schedule("pull").skip_message == "The portal does not answer."


def test_what_is_new_of_the_week_under_way_is_pulled_until_the_coming_queue_is_published(ticks: Ticks) -> None:
    ticks.city.portal.replace(grown(NEXT_MONDAY))
    wednesday = NEXT_MONDAY + timedelta(days=2)
    request = only(ticks.at(wednesday, 5).schedule("pull").run_requests)
    assert weeks_of(request) == (str(UNDER_WAY), str(NEXT_MONDAY)), "with the week that has ended, as one range"
    ticks.city.portal.replace(grown(UNDER_WAY))
    assert not ticks.at(FRIDAY, 5).schedule("pull").run_requests, f"the queue of {COMING} is published"


def test_a_pull_at_work_is_not_doubled(ticks: Ticks) -> None:
    request = only(ticks.at(NEXT_MONDAY, 5).schedule("pull").run_requests)
    run = ticks.city.instance.create_run_for_job(
        ticks.defs.resolve_job_def("pull"), tags=dict(request.tags), status=dg.DagsterRunStatus.STARTED
    )
    again = ticks.at(NEXT_MONDAY, 5).schedule("pull")
    assert again.skip_message == f"Run {run.run_id} is pulling; the sensor revisions looks at what it leaves."
    for name in ("revisions", "out_of_date"):
        assert ticks.at(NEXT_MONDAY, 7).sensor(name).skip_message == f"Run {run.run_id} is at work."
    ticks.city.instance.delete_run(run.run_id)


# --- publish --------------------------------------------------------------------------------------------------------


def test_a_published_queue_is_left_alone(ticks: Ticks) -> None:
    assert ticks.at(FRIDAY, 15).schedule("publish").skip_message == f"The queue of {COMING} is published."


def test_a_missing_queue_is_made_and_published_on_friday(ticks: Ticks) -> None:
    coming = COMING + WEEK
    request = only(ticks.at(NEXT_MONDAY + timedelta(days=4), 15).schedule("publish").run_requests)
    assert (request.job_name, weeks_of(request)) == ("publish", (str(coming), str(coming)))
    assert assets_of(request) == {
        "establishment_features",
        "inspection_queue",
        "api_inspection_queue",
        "inspection_plan",
    }


def test_a_queue_that_is_being_made_is_published_and_not_made_twice(ticks: Ticks) -> None:
    coming, friday = COMING + WEEK, ticks.at(NEXT_MONDAY + timedelta(days=4), 15)
    refresh = run_request("out_of_date", "refresh", coming, coming, "missing", "state", ["inspection_queue"])
    run = ticks.city.instance.create_run_for_job(
        ticks.defs.resolve_job_def("refresh"), tags=dict(refresh.tags), status=dg.DagsterRunStatus.STARTED,
        asset_selection=frozenset(refresh.asset_selection or ()),
    )  # fmt: skip
    assert assets_of(only(friday.schedule("publish").run_requests)) == {"api_inspection_queue", "inspection_plan"}
    ticks.city.instance.delete_run(run.run_id)


def test_a_publication_that_failed_is_asked_for_again_every_hour_until_the_evening(ticks: Ticks) -> None:
    friday = NEXT_MONDAY + timedelta(days=4)
    request = only(ticks.at(friday, 15).schedule("publish").run_requests)
    job = ticks.defs.resolve_job_def("publish")
    failed = ticks.city.instance.create_run_for_job(job, tags=dict(request.tags), status=dg.DagsterRunStatus.FAILURE)
    # The run failed today, while the ticks are of another year: the pause after it is not over for them.
    waiting = ticks.at(friday, 16).schedule("publish").skip_message
    assert (waiting or "").startswith(f"run {failed.run_id} has failed, the next attempt is at")
    assert PUBLISH.cron == "0 15-20 * * 5-5"
    close = [PUBLISH.is_close(ticks.at(friday, hour).now) for hour in (14, 15, 18, 20, 21)]
    assert close == [False, True, True, True, False]
    ticks.city.instance.delete_run(failed.run_id)


def test_sensors_give_way_to_the_schedules_that_ask_for_the_same(ticks: Ticks) -> None:
    assert ticks.at(NEXT_MONDAY, 5).sensor("revisions").skip_message == "The schedule pulls about now."
    publishing = ticks.at(FRIDAY, 15).sensor("out_of_date").skip_message
    assert publishing == "The schedule makes and publishes the coming week's queue about now."


# --- training -------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(ticks: Ticks) -> Iterator[None]:
    """The log of decisions, empty before and after."""
    forget = "DELETE FROM monitoring.retraining_decisions"
    with ticks.city.warehouse.transaction() as connection:
        connection.exec_driver_sql(forget)
    yield
    with ticks.city.warehouse.transaction() as connection:
        connection.exec_driver_sql(forget)


TRAINING_TICK = UNDER_WAY + timedelta(days=1)


def test_every_drift_report_is_decided_on_once_and_the_decision_is_kept(ticks: Ticks, log: None) -> None:
    tick = ticks.at(TRAINING_TICK, 6).schedule("training")
    assert not tick.run_requests
    logged = ticks.city.query(
        "SELECT week, is_retraining, rule, reason, \"values\"->>'weeks' FROM monitoring.retraining_decisions"
    )
    reason = f"the model of {CUTOFF} has scored 2 complete weeks, 4 are needed"
    assert logged == [(NEWEST, False, "too_early", reason, "2")]
    assert ticks.city.query("SELECT \"values\"->'verdicts' FROM monitoring.retraining_decisions") == ticks.city.query(
        "SELECT parameters->'seen'->'verdicts' FROM metadata.latest_materializations "
        "WHERE asset = 'drift_report' ORDER BY week DESC LIMIT 1"
    ), "the report's numbers decide, each as what it is"
    again = ticks.at(TRAINING_TICK, 6).schedule("training")
    due = CUTOFF + WEEK * 4
    assert again.skip_message == f"the model of {CUTOFF} is 2 weeks old, the next is due on {due}."
    assert len(ticks.city.query("SELECT 1 FROM monitoring.retraining_decisions")) == 1


def test_every_four_weeks_candidates_and_selection_are_asked_for(ticks: Ticks, log: None) -> None:
    due = CUTOFF + WEEK * 4
    request = only(ticks.at(due + timedelta(days=1), 6).schedule("training").run_requests)
    assert (request.job_name, weeks_of(request)) == ("training", (str(due), str(due)))
    logged = ticks.city.query(
        "SELECT week, is_retraining, reason, run_key FROM monitoring.retraining_decisions WHERE rule = 'model_age'"
    )
    assert logged == [(due - WEEK, True, f"the model of {CUTOFF} is 4 weeks old, due after 4", request.run_key)]


def test_an_alarm_asks_for_a_new_model_once(ticks: Ticks, log: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from food_inspections.domain.monitoring.retraining import RetrainingDecision, Seen  # noqa: PLC0415

    def alarm(seen: Seen, *_: object) -> RetrainingDecision:
        return RetrainingDecision(True, "score_drift", seen.as_json(), "PSI of the scores 0.400")

    module = importlib.import_module("food_inspections.orchestration.automation.retraining")
    monkeypatch.setattr(module, "decide", alarm)
    request = only(ticks.at(TRAINING_TICK, 6).schedule("training").run_requests)
    assert (request.job_name, weeks_of(request)) == ("training", (str(UNDER_WAY), str(UNDER_WAY)))
    kept = ticks.city.query("SELECT rule, week, run_key FROM monitoring.retraining_decisions WHERE is_retraining")
    assert kept == [("score_drift", NEWEST, request.run_key)]
    again = only(ticks.at(TRAINING_TICK, 6).schedule("training").run_requests)
    assert again.run_key == request.run_key, "a run key is launched once"
    job = ticks.defs.resolve_job_def("training")
    failed = ticks.city.instance.create_run_for_job(job, tags=dict(request.tags), status=dg.DagsterRunStatus.FAILURE)
    waiting = ticks.at(TRAINING_TICK + timedelta(days=1), 6).schedule("training").skip_message
    assert (waiting or "").startswith(f"run {failed.run_id} has failed, the next attempt is at")
    assert len(ticks.city.query("SELECT 1 FROM monitoring.retraining_decisions WHERE is_retraining")) == 1
    ticks.city.instance.delete_run(failed.run_id)


def test_the_moves_of_every_feature_are_kept(ticks: Ticks) -> None:
    counts = ticks.city.query(
        "SELECT week, count(DISTINCT feature), count(*) FROM monitoring.moves GROUP BY 1 ORDER BY 1"
    )
    assert [week for week, _, _ in counts] == [CUTOFF, NEWEST]
    assert all(rows == 4 * features > 0 for _, features, rows in counts)


# --- freshness ------------------------------------------------------------------------------------------------------


def test_the_newest_complete_week_is_looked_for_from_monday_noon_on(ticks: Ticks) -> None:
    early, late = (ticks.at(NEXT_MONDAY, hour).sensor("freshness") for hour in (11, 13))
    fine, stale = (
        next(event for event in tick.asset_events if event.check_name == "newest_complete_week")
        for tick in (early, late)
    )
    assert (fine.passed, stale.passed) == (True, False)
    assert stale.description == f"newest week published: {NEWEST} (expected: {UNDER_WAY})"
    assert not late.run_requests
    assert not ticks.at(NEXT_MONDAY, 14).sensor("freshness", late.cursor).asset_events, "said once"


# --- failures -------------------------------------------------------------------------------------------------------


def test_a_failed_check_is_one_notice_with_what_was_expected_and_seen(
    ticks: Ticks, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    from dataclasses import replace  # noqa: PLC0415

    config = {"ops": {"predictions_expectation": {"config": {"expectation": "shape"}}}}
    result = ticks.city.materialize("key:predictions or key:api_predictions", NEWEST, config)
    assert not result.success
    run = ticks.city.instance.get_run_by_id(result.run_id)
    assert run is not None
    event = ticks.city.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)[0].dagster_event
    context = dg.build_run_status_sensor_context(
        "failures",
        event,
        ticks.city.instance,
        run,  # type: ignore[arg-type]
    ).for_run_failure()
    notice = notice_of(context, ticks.city.warehouse)
    settings = replace(ticks.city.settings, webhook_url=receiver.url, dagster_url="http://127.0.0.1:3000")
    send(notice, settings)
    (check,) = notice.checks
    assert (check.asset, check.week, check.check, check.expected) == (
        "predictions",
        str(NEWEST),
        "expectation",
        "a single row",
    )
    got = json.loads(receiver.posts[0].body)
    assert got["link"] == f"http://127.0.0.1:3000/runs/{run.run_id}"
    assert f"predictions of {NEWEST}, expectation: expected a single row, seen " in got["text"]
    assert notice.text in caplog.text
    assert ticks.city.materialize("key:predictions or key:api_predictions", NEWEST).success


def test_everything_is_on_by_default_and_runnable_by_hand(ticks: Ticks) -> None:
    repository = ticks.defs.get_repository_def()
    jobs = {job.name for job in repository.get_all_jobs() if not job.name.startswith("__")}
    assert jobs == {"pull", "refresh", "training", "publish"}
    schedules, sensors = repository.schedule_defs, repository.sensor_defs
    assert {schedule.job_name for schedule in schedules} <= jobs
    assert {schedule.execution_timezone for schedule in schedules} == {"America/Chicago"}
    assert all(schedule.default_status == dg.DefaultScheduleStatus.RUNNING for schedule in schedules)
    assert all(sensor.default_status == dg.DefaultSensorStatus.RUNNING for sensor in sensors)
    assert all(each.description for each in (*schedules, *sensors))
    assert FIRST < CUTOFF
