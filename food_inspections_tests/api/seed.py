"""A small city in the tables, as the assets would leave it: accepted weeks, a real fitted model, published results.

Everything is drawn from a seed; the failures depend on the place, so that a model finds something.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, text

from food_inspections.domain.city.findings import COUNT_COLUMNS as VIOLATION_COLUMNS
from food_inspections.domain.inspections.identity import chain_key
from food_inspections.domain.learning.explanations import effects, explain
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.learning.training import Candidate, fit_candidate
from food_inspections.storage.models import candidates, champions
from food_inspections.storage.models.files import checksum, dump_model, library_versions, model_id
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.postgres import tables
from food_inspections.storage.records import queue_versions
from food_inspections_tests.api.seed_verdicts import write_verdicts
from food_inspections_tests.domain.first_city import build_establishment_features, build_features, with_meanings
from food_inspections_tests.plan_rows import insert_plan

FIRST_WEEK = date(2024, 1, 1)
WEEKS = 40
VISITS_A_WEEK = 40
PLACES = 120
LABEL = "fail"
KINDS = ("Restaurant", "Grocery Store", "Bakery", "School")
RISKS = ("Risk 1 (High)", "Risk 2 (Medium)", "Risk 3 (Low)")
ZIPS = ("60601", "60614", "60622")
CHAIN = "TACO PALACE"


@dataclass(frozen=True)
class Seeded:
    """What is in the tables.

    Attributes:
        weeks: Mondays with inspections.
        queue_week: The week after them, which the queue is for.
        champion_id: Model in use.
        candidate_id: The candidate that won.
        inspections: All inspections.
        predicted_weeks: Weeks with published predictions.
    """

    weeks: tuple[date, ...]
    queue_week: date
    champion_id: str
    candidate_id: str
    inspections: pd.DataFrame
    predicted_weeks: tuple[date, ...]


def seed_city(
    engine: Engine,
    objects: ObjectStore,
    places: int = PLACES,
    visits_a_week: int = VISITS_A_WEEK,
    weeks: int = WEEKS,
    recipe: str = "logistic_regression",
) -> Seeded:
    """Fill the tables of a fresh database.

    Args:
        engine: The database.
        objects: Where the model goes.
        places: Establishments of the city.
        visits_a_week: Inspections a week.
        weeks: Weeks of inspections.
        recipe: Of the model in use.
    """
    mondays = tuple(FIRST_WEEK + timedelta(7 * number) for number in range(weeks))
    queue_week, cutoff = mondays[-1] + timedelta(7), mondays[-3]
    inspections = make_inspections(mondays, places, visits_a_week)
    closures = _closures(inspections, mondays[-1])
    features = build_features(inspections, inspections)
    candidate = fit_candidate(features, recipe, LABEL, cutoff)
    content = dump_model(candidate.model)
    champion_id = model_id(candidate.model, content)
    with engine.begin() as connection:
        for table, frame in (("data.clean_inspections", inspections), ("data.closures", closures)):
            tables.append_rows(connection, table, frame)
        accept(connection, "clean_inspections", mondays)
        _store_model(connection, objects, candidate, content, cutoff)
        scored = features[features["week"] >= pd.Timestamp(cutoff)]
        _publish_predictions(connection, candidate.model, champion_id, scored, inspections)
        places_now = build_establishment_features(inspections, closures, queue_week)
        tables.append_rows(connection, "data.establishment_features", places_now)
        accept(connection, "establishment_features", [queue_week])
        queue = make_queue(candidate.model, champion_id, places_now)
        queue_versions.publish_queue(connection, queue, queue_week, "run-1", "hash-1")
        accept(connection, "api_inspection_queue", [queue_week], content_hash="hash-1")
        listed = queue.loc[queue["is_on_list"], "establishment_id"].tolist()
        insert_plan(connection, queue_week, {"ann": listed[::2], "bob": listed[1::2], "cid": []}, places=queue)
        _write_monitoring(connection, candidate, mondays[-1], cutoff)
    return Seeded(mondays, queue_week, champion_id, champion_id, inspections, mondays[-3:])


def accept(
    connection: Connection, asset: str, weeks: Sequence[date], content_hash: str = "hash", status: str = "accepted"
) -> None:
    """Record weeks of an asset, accepted unless told otherwise."""
    connection.execute(
        text(
            "INSERT INTO metadata.materializations (run_id, asset, week, status, row_count, code_version, "
            "content_hash, upstream_hash, decided_at) "
            "SELECT gen_random_uuid()::text, :asset, week, :status, 1, '1', :hash, 'up', clock_timestamp() "
            "FROM unnest(CAST(:weeks AS date[])) AS week"
        ),
        {"asset": asset, "weeks": list(weeks), "hash": content_hash, "status": status},
    )


def make_inspections(mondays: Sequence[date], places: int, visits_a_week: int) -> pd.DataFrame:
    """Inspections in the columns of ``data.clean_inspections``."""
    random = np.random.default_rng(7)
    count = len(mondays) * visits_a_week
    place = random.integers(0, places, count)
    monday = np.repeat(np.arange(len(mondays)), visits_a_week)
    days = [mondays[m] + timedelta(int(day)) for m, day in zip(monday, random.integers(0, 5, count), strict=True)]
    carelessness = random.beta(1, 3, places)[place]
    failed = random.random(count) < carelessness
    frame = pd.DataFrame(
        {
            "week": pd.to_datetime([mondays[m] for m in monday]),
            "inspection_id": 2_500_000 + np.arange(count),
            "inspection_date": pd.to_datetime(days),
            **_places(place),
            "inspection_type": random.choice(["Canvass", "Complaint", "License"], count, p=[0.7, 0.2, 0.1]),
            "results": np.where(failed, "Fail", "Pass"),
            "violations": "unknown",
            **_violations(random, failed, carelessness),
            "is_failure": failed,
        }
    )
    return with_meanings(frame.assign(is_critical=frame["critical_violations"] > 0))


def _places(place: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Columns of the places visited; every tenth is a branch of one chain, every twentieth has no licence."""
    names = [f"{CHAIN} #{number}" if number % 10 == 0 else f"CORNER CAFE {number}" for number in place]
    ids = [f"n-{number:016x}" if number % 20 == 5 else str(1_000_000 + number) for number in place]
    return {
        "establishment_id": ids,
        "chain_key": [chain_key(name) for name in names],
        "dba_name": names,
        "aka_name": "unknown",
        "facility_type": [KINDS[number % len(KINDS)] for number in place],
        "risk": [RISKS[number % len(RISKS)] for number in place],
        "address": [f"{100 + number} W MAIN ST" for number in place],
        "city": "CHICAGO",
        "state": "IL",
        "zip": [ZIPS[number % len(ZIPS)] for number in place],
        "latitude": 41.88 + (place % 11) * 0.003,
        "longitude": -87.63 - (place % 7) * 0.004,
    }


def _violations(
    random: np.random.Generator, failed: np.ndarray[Any, Any], carelessness: np.ndarray[Any, Any]
) -> dict[str, Any]:
    counts = {name: random.poisson(carelessness) for name in VIOLATION_COLUMNS if name != "violation_count"}
    counts["critical_violations"] = counts["critical_violations"] + failed
    severities = ("critical_violations", "serious_violations", "minor_violations")
    return {"violation_count": sum(counts[name] for name in severities), **counts}


def _closures(inspections: pd.DataFrame, week: date) -> pd.DataFrame:
    """One place of the first week is found closed in the last one."""
    closed = inspections.iloc[0]
    columns = ["establishment_id", "dba_name", "address"]
    row = {column: closed[column] for column in columns}
    when = {
        "week": pd.Timestamp(week),
        "inspection_id": "9000001",
        "inspection_date": pd.Timestamp(week) + pd.Timedelta(days=6),
    }
    return pd.DataFrame([when | row | {"results": "Out of Business"}])


def _store_model(
    connection: Connection, objects: ObjectStore, candidate: Candidate, content: bytes, cutoff: date
) -> None:
    model, dates = candidate.model, candidate.dates
    key = f"models/{checksum(content)}.skops"
    objects.put(key, content)
    row = candidates.CandidateRow(
        model_id=model_id(model, content),
        week=cutoff,
        run_id="training-run",
        recipe=model.recipe,
        label=LABEL,
        cutoff=cutoff,
        fit_from=dates.fit_from,
        calibrate_from=dates.calibrate_from,
        validate_from=dates.validate_from,
        fit_rows=candidate.fit_rows,
        calibrate_rows=candidate.calibrate_rows,
        validate_rows=candidate.validate_rows,
        threshold=model.threshold,
        seed=model.seed,
        parameters=dict(model.parameters),
        metrics=candidate.metrics,
        baseline_metrics=candidate.baseline_metrics,
        feature_columns=list(model.feature_columns),
        library_versions=library_versions(),
        object_key=key,
        checksum=checksum(content),
    )
    candidates.write_candidate(connection, row, candidate.validation_scores)
    accept(connection, f"{model.recipe}_model", [cutoff], content_hash=row.checksum)
    decide(connection, row, cutoff)


def decide(connection: Connection, row: candidates.CandidateRow, week: date, **changes: Any) -> None:
    """Log a decision by hand for a candidate."""
    values: dict[str, Any] = {
        "effective_week": week,
        "label": row.label,
        "model_id": row.model_id,
        "candidate_id": row.model_id,
        "recipe": row.recipe,
        "model_cutoff": row.cutoff,
        "threshold": row.threshold,
        "metric": "roc_auc",
        "metrics": {row.recipe: dict(row.metrics)},
        "object_key": row.object_key,
        "checksum": row.checksum,
        "run_id": None,
        "decided_by": "test",
        "reason": "the only one",
    }
    champions.log_selection(connection, champions.SelectionRow(**(values | changes)))


def _publish_predictions(
    connection: Connection, model: FittedModel, champion_id: str, features: pd.DataFrame, inspections: pd.DataFrame
) -> None:
    names = inspections[["inspection_id", "dba_name", "address"]]
    keys = ["week", "inspection_id", "inspection_date", "establishment_id", "zip", "facility_type", "risk"]
    rows = features[keys].reset_index(drop=True).assign(**_scores(model, champion_id, features))
    publish_predictions(connection, rows.merge(names, on="inspection_id"))


def publish_predictions(connection: Connection, rows: pd.DataFrame) -> None:
    """Replace the weeks of the rows in ``api.predictions``."""
    weeks = sorted(set(rows["week"].dt.date))
    tables.replace_weeks(connection, "api.predictions", rows, weeks)
    accept(connection, "api_predictions", weeks)


def _scores(model: FittedModel, champion_id: str, features: pd.DataFrame) -> dict[str, Any]:
    values = model.score(features)
    return {
        "score": values,
        "label": model.labels(values),
        "threshold": model.threshold,
        "model_id": champion_id,
        "model_cutoff": pd.Timestamp(model.cutoff),
        "reasons": explain(model, features, model.score(features), effects(model, features), top=3),
    }


def make_queue(model: FittedModel, champion_id: str, places: pd.DataFrame, capacity: int = 25) -> pd.DataFrame:
    """A queue in the columns of ``data.inspection_queue``; two of its list are drawn at random."""
    keys = ["week", "establishment_id", "dba_name", "address", "zip", "facility_type", "risk", "latitude", "longitude"]
    visits = ["last_visit", "days_since_last_visit", "last_result", "is_reinspection_open"]
    queue = places[keys + visits].reset_index(drop=True).assign(**_scores(model, champion_id, places))
    queue = queue.sort_values(["score", "establishment_id"], ascending=[False, True], ignore_index=True)
    rank = queue.index + 1
    drawn = (rank == capacity + 5) | (rank == capacity + 9)
    return queue.assign(rank=rank, is_random_draw=drawn, is_on_list=drawn | (rank <= capacity - 2))


def _write_monitoring(connection: Connection, candidate: Candidate, week: date, cutoff: date) -> None:
    for asset, of_week, table, rows in (
        ("bias_report", cutoff, "data.bias_report", _bias_rows(cutoff)),
        ("score_distributions", week, "monitoring.score_distributions", _distribution_rows(week, candidate)),
        ("drift_report", week, "monitoring.drift", _drift_rows(week)),
    ):
        tables.append_rows(connection, table, pd.DataFrame(rows))
        accept(connection, asset, [of_week])
    write_verdicts(connection, cutoff, week)
    accept(connection, "queue_performance", [week - timedelta(weeks=1), week])


def _bias_rows(week: date) -> list[Mapping[str, Any]]:
    groups = [("facility_type", kind, "Restaurant") for kind in KINDS] + [("zip", code, ZIPS[0]) for code in ZIPS]
    return [
        {
            "week": pd.Timestamp(week),
            "model_id": "m",
            "label": LABEL,
            "attribute_name": name,
            "attribute_value": value,
            "reference_value": reference,
            "group_size": 30,
            "group_positives": 7,
            "tpr": 0.4,
            "fpr": 0.2,
            # A reference group without false positives leaves nothing to divide by.
            "fpr_disparity": 1.0 if value == reference else float("nan"),
            "is_fpr_parity": True if value == reference else None,
            "mean_score": 0.25,
        }
        for name, value, reference in groups
    ]


def _distribution_rows(week: date, candidate: Candidate) -> list[Mapping[str, Any]]:
    scores = candidate.validation_scores["score"].to_numpy()
    counts, edges = np.histogram(scores, bins=40, range=(0, 1))
    return [
        {
            "week": pd.Timestamp(week),
            "model_id": "m",
            "source": source,
            "facility_type": kind,
            "bin": number,
            "bin_lower": edges[number],
            "bin_upper": edges[number + 1],
            "count": int(counts[number]),
            "share": counts[number] / counts.sum(),
        }
        for source in ("validation", "predictions")
        for kind in ("all", "Restaurant")
        for number in range(40)
    ]


def _drift_rows(week: date) -> list[Mapping[str, Any]]:
    days = {
        "reference_from": pd.Timestamp(week) - pd.Timedelta(days=56),
        "reference_to": pd.Timestamp(week) - pd.Timedelta(days=1),
        "current_from": pd.Timestamp(week),
        "current_to": pd.Timestamp(week) + pd.Timedelta(days=6),
    }
    return [
        {
            "week": pd.Timestamp(week),
            "model_id": "m",
            "kind": kind,
            "name": name,
            "statistic": "psi",
            "value": 0.1,
            "threshold": 0.2,
            "is_drifted": False,
            "reference_rows": 300,
            "current_rows": 40,
        }
        | days
        for kind, name in (("score", "score"), ("feature", "own_visits"), ("outcome", LABEL))
    ]
