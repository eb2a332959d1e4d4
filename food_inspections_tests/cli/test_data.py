"""Versions of data: listed, swept, and a past forecast made again from those it names."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import URL, text

from food_inspections.cli.data import command
from food_inspections.errors import DataError
from food_inspections.orchestration.build import build_defs
from food_inspections.orchestration.instance.launch import run_job
from food_inspections.portal.server import PortalServer
from food_inspections.rebuild import rebuild, spans
from food_inspections.storage.city import OBJECT as CITY
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.postgres import database, embedded
from food_inspections.storage.records import versions
from food_inspections.storage.warehouse import Warehouse
from food_inspections_tests.conftest import execute
from food_inspections_tests.orchestration.city import FIRST, Deployment, deployment, small_city
from food_inspections_tests.orchestration.shared_city import FIRST_CUTOFF as CUTOFF
from food_inspections_tests.orchestration.shared_city import SharedCity


@pytest.fixture
def city(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployment(tmp_path / "home", database_url, small_city()) as city:
        monkeypatch.setenv("FOOD_INSPECTIONS_HOME", str(city.settings.home))
        monkeypatch.setenv("FOOD_INSPECTIONS_DATABASE_URL", database_url)
        monkeypatch.setenv("FOOD_INSPECTIONS_OBJECT_STORE", city.settings.object_store)
        yield city
        city.warehouse.engine.dispose()


@contextmanager
def one_embedded_server(folder: Path) -> Iterator[None]:
    """Stop the server that a rebuilt deployment in a folder has started."""
    yield
    embedded.stop(folder, is_forced=True)


@pytest.fixture
def forecasting(shared_city: SharedCity, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """A city with a model and a forecast."""
    with PortalServer(small_city()) as portal, shared_city.copy({}, portal) as copied:
        city = copied.deployed
        monkeypatch.setenv("FOOD_INSPECTIONS_HOME", str(city.settings.home))
        monkeypatch.setenv("FOOD_INSPECTIONS_DATABASE_URL", str(city.settings.database_url))
        monkeypatch.setenv("FOOD_INSPECTIONS_OBJECT_STORE", city.settings.object_store)
        yield city


def follow(city: Deployment) -> None:
    """Make the last four weeks again, and the forecast of the last of them."""
    city.prepare(CUTOFF - timedelta(weeks=3), CUTOFF)
    run_job(
        city.defs,
        city.instance,
        "refresh",
        CUTOFF,
        assets=["establishment_features", "predictions", "inspection_queue"],
    )


def data(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_history_shows_every_version_of_a_week_and_marks_the_one_in_force(city: Deployment) -> None:
    city.prepare(FIRST)
    changed = small_city().assign(dba_name="ANOTHER NAME")
    city.portal.replace(changed)
    city.prepare(FIRST)

    shown = data("history", "--week", str(FIRST + timedelta(days=3)), "--asset", "raw_inspections")
    rows = json.loads(data("history", "--week", str(FIRST), "--format", "json").output)

    lines = [line.split() for line in shown.output.splitlines()[2:]]
    assert [line[1] == "*" for line in lines] == [True, False]
    raw = [row for row in rows if row["asset"] == "raw_inspections"]
    assert raw[0]["content_hash"] == city.hashes("raw_inspections")[FIRST] != raw[1]["content_hash"]
    assert {row["asset"] for row in rows} == {"raw_inspections", "clean_inspections", "inspection_features"}
    assert all(city.warehouse.objects.exists(row["object_key"]) for row in raw)


def test_history_of_nothing_says_so(city: Deployment) -> None:
    result = data("history", "--week", str(FIRST))

    assert isinstance(result.exception, DataError)
    assert "Nothing was ever written" in str(result.exception)


def test_sweep_deletes_what_no_record_names_and_spares_the_young(
    city: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.prepare(FIRST)
    store = city.warehouse.objects
    named = list(store.keys())
    store.put("raw_inspections/2018-01-01/left.parquet", b"left by a run that was killed")
    store.put("compute_logs/step.err", b"kept by Dagster")

    assert "left.parquet" not in data("sweep", "--delete").output
    with city.warehouse.snapshot() as connection:
        found = list(versions.orphans(connection, store, datetime.now(UTC) + timedelta(minutes=1)))
    assert found == ["raw_inspections/2018-01-01/left.parquet"]

    monkeypatch.setattr("food_inspections.cli.data.timedelta", lambda hours: -timedelta(minutes=hours))
    assert "left.parquet" in data("sweep").output
    assert store.exists("raw_inspections/2018-01-01/left.parquet")
    assert "left.parquet" in data("sweep", "--delete").output
    assert list(store.keys()) == sorted([*named, "compute_logs/step.err"])


def test_an_object_that_a_run_names_meanwhile_is_not_swept(city: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that brings the content of an orphan stores nothing, and names what it found."""
    city.prepare(FIRST)
    store = city.warehouse.objects
    (key,) = store.keys("raw_inspections/")
    store.put("left", b"by nobody")

    with city.warehouse.transaction() as connection:
        assert versions.delete_orphans(connection, store, [key, "left"]) == ["left"]
    assert list(store.keys()) == [CITY, key]

    put, could_sweep = type(store).put, []

    def put_and_try_to_sweep(store: ObjectStore, key: str, content: bytes) -> None:
        with city.warehouse.transaction() as other:
            could_sweep.append(
                other.execute(text("SELECT pg_try_advisory_xact_lock(:l)"), {"l": versions.LOCK}).scalar()
            )
        put(store, key, content)

    monkeypatch.setattr(type(store), "put", put_and_try_to_sweep)
    city.prepare(FIRST + timedelta(weeks=1))
    assert could_sweep == [False]


def test_dagster_knows_the_data_version_of_a_week_made_alone(city: Deployment) -> None:
    city.prepare(FIRST)

    for asset in ("raw_inspections", "clean_inspections", "inspection_features"):
        event = city.instance.get_latest_data_version_record(dg.AssetKey(asset), partition_key=str(FIRST))
        assert event is not None
        assert event.asset_materialization is not None
        assert event.asset_materialization.tags["dagster/data_version"] == city.hashes(asset)[FIRST]


def test_a_past_forecast_is_rebuilt_although_the_data_have_changed_since(
    forecasting: Deployment, tmp_path: Path
) -> None:
    city = forecasting
    published = city.hashes("inspection_queue")[CUTOFF]
    predicted = city.hashes("predictions")[CUTOFF]
    # Since then the portal has corrected itself, and the deployment has followed it.
    city.portal.replace(small_city().assign(results="Fail"))
    follow(city)
    assert city.hashes("inspection_queue")[CUTOFF] != published

    with one_embedded_server(tmp_path / "queue"):
        result = data(
            *("rebuild", "--week", str(CUTOFF), "--data-version", published[:10], "--into", str(tmp_path / "queue"))
        )
        assert result.exception is None, result.output
        assert "Identical" in result.output
    with one_embedded_server(tmp_path / "predictions"):
        again = rebuild(city.warehouse, "predictions", CUTOFF, predicted, tmp_path / "predictions", print)
        assert again.different == ()
        assert again.content_hash == predicted


def test_a_forecast_is_rebuilt_in_an_empty_database_of_the_same_server(
    forecasting: Deployment, database_server: URL, tmp_path: Path
) -> None:
    """As a container does, which has no embedded server; and never in a database that is in use.

    By the knowledge lag that was in force then, whatever is set now.
    """
    city = forecasting
    then = build_defs(replace(city.settings, knowledge_lag_days=5))
    before = city.hashes("inspection_queue")[CUTOFF]
    run_job(then, city.instance, "refresh", CUTOFF, assets=["establishment_features", "inspection_queue"])
    assert city.hashes("inspection_queue")[CUTOFF] != before
    name = f"rebuilt_{uuid.uuid4().hex}"
    execute(database_server, f"CREATE DATABASE {name}")
    asked = ("rebuild", "--week", str(CUTOFF), "--database", name, "--into")
    profile = (
        "UPDATE metadata.materializations "
        "SET parameters = parameters || jsonb_build_object('profile', CAST(:p AS text)) RETURNING 1"
    )
    city.query(profile, p="another")
    refused = data(*asked, str(tmp_path / "refused"))
    assert f"of week {CUTOFF} was made by another profile of the city than chicago is now" in str(refused.exception)
    city.query(profile, p=city.settings.profile.parts["profile"])

    result = data(*asked, str(tmp_path / "queue"))
    assert result.exception is None, result.output
    assert "Identical" in result.output
    assert name in result.output
    again = data(*asked, str(tmp_path / "again"))
    assert isinstance(again.exception, DataError)
    assert "is in use" in str(again.exception)

    url = database_server.set(database=name).render_as_string(hide_password=False)
    database.engine(replace(city.settings, database_url=url)).dispose()
    execute(database_server, f"DROP DATABASE {name} WITH (FORCE)")


def test_a_database_is_named_on_a_server_that_was_given(forecasting: Deployment, tmp_path: Path) -> None:
    city = forecasting
    embedded_only = Warehouse(replace(city.settings, database_url=None))
    # What is read comes from the city's database; only the settings say that none was given.
    embedded_only.__dict__["engine"] = city.warehouse.engine

    with pytest.raises(DataError, match="FOOD_INSPECTIONS_DATABASE_URL, which is not set"):
        rebuild(embedded_only, "inspection_queue", CUTOFF, None, tmp_path / "into", print, "rebuilt")


def test_a_version_of_another_program_is_not_rebuilt(city: Deployment, tmp_path: Path) -> None:
    city.prepare(FIRST)
    with pytest.raises(DataError, match="no accepted version with a data version that starts with 'abc'"):
        rebuild(city.warehouse, "inspection_queue", FIRST, "abc", tmp_path / "into", print)


def test_a_folder_in_use_is_not_rebuilt_into(city: Deployment, tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "file").touch()

    with pytest.raises(DataError, match="is not empty"):
        rebuild(city.warehouse, "inspection_queue", FIRST, None, tmp_path / "into", print)


def test_weeks_are_gathered_into_unbroken_stretches() -> None:
    weeks = [FIRST, FIRST + timedelta(weeks=1), FIRST + timedelta(weeks=5)]

    assert spans(weeks) == [(weeks[0], weeks[1]), (weeks[2], weeks[2])]
    assert spans([]) == []
