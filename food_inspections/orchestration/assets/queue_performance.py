"""Monitoring: what the published queue was worth, once the week's results were in."""

from dataclasses import asdict
from zoneinfo import ZoneInfo

import dagster as dg
import pandas as pd

from food_inspections.domain.monitoring.disparities import disparities, fairness
from food_inspections.domain.monitoring.fairness import agreed_references, audited_attributes, references_of
from food_inspections.domain.monitoring.lists import RATES, is_in_time, judged_lists
from food_inspections.domain.monitoring.performance import Promise, list_cut_off, promised, realised
from food_inspections.orchestration.assets.clean_inspections import clean_inspections
from food_inspections.orchestration.assets.establishment_features import establishment_features
from food_inspections.orchestration.assets.plan_decisions import plan_decisions
from food_inspections.orchestration.assets.predictions import predictions
from food_inspections.orchestration.assets.publication import api_inspection_queue
from food_inspections.orchestration.assets.selected_model import selected_model
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import SAME_WEEK, UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.weekly_asset import weekly_asset


@weekly_asset(
    group="monitoring",
    io_manager="postgres_weeks",
    table="monitoring.performance",
    side_tables=["monitoring.list_disparities", "monitoring.list_fairness_verdicts"],
    code_version="4",
    deps={
        predictions: SAME_WEEK,
        clean_inspections: SAME_WEEK,
        api_inspection_queue: SAME_WEEK,
        establishment_features: SAME_WEEK,
        plan_decisions: SAME_WEEK,
        selected_model: UP_TO_THE_WEEK,
    },
    settings=["fairness"],
)
def queue_performance(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """The first published queue, its random share, the predictions and the promise, joined to what was found.

    The first version counts, whatever was published later; the coverage is stated. Beside it what was found off the
    list, what one-line heuristics would have found, and what where the plan was followed and where overridden.
    And whether the list treats kinds of establishment alike, by the champion's validation visits at its cut-off.
    """
    weeks = mondays(context.partition_keys)
    label = "is_failure" if upstream.settings.label == "fail" else "is_critical"
    scores = upstream.read(predictions)
    visits = upstream.read(clean_inspections, ["week", "inspection_id", "inspection_date", "establishment_id", label])
    visits = visits.rename(columns={label: "outcome"})
    places = upstream.read(
        establishment_features,
        ["week", "establishment_id", "days_since_last_visit", RATES[upstream.settings.label]],
        weeks=weeks,
    )
    decisions = upstream.read(plan_decisions, ["week", "establishment_id", "is_override", "decided_at"])
    attributes, agreed = audited_attributes(upstream.profile), agreed_references(upstream.profile)
    zone = ZoneInfo(upstream.profile.city.time_zone)
    frames, listed, verdicts, facts = [], [], [], {}
    promises: dict[str, Promise] = {}
    for week in weeks:
        champion = upstream.champion(selected_model, week)
        queue = upstream.first_published(api_inspection_queue, week)
        if champion.candidate_id not in promises:
            promises[champion.candidate_id] = promised(upstream.validation_scores(champion))
        of_week = [frame[frame["week"] == pd.Timestamp(week)] for frame in (visits, scores, places, decisions)]
        rows = realised(of_week[0], queue=queue, predictions=of_week[1], promise=promises[champion.candidate_id])
        in_time = is_in_time(of_week[3], of_week[0], week, zone)
        if queue is not None:
            lists = judged_lists(of_week[0], queue, of_week[2], of_week[3][in_time], upstream.settings.label)
            rows = pd.concat([rows, lists], ignore_index=True)
        frames.append(rows.assign(week=pd.Timestamp(week), model_id=champion.model_id))
        facts[week] = {
            "model_id": champion.model_id,
            "is_queue_published": queue is not None,
            "visits": len(of_week[0]),
            "visits_of_unknown_outcome": int(of_week[0]["outcome"].isna().sum()),
            "decisions_in_time": int(in_time.sum()),
            "decisions_late": int((~in_time).sum()),
        }
        if queue is not None:
            validated = promises[champion.candidate_id].scores
            on_list = validated.assign(label=(validated["score"] >= list_cut_off(queue)).astype("int64"))
            table = disparities(on_list, references_of(on_list, attributes, agreed))
            listed.append(table.assign(week=pd.Timestamp(week), model_id=champion.model_id))
            named = {"week": pd.Timestamp(week), "model_id": champion.model_id}
            verdicts.append(named | asdict(fairness(table, "on the list")))
    frame = pd.concat(frames, ignore_index=True)
    previews.add(context, weeks, frame)
    side_tables = {
        "monitoring.list_disparities": pd.concat(listed, ignore_index=True) if listed else _no_weeks(),
        "monitoring.list_fairness_verdicts": pd.DataFrame(verdicts) if verdicts else _no_weeks(),
    }
    return WeeklyOutput(frame, facts=facts, side_tables=side_tables)


def _no_weeks() -> pd.DataFrame:
    return pd.DataFrame({"week": pd.Series(dtype="datetime64[ns]")})
