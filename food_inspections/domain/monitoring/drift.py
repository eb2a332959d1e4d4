"""Whether scores, outcomes and features have moved from those the champion was judged on, further than by themselves.

The reference are the champion's validation weeks, the current window the newest complete weeks since its
cutoff, four at most: the two never share a day. What is customary (a PSI over 0.2) is no
bound: on few rows chance reaches it, and counts of a growing history pass it in a city where
nothing happens. Instead the same distance is taken between earlier windows of the same lengths, equally far
apart: season, growth and chance are in those, and what goes beyond all of that is drift.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.metrics import Scored, roc_auc
from food_inspections.domain.inputs import FloatArray, IntArray, require_columns
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.monitoring.drift_answers import QUESTIONS, answers
from food_inspections.domain.monitoring.histograms import Bins, jensen_shannon, population_stability_index
from food_inspections.domain.monitoring.movements import Usual, past_distances
from food_inspections.domain.monitoring.verdicts import WINDOW_COLUMNS, Verdict, Window

FEWEST_WEEKS = 2
"""Before, it is too early to say."""

CHANCE = 0.001
"""How seldom chance alone may change the answer on scores and outcomes, to either side, in one week."""

FALSE_DISCOVERIES = 0.05
OUTCOME_SHARE = 0.15
"""In a large city any difference is significant: found and promised must also differ by this much."""

SCORE = "steady_score"
CALENDAR = ("season_sin", "season_cos", "visit_days_of_code")
"""Inputs that move with the calendar by themselves: held still when scores are compared, and not watched."""

COLUMNS = (
    "kind",
    "name",
    "statistic",
    "value",
    "threshold",
    "p_value",
    "adjusted_p_value",
    "importance",
    "is_drifted",
    *WINDOW_COLUMNS,
)
DISTRIBUTION_COLUMNS = ("kind", "name", "bin", "label", "reference_count", "current_count")


@dataclass(frozen=True)
class Drift:
    """What was found in one week.

    Attributes:
        table: One row per thing looked at, in the columns of monitoring.drift but for week and model.
        distributions: The histograms behind it, in the columns of monitoring.distributions but for week.
        verdicts: The answers.
        reference: Window of the reference.
        current: Window of the current inspections.
        weeks: Complete weeks in it.
    """

    table: pd.DataFrame
    distributions: pd.DataFrame
    verdicts: Sequence[Verdict]
    reference: Window
    current: Window
    weeks: int


@dataclass(frozen=True)
class Watched:
    """What is compared: the champion's inputs and how much each matters.

    Attributes:
        numeric: Inputs that are numbers.
        importance: Share of the model's effects of every input, by name.
    """

    numeric: Sequence[str]
    importance: Mapping[str, float]

    @property
    def names(self) -> list[str]:
        """The inputs that are watched, the most important first."""
        return [name for name in self.importance if name not in CALENDAR]


def with_steady_scores(model: FittedModel, reference: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with the score each would have in the season of the reference.

    Args:
        model: The model that scores.
        reference: Feature rows of its validation weeks.
        frame: Feature rows.
    """
    held = {name: float(reference[name].median()) for name in CALENDAR if name in model.inputs.numeric}
    return frame.assign(**{SCORE: model.score(frame.assign(**held))})


def measure(reference: pd.DataFrame, current: pd.DataFrame, history: pd.DataFrame, watched: Watched) -> Drift:
    """Compare the newest inspections with those of the champion's validation weeks.

    Args:
        reference: inspection_date, score, outcome, steady_score and the inputs of the validation inspections.
        current: The same of the newest complete weeks that the champion has scored itself.
        history: inspection_date, steady_score and the inputs of all inspections before the champion's cutoff.
        watched: The champion's inputs.
    """
    for frame, what in ((reference, "The reference"), (current, "The current table")):
        require_columns(frame, ("inspection_date", "score", "outcome", SCORE, *watched.names), what)
    if len(reference):
        # Never compare a day with itself.
        current = current[current["inspection_date"] > reference["inspection_date"].max()]
    weeks = int(current["inspection_date"].dt.to_period("W-SUN").nunique())
    windows = Window.of(reference), Window.of(current)
    if reference.empty or weeks < FEWEST_WEEKS:
        why = (
            f"The champion has scored {weeks} complete {'week' if weeks == 1 else 'weeks'} since its cutoff; "
            f"{FEWEST_WEEKS} are needed."
        )
        early = [Verdict(question, "cannot_tell", None, None, why) for question in QUESTIONS]
        return Drift(_table([], *windows), _distributions([]), early, *windows, weeks)
    found, distributions = _distances(reference, current, history, watched)
    rows = [*found, *_outcomes(reference, current)]
    table = _table(rows, *windows)
    return Drift(table, _distributions(distributions), answers(table), *windows, weeks)


def _distances(
    reference: pd.DataFrame, current: pd.DataFrame, history: pd.DataFrame, watched: Watched
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Rows of scores and features, and the histograms behind them."""
    names = [SCORE, *watched.names]
    numbers = {SCORE, *watched.numeric}
    bins = [Bins.of(reference[name], is_number=name in numbers) for name in names]
    counts = [
        (each.counts(reference[name]), each.counts(current[name])) for name, each in zip(names, bins, strict=True)
    ]
    value = np.array([float(jensen_shannon(*sides)) for sides in counts])
    value[0] = float(population_stability_index(*counts[0]))
    usual = Usual.of(past_distances(reference, current, history, names, numbers), len(reference))
    p_values = usual.p_values(value)
    adjusted = np.full(len(names), np.nan)
    if not np.isnan(p_values).any() and len(names) > 1:
        # Half a second of import, which reading the graph need not wait for.
        from scipy.stats import false_discovery_control  # noqa: PLC0415

        adjusted[1:] = false_discovery_control(p_values[1:])
    moved = int((adjusted[1:] < FALSE_DISCOVERIES).sum())
    cut = FALSE_DISCOVERIES * max(1, moved) / max(1, len(names) - 1)
    rows: list[dict[str, object]] = []
    distributions: list[dict[str, object]] = []
    for place, name in enumerate(names):
        is_score = name == SCORE
        p_value = p_values[place]
        rows.append(
            {
                "kind": "score" if is_score else "feature",
                "name": "score" if is_score else name,
                "statistic": "psi" if is_score else "jensen_shannon",
                "value": float(value[place]),
                "threshold": usual.reached_by_chance(place, CHANCE if is_score else cut),
                "p_value": p_value,
                "adjusted_p_value": np.nan if is_score else adjusted[place],
                "importance": np.nan if is_score else float(watched.importance[name]),
                "is_drifted": None
                if np.isnan(p_value)
                else bool(p_value < CHANCE if is_score else adjusted[place] < FALSE_DISCOVERIES),
            }
        )
        distributions += [
            {
                "kind": rows[-1]["kind"],
                "name": rows[-1]["name"],
                "bin": number,
                "label": label,
                "reference_count": int(counts[place][0][number]),
                "current_count": int(counts[place][1][number]),
            }
            for number, label in enumerate(bins[place].labels)
        ]
    return rows, distributions


def _outcomes(reference: pd.DataFrame, current: pd.DataFrame) -> list[dict[str, object]]:
    """Rows of what was found against what the scores promised, where it is known: how many, and in which order."""
    reference, current = (frame[frame["outcome"].notna()] for frame in (reference, current))
    if current.empty:
        return []
    score = current["score"].to_numpy()
    found, promised = int(current["outcome"].sum()), float(score.sum())
    deviation = float(np.sqrt((score * (1 - score)).sum()))
    apart = abs(found - promised)
    bound = NormalDist().inv_cdf(1 - CHANCE)
    is_drifted = bool(deviation and apart >= bound * deviation and apart > OUTCOME_SHARE * promised)
    common = {"kind": "outcome", "name": "outcome", "is_drifted": is_drifted}
    common |= dict.fromkeys(("p_value", "adjusted_p_value", "importance"), np.nan)
    deviations = {"statistic": "deviations", "value": apart / deviation if deviation else 0.0, "threshold": bound}
    ratio = {"statistic": "ratio", "value": found / promised if promised else 1.0, "threshold": 1 + OUTCOME_SHARE}
    rows: list[dict[str, object]] = [common | deviations, common | ratio]
    ranking = _ranking(reference, current, bound)
    if ranking is not None:
        now, lowest = ranking
        rows.append(
            {
                **common,
                "kind": "ranking",
                "statistic": "auc",
                "value": now,
                "threshold": lowest,
                "is_drifted": bool(now < lowest),
            }
        )
    return rows


def _ranking(reference: pd.DataFrame, current: pd.DataFrame, bound: float) -> tuple[float, float] | None:
    """The AUC now, and the lowest that agrees with the promised one; none where a side has one class."""
    sides = [
        (frame["outcome"].to_numpy().astype(np.int64), frame["score"].to_numpy()) for frame in (reference, current)
    ]
    if any(outcome.size == 0 or outcome.min() == outcome.max() for outcome, _ in sides):
        return None
    (promised, error), (now, error_now) = (_auc_with_error(outcome, score) for outcome, score in sides)
    return now, promised - bound * float(np.hypot(error, error_now))


def _auc_with_error(outcome: IntArray, score: FloatArray) -> tuple[float, float]:
    """AUC and its standard error (Hanley and McNeil 1982)."""
    auc = roc_auc(Scored(outcome, score, np.zeros(len(outcome), dtype=np.int64)))
    positives, negatives = int(outcome.sum()), int(len(outcome) - outcome.sum())
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (positives - 1) * (first - auc**2) + (negatives - 1) * (second - auc**2)
    return auc, float(np.sqrt(variance / (positives * negatives)))


def _table(rows: Sequence[Mapping[str, object]], reference: Window, current: Window) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(COLUMNS[:9])).astype({"is_drifted": "boolean"})
    for side, window in (("reference", reference), ("current", current)):
        table[f"{side}_from"] = pd.to_datetime(pd.Series([window.first] * len(table), dtype="object"))
        table[f"{side}_to"] = pd.to_datetime(pd.Series([window.last] * len(table), dtype="object"))
        table[f"{side}_rows"] = window.rows
    return table[list(COLUMNS)]


def _distributions(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(DISTRIBUTION_COLUMNS))
