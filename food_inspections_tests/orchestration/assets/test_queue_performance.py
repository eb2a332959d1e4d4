"""What a week's queue was worth: the first version, by the deployment's label, beside its own champion's promise."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time

import pandas as pd
import pytest
from sqlalchemy import text

from food_inspections.domain.decisions import Asked
from food_inspections.domain.monitoring.performance import promised, realised
from food_inspections.storage.models import candidates
from food_inspections.storage.models.champions import SelectionRow, log_selection
from food_inspections.storage.postgres import tables
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import plan_decisions
from food_inspections.storage.records.queue_versions import publish_queue
from food_inspections_tests.chicago import CALENDAR
from food_inspections_tests.orchestration.shared_city import FORECAST, SharedCity
from food_inspections_tests.plan_rows import insert_plan

WEEK = FORECAST[0]


def performance(city: SharedCity, source: str, week: date = WEEK) -> pd.DataFrame:
    """Rows of monitoring.performance, by metric."""
    rows = city.frame(
        "SELECT * FROM monitoring.performance WHERE week = :week AND source = :source ORDER BY metric",
        week=week,
        source=source,
    )
    return rows.set_index("metric")


def visits_of(city: SharedCity, week: date = WEEK) -> pd.DataFrame:
    return city.warehouse.read_table("clean_inspections", "data.clean_inspections", [week], [week]).frame


def test_the_promise_beside_a_week_is_that_of_its_own_champion(shared_city: SharedCity) -> None:
    expected, found = [], []
    for week in FORECAST:
        champion = shared_city.warehouse.champion(week)
        with shared_city.warehouse.snapshot() as connection:
            promise = promised(candidates.validation_scores(connection, champion.candidate_id))
        rows = performance(shared_city, "validation", week).drop("precision_at_capacity")
        expected.append({name: interval.value for name, interval in sorted(promise.values.items())})
        found.append(rows["value"].to_dict())
        assert set(rows["model_id"]) == {champion.model_id}

    assert found == expected
    assert expected[0] != expected[-1], "or the promise of one could stand in for that of the other"


def test_the_first_version_published_is_judged_whatever_was_published_later(shared_city: SharedCity) -> None:
    before = performance(shared_city, "queue")
    with shared_city.copy({}) as city:
        with city.warehouse.transaction() as connection:
            queue = tables.read_weeks(connection, "data.inspection_queue", [WEEK])
            later = queue.assign(score=queue["score"].to_numpy()[::-1], is_on_list=~queue["is_on_list"])
            assert publish_queue(connection, later, WEEK, "by hand", tables.content_hash(later)) == 2
        city.make("queue_performance", first=WEEK)
        pd.testing.assert_frame_equal(performance(city, "queue"), before)

    visits = visits_of(shared_city).assign(outcome=lambda rows: rows["is_failure"].astype("int64"))
    other = realised(visits, queue=later).query("source == 'queue'").set_index("metric")
    assert (other["value"] != before["value"].loc[other.index]).any(), "the second version would be judged otherwise"


@pytest.mark.parametrize(("label", "column"), [("fail", "is_failure"), ("critical", "is_critical")])
def test_a_week_is_judged_by_the_label_of_the_deployment(shared_city: SharedCity, label: str, column: str) -> None:
    visits = visits_of(shared_city)
    assert visits["is_failure"].sum() != visits["is_critical"].sum()
    champion = asdict(shared_city.warehouse.champion(WEEK))
    by_hand = {name: champion[name] for name in SelectionRow.__dataclass_fields__ if name in champion}

    with shared_city.copy({"label": label}) as city:
        with city.warehouse.transaction() as connection:
            log_selection(
                connection, SelectionRow(**by_hand | {"label": label, "run_id": None, "decided_by": "a person"})
            )
        city.make("queue_performance", first=WEEK)

        rows = performance(city, "predictions")
        assert set(rows["row_count"]) == {len(visits)}
        assert set(rows["positives"]) == {visits[column].sum()}


def test_a_week_is_judged_beside_one_line_rules_and_by_whether_the_plan_was_followed(shared_city: SharedCity) -> None:
    visited = visits_of(shared_city).sort_values(["inspection_date", "inspection_id"])
    first = visited.drop_duplicates("establishment_id")
    queue = shared_city.frame(
        "SELECT establishment_id FROM api.inspection_queue WHERE week = :week AND version = 1 AND is_on_list", week=WEEK
    )
    is_listed = first["establishment_id"].isin(set(queue["establishment_id"]))
    share = performance(shared_city, "queue").loc["share_visited"]
    off = performance(shared_city, "off_list").loc["failure_rate"]
    assert (share["row_count"], share["value"]) == (len(queue), is_listed.sum() / len(queue))
    assert (off["row_count"], off["positives"]) == ((~is_listed).sum(), first.loc[~is_listed, "is_failure"].sum())
    for rule in ("past_rate", "most_overdue"):
        assert performance(shared_city, rule).loc["precision_at_capacity", "row_count"] == is_listed.sum()
    assert performance(shared_city, "followed").empty, "nobody decided yet"

    done, skipped, late = first["establishment_id"].iloc[:3]
    with shared_city.copy({}) as city:
        with city.warehouse.transaction() as connection:
            insert_plan(connection, WEEK, {"ann": [done, skipped, late]}, version=9)
            for place, word, is_override in ((done, "done", False), (skipped, "skipped", True)):
                connection.execute(
                    text(
                        "INSERT INTO api.plan_decisions (week, establishment_id, planned_day, inspector, decision, "
                        "reason, is_override, decided_at, decided_by, idempotency_key) VALUES (:week, :place, :week, "
                        "'ann', :word, 'no time', :is_override, :at, 'office', :word)"
                    ),
                    {
                        "week": WEEK,
                        "place": place,
                        "word": word,
                        "is_override": is_override,
                        "at": datetime.combine(WEEK, time(15), UTC),
                    },
                )
            asked = [Asked(late, "skipped", "late-key", reason="no time")]
            plan_decisions.decide(connection, WEEK, asked, "office", CALENDAR.today())
        city.make("queue_performance", first=WEEK)
        with city.warehouse.snapshot() as connection:
            (record,) = records.latest(connection, "queue_performance", [WEEK])
        assert (record.parameters["decisions_in_time"], record.parameters["decisions_late"]) == (2, 1)
        for place, source in ((done, "followed"), (skipped, "overridden")):
            row = performance(city, source).loc["failure_rate"]
            found = int(first.set_index("establishment_id").loc[place, "is_failure"])
            assert (row["row_count"], row["positives"], row["coverage"]) == (1, found, 1.0)
