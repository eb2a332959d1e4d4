"""The bias report, score distributions and drift of one week."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, text

BIAS_ASSET = "bias_report"
DISTRIBUTIONS_ASSET = "score_distributions"
DRIFT_ASSET = "drift_report"

_BIAS = text(
    """
    SELECT * FROM data.bias_report
    WHERE week = :week AND (CAST(:attribute_name AS text) IS NULL OR attribute_name = :attribute_name)
    ORDER BY attribute_name, attribute_value
    """
)
_DISTRIBUTIONS = text(
    """
    SELECT * FROM monitoring.score_distributions
    WHERE week = :week
      AND (CAST(:source AS text) IS NULL OR source = :source)
      AND (CAST(:facility_type AS text) IS NULL OR facility_type = :facility_type)
    ORDER BY source, facility_type, bin
    """
)
_DRIFT = text(
    """
    SELECT * FROM monitoring.drift
    WHERE week = :week AND (CAST(:kind AS text) IS NULL OR kind = :kind)
    ORDER BY kind, name, statistic
    """
)


def bias_rows(connection: Connection, week: date, arguments: Mapping[str, Any]) -> Sequence[RowMapping]:
    """The bias report of a week."""
    parameters = {"week": week, "attribute_name": arguments.get("attribute_name")}
    return connection.execute(_BIAS, parameters).mappings().all()


def distribution_rows(connection: Connection, week: date, arguments: Mapping[str, Any]) -> Sequence[RowMapping]:
    """The score distributions of a week."""
    wanted = {name: arguments.get(name) for name in ("source", "facility_type")}
    return connection.execute(_DISTRIBUTIONS, {"week": week} | wanted).mappings().all()


def drift_rows(connection: Connection, week: date, arguments: Mapping[str, Any]) -> Sequence[RowMapping]:
    """The drift statistics of a week."""
    return connection.execute(_DRIFT, {"week": week, "kind": arguments.get("kind")}).mappings().all()
