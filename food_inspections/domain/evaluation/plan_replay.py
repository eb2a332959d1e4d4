"""A plan replayed on visits that really took place, the only ones whose outcome is known.

What can be said: the same visits in another order, on the dates that visits were really made. Nothing can be said of
places that nobody visited. The order of the ranking is compared with one that keeps a floor: by the end of every day
each area has had at least as many expected finds as it really had by then, so that as far as the scores know no area
waits longer than it did. What was then found there is a sample of that, and where few failures are a small one.

Each week goes by scores as of its Monday, which know what this order has found before, and nothing that it has not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.metrics import days
from food_inspections.domain.inputs import FloatArray, IntArray, require_columns
from food_inspections.domain.plan.areas import areas_of
from food_inspections.domain.plan.insertion import Errand
from food_inspections.domain.plan.inspectors import like_inspectors
from food_inspections.domain.plan.rounds import joined, points_of, starts_of
from food_inspections.domain.plan.routes import solve_routes
from food_inspections.domain.plan.travel import TravelRules, travel_between
from food_inspections.domain.plan.week import FIRST_LOOK_MINUTES, with_start

ROUNDS = 200
"""Rounds of the search for the ways of a day or a week, for every order alike."""

TOLERANCE = 1e-9
WHAT_SCORES_KNOW = (
    "Each week goes by scores as of its Monday. They know what lay before the period and what the order found "
    "since, on its own days; models are fitted anew on that. What it had not found yet is in none of them."
)
COLUMNS = ("inspection_id", "inspection_date", "establishment_id", "zip", "outcome", "latitude", "longitude")
NOT_YET = -1

Scores = Callable[[date, pd.Series], pd.Series]
"""Scores as of a Monday of all visits but those made before it, whose days are given; both by inspection."""


@dataclass(frozen=True)
class PlanReplay:
    """What another order of the same visits would have been worth.

    Attributes:
        visits: One row per visit: inspection_id, area, outcome, inspection_date, the day it would have had by
            ``ranking`` and by ``floor``, and the score it was then chosen by: ``ranking_score``, ``floor_score``.
        areas: One row per area, ``all`` first: area, visits, found, and by each order how many days earlier a failure
            would have been found on average: ``days_earlier`` of those that were found, ``expected_days_earlier``
            with every visit counted by its score.
        kilometres: By order, each week's visits on the best ways with its days chosen freely: ``reality``, ``ranking``
            and ``floor``; ``reality_by_day`` keeps each visit's real day.
    """

    visits: pd.DataFrame
    areas: pd.DataFrame
    kilometres: dict[str, float]

    @property
    def kept(self) -> float:
        """Share of the ranking's days earlier that is left under the floor."""
        total = self.areas.iloc[0]
        return float(total["floor_days_earlier"] / total["ranking_days_earlier"])


def replay_plan(
    visits: pd.DataFrame,
    scores: Callable[[], Scores],
    *,
    floor: float = 1.0,
    rules: TravelRules | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> PlanReplay:
    """Replay a period.

    Args:
        visits: :data:`COLUMNS`, one row per visit.
        scores: Makes what scores the visits of one order, from the first Monday to the last.
        floor: Share of an area's real expected finds that it has by the end of every day.
        rules: How travel is reckoned.
        on_progress: Called with a line of text after every step.
    """
    require_columns(visits, COLUMNS, "The table of visits")
    rows = visits.sort_values(["inspection_date", "inspection_id"], kind="stable", ignore_index=True)
    dates = days(rows["inspection_date"])
    weeks = max(1, round((dates.max() - dates.min() + 1) / 7))
    rows["area"] = areas_of(rows["zip"], rows, pd.Series(1 / weeks, index=rows.index))
    planned: dict[str, IntArray] = {}
    for name, share in (("ranking", 0.0), ("floor", floor)):
        planned[name], rows[f"{name}_score"] = reordered(rows, dates, scores(), share)
        rows[name] = planned[name].astype("datetime64[D]")
        on_progress(f"Order of the {name} made, week by week.")
    travel = rules or TravelRules()
    kilometres = {"reality_by_day": _kilometres(rows, dates, dates, travel)}
    on_progress(f"Ways of reality, day by day: {kilometres['reality_by_day']:,.0f} km.")
    for name, day in {"reality": dates, **planned}.items():
        # Whoever plans a week is free to choose its days: reality is given the same freedom, to compare like with like.
        kilometres[name] = _kilometres(rows, day, (day + 3) // 7, travel)
        on_progress(f"Ways of the {name}: {kilometres[name]:,.0f} km.")
    kept = ["inspection_id", "inspection_date", "area", "outcome", *planned, *(f"{name}_score" for name in planned)]
    return PlanReplay(rows[kept], _areas(rows, dates, planned), kilometres)


def reordered(rows: pd.DataFrame, dates: IntArray, scores: Scores, floor: float) -> tuple[IntArray, FloatArray]:
    """The visits by score, the highest first, with no area behind its floor at the end of a day.

    Args:
        rows: The visits in the order of their real dates: inspection_id, area.
        dates: Day each was really made on; as many are made on every day as really were.
        scores: Expected find of each visit as of a Monday.
        floor: Share of the expected finds of an area's real visits up to a day that it has by then.

    Returns:
        Day of each visit, and the score it was chosen by.
    """
    ids = rows["inspection_id"].to_numpy()
    names, area = np.unique(rows["area"].to_numpy(dtype=str), return_inverse=True)
    day, score = np.full(len(rows), NOT_YET, dtype=np.int64), np.zeros(len(rows))
    mondays = dates - (dates + 3) % 7

    def finds(is_counted: "np.ndarray") -> FloatArray:
        return np.bincount(area[is_counted], score[is_counted], len(names)).astype(np.float64)

    for monday in np.unique(mondays):
        is_left = day == NOT_YET
        made = pd.Series(day[~is_left].astype("datetime64[D]"), index=ids[~is_left])
        score[is_left] = scores(monday.astype("datetime64[D]").item(), made)[ids[is_left]]
        for today in np.unique(dates[mondays == monday]):
            due = floor * finds(dates <= today)
            for _ in range(int((dates == today).sum())):
                is_left = day == NOT_YET
                # Of the area that is furthest behind, where one is and has visits left.
                behind = np.where(np.isin(np.arange(len(names)), area[is_left]), due - finds(~is_left), 0)
                is_open = is_left & (area == behind.argmax()) if behind.max() > TOLERANCE else is_left
                day[np.where(is_open, score, -np.inf).argmax()] = today
    return day, score


def _areas(rows: pd.DataFrame, dates: IntArray, planned: dict[str, IntArray]) -> pd.DataFrame:
    found = rows["outcome"].to_numpy() == 1
    everywhere = np.ones(len(rows), dtype=bool)
    groups = {"all": everywhere} | {name: (rows["area"] == name).to_numpy() for name in sorted(set(rows["area"]))}
    table = []
    for name, is_in in groups.items():
        facts = {"area": name, "visits": int(is_in.sum()), "found": int((is_in & found).sum())}
        for order, day in planned.items():
            earlier = (dates - day).astype(np.float64)
            facts[f"{order}_days_earlier"] = float(earlier[is_in & found].mean()) if facts["found"] else np.nan
            score = rows.loc[is_in, f"{order}_score"]
            facts[f"{order}_expected_days_earlier"] = float(np.average(earlier[is_in], weights=score))
        table.append(facts)
    return pd.DataFrame(table)


def _kilometres(rows: pd.DataFrame, day: IntArray, groups: IntArray, rules: TravelRules) -> float:
    """Kilometres of all visits, each group of them on the best ways of like inspectors from the middle of the city.

    Args:
        rows: The visits.
        day: Day of each.
        groups: What is dealt together: a day, or the days of a week.
        rules: How travel is reckoned.
    """
    located = rows["latitude"].notna().to_numpy() & rows["longitude"].notna().to_numpy()
    busiest = pd.Series((day + 3) // 7).value_counts().max()
    everybody = [with_start(who, rows) for who in like_inspectors(int(2 * busiest), FIRST_LOOK_MINUTES).inspectors]
    metres = 0
    for group in np.unique(groups):
        places = rows[(groups == group) & located]
        work = len(set(day[(groups == group) & located]))
        # The same place may be visited twice in a week.
        places = places.assign(establishment_id=places["inspection_id"].astype(str))
        points = joined(starts_of(everybody), points_of(places))
        travel = travel_between(points, points, rules)
        count = len(everybody)
        errand = Errand(
            travel,
            count,
            np.full(len(places), FIRST_LOOK_MINUTES, dtype=np.int64),
            np.ones((len(places), count), dtype=bool),
        )
        prizes = np.full(len(places), 1_000_000, dtype=np.int64)
        routes = solve_routes(errand, prizes, [work] * count, [who.minutes for who in everybody], seed=0, rounds=ROUNDS)
        for who, stops in routes:
            ways = [who, *(errand.point(stop) for stop in stops), who]
            metres += int(travel.metres[ways[:-1], ways[1:]].sum())
    return metres / 1000


def report(replay: PlanReplay, first_day: date, last_day: date, floor: float) -> str:
    """The replay in words, as Markdown."""
    total, areas = replay.areas.iloc[0], replay.areas.iloc[1:]
    by_day, by_week = (replay.kilometres[name] for name in ("reality_by_day", "reality"))
    lines = [
        f"# The same visits in another order: {first_day} to {last_day}",
        "",
        f"{int(total['visits']):,} visits, {int(total['found']):,} of them found something. Reordered within what was "
        "visited, on the dates visits were made; of places that nobody visited nothing is known.",
        "",
        "| order | days earlier | expected | areas later, expected | areas later, found | kilometres |",
        "|---|---:|---:|---:|---:|---:|",
        f"| reality | 0.00 | 0.00 | 0 of {len(areas)} | 0 of {len(areas)} | {by_week:,.0f} |",
    ]
    for name, title in (("ranking", "ranking alone"), ("floor", f"with a floor of {floor:g}")):
        later = {
            what: f"{int((areas[f'{name}_{what}'] < -TOLERANCE).sum())} of {len(areas)}"
            for what in ("expected_days_earlier", "days_earlier")
        }
        lines.append(
            f"| {title} | {total[f'{name}_days_earlier']:.2f} | {total[f'{name}_expected_days_earlier']:.2f} | "
            f"{later['expected_days_earlier']} | {later['days_earlier']} | {replay.kilometres[name]:,.0f} |"
        )
    lines += [
        "",
        f"The floor keeps {replay.kept:.1%} of the days earlier. Days earlier are those of the failures that were "
        "found; expected ones count every visit by its score, which is what a plan can know.",
        "",
        WHAT_SCORES_KNOW,
        "",
        "Kilometres: each week's visits on the best ways, with its days chosen freely, in all three orders. On the "
        f"days they were really made the visits take {by_day:,.0f} km: what is between that and reality's "
        f"{by_week:,.0f} is the freedom to choose days, not the order.",
        "",
        "| area | visits | found | ranking, expected | ranking, found | floor, expected | floor, found |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row['area']} | {row['visits']} | {row['found']} | {row['ranking_expected_days_earlier']:.1f} | "
        f"{row['ranking_days_earlier']:.1f} | {row['floor_expected_days_earlier']:.1f} | "
        f"{row['floor_days_earlier']:.1f} |"
        for row in areas.to_dict("records")
    ]
    return "\n".join(lines) + "\n"
