"""The newest contest between the champion and its challengers, on the validation weeks of both."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read


def contest(connection: Connection, week: date, label: str) -> pd.DataFrame:
    """The decision in force in a week: at most one row.

    Returns:
        effective_week, candidate_id, metric, metrics (of every contender, by its id), reason, decided_by, visits and
        failures of the validation weeks.
    """
    return read(
        connection,
        """
        SELECT s.effective_week, s.candidate_id, s.metric, s.metrics, s.reason, s.decided_by,
               v.visits, v.failures
        FROM models.champion(:week, :label) AS s
        LEFT JOIN LATERAL (SELECT count(*) AS visits, coalesce(sum(outcome), 0) AS failures
                           FROM models.validation_scores AS scores
                           WHERE scores.model_id = s.candidate_id) AS v ON true
        """,
        week=week,
        label=label,
    )
