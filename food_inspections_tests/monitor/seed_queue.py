"""Made-up published queues."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from food_inspections_tests.monitor.seed_city import run_id_of, sigmoid
from food_inspections_tests.monitor.seed_models import THRESHOLD, model_of, selection_of

if TYPE_CHECKING:
    from food_inspections_tests.monitor.seed import Scale

_REASONS = (
    ("share_failed", "Failed {value:.0%} of its earlier visits", 0.38),
    ("days_since_last_visit", "Last visited {days} days ago", 0.0),
    ("circle_failure_rate_60_days", "{value:.0%} of visits nearby failed in the last 60 days", 0.22),
    ("critical_last_visit", "{count} critical violations at the last visit", 2.0),
    ("chain_failure_rate", "{value:.0%} of visits to the same name failed", 0.18),
)


def make_publications(
    establishments: pd.DataFrame, visits: pd.DataFrame, weeks: list[date], selection_weeks: list[date], scale: "Scale"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of ``api.queue_publications`` and of ``api.inspection_queue``; the second newest week has two versions."""
    queue_weeks = [weeks[-1] + timedelta(weeks=1 - back) for back in range(scale.queue_weeks - 1, -1, -1)]
    versions = [
        (week, version)
        for week in queue_weeks
        for version in ((1, 2) if len(queue_weeks) > 1 and week == queue_weeks[-2] else (1,))
    ]
    publications = pd.DataFrame(
        {
            "week": [week for week, _ in versions],
            "version": [version for _, version in versions],
            "published_at": [_published_at(week, version) for week, version in versions],
            "run_id": [run_id_of(week) + ("" if version == 1 else f"-{version}") for week, version in versions],
            "content_hash": [f"queue-{week}-{version}" for week, version in versions],
            "model_id": [model_of(selection_of(week, selection_weeks)) for week, _ in versions],
            "row_count": len(establishments),
        }
    )
    queues = [_queue(establishments, visits, week, version, selection_weeks, scale) for week, version in versions]
    return publications, pd.concat(queues, ignore_index=True)


def _published_at(week: date, version: int) -> datetime:
    return datetime.combine(week, datetime.min.time(), UTC) + timedelta(hours=6 * version)


def _queue(
    establishments: pd.DataFrame,
    visits: pd.DataFrame,
    week: date,
    version: int,
    selection_weeks: list[date],
    scale: "Scale",
) -> pd.DataFrame:
    random = np.random.default_rng(week.toordinal() + version)
    count = len(establishments)
    earlier = visits[visits["inspection_date"] < pd.Timestamp(week)].groupby("establishment_id")
    last = earlier[["inspection_date", "results"]].last().reindex(establishments["establishment_id"])
    last_visit = last["inspection_date"].fillna(pd.Timestamp(week - timedelta(days=400))).dt.date.to_numpy()
    result = last["results"].fillna("Pass").to_numpy()
    score = sigmoid(-1.35 + 0.55 * (establishments["hygiene"].to_numpy() + random.normal(0, 0.9, count))).round(6)
    order = np.lexsort((establishments["establishment_id"].to_numpy(), -score))
    rank = np.empty(count, dtype=int)
    rank[order] = np.arange(1, count + 1)
    draws = max(round(0.05 * scale.list_length), 1)
    is_random = np.zeros(count, dtype=bool)
    is_random[random.choice(order[scale.list_length :], draws, replace=False)] = True
    days = np.array([(week - day).days for day in last_visit])
    selected = selection_of(week, selection_weeks)
    return establishments.drop(columns="hygiene").assign(
        week=week,
        version=version,
        published_at=_published_at(week, version),
        rank=rank,
        score=score,
        score_low=(0.8 * score).round(6),
        score_high=(0.8 * score + 0.2).round(6),
        label=(score >= THRESHOLD).astype(int),
        threshold=THRESHOLD,
        model_id=model_of(selected),
        model_cutoff=selected,
        reasons=[_reasons(random, s, d) for s, d in zip(score, days, strict=True)],
        is_on_list=(rank <= scale.list_length - draws) | is_random,
        is_random_draw=is_random,
        last_visit=last_visit,
        days_since_last_visit=days,
        last_result=result,
        is_reinspection_open=result == "Fail",
    )


def _reasons(random: np.random.Generator, score: float, days: int) -> str:
    effects = np.sort(random.normal(0.35 * (score - 0.25) / 0.25, 0.25, len(_REASONS)))
    # As the model gives them: what raises the score first, the strongest first.
    effects = np.concatenate([effects[effects > 0][::-1], effects[effects <= 0]])
    return json.dumps(
        [
            {
                "feature": feature,
                "text": text.format(value=min(max(value + 0.2 * effect, 0.01), 0.95), days=days, count=1),
                "value": round(value, 3),
                "effect": round(float(effect), 4),
                "points": round(100 * score * (1 - score) * float(effect), 1),
            }
            for (feature, text, value), effect in zip(_REASONS, effects, strict=True)
        ]
    )
