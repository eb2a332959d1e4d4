"""The forecast on past inspections, as it would have been made: fit, predict the weeks ahead, move on.

Features go on learning day by day up to each visit; a model stays as fitted at its
cutoff until the next one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from food_inspections.domain.city.profile import Profile
from food_inspections.domain.evaluation.baselines import baselines, heuristics
from food_inspections.domain.evaluation.metrics import Scored, scored_from
from food_inspections.domain.features import build_features
from food_inspections.domain.inputs import outcome_column, outcomes
from food_inspections.domain.learning.explanations import effects, net_scores
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.learning.splits import MINIMUM_ROWS
from food_inspections.domain.learning.training import refit
from food_inspections.domain.recipes.registry import DEFAULT_RECIPE, find_recipe
from food_inspections.domain.visit_order import in_visit_order
from food_inspections.errors import DataError
from food_inspections.settings import Label

PREDICTION_COLUMNS = ("inspection_id", "inspection_date", "score", "label")
KEYS = (
    "inspection_id",
    "inspection_date",
    "establishment_id",
    "facility_type",
    "zip",
    "risk",
    "inspection_type",
)
YEAR = pd.Timedelta(days=365)
Progress = Callable[[str], None]


@dataclass(frozen=True)
class BacktestParameters:
    """What is to be backtested.

    Attributes:
        label: What to forecast.
        first_day, last_day: The period judged, both inclusive; what lies before is history.
        refit_weeks: Weeks after which the model is fitted anew.
        is_eager: Whether it is fitted anew earlier on a Monday by which twice as many inspections of the last year
            are known as at the last fit: at the start of a history, or after a gap in it, weeks are too long to wait.
        recipe: Name in the registry.
        parameters: Values in place of the recipe's defaults.
        lag_days: Inspections of the last so many days are not yet known, neither to features nor to fits.
        seed: Seed of everything drawn at random.
        is_first_looks: Whether only scheduled first looks are judged; all visits are learned from.
    """

    label: Label
    first_day: date
    last_day: date
    refit_weeks: int = 4
    is_eager: bool = False
    recipe: str = DEFAULT_RECIPE
    parameters: Mapping[str, Any] = field(default_factory=dict)
    lag_days: int = 0
    seed: int = 0
    is_first_looks: bool = False

    def periods(self, known: pd.Series) -> Iterator[tuple[date, date]]:
        """Cutoffs, each a Monday, with the last day its model is used on.

        Args:
            known: Dates of the inspections there are, in order.
        """
        cutoff = self.first_day - timedelta(days=self.first_day.weekday())
        while cutoff <= self.last_day:
            following = cutoff + timedelta(weeks=1)
            while following < cutoff + timedelta(weeks=self.refit_weeks) and not self._has_doubled(
                known, cutoff, following
            ):
                following += timedelta(weeks=1)
            yield cutoff, min(following - timedelta(days=1), self.last_day)
            cutoff = following

    def _has_doubled(self, known: pd.Series, cutoff: date, monday: date) -> bool:
        """Whether a model of the cutoff is to be replaced early on a Monday."""
        before, now = (
            int(known.between(day - YEAR, day, inclusive="left").sum())
            for day in (pd.Timestamp(each) - pd.Timedelta(days=self.lag_days) for each in (cutoff, monday))
        )
        return self.is_eager and now >= 2 * before and now - before >= MINIMUM_ROWS


@dataclass(frozen=True)
class Backtest:
    """What a backtest found.

    Attributes:
        plan: What was asked.
        profile: The city's.
        judged: One row per visit of the period: keys, model_cutoff, score, its bounds score_low and
            score_high, net_score (without what stands in for who inspects), label (the predicted one), outcome.
        models: Models by cutoff.
        features: Feature rows of the visits judged, in the same order.
        baselines: The rivals on the same visits: order of reality, base rate, heuristics of one line.
    """

    plan: BacktestParameters
    profile: Profile
    judged: pd.DataFrame
    models: Mapping[date, FittedModel]
    features: pd.DataFrame
    baselines: Mapping[str, Scored]

    @property
    def scored(self) -> Scored:
        """The forecast's own scores."""
        return scored_from(self.judged)

    @property
    def net(self) -> Scored:
        """The scores without what stands in for who inspects."""
        return replace(self.scored, score=self.judged["net_score"].to_numpy(), label=None, is_probability=False)

    @property
    def predictions(self) -> pd.DataFrame:
        """inspection_id, inspection_date, score and label: 1 where the score reaches the model's threshold."""
        return self.judged[list(PREDICTION_COLUMNS)]


def run_backtest(
    inspections: pd.DataFrame, plan: BacktestParameters, profile: Profile, on_progress: Progress = lambda _: None
) -> Backtest:
    """Fit at every cutoff of the plan and score the visits up to the next.

    Args:
        inspections: Clean inspections, of the period and of as long before it as there are.
        plan: What is asked.
        profile: The city's.
        on_progress: Called with a line of text after every step.

    Raises:
        DataError: The period holds no visits, the history before it is too short, or the label is
            ``critical`` and the data hold no violations.
        ModelError: The recipe or a parameter is unknown.
    """
    find_recipe(plan.recipe).parameters(plan.parameters)
    if plan.last_day < plan.first_day:
        raise DataError(f"The period ends on {plan.last_day}, before it begins on {plan.first_day}.")
    known = inspections[inspections["inspection_date"] <= pd.Timestamp(plan.last_day)]
    features = build_features(known, known, profile, plan.lag_days)
    described = in_visit_order(known)
    is_judged = features["inspection_date"] >= pd.Timestamp(plan.first_day)
    if plan.is_first_looks:
        is_judged &= described["is_first_look"]
    is_known = features[outcome_column(plan.label)].notna()
    if not is_judged.any():
        raise DataError(f"There are no inspections from {plan.first_day} to {plan.last_day} to judge the forecast on.")
    if not (is_judged & is_known).any():
        raise DataError(
            f"The data do not tell whether {plan.label} holds of any of the {int(is_judged.sum()):,} inspections from "
            f"{plan.first_day} to {plan.last_day}: they leave the violations out. Use the label fail."
        )
    is_judged &= is_known
    on_progress(f"Features of {len(features):,} inspections made; {int(is_judged.sum()):,} of them are judged.")
    periods, parts, models = list(plan.periods(known["inspection_date"])), [], {}
    for number, (cutoff, last_day) in enumerate(periods, start=1):
        ahead = features[is_judged & _between(features["inspection_date"], cutoff, last_day)]
        if ahead.empty:
            continue
        model = refit(
            features, plan.recipe, plan.label, cutoff, plan.parameters, seed=plan.seed, lag_days=plan.lag_days
        )
        models[cutoff] = model
        parts.append(_judged(model, ahead))
        step = f"[{number}/{len(periods)}] {plan.recipe} with cutoff {cutoff}"
        on_progress(f"{step} scored {len(ahead):,} visits up to {last_day}.")
    visits = features[is_judged].reset_index(drop=True)
    history = features.assign(points=described["points"]) if "points" in profile.provides else features
    return Backtest(
        plan=plan,
        profile=profile,
        judged=pd.concat(parts, ignore_index=True),
        models=models,
        features=visits,
        baselines=baselines(visits, history, plan.label, plan.lag_days)
        | heuristics(visits, history, plan.label, plan.lag_days),
    )


def lag_backtests(
    inspections: pd.DataFrame,
    plan: BacktestParameters,
    profile: Profile,
    lags: tuple[int, ...],
    on_progress: Progress = lambda _: None,
) -> dict[int, Backtest]:
    """The same backtest with inspections becoming known only so many days later."""
    found = {}
    for lag_days in lags:
        on_progress(f"Knowing of inspections {lag_days} days late:")
        found[lag_days] = run_backtest(inspections, replace(plan, lag_days=lag_days), profile, on_progress)
    return found


def _judged(model: FittedModel, visits: pd.DataFrame) -> pd.DataFrame:
    scores = model.score(visits)
    low, high = model.bounds(scores, visits["week"])
    return visits[list(KEYS)].assign(
        model_cutoff=pd.Timestamp(model.cutoff),
        score=scores,
        score_low=low,
        score_high=high,
        net_score=net_scores(scores, effects(model, visits)),
        label=model.labels(scores),
        outcome=outcomes(visits, model.label),
    )


def _between(days: pd.Series, first_day: date, last_day: date) -> pd.Series:
    return (days >= pd.Timestamp(first_day)) & (days <= pd.Timestamp(last_day))
