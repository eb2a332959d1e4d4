"""Fills the tables with plausible rows, as a deployment that has run for some time would.

``python -m food_inspections_tests.monitor.seed`` fills the database of the settings, to look at
the dashboard by hand.
"""

import io
import itertools
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from food_inspections.domain.decisions import Asked
from food_inspections.storage.records import plan_decisions
from food_inspections_tests.monitor import seed_models, seed_monitoring
from food_inspections_tests.monitor.seed_city import make_establishments, make_visits, run_id_of, weeks_until
from food_inspections_tests.monitor.seed_queue import make_publications
from food_inspections_tests.plan_rows import insert_plan

WEEKLY_ASSETS = (
    "raw_inspections",
    "clean_inspections",
    "inspection_features",
    "establishment_features",
    "predictions",
    "api_predictions",
    "inspection_queue",
    "api_inspection_queue",
    "score_distributions",
    "drift_report",
    "drift_page",
    "queue_performance",
)
TRAINING_ASSETS = ("xgboost_model", "knn_model", "logistic_regression_model", "selected_model", "bias_report")

INSPECTORS = ("Ann Miller", "bob", "O'Neil, cid")

REPORT_KEY = "drift_page/newest.html"


@dataclass(frozen=True)
class Scale:
    """How much is made.

    Attributes:
        weeks: Complete weeks with visits.
        visits_a_week: Visits in each.
        establishments: Establishments in business.
        queue_weeks: Weeks with a published queue, the newest being the one after the last complete week.
        training_interval: Weeks between selections of a model.
        list_length: Establishments on the week's list.
        inspectors: Inspectors that a plan deals them to.
    """

    weeks: int = 30
    visits_a_week: int = 40
    establishments: int = 400
    queue_weeks: int = 3
    training_interval: int = 8
    list_length: int = 40
    inspectors: int = len(INSPECTORS)


@dataclass(frozen=True)
class Seeded:
    """What was made: the frames behind the tables.

    Attributes:
        weeks: Complete weeks, the oldest first.
        rejected_week: Week whose predictions failed a check.
        visits: Rows of ``data.clean_inspections`` with their score.
        selection_weeks: Weeks in which a model was selected.
    """

    weeks: list[date]
    rejected_week: date | None
    visits: pd.DataFrame
    selection_weeks: list[date]


def last_complete_week(today: date | None = None) -> date:
    """Monday of the newest week that is over."""
    today = today or datetime.now(UTC).date()
    return today - timedelta(days=today.weekday() + 7)


def seed(engine: Engine, scale: Scale = Scale(), last: date | None = None) -> Seeded:
    """Insert everything.

    Args:
        engine: Database with the schema and no rows.
        scale: How much.
        last: Newest complete week; by default the one before this week.
    """
    weeks = weeks_until(last or last_complete_week(), scale.weeks)
    establishments = make_establishments(scale.establishments)
    visits = make_visits(establishments, weeks, scale.visits_a_week)
    selection_weeks = weeks[:: scale.training_interval]
    rejected_week = weeks[-4] if len(weeks) > 4 else None
    publications, queues = make_publications(establishments, visits, weeks, selection_weeks, scale)
    predictions = seed_models.make_predictions(visits, selection_weeks)
    drift = seed_monitoring.make_drift(predictions, weeks)
    frames = {
        "metadata.materializations": _materializations(weeks, selection_weeks, publications, rejected_week),
        "metadata.pulls": _pulls(weeks, scale),
        "test.check_results": _check_results(weeks, rejected_week),
        "data.clean_inspections": visits.drop(columns="score"),
        "models.candidates": seed_models.make_candidates(selection_weeks),
        "models.selections": seed_models.make_selections(selection_weeks),
        "data.bias_report": seed_models.make_bias_reports(selection_weeks),
        **seed_models.make_disparities(visits, selection_weeks),
        "data.predictions": predictions,
        "api.queue_publications": publications,
        "api.inspection_queue": queues,
        "monitoring.score_distributions": seed_monitoring.make_distributions(predictions),
        "monitoring.drift": drift,
        "monitoring.drift_pages": _pages(weeks),
        "monitoring.drift_verdicts": seed_monitoring.make_verdicts(drift),
        "monitoring.distributions": seed_monitoring.make_feature_distributions(drift),
        "monitoring.performance": seed_monitoring.make_performance(predictions, visits, weeks),
        "monitoring.moves": seed_monitoring.make_moves(weeks),
        "monitoring.retraining_decisions": seed_monitoring.make_decisions(weeks, selection_weeks),
    }
    for table, frame in frames.items():
        copy_rows(engine, table, frame)
    make_plans(engine, queues, scale.inspectors)
    return Seeded(weeks, rejected_week, visits, selection_weeks)


def make_plans(engine: Engine, queues: pd.DataFrame, inspectors: int) -> None:
    """A plan of so many inspectors for every published week, and what was decided on those but the newest."""
    names = [*INSPECTORS, *(f"Inspector {number}" for number in range(len(INSPECTORS) + 1, inspectors + 1))]
    with engine.begin() as connection:
        for week in sorted(queues["week"].unique()):
            newest = queues[(queues["week"] == week) & queues["is_on_list"]].drop_duplicates("establishment_id")
            places = newest["establishment_id"].tolist()
            insert_plan(
                connection,
                week,
                {**{name: places[number :: len(names)] for number, name in enumerate(names)}, "free": []},
                newest,
            )
            if week == max(queues["week"]):
                continue
            reasons = {"skipped": "The owner is on holiday", "postponed": "A complaint came first"}
            asked = [
                Asked(place, word, f"seeded-{week}-{place}", reason=reasons.get(word))
                for place, word in zip(places, itertools.cycle(("done", "done", "skipped", "done", "closed")))
            ]
            plan_decisions.decide(connection, week, asked, "office", datetime.now(UTC).date())


def copy_rows(engine: Engine, table: str, frame: pd.DataFrame) -> None:
    """Append the rows of a frame whose columns are the table's; lists and dictionaries become jsonb."""
    columns = list(frame.columns)
    ready = frame.copy()
    for column in columns:
        if ready[column].dtype == object and ready[column].map(lambda value: isinstance(value, dict | list)).any():
            ready[column] = ready[column].map(json.dumps)
    text = io.StringIO()
    ready.to_csv(text, index=False, header=False, na_rep="\\N")
    text.seek(0)
    with engine.begin() as connection:
        raw: Any = connection.connection.cursor()
        quoted = ", ".join(f'"{column}"' for column in columns)
        raw.copy_expert(f"COPY {table} ({quoted}) FROM STDIN (FORMAT csv, NULL '\\N')", text)


def _materializations(
    weeks: list[date], selection_weeks: list[date], publications: pd.DataFrame, rejected_week: date | None
) -> pd.DataFrame:
    queue_only = ("establishment_features", "inspection_queue")
    queue_weeks = sorted(set(publications["week"]))
    rows = [
        _materialization(asset, week, rejected_week)
        for asset in WEEKLY_ASSETS
        if asset != "api_inspection_queue"
        for week in (queue_weeks if asset in queue_only else weeks)
        # What failed its check was never published, nor looked at.
        if not (week == rejected_week and asset in ("api_predictions", "score_distributions"))
    ]
    rows += [
        _materialization("api_inspection_queue", published.week, None)
        | {"run_id": published.run_id, "content_hash": published.content_hash}
        for published in publications.itertuples()
    ]
    rows += [_materialization(asset, week, None) for asset in TRAINING_ASSETS for week in selection_weeks]
    return pd.DataFrame(rows)


def _pages(weeks: list[date]) -> pd.DataFrame:
    """As the asset does it: each week's page was the newest once."""
    return pd.DataFrame({"week": weeks, "model_id": "model", "object_key": REPORT_KEY, "row_count": 350})


def _materialization(asset: str, week: date, rejected_week: date | None) -> dict[str, object]:
    is_rejected = asset == "predictions" and week == rejected_week
    written_at = datetime.combine(week + timedelta(days=7), datetime.min.time(), UTC) + timedelta(hours=6)
    return {
        "run_id": run_id_of(week),
        "asset": asset,
        "week": week,
        "status": "rejected" if is_rejected else "accepted",
        "row_count": 350,
        "code_version": "1",
        "content_hash": f"{asset}-{week}",
        "upstream_hash": f"upstream-{week}",
        "parameters": {},
        "created_at": written_at,
        "decided_at": written_at + timedelta(minutes=3),
    }


def _pulls(weeks: list[date], scale: Scale) -> pd.DataFrame:
    requested_at = [datetime.combine(week + timedelta(days=7), datetime.min.time(), UTC) for week in weeks]
    return pd.DataFrame(
        {
            "run_id": [run_id_of(week) for week in weeks],
            "week": weeks,
            "kind": ["historical"] * (len(weeks) - 1) + ["consecutive"],
            "portal": "https://portal.example",
            "dataset": "4ijn-s7e5",
            "row_count": scale.visits_a_week,
            "newest_updated_at": requested_at,
            "requested_at": requested_at,
        }
    )


CHECKS = (
    ("raw_inspections", "minimum_rows", True, "at least 50 rows", "{rows} rows"),
    ("raw_inspections", "schema", True, "the portal's 17 columns", "17 columns"),
    ("clean_inspections", "rows_add_up", True, "rows in = rows out + dropped", "{rows} = {rows} + 0"),
    ("clean_inspections", "no_duplicate_inspections", True, "no inspection twice", "0 duplicates"),
    ("inspection_features", "features_finite", True, "every feature finite", "0 of {rows} rows with a gap"),
    ("inspection_features", "features_from_the_past", True, "a sample recomputed from history alone is equal", "equal"),
    ("predictions", "predictions_expectation", True, "scores finite and in [0, 1]", "all of {rows} scores in [0, 1]"),
    ("score_distributions", "shares_sum_to_one", True, "shares of each histogram sum to 1", "all sum to 1"),
    ("drift_report", "score_is_stable", False, "score PSI below 0.2", "0.08"),
)


def _check_results(weeks: list[date], rejected_week: date | None) -> pd.DataFrame:
    rows = []
    for week in weeks:
        for asset, name, is_blocking, expected, seen in CHECKS:
            is_failed = name == "predictions_expectation" and week == rejected_week
            is_warning = name == "score_is_stable" and week == weeks[-1]
            rows.append(
                {
                    "run_id": run_id_of(week),
                    "asset": asset,
                    "check_name": name,
                    "week": week,
                    "is_blocking": is_blocking,
                    "severity": "ERROR" if is_blocking else "WARN",
                    "passed": not (is_failed or is_warning),
                    "expected": "a single row" if is_failed else expected,
                    "seen": "350 rows" if is_failed else "0.23" if is_warning else seen.format(rows=350),
                    "created_at": datetime.combine(week + timedelta(days=7), datetime.min.time(), UTC),
                }
            )
    return pd.DataFrame(rows)


def _main() -> None:
    from food_inspections.settings import Settings  # noqa: PLC0415 - only when run by hand
    from food_inspections.storage import objects  # noqa: PLC0415
    from food_inspections.storage.postgres import database  # noqa: PLC0415

    settings = Settings.from_environment()
    database.upgrade(settings)
    seed(database.engine(settings), Scale(weeks=120, visits_a_week=350, establishments=15_000, list_length=350))
    page = b"<!doctype html><title>Drift</title><h1>Drift report</h1><script>document.title = 'ran'</script>"
    objects.ObjectStore.from_url(settings.object_store).put(REPORT_KEY, page)


if __name__ == "__main__":
    np.seterr(all="raise")
    _main()
