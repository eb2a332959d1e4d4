"""The queue judged as such: everything as of the Monday, against the visits that followed in its week.

Beside it stands the score each of these visits had on its own morning, which knows the
days since the Monday and what kind of visit it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.backtest import Backtest
from food_inspections.domain.evaluation.metrics import Scored, days, scored_from
from food_inspections.domain.features import build_establishment_features
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.visit_order import in_visit_order

WEEK = timedelta(days=7)
CAPACITY_WEEKS = 8


@dataclass(frozen=True)
class QueueBacktest:
    """Queues of every Monday of a period, pooled.

    Attributes:
        judged: One row per establishment visited: week, establishment_id, rank, is_on_list, inspection_date,
            inspection_type, score, label, outcome, and morning_score: what the visit itself was given.
        weeks: One row per week: week, establishments, capacity, visits, covered.
        first_look_type: What the city calls a scheduled first look.
    """

    judged: pd.DataFrame
    weeks: pd.DataFrame
    first_look_type: str

    @property
    def coverage(self) -> float:
        """Share of the visits whose establishment was in the queue."""
        return float(self.weeks["covered"].sum() / max(1, self.weeks["visits"].sum()))

    def scored(self, *, is_first_look: bool = False) -> Scored:
        """The queue's scores of the visits that followed."""
        return scored_from(self._chosen(is_first_look=is_first_look))

    def morning_scored(self, *, is_first_look: bool = False) -> Scored:
        """What the same visits were given on their own mornings."""
        rows = self._chosen(is_first_look=is_first_look)
        return Scored(
            rows["outcome"].to_numpy().astype(np.int64),
            rows["morning_score"].to_numpy().astype(np.float64),
            days(rows["inspection_date"]),
        )

    def precision_on_list(self) -> float:
        """Share of the visits to establishments on the week's list that found something; NaN without any."""
        on_list = self.judged.loc[self.judged["is_on_list"], "outcome"]
        return float(on_list.mean()) if len(on_list) else float("nan")

    def _chosen(self, *, is_first_look: bool) -> pd.DataFrame:
        return self.judged[self.judged["inspection_type"] == self.first_look_type] if is_first_look else self.judged


def run_queue_backtest(
    inspections: pd.DataFrame,
    closures: pd.DataFrame,
    backtest: Backtest,
    on_progress: Callable[[str], None] = lambda _: None,
) -> QueueBacktest:
    """Rank every establishment in business on each Monday of the period by the model in force then.

    Args:
        inspections: Clean inspections, of the period and before.
        closures: Visits that found an establishment closed.
        backtest: The backtest of the same period, whose models are used.
        on_progress: Called with a line of text after every step.
    """
    plan = backtest.plan
    mondays = _whole_weeks(plan.first_day, plan.last_day)
    parts, weeks = [], []
    for number, monday in enumerate(mondays, start=1):
        model = _in_force(backtest.models, monday)
        if model is None:
            continue
        judged, facts = _week(inspections, closures, backtest, model, monday)
        parts.append(judged)
        weeks.append(facts)
        on_progress(f"[{number}/{len(mondays)}] queue of {monday} judged on {facts['visits']} visits.")
    columns = ["week", "establishment_id", "rank", "is_on_list", "inspection_date", "inspection_type"]
    judged = (
        pd.concat(parts) if parts else pd.DataFrame(columns=[*columns, "score", "label", "outcome", "morning_score"])
    )
    facts_columns = ["week", "establishments", "capacity", "visits", "covered"]
    return QueueBacktest(
        judged.reset_index(drop=True),
        pd.DataFrame(weeks, columns=facts_columns),
        backtest.profile.first_look_type,
    )


def _whole_weeks(first_day: date, last_day: date) -> list[date]:
    """Mondays of the weeks that lie in the period from end to end."""
    first = first_day + timedelta(days=-first_day.weekday() % 7)
    return [first + number * WEEK for number in range(((last_day - first).days + 1) // 7)]


def _in_force(models: Mapping[date, FittedModel], monday: date) -> FittedModel | None:
    cutoffs = [cutoff for cutoff in models if cutoff <= monday]
    return models[max(cutoffs)] if cutoffs else None


def _week(
    inspections: pd.DataFrame, closures: pd.DataFrame, backtest: Backtest, model: FittedModel, monday: date
) -> tuple[pd.DataFrame, dict[str, object]]:
    places = build_establishment_features(inspections, closures, monday, backtest.profile, backtest.plan.lag_days)
    queue = places[["establishment_id"]].assign(score=model.score(places))
    queue = queue.sort_values(["score", "establishment_id"], ascending=[False, True], kind="stable", ignore_index=True)
    capacity = _capacity(inspections["inspection_date"], monday)
    queue = queue.assign(
        week=pd.Timestamp(monday),
        rank=np.arange(1, len(queue) + 1),
        is_on_list=np.arange(len(queue)) < capacity,
        label=model.labels(queue["score"].to_numpy()),
    )
    dates = backtest.judged["inspection_date"]
    visits = backtest.judged[(dates >= pd.Timestamp(monday)) & (dates < pd.Timestamp(monday + WEEK))]
    visits = in_visit_order(visits)
    followed = visits.drop_duplicates("establishment_id").rename(columns={"score": "morning_score"})
    columns = ["establishment_id", "inspection_date", "inspection_type", "outcome", "morning_score"]
    covered = int(visits["establishment_id"].isin(set(queue["establishment_id"])).sum())
    facts = {
        "week": pd.Timestamp(monday),
        "establishments": len(queue),
        "capacity": capacity,
        "visits": len(visits),
        "covered": covered,
    }
    return queue.merge(followed[columns], on="establishment_id"), facts


def _capacity(dates: pd.Series, monday: date) -> int:
    """Median visits of the last eight weeks."""
    start = pd.Timestamp(monday - CAPACITY_WEEKS * WEEK)
    recent = dates[(dates >= start) & (dates < pd.Timestamp(monday))]
    counts = np.bincount(((recent - start).dt.days // 7).to_numpy().astype(np.int64), minlength=CAPACITY_WEEKS)
    return max(1, int(np.median(counts)))
