"""How far scores, features and outcomes have moved from those the champion was judged on.

Every statistic has a threshold that grows as rows get few, because chance alone moves
small samples: a population stability index over 0.2 on 80 rows is a false alarm in
one of ten. The threshold is the customary value or what chance exceeds once in a
hundred over all statistics of its kind, whichever is larger.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from food_inspections.domain.inputs import FloatArray, IntArray, require_columns

COLUMNS = (
    "kind",
    "name",
    "statistic",
    "value",
    "threshold",
    "is_drifted",
    "reference_from",
    "reference_to",
    "current_from",
    "current_to",
    "reference_rows",
    "current_rows",
)
CUSTOMARY = {"psi": 0.2, "ks": 0.1, "jensen_shannon": 0.1, "difference": 0.05}
PSI_BINS = 10
CHANCE = 0.01
# An evidently page grows by 100 kB a column and takes a second per dozen.
REPORTED_FEATURES = 20


@dataclass(frozen=True)
class _Statistic:
    kind: str
    name: str
    statistic: str
    value: float
    threshold: float


def drift_table(
    reference: pd.DataFrame, current: pd.DataFrame, numeric: Sequence[str] = (), categorical: Sequence[str] = ()
) -> pd.DataFrame:
    """Compare inspections with those of the champion's validation weeks.

    Args:
        reference: inspection_date, score, outcome and the feature columns of the validation weeks.
        current: The same of the newest complete weeks; ``outcome`` may be absent.
        numeric: Feature columns of numbers.
        categorical: Feature columns of text.

    Returns:
        One row per statistic, in the columns of monitoring.drift but for week and model_id;
        none where either side has no inspections.
    """
    for frame, what in ((reference, "The reference"), (current, "The current table")):
        require_columns(frame, ("inspection_date", "score", *numeric, *categorical), what)
    if reference.empty or current.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    chance = CHANCE / max(1, len(numeric) + len(categorical))
    rows = _numeric("score", "score", reference, current, CHANCE)
    for name in numeric:
        rows += _numeric("feature", name, reference, current, chance)
    rows += [_categorical(name, reference, current, chance) for name in categorical]
    if all("outcome" in frame.columns and frame["outcome"].notna().any() for frame in (reference, current)):
        rows.append(_outcome(reference, current))
    table = pd.DataFrame([vars(row) for row in rows])
    return table.assign(
        is_drifted=table["value"] >= table["threshold"],
        reference_from=reference["inspection_date"].min(),
        reference_to=reference["inspection_date"].max(),
        current_from=current["inspection_date"].min(),
        current_to=current["inspection_date"].max(),
        reference_rows=len(reference),
        current_rows=len(current),
    )[list(COLUMNS)]


def population_stability_index(reference: IntArray, current: IntArray) -> float:
    """PSI of two histograms on the same bins; half a row is added to every bin so that none is empty."""
    expected = (reference + 0.5) / (reference.sum() + 0.5 * len(reference))
    actual = (current + 0.5) / (current.sum() + 0.5 * len(current))
    return float(((actual - expected) * np.log(actual / expected)).sum())


def jensen_shannon_distance(reference: IntArray, current: IntArray) -> float:
    """Square root of the Jensen-Shannon divergence in bits, in [0, 1]."""
    expected, actual = reference / reference.sum(), current / current.sum()
    middle = (expected + actual) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(side > 0, side * np.log2(side / middle), 0.0).sum() for side in (expected, actual)]
    return float(np.sqrt(max(0.0, sum(parts) / 2)))


def numeric_distance(reference: pd.Series, current: pd.Series) -> float:
    """Kolmogorov-Smirnov distance of two columns of numbers, in [0, 1]."""
    return _ks_distance(reference.to_numpy().astype(np.float64), current.to_numpy().astype(np.float64))


def categorical_distance(reference: pd.Series, current: pd.Series) -> float:
    """Jensen-Shannon distance of two columns of categories, in [0, 1]."""
    before, after = reference.astype(str), current.astype(str)
    values = sorted(set(before) | set(after))
    counts = [side.value_counts().reindex(values, fill_value=0).to_numpy().astype(np.int64) for side in (before, after)]
    return jensen_shannon_distance(*counts)


def score_psi(reference: pd.Series, current: pd.Series) -> tuple[float, float]:
    """Population stability index of two columns of scores, and the value from which on it counts as drifted."""
    psi, _ = _numeric("score", "score", pd.DataFrame({"score": reference}), pd.DataFrame({"score": current}), CHANCE)
    return psi.value, psi.threshold


def _numeric(kind: str, name: str, reference: pd.DataFrame, current: pd.DataFrame, chance: float) -> list[_Statistic]:
    before, after = (frame[name].to_numpy().astype(np.float64) for frame in (reference, current))
    edges = np.unique(np.quantile(before, np.linspace(0, 1, PSI_BINS + 1)[1:-1]))
    bins = len(edges) + 1
    counts = [np.bincount(np.searchsorted(edges, side, side="left"), minlength=bins) for side in (before, after)]
    rate = 1 / len(before) + 1 / len(after)
    # Under no drift PSI is about chi-squared with bins - 1 degrees of freedom times the rate (Yurdakul 2018).
    psi_by_chance = float(stats.chi2.ppf(1 - chance, max(1, bins - 1))) * rate
    ks_by_chance = float(np.sqrt(-np.log(chance / 2) / 2 * rate))
    return [
        _statistic(kind, name, "psi", population_stability_index(*counts), psi_by_chance),
        _statistic(kind, name, "ks", _ks_distance(before, after), ks_by_chance),
    ]


def _ks_distance(before: FloatArray, after: FloatArray) -> float:
    values = np.unique(np.concatenate([before, after]))
    shares = [np.searchsorted(np.sort(side), values, side="right") / len(side) for side in (before, after)]
    return float(np.abs(shares[0] - shares[1]).max())


def _categorical(name: str, reference: pd.DataFrame, current: pd.DataFrame, chance: float) -> _Statistic:
    before, after = (frame[name].astype(str) for frame in (reference, current))
    values = sorted(set(before) | set(after))
    counts = [side.value_counts().reindex(values, fill_value=0).to_numpy().astype(np.int64) for side in (before, after)]
    rate = 1 / len(before) + 1 / len(after)
    # To second order the divergence is an eighth of the chi-squared distance of the two histograms.
    quantile = float(stats.chi2.ppf(1 - chance, max(1, len(values) - 1)))
    by_chance = float(np.sqrt(quantile * rate / (8 * np.log(2))))
    return _statistic("feature", name, "jensen_shannon", jensen_shannon_distance(*counts), by_chance)


def _outcome(reference: pd.DataFrame, current: pd.DataFrame) -> _Statistic:
    reference, current = (frame[frame["outcome"].notna()] for frame in (reference, current))
    before, after = (float(frame["outcome"].mean()) for frame in (reference, current))
    pooled = (reference["outcome"].sum() + current["outcome"].sum()) / (len(reference) + len(current))
    deviation = np.sqrt(pooled * (1 - pooled) * (1 / len(reference) + 1 / len(current)))
    by_chance = float(stats.norm.ppf(1 - CHANCE / 2) * deviation)
    return _statistic("outcome", "outcome", "difference", abs(after - before), by_chance)


def _statistic(kind: str, name: str, statistic: str, value: float, by_chance: float) -> _Statistic:
    return _Statistic(kind, name, statistic, value, max(CUSTOMARY[statistic], by_chance))


def evidently_html(
    table: pd.DataFrame,
    reference: pd.DataFrame,
    current: pd.DataFrame,
    numeric: Sequence[str] = (),
    categorical: Sequence[str] = (),
) -> str:
    """Evidently's drift page, complete in itself: score, outcome and the twenty features that moved most.

    Args:
        table: What :func:`drift_table` says of the same rows; it decides which features moved most.
        reference: As for :func:`drift_table`; not empty.
        current: As for :func:`drift_table`; not empty.
        numeric: Feature columns of numbers.
        categorical: Feature columns of text.
    """
    excess = table.assign(excess=table["value"] / table["threshold"])
    moved = excess[excess["kind"] == "feature"].groupby("name", sort=True)["excess"].max()
    chosen = set(moved.sort_values(ascending=False, kind="stable").index[:REPORTED_FEATURES])
    numbers = ["score", *[name for name in numeric if name in chosen]]
    texts = [name for name in categorical if name in chosen]
    if all("outcome" in frame.columns and frame["outcome"].notna().all() for frame in (reference, current)):
        texts.append("outcome")
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
        page: str = Report([DataDriftPreset()]).run(after, before).get_html_str(as_iframe=False)
    return page
