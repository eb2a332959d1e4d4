from datetime import date

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from food_inspections.storage.records.plan_versions import add_plan, newest_stops
from food_inspections_tests.domain.plan.queues import FREQUENCIES, queue_of, staff_of

WEEK = date(2025, 1, 6)


@pytest.fixture(scope="module")
def plan() -> dict[str, pd.DataFrame]:
    from food_inspections.domain.plan.inspectors import Staff  # noqa: PLC0415
    from food_inspections.domain.plan.week import PlanRules, make_week_plan  # noqa: PLC0415

    queue = queue_of(80, 12)
    rules = PlanRules(frequencies=FREQUENCIES, rounds=5)
    made = make_week_plan(queue, queue["establishment_id"], week=WEEK, staff=Staff(staff_of(2)), rules=rules)
    return {
        "data.inspection_plan": made.stops,
        "data.plan_days": made.days,
        "data.plan_unserved": made.unserved,
        "data.plan_service": made.service,
    }


def accept(engine: Engine, content_hash: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO metadata.materializations (run_id, asset, week, row_count, code_version, content_hash, "
                "upstream_hash, parameters, status) "
                "VALUES (:hash, 'inspection_plan', :week, 1, '1', :hash, '', '{}', 'accepted')"
            ),
            {"hash": content_hash, "week": WEEK},
        )


def test_another_plan_is_another_version_and_the_same_one_is_none(
    engine: Engine, plan: dict[str, pd.DataFrame]
) -> None:
    fewer = plan | {"data.inspection_plan": plan["data.inspection_plan"].iloc[:5]}
    with engine.begin() as connection:
        versions = [
            add_plan(connection, rows, WEEK, "run", content_hash)
            for rows, content_hash in ((plan, "one"), (plan, "one"), (fewer, "two"), (plan, "one"))
        ]
        counts = connection.execute(
            text("SELECT version, count(*) FROM data.inspection_plan GROUP BY version ORDER BY version")
        ).all()

    assert versions == [1, 1, 2, 3]
    assert [tuple(row) for row in counts] == [(1, 12), (2, 5), (3, 12)]


def test_only_an_accepted_version_was_handed_out(engine: Engine, plan: dict[str, pd.DataFrame]) -> None:
    fewer = plan | {"data.inspection_plan": plan["data.inspection_plan"].iloc[:5]}
    with engine.begin() as connection:
        add_plan(connection, fewer, WEEK, "run", "two")
        assert newest_stops(connection, WEEK).empty
    accept(engine, "two")
    with engine.begin() as connection:
        add_plan(connection, plan, WEEK, "run", "one")
        stops = newest_stops(connection, WEEK)

    assert sorted(stops["establishment_id"]) == sorted(fewer["data.inspection_plan"]["establishment_id"])
    assert list(stops.columns) == ["version", "establishment_id", "inspector", "day", "stop", "why"]
