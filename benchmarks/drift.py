"""How often drift is seen where nothing happened, and how soon where the city changed.

    python -m benchmarks.drift --seeds 1 2 3

A sample city of 3,000 establishments and 156 weeks; a model made once, after two years, and watched for a
year: the hardest case for false alarms, because its reference grows ever older.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.features.build import build_features
from food_inspections.domain.inspections.cleaning import clean
from food_inspections.domain.learning import training
from food_inspections.domain.learning.explanations import importance
from food_inspections.domain.monitoring.drift import Drift, Watched, measure, with_steady_scores
from food_inspections.domain.weeks import monday_of
from food_inspections.portal.sample_city import make_inspections

CITY = load_profile("chicago")
WEEK = timedelta(weeks=1)
FIRST = date(2012, 1, 2)
CUTOFF = FIRST + WEEK * 104
WATCHED_WEEKS = 52
SHIFTED_FROM = CUTOFF + WEEK * 20
ESTABLISHMENTS = 3_000


@dataclass(frozen=True)
class Year:
    """The drift reports of the year after a model was made, by week."""

    reports: dict[date, Drift]

    @property
    def changed(self) -> dict[date, list[str]]:
        """The questions that were answered with a change, by week; weeks without are left out."""
        found = {
            week: [verdict.question for verdict in report.verdicts if verdict.answer == "changed"]
            for week, report in self.reports.items()
        }
        return {week: questions for week, questions in found.items() if questions}

    @property
    def alarms(self) -> list[date]:
        """First weeks of the runs of weeks in which something has changed: one alarm each."""
        weeks = sorted(self.changed)
        return [week for week in weeks if week - WEEK not in self.changed]


def watch_a_year(seed: int, shift_size: float = 0.0, recipe: str = "logistic_regression") -> Year:
    """A year of drift reports on one model of a sample city.

    Args:
        seed: The city.
        shift_size: How much it changes in the 21st week of the year; 0 for not at all.
        recipe: Of the model.
    """
    return Year(dict(_reports(seed, shift_size, recipe)))


def _reports(seed: int, shift_size: float, recipe: str) -> Iterator[tuple[date, Drift]]:
    raw = make_inspections(
        seed,
        FIRST,
        CUTOFF + WEEK * WATCHED_WEEKS - timedelta(days=1),
        ESTABLISHMENTS,
        shift_from=SHIFTED_FROM if shift_size else None,
        shift_size=shift_size,
    ).drop(columns="published_at")
    raw.insert(0, "week", monday_of(pd.to_datetime(raw["inspection_date"].str.slice(0, 10))))
    visits = clean(raw, CITY).inspections
    rows = build_features(visits, visits, CITY)
    rows["outcome"] = rows["label_fail"]
    candidate = training.fit_candidate(rows, recipe, "fail", CUTOFF)
    model = candidate.model
    validated = rows["inspection_id"].isin(candidate.validation_scores["inspection_id"])
    rows = with_steady_scores(model, rows[validated], rows.assign(score=model.score(rows)))
    reference, history = rows[validated], rows[rows["inspection_date"] < pd.Timestamp(CUTOFF)]
    ranked = importance(model, reference)
    watched = Watched(model.inputs.numeric, dict(zip(ranked["feature"], ranked["share"], strict=True)))
    for week in (CUTOFF + WEEK * number for number in range(WATCHED_WEEKS)):
        first = max(week - WEEK * 3, CUTOFF)
        newest = rows[(rows["week"] >= pd.Timestamp(first)) & (rows["week"] <= pd.Timestamp(week))]
        yield week, measure(reference, newest, history, watched)


def main() -> None:
    """Print the alarms of unchanged and of changed cities."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--shift-size", type=float, default=0.5)
    parser.add_argument("--recipe", default="logistic_regression")
    arguments = parser.parse_args()
    print("seed  unchanged: alarms  weeks with one  questions   changed: weeks until seen  by")
    for seed in arguments.seeds:
        still = watch_a_year(seed, recipe=arguments.recipe)
        moved = watch_a_year(seed, arguments.shift_size, recipe=arguments.recipe)
        named = ", ".join(sorted({question for questions in still.changed.values() for question in questions}))
        soon = next((week for week in sorted(moved.changed) if week >= SHIFTED_FROM), None)
        weeks = "never" if soon is None else str((soon - SHIFTED_FROM) // WEEK + 1)
        by = "" if soon is None else ", ".join(moved.changed[soon])
        print(f"{seed:>4}  {len(still.alarms):>17}  {len(still.changed):>14}  {named or '-':<10}  {weeks:>25}  {by}")


if __name__ == "__main__":
    main()
