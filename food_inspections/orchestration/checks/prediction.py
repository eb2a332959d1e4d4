"""Checks of predictions, of the queue and of what is published."""

from datetime import date
from typing import Literal

import dagster as dg
import numpy as np
import pandas as pd
from pydantic import Field

from food_inspections.domain.queue import random_draws
from food_inspections.orchestration.assets.establishment_features import establishment_features
from food_inspections.orchestration.assets.inspection_features import inspection_features
from food_inspections.orchestration.assets.inspection_queue import inspection_queue
from food_inspections.orchestration.assets.predictions import predictions
from food_inspections.orchestration.checks.common import (
    dates_in_week,
    finite_outcome,
    in_unit_interval,
    no_duplicates,
    read_same_weeks,
    row_count_as_recorded,
    same_keys_as,
)
from food_inspections.orchestration.checks.suite import (
    Check,
    Outcome,
    RunUnderTest,
    Suite,
    WeekUnderTest,
    per_week,
    table_weeks,
)


def labels_follow_scores(week: WeekUnderTest) -> Outcome:
    """The label is 1 exactly where the score reaches the threshold."""
    wrong = int(((week.frame["score"] >= week.frame["threshold"]).astype(int) != week.frame["label"]).sum())
    return Outcome(wrong == 0, "label 1 where score >= threshold", f"{wrong} labels differ")


def model_had_not_seen_the_week(week: WeekUnderTest) -> Outcome:
    """The model's cutoff is not after the week."""
    newest = week.frame["model_cutoff"].max()
    seen = "no rows" if week.frame.empty else f"cutoff {newest:%Y-%m-%d}"
    return Outcome(week.frame.empty or newest <= pd.Timestamp(week.week), f"cutoff on or before {week.week}", seen)


def has_reasons(week: WeekUnderTest) -> Outcome:
    """Every row says why."""
    without = int((week.frame["reasons"].map(len) == 0).sum())
    return Outcome(without == 0, "reasons in every row", f"{without} rows without")


class ExpectationConfig(dg.Config):
    """What is expected of the scores."""

    expectation: Literal["finite", "shape"] = Field(
        "finite", description="finite: every score is a number; shape: a single row, which fails and shows a red run."
    )


def expectation(run: RunUnderTest) -> dict[date, Outcome]:
    """What the run config asks of the scores: ``finite``, or ``shape`` for a single row.

    ``shape`` fails on purpose for any real week: it shows what a red run looks like.
    """
    if run.config.expectation == "finite":
        return {week.week: finite_outcome(week.frame, ["score", "threshold"]) for week in run.weeks}
    return {week.week: Outcome(len(week.frame) == 1, "a single row", f"{len(week.frame)} rows") for week in run.weeks}


PREDICTIONS = Suite(
    asset="predictions",
    read=table_weeks("data.predictions"),
    checks=[
        same_keys_as(inspection_features, "inspection_id"),
        no_duplicates("inspection_id"),
        dates_in_week(),
        in_unit_interval(),
        Check("labels_follow_scores", "Label and score agree.", per_week(labels_follow_scores)),
        Check(
            "model_had_not_seen_the_week",
            "No model scores what it learned from.",
            per_week(model_had_not_seen_the_week),
        ),
        Check("has_reasons", "Every score says why.", per_week(has_reasons)),
        row_count_as_recorded(),
    ],
)

PREDICTIONS_EXPECTATION = Suite(
    asset="predictions",
    step="predictions_expectation",
    read=table_weeks("data.predictions"),
    config=ExpectationConfig,
    checks=[Check("expectation", "What the run config asks of the scores.", expectation)],
)


def ranks_follow_scores(week: WeekUnderTest) -> Outcome:
    """Ranks are 1..n in the order of the scores."""
    ordered = week.frame.sort_values("rank")
    is_dense = bool((ordered["rank"].to_numpy() == np.arange(1, len(ordered) + 1)).all())
    is_sorted = bool(ordered["score"].is_monotonic_decreasing)
    return Outcome(
        is_dense and is_sorted, "ranks 1 to n, scores falling", f"dense: {is_dense}, scores falling: {is_sorted}"
    )


def list_has_the_length_asked_for(week: WeekUnderTest) -> Outcome:
    """The list is as long as the week's capacity, or as the queue where that is shorter."""
    expected = min(week.facts["capacity"], len(week.frame))
    return Outcome(
        int(week.frame["is_on_list"].sum()) == expected, f"{expected} on the list", f"{week.frame['is_on_list'].sum()}"
    )


def random_draw_is_on_the_list(run: RunUnderTest) -> dict[date, Outcome]:
    """Random draws are on the list, as many as the set share asks for where the queue is long enough."""
    share = run.warehouse.settings.random_share
    outcomes = {}
    for week in run.weeks:
        capacity, size = week.facts["capacity"], len(week.frame)
        asked = random_draws(capacity, share)
        expected = min(asked, size - min(size, capacity - asked))
        drawn = week.frame[week.frame["is_random_draw"]]
        is_right = len(drawn) == expected and bool(drawn["is_on_list"].all())
        outcomes[week.week] = Outcome(is_right, f"{expected} drawn, all on the list", f"{len(drawn)} drawn")
    return outcomes


INSPECTION_QUEUE = Suite(
    asset="inspection_queue",
    read=table_weeks("data.inspection_queue"),
    checks=[
        same_keys_as(establishment_features, "establishment_id", left_out="found_gone"),
        no_duplicates("establishment_id"),
        in_unit_interval(),
        Check("ranks_follow_scores", "The order is the order of the scores.", per_week(ranks_follow_scores)),
        Check("labels_follow_scores", "Label and score agree.", per_week(labels_follow_scores)),
        Check(
            "model_had_not_seen_the_week",
            "No model scores what it learned from.",
            per_week(model_had_not_seen_the_week),
        ),
        Check("list_length", "The list is what inspectors can visit.", per_week(list_has_the_length_asked_for)),
        Check("random_draw", "A set share is drawn at random and marked.", random_draw_is_on_the_list),
        Check("has_reasons", "Every score says why.", per_week(has_reasons)),
        row_count_as_recorded(),
    ],
)

API_PREDICTIONS = Suite(
    asset="api_predictions",
    read=table_weeks("api.predictions"),
    checks=[
        same_keys_as(predictions, "inspection_id"),
        in_unit_interval(),
        row_count_as_recorded(),
    ],
)


def one_publication_holds_the_queue(run: RunUnderTest) -> dict[date, Outcome]:
    """The newest published version holds exactly the accepted queue."""
    columns = ["week", "establishment_id", "rank"]
    queue = read_same_weeks(run, inspection_queue, columns)
    outcomes = {}
    for week in run.weeks:
        newest = week.frame[week.frame["version"] == week.frame["version"].max()]
        published = newest[columns[1:]].sort_values("establishment_id").reset_index(drop=True)
        rows = queue.loc[queue["week"] == pd.Timestamp(week.week), columns[1:]]
        accepted = rows.sort_values("establishment_id").reset_index(drop=True)
        outcomes[week.week] = Outcome(
            published.equals(accepted), f"the {len(accepted)} ranks of inspection_queue", f"{len(published)} published"
        )
    return outcomes


API_INSPECTION_QUEUE = Suite(
    asset="api_inspection_queue",
    read=table_weeks("api.inspection_queue"),
    checks=[
        Check(
            "newest_version_is_the_queue", "What is published is what was accepted.", one_publication_holds_the_queue
        ),
        no_duplicates("version", "establishment_id"),
    ],
)
