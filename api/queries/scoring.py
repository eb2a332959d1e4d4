"""What scores on demand are made from, and their log."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
from flask import json
from sqlalchemy import Connection, text

from food_inspections.domain.features import HISTORY_COLUMNS
from food_inspections.storage.postgres.tables import read_query

FEATURES_ASSET = "establishment_features"

# Features look back a year, for what is usual, from events up to three years ago; only
# the words of a name remember more.
HISTORY_DAYS = 1_500

_FEATURES = "SELECT * FROM data.establishment_features WHERE week = :week AND establishment_id = ANY(:ids)"
_HISTORY = f"""
    SELECT {", ".join(f"i.{column}" for column in HISTORY_COLUMNS)}
    FROM data.clean_inspections AS i
    JOIN metadata.accepted_weeks AS a ON a.asset = 'clean_inspections' AND a.week = i.week
    WHERE i.week >= :first AND i.inspection_date < :monday
    ORDER BY i.inspection_date, length(i.inspection_id), i.inspection_id COLLATE "C"
"""  # noqa: S608 - constants of this module
_LOG = text(
    """
    INSERT INTO api.inference_log (request_id, caller, model_id, input, output)
    SELECT :request_id, :caller, :model_id, pair -> 'input', pair -> 'output'
    FROM jsonb_array_elements(CAST(:pairs AS jsonb)) WITH ORDINALITY AS pairs (pair, position)
    ORDER BY position
    """
)
_PRUNE = text("DELETE FROM api.inference_log WHERE requested_at < now() - make_interval(days => :days)")


def establishment_features(connection: Connection, week: date, ids: Sequence[str]) -> pd.DataFrame:
    """Feature rows of establishments in business on a Monday."""
    return read_query(connection, _FEATURES, {"week": week, "ids": list(ids)})


def city_history(connection: Connection, monday: date) -> pd.DataFrame:
    """The last years' accepted inspections before a Monday, as far as features need them, in the order (date, id)."""
    return read_query(connection, _HISTORY, {"first": monday - timedelta(HISTORY_DAYS), "monday": monday})


def log_inferences(
    connection: Connection, request_id: str, caller: str, model_id: str, pairs: Sequence[dict[str, Any]]
) -> None:
    """Write down what was asked and answered.

    Args:
        connection: Transaction to write on.
        request_id: Id of the HTTP request.
        caller: Fingerprint of the API key, or anonymous.
        model_id: Model that scored.
        pairs: ``{input, output}`` of each visit, in order.
    """
    parameters = {"request_id": request_id, "caller": caller, "model_id": model_id, "pairs": json.dumps(pairs)}
    connection.execute(_LOG, parameters)


def prune_log(connection: Connection, days: int) -> None:
    """Forget what was asked longer ago than so many days."""
    connection.execute(_PRUNE, {"days": days})
