"""What could be known on each Monday of a replay, in which visits take place on other days than they did."""

from datetime import date
from functools import cached_property

import pandas as pd

from food_inspections.domain.evaluation.backtest import Backtest
from food_inspections.domain.features import build_features
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.learning.training import refit


class MondayScores:
    """Scores of the visits that a replay has still to make, as of one Monday after the other.

    Known are the inspections before the period, and those visits of the period that the replay has made, on the days it
    made them: features, models and their maps are made from these alone. Nothing else of the period is, for a
    re-inspection that took place tells what the visit before it found, and the replay may not have made that one yet.
    """

    def __init__(self, backtest: Backtest, inspections: pd.DataFrame) -> None:
        """Score the visits that a backtest judged, by its recipe, its cutoffs and, to begin with, its first model.

        Args:
            backtest: The backtest of the period.
            inspections: Clean inspections, those judged among them.
        """
        self._backtest = backtest
        self._before = inspections[inspections["inspection_date"] < pd.Timestamp(backtest.plan.first_day)]
        self._visits = inspections[inspections["inspection_id"].isin(set(backtest.judged["inspection_id"]))]
        self._model: FittedModel | None = None

    def __call__(self, monday: date, made: pd.Series) -> pd.Series:
        """Score what is left.

        Args:
            monday: The day, not before that of the last call.
            made: Day of each visit made before it, by inspection.

        Returns:
            Score of each other visit, by inspection.
        """
        day = self._visits["inspection_id"].map(made)
        done = self._visits[day.notna()].assign(inspection_date=day.dropna())
        known = pd.concat([self._before, done], ignore_index=True)
        waiting = self._visits[day.isna()].assign(inspection_date=pd.Timestamp(monday))
        features = self._features(waiting, known)
        scores = self._model_of(monday, done, known).score(features)
        return pd.Series(scores, index=features["inspection_id"].to_numpy())

    def _model_of(self, monday: date, done: pd.DataFrame, known: pd.DataFrame) -> FittedModel:
        """The model in force: that of the backtest until its next cutoff, then one that learned from this replay."""
        plan, models = self._backtest.plan, self._backtest.models
        cutoff = max(each for each in models if each <= monday)
        if self._model is None:
            self._model = models[cutoff]
        elif self._model.cutoff != cutoff:
            learned = pd.concat([self._features_before, self._features(done, known)], ignore_index=True)
            self._model = refit(
                learned, plan.recipe, plan.label, cutoff, plan.parameters, seed=plan.seed, lag_days=plan.lag_days
            )
        return self._model

    @cached_property
    def _features_before(self) -> pd.DataFrame:
        return self._features(self._before, self._before)

    def _features(self, visits: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
        return build_features(visits, known, self._backtest.profile, self._backtest.plan.lag_days)
