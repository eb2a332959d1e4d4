"""When retraining was considered, and when it was last decided on."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from food_inspections.settings import Label
from food_inspections.storage.records.retraining_log import find_decision, last_retraining, log_decision

WEEK = date(2025, 1, 6)


VALUES = {"score_psi": {"value": 0.3, "bound": 0.2}}


def log(
    connection: Connection, week: date, *, is_retraining: bool, label: Label = "fail", reason: str = "because"
) -> None:
    log_decision(
        connection,
        week,
        label,
        is_retraining=is_retraining,
        rule="score_drift",
        values=VALUES,
        reason=reason,
        run_key="a-key" if is_retraining else None,
    )


def test_the_last_retraining_is_the_newest_week_decided_for_of_the_label(engine: Engine) -> None:
    with engine.begin() as connection:
        assert last_retraining(connection, "fail") is None
        log(connection, WEEK, is_retraining=True)
        log(connection, WEEK - timedelta(weeks=1), is_retraining=True)
        log(connection, WEEK + timedelta(weeks=1), is_retraining=False)
        log(connection, WEEK + timedelta(weeks=2), is_retraining=True, label="critical")

        assert last_retraining(connection, "fail") == WEEK
        assert last_retraining(connection, "critical") == WEEK + timedelta(weeks=2)


@pytest.mark.parametrize(("is_retraining", "run_key"), [(True, "a-key"), (False, None)])
def test_a_decision_is_logged_with_its_numbers_and_reason(
    engine: Engine, is_retraining: bool, run_key: str | None
) -> None:
    with engine.begin() as connection:
        log(connection, WEEK, is_retraining=is_retraining)
        columns = 'week, label, is_retraining, rule, "values", reason, run_key'
        row = connection.execute(text(f"SELECT {columns} FROM monitoring.retraining_decisions")).one()  # noqa: S608 - constant

    assert tuple(row) == (WEEK, "fail", is_retraining, "score_drift", VALUES, "because", run_key)


def test_what_was_decided_first_about_the_very_numbers_of_a_week_and_label_is_found(engine: Engine) -> None:
    with engine.begin() as connection:
        log(connection, WEEK - timedelta(weeks=1), is_retraining=False, reason="of the week before")
        log(connection, WEEK, is_retraining=False, label="critical", reason="of the other label")
        log(connection, WEEK, is_retraining=True, reason="first")
        log(connection, WEEK, is_retraining=False, reason="second")

        assert find_decision(connection, WEEK, "fail", VALUES) == (True, "score_drift", "first")
        assert find_decision(connection, WEEK, "critical", VALUES) == (False, "score_drift", "of the other label")
        assert find_decision(connection, WEEK, "fail", {"score_psi": {"value": 0.4, "bound": 0.2}}) is None
        assert find_decision(connection, WEEK + timedelta(weeks=1), "fail", VALUES) is None
