"""The log of when retraining was considered: ``monitoring.retraining_decisions``."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from food_inspections.settings import Label


def log_decision(
    connection: Connection,
    week: date,
    label: Label,
    *,
    is_retraining: bool,
    rule: str,
    values: Mapping[str, Any],
    reason: str,
    run_key: str | None,
) -> None:
    """Append a decision, on the caller's transaction; the columns of the table have these names."""
    connection.execute(
        text(
            """
            INSERT INTO monitoring.retraining_decisions (week, label, is_retraining, rule, "values", reason, run_key)
            VALUES (:week, :label, :is_retraining, :rule, CAST(:values AS jsonb), :reason, :run_key)
            """
        ),
        {
            "week": week,
            "label": label,
            "is_retraining": is_retraining,
            "rule": rule,
            "values": json.dumps(dict(values)),
            "reason": reason,
            "run_key": run_key,
        },
    )


def last_retraining(connection: Connection, label: Label) -> date | None:
    """Week of the last decision to retrain, if there is one."""
    week: date | None = connection.execute(
        text("SELECT max(week) FROM monitoring.retraining_decisions WHERE label = :label AND is_retraining"),
        {"label": label},
    ).scalar()
    return week


def find_decision(
    connection: Connection, week: date, label: Label, values: Mapping[str, Any]
) -> tuple[bool, str, str] | None:
    """The first decision on record about these very numbers of a week: whether to retrain, by which rule, and why."""
    row = connection.execute(
        text(
            """
            SELECT is_retraining, rule, reason FROM monitoring.retraining_decisions
            WHERE week = :week AND label = :label AND "values" = CAST(:values AS jsonb)
            ORDER BY decision_id
            LIMIT 1
            """
        ),
        {"week": week, "label": label, "values": json.dumps(dict(values))},
    ).one_or_none()
    return None if row is None else (row.is_retraining, row.rule, row.reason)
