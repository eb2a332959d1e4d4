"""Rebuilds a past forecast from the versions it names, beside the deployment, and proves that it is the same.

What was recorded is carried into a deployment of its own (a folder of objects, and an embedded database or an empty
one that is given): the raw weeks as they were, and the model that served. The assets themselves then make the
forecast again, and the content hashes of every week on the way are compared with those on record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import make_url, text

from food_inspections.errors import DataError
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import plan_decisions, versions
from food_inspections.storage.records.materializations import Materialization, Recorded
from food_inspections.storage.records.versions import RawVersion
from food_inspections.storage.warehouse import Warehouse

Forecast = Literal["inspection_queue", "predictions"]

STEPS: Mapping[Forecast, Sequence[str]] = {
    "inspection_queue": ("clean_inspections", "establishment_features", "inspection_queue"),
    "predictions": ("clean_inspections", "inspection_features", "predictions"),
}
"""Assets to make again, in order; the first for all weeks, the others for the forecast's week."""

JOB = "refresh"
"""A job that has all of these assets."""

CARRIED = "carried-from-the-records"
"""Run id of the raw weeks in the rebuilt deployment: no run of its own pulled them."""


@dataclass(frozen=True)
class Rebuilt:
    """A forecast made again.

    Attributes:
        made: The version on record.
        content_hash: What came out now.
        row_count: Rows that came out.
        different: What did not come out as recorded, in words; empty where all did.
        settings: Where the rebuilt deployment is.
    """

    made: Recorded
    content_hash: str
    row_count: int
    different: tuple[str, ...]
    settings: Settings


def rebuild(
    source: Warehouse,
    asset: Forecast,
    week: date,
    content_hash: str | None,
    into: Path,
    say: Callable[[str], None],
    database_name: str | None = None,
) -> Rebuilt:
    """Make a past forecast again from the versions it was made from.

    Args:
        source: The deployment whose forecast it is; nothing in it is changed.
        asset: The queue or the predictions.
        week: The week's Monday.
        content_hash: Data version, or its beginning; the newest by default.
        into: A new or empty folder for the rebuilt deployment.
        say: Takes lines of progress.
        database_name: An empty database on the deployment's own server, for a machine without the embedded one.

    Raises:
        DataError: The version is not on record, or the program has another code version, or the city another
            profile, or the folder or the database is not empty.
    """
    if into.exists() and any(into.iterdir()):
        raise DataError(f"{into} is not empty: name a new folder for the rebuilt forecast.")
    with source.snapshot() as connection:
        made = versions.version_of(connection, asset, week, content_hash)
        before = week if asset == "inspection_queue" else week + timedelta(weeks=1)
        features = versions.version_behind(connection, STEPS[asset][1], week, made)
        raw = versions.raw_versions(connection, features, before)
    if not raw:
        raise DataError(f"No raw week is on record behind {asset} of week {week}.")
    _require_profile(source.settings, week, (features, made))
    say(f"{asset} of week {week}, data version {made.content_hash[:12]}, written {made.created_at:%Y-%m-%d %H:%M}")
    settings = _settings_of(source.settings, made, into, database_name)
    target = Warehouse(settings)
    _require_empty(target)
    _carry(source, target, raw, made)
    say(f"{len(raw)} raw weeks and the model {made.parameters['model_id']} carried into {into}")
    _materialize(settings, STEPS[asset], raw, week, (features, made))
    say("made again: " + ", ".join(STEPS[asset]))
    with target.snapshot() as connection:
        result = records.history(connection, asset, week)[0]
        rebuilt_features = records.history(connection, features.asset, week)[0]
        now = {row.week: row.content_hash for row in records.latest(connection, "clean_inspections")}
    different = [f"clean_inspections of week {row.week}" for row in raw if now.get(row.week) != row.clean_hash]
    if rebuilt_features.content_hash != features.content_hash:
        different.append(f"{features.asset} of week {week}")
    if result.content_hash != made.content_hash:
        different.append(f"{asset} of week {week}")
    return Rebuilt(made, result.content_hash, result.row_count, tuple(different), settings)


def _settings_of(settings: Settings, made: Recorded, into: Path, database_name: str | None) -> Settings:
    """A deployment of its own, with the settings that were in force then."""
    url = None
    if database_name is not None:
        if settings.database_url is None:
            raise DataError(
                "--database names a database on the server of FOOD_INSPECTIONS_DATABASE_URL, which is not set: leave "
                "it out, and the embedded server is used."
            )
        beside = make_url(database.database_url(settings)).set(database=database_name)
        url = beside.render_as_string(hide_password=False)
    return replace(
        settings,
        home=into.absolute(),
        object_store=str(into.absolute() / "objects"),
        database_url=url,
        executor="in_process",
        weekly_capacity=made.parameters.get("capacity", settings.weekly_capacity),
        random_share=made.parameters.get("random_share", settings.random_share),
    )


def _require_profile(settings: Settings, week: date, made: Sequence[Recorded]) -> None:
    now = settings.profile.parts["profile"]
    for row in made:
        if row.parameters.get("profile", now) != now:
            raise DataError(
                f"{row.asset} of week {week} was made by another profile of the city than {settings.city} is now: put "
                f"back the one of {row.created_at:%Y-%m-%d} for the rebuild (FOOD_INSPECTIONS_CITY may name its copy)."
            )


def _require_empty(target: Warehouse) -> None:
    with target.snapshot() as connection:
        if connection.execute(text("SELECT EXISTS (SELECT FROM metadata.materializations)")).scalar():
            raise DataError("The database named for the rebuilt forecast is in use: name a new, empty one.")


def _carry(source: Warehouse, target: Warehouse, raw: Sequence[RawVersion], made: Recorded) -> None:
    for version in raw:
        target.objects.put(version.object_key, source.objects.get(version.object_key))
    with source.snapshot() as old, target.transaction() as new:
        key = versions.copy_decision(old, new, made.parameters["model_id"])
        plan_decisions.copy_decisions(old, new, before=made.created_at)
        target.objects.put(key, source.objects.get(key))
        records.write(
            new,
            [
                Materialization(
                    run_id=CARRIED,
                    asset="raw_inspections",
                    week=version.week,
                    row_count=version.row_count,
                    code_version="",
                    content_hash=version.raw_hash,
                    upstream_hash="",
                    object_key=version.object_key,
                )
                for version in raw
            ],
        )
        new.execute(
            text("UPDATE metadata.materializations SET status = 'accepted', decided_at = clock_timestamp()"),
        )


def _materialize(
    settings: Settings, steps: Sequence[str], raw: Sequence[RawVersion], week: date, made: Sequence[Recorded]
) -> None:
    import dagster as dg  # noqa: PLC0415 - takes seconds

    from food_inspections.orchestration.build import build_defs  # noqa: PLC0415
    from food_inspections.orchestration.instance.launch import run_job  # noqa: PLC0415

    lag_days = [row.parameters["knowledge_lag_days"] for row in made if "knowledge_lag_days" in row.parameters]
    defs = build_defs(replace(settings, knowledge_lag_days=lag_days[0]) if lag_days else settings)
    known = {spec.key.to_user_string(): spec.code_version or "" for spec in defs.resolve_all_asset_specs()}
    for row in made:
        if row.code_version != known[row.asset]:
            raise DataError(
                f"{row.asset} of week {week} was made by code version {row.code_version!r}, this program has "
                f"{known[row.asset]!r}: install the program of {row.created_at:%Y-%m-%d} for the rebuild."
            )
    with dg.DagsterInstance.ephemeral() as instance:
        first, *others = steps
        for begin, end in spans([version.week for version in raw]):
            run_job(defs, instance, JOB, begin, end, assets=[first])
        for asset in others:
            run_job(defs, instance, JOB, week, assets=[asset])


def spans(weeks: Sequence[date]) -> list[tuple[date, date]]:
    """First and last of each unbroken stretch of weeks, which are given in order."""
    found: list[tuple[date, date]] = []
    for week in weeks:
        if found and week - found[-1][1] == timedelta(weeks=1):
            found[-1] = (found[-1][0], week)
        else:
            found.append((week, week))
    return found
