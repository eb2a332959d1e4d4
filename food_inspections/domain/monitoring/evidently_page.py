"""Evidently's drift page: its pictures, our columns, windows and verdicts.

Evidently decides by tests of its own unless told otherwise, and then says "21 of 22 drifted" of rows we call
unchanged: its tests know of chance only. So each column comes with what the table already says of it; nothing
is computed twice, and the page cannot disagree.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

REPORTED_FEATURES = 10
"""The most important ones: a page grows by 100 kB a column and takes a second per dozen."""


def evidently_html(
    table: pd.DataFrame, reference: pd.DataFrame, current: pd.DataFrame, numeric: Sequence[str], *, is_changed: bool
) -> str:
    """The page, complete in itself: score, outcome and the features that matter most.

    Args:
        table: Rows of monitoring.drift of the same inspections; not empty.
        reference: As for :func:`food_inspections.domain.monitoring.drift.measure`.
        current: The same.
        numeric: Inputs that are numbers.
        is_changed: Whether any question was answered with a change: what the page says at its top.
    """
    said = _said(table)
    numbers = ["score", *[name for name in said if name in numeric]]
    texts = [name for name in said if name not in numbers]
    with warnings.catch_warnings():
        # evidently 0.7 and what it imports warn about their own use of other libraries.
        warnings.simplefilter("ignore")
        # Importing evidently takes seconds; it calls home only from its own web interface, unused here.
        from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415
        from evidently.presets import DataDriftPreset  # noqa: PLC0415

        definition = DataDefinition(numerical_columns=numbers, categorical_columns=texts)
        before, after = (
            Dataset.from_pandas(
                pd.concat([frame[numbers].astype(np.float64), frame[texts].astype(str)], axis=1),
                data_definition=definition,
            )
            for frame in (reference, current)
        )
        drifted = sum(is_drifted for *_, is_drifted in said.values()) / len(said)
        preset = DataDriftPreset(
            drift_share=max(drifted, 0.001) if is_changed else 1.0,
            per_column_method={name: _as_said(name, *values) for name, values in said.items()},
            per_column_threshold={name: values[2] for name, values in said.items()},
        )
        page: str = Report([preset]).run(after, before).get_html_str(as_iframe=False)
    return page


def _said(table: pd.DataFrame) -> dict[str, tuple[str, float, float, bool]]:
    """Of each column of the page: the statistic, its value, its threshold and whether it drifted."""
    features = table[table["kind"] == "feature"].sort_values(["importance", "name"], ascending=[False, True])
    outcomes = table[(table["kind"] == "outcome") & (table["statistic"] == "deviations")]
    rows = pd.concat([table[table["kind"] == "score"], outcomes, features.head(REPORTED_FEATURES)])
    drifted = rows["is_drifted"].eq(True).fillna(False).astype(bool)
    columns = (rows["statistic"], rows["value"].astype(float), rows["threshold"].fillna(np.inf).astype(float), drifted)
    return dict(zip(rows["name"], zip(*columns, strict=True), strict=True))


def _as_said(column: str, statistic: str, value: float, threshold: float, is_drifted: bool) -> str:
    """The name under which evidently finds a test that answers what the table says."""
    from evidently.legacy.calculations.stattests.registry import StatTest, register_stattest  # noqa: PLC0415
    from evidently.legacy.core import ColumnType  # noqa: PLC0415

    def answer(*_: object) -> tuple[float, bool]:
        return value, is_drifted

    title = {"psi": "PSI", "jensen_shannon": "Jensen-Shannon distance", "deviations": "Standard deviations"}[statistic]
    test = StatTest(
        name=f"as told of {column}",
        display_name=f"{title}, against how it moves by itself",
        allowed_feature_types=[ColumnType.Numerical, ColumnType.Categorical],
        default_threshold=threshold,
    )
    register_stattest(test, answer)
    return str(test.name)
