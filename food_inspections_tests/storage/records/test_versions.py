"""Which versions a forecast was made from, and which objects nothing names."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, text

from food_inspections.errors import DataError, StorageError
from food_inspections.storage.models import candidates
from food_inspections.storage.models.champions import find_champion
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import versions
from food_inspections.storage.records.materializations import Materialization, Recorded
from food_inspections_tests.conftest import new_database
from food_inspections_tests.storage.model_rows import LATER, select

FIRST, SECOND, THIRD = (date(2025, 1, day) for day in (6, 13, 20))
YESTERDAY, TOMORROW = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


@pytest.fixture
def other(database_server: URL, database_template: str) -> Iterator[Connection]:
    """A second database with the schema."""
    with new_database(database_server, database_template) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            yield connection
        engine.dispose()


def write(connection: Connection, asset: str, week: date, version: str, **changes: Any) -> None:
    """A version of a week, whose checks have yet to report."""
    row = {"row_count": 3, "code_version": "1", "upstream_hash": "up", "object_key": None} | changes
    records.write(connection, [Materialization(f"run of {version}", asset, week, content_hash=version, **row)])


def accept(connection: Connection, asset: str, week: date) -> None:
    records.decide(connection, asset, records.latest(connection, asset, [week]), [])


def keep(connection: Connection, asset: str, week: date, version: str, **changes: Any) -> Recorded:
    """An accepted version of a week."""
    write(connection, asset, week, version, **changes)
    accept(connection, asset, week)
    return records.history(connection, asset, week)[0]


def clean_week(connection: Connection, week: date, version: str) -> None:
    """A raw week and the clean rows made from it."""
    keep(connection, "raw_inspections", week, f"raw {version}", object_key=f"raw/{version}.parquet", row_count=5)
    keep(connection, "clean_inspections", week, f"clean {version}")


def reject(connection: Connection, version: str) -> None:
    connection.execute(
        text("UPDATE metadata.materializations SET status = 'rejected' WHERE content_hash = :version"),
        {"version": version},
    )


def raw_of(connection: Connection, made: Recorded, before: date = THIRD) -> dict[date, str]:
    return {row.week: row.raw_hash for row in versions.raw_versions(connection, made, before)}


def test_versions_of_a_week_are_listed_by_asset_as_they_were_first_written_the_newest_first(
    connection: Connection,
) -> None:
    for asset, version in (("raw_inspections", "a"), ("clean_inspections", "b"), ("raw_inspections", "c")):
        keep(connection, asset, FIRST, version)
    keep(connection, "raw_inspections", SECOND, "of another week")

    assert [row.content_hash for row in versions.written(connection, FIRST)] == ["c", "a", "b"]
    assert [row.content_hash for row in versions.written(connection, FIRST, "clean_inspections")] == ["b"]
    assert versions.written(connection, THIRD) == []


def test_the_version_meant_is_the_newest_accepted_one_or_the_one_named(connection: Connection) -> None:
    keep(connection, "predictions", FIRST, "aa1")
    keep(connection, "predictions", FIRST, "ab2")
    keep(connection, "predictions", FIRST, "b3")
    write(connection, "predictions", FIRST, "ab4 unchecked")

    assert versions.version_of(connection, "predictions", FIRST).content_hash == "b3"
    assert versions.version_of(connection, "predictions", FIRST, "a").content_hash == "ab2"
    assert versions.version_of(connection, "predictions", FIRST, "aa").content_hash == "aa1"
    with pytest.raises(DataError, match=r"week 2025-01-06 has no accepted version with a data version that starts"):
        versions.version_of(connection, "predictions", FIRST, "ab4")
    with pytest.raises(DataError, match=r"predictions of week 2025-01-13 has no accepted version: see food-insp"):
        versions.version_of(connection, "predictions", SECOND)


def test_a_forecast_is_traced_to_the_raw_weeks_as_they_were_then(connection: Connection) -> None:
    clean_week(connection, FIRST, "one")
    clean_week(connection, SECOND, "two")
    made = keep(connection, "inspection_features", SECOND, "made")
    clean_week(connection, FIRST, "one, revised later")
    clean_week(connection, THIRD, "pulled later")

    found = versions.raw_versions(connection, made, THIRD + timedelta(weeks=1))

    assert [row.week for row in found] == [FIRST, SECOND]
    assert vars(found[0]) == {
        "week": FIRST,
        "object_key": "raw/one.parquet",
        "row_count": 5,
        "raw_hash": "raw one",
        "clean_hash": "clean one",
    }


def test_a_forecast_is_traced_to_weeks_before_a_day_only(connection: Connection) -> None:
    clean_week(connection, FIRST, "one")
    clean_week(connection, SECOND, "two")
    made = keep(connection, "establishment_features", SECOND, "made")

    assert raw_of(connection, made, before=SECOND) == {FIRST: "raw one"}


def test_weeks_that_no_reader_found_then_are_not_behind_the_forecast(connection: Connection) -> None:
    clean_week(connection, FIRST, "rejected")
    reject(connection, "clean rejected")
    keep(connection, "raw_inspections", SECOND, "raw late", object_key="raw/late.parquet")
    write(connection, "clean_inspections", SECOND, "accepted only later")
    made = keep(connection, "inspection_features", SECOND, "made")
    accept(connection, "clean_inspections", SECOND)

    assert raw_of(connection, made) == {}


def test_a_week_hidden_by_an_unchecked_version_is_not_behind_the_forecast(connection: Connection) -> None:
    """Readers take the newest version or none: an older accepted one does not come back."""
    clean_week(connection, FIRST, "one")
    write(connection, "clean_inspections", FIRST, "unchecked")
    made = keep(connection, "inspection_features", SECOND, "made")

    assert raw_of(connection, made) == {}


def test_clean_rows_are_traced_to_the_raw_version_they_were_made_from(connection: Connection) -> None:
    """A raw week that came between the clean rows and the forecast has not been cleaned yet."""
    clean_week(connection, FIRST, "one")
    keep(connection, "raw_inspections", FIRST, "raw newer", object_key="raw/newer.parquet")
    made = keep(connection, "inspection_features", SECOND, "made")

    assert raw_of(connection, made) == {FIRST: "raw one"}


@pytest.mark.parametrize("object_key", [None, "never written"])
def test_clean_rows_without_a_raw_version_on_record_are_named(connection: Connection, object_key: str | None) -> None:
    if object_key is None:
        keep(connection, "raw_inspections", FIRST, "without an object")
    keep(connection, "clean_inspections", FIRST, "clean")
    made = keep(connection, "inspection_features", SECOND, "made")

    unknown = "names no object" if object_key is None else "is not on record"
    with pytest.raises(DataError, match=f"raw.*behind clean_inspections of week 2025-01-06,? {unknown}"):
        raw_of(connection, made)


NAMED = ("raw/named.parquet", "knn_model/a-model.skops", "key", "plots/named.png")
ORPHANS = ("plots/old.png", "raw/orphan.parquet")


@pytest.fixture
def store(connection: Connection, object_store: ObjectStore) -> ObjectStore:
    """Objects that every kind of record names, and some that none does."""
    keep(connection, "raw_inspections", FIRST, "raw", object_key=NAMED[0])
    select(connection, "a-model")
    parameters = {"plot_key": NAMED[3], "other_key": None, "note": ORPHANS[0]}
    keep(connection, "selected_model", FIRST, "selected", parameters=parameters)
    for key in (*NAMED, *ORPHANS, "compute_logs/run/step.out"):
        object_store.put(key, b"content")
    return object_store


def test_orphans_are_what_no_record_names(connection: Connection, store: ObjectStore) -> None:
    assert list(versions.orphans(connection, store, TOMORROW)) == list(ORPHANS)


def test_objects_whose_record_may_be_about_to_come_are_left_alone(connection: Connection, store: ObjectStore) -> None:
    assert list(versions.orphans(connection, store, YESTERDAY)) == []


def test_an_object_that_vanishes_while_orphans_are_looked_for_is_none(
    connection: Connection, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "modified_at", lambda _key: None)

    assert list(versions.orphans(connection, store, TOMORROW)) == []


def test_only_orphans_are_deleted_and_told(connection: Connection, store: ObjectStore) -> None:
    found = list(versions.orphans(connection, store, TOMORROW))
    keep(connection, "raw_inspections", SECOND, "the same content again", object_key=ORPHANS[1])

    assert versions.delete_orphans(connection, store, found) == [ORPHANS[0]]
    assert set(store.keys()) == {*NAMED, ORPHANS[1], "compute_logs/run/step.out"}


def test_who_deletes_objects_waits_for_those_who_store_them(engine: Engine, object_store: ObjectStore) -> None:
    with engine.begin() as storing, engine.begin() as also_storing, engine.begin() as deleting:
        versions.keep_objects(storing)
        versions.keep_objects(also_storing)
        is_free = text("SELECT pg_try_advisory_xact_lock(:lock)")
        assert not deleting.execute(is_free, {"lock": versions.LOCK}).scalar_one()
        storing.commit()
        also_storing.commit()
        assert versions.delete_orphans(deleting, object_store, []) == []
        with engine.begin() as late:
            shared = text("SELECT pg_try_advisory_xact_lock_shared(:lock)")
            assert not late.execute(shared, {"lock": versions.LOCK}).scalar_one()


def test_a_copied_decision_is_in_force_from_its_cutoff_on(connection: Connection, other: Connection) -> None:
    select(connection, "a-model", LATER, reason="the first time")
    select(connection, "a-model", LATER, reason="the last time", object_key="serving/a-model.skops")

    assert versions.copy_decision(connection, other, "a-model") == "serving/a-model.skops"

    (original,) = (find_champion(connection, LATER, "fail"),)
    copied = find_champion(other, FIRST, "fail")
    assert original is not None
    assert copied is not None
    assert copied.reason == "the last time"
    assert (copied.effective_week, copied.model_cutoff) == (FIRST, FIRST)
    same = ("model_id", "candidate_id", "recipe", "threshold", "metric", "metrics", "object_key", "checksum")
    assert [getattr(copied, name) for name in same] == [getattr(original, name) for name in same]
    assert other.execute(text("SELECT run_id FROM models.selections")).scalars().all() == [None]
    both = [candidates.candidate(of, original.candidate_id) for of in (connection, other)]
    assert both[0] == both[1]


def test_a_model_never_decided_for_cannot_be_copied(connection: Connection, other: Connection) -> None:
    with pytest.raises(StorageError, match="The model nobody is not in the log of decisions"):
        versions.copy_decision(connection, other, "nobody")
