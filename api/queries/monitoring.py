"""The bias report, score distributions, drift and performance of one week, and the verdicts on them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, text

BIAS_ASSET = "bias_report"
DISTRIBUTIONS_ASSET = "score_distributions"
DRIFT_ASSET = "drift_report"
PERFORMANCE_ASSET = "queue_performance"

ReadRows = Callable[[Connection, date, Mapping[str, Any]], Sequence[RowMapping]]
"""Reads the rows of a week that fit a request's arguments."""


def rows_of(table: str, order: str, *arguments: str, week: str = "week = :week") -> ReadRows:
    """What reads the rows of a table.

    Args:
        table: ``schema.table``.
        order: The columns that order its rows.
        *arguments: Columns that a request may give a value for.
        week: How its rows belong to the week asked for.
    """
    wanted = "".join(f" AND (CAST(:{name} AS text) IS NULL OR {name} = :{name})" for name in arguments)
    statement = text(f"SELECT * FROM {table} WHERE {week}{wanted} ORDER BY {order}")  # noqa: S608 - names of this module

    def read(connection: Connection, week: date, given: Mapping[str, Any]) -> Sequence[RowMapping]:
        parameters = {"week": week} | {name: given.get(name) for name in arguments}
        return connection.execute(statement, parameters).mappings().all()

    return read


bias_rows = rows_of("data.bias_report", "attribute_name, attribute_value", "attribute_name")
distribution_rows = rows_of("monitoring.score_distributions", "source, facility_type, bin", "source", "facility_type")
drift_rows = rows_of("monitoring.drift", "kind, name, statistic", "kind")
drift_verdicts = rows_of("monitoring.drift_verdicts", "question")
drift_distributions = rows_of("monitoring.distributions", "kind, name, bin", "name")
alarms = rows_of("monitoring.alarms", "since DESC, question", week="since <= :week")
performance = rows_of("monitoring.performance", "source, metric", "source", "metric")
promises = rows_of("monitoring.promises", "source, metric", "source")

_GROUP_AND_RATE = ("attribute_name, attribute_value, rate", "attribute_name", "rate")
AUDITS: Mapping[str, tuple[str, ReadRows, ReadRows]] = {
    "flags": (BIAS_ASSET, rows_of("data.fairness_verdicts", "week"), rows_of("data.disparities", *_GROUP_AND_RATE)),
    "list": (
        PERFORMANCE_ASSET,
        rows_of("monitoring.list_fairness_verdicts", "week"),
        rows_of("monitoring.list_disparities", *_GROUP_AND_RATE),
    ),
}
"""What is audited: the asset that writes it, its verdict and its rates."""
