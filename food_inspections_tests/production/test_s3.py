"""Objects in S3: a server that fails, dawdles or is left in the middle of an upload loses and doubles nothing."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from food_inspections.errors import FoodInspectionsError, StorageError
from food_inspections.storage.objects import ObjectStore
from food_inspections_tests.orchestration.city import FIRST, Deployment, deployment, small_city
from food_inspections_tests.production.s3_server import Fault, S3Server

LAST = FIRST + timedelta(weeks=2)
WEEKS = 3


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without the waits between them."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


@pytest.fixture
def city(
    s3: S3Server, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patient: None
) -> Iterator[Deployment]:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    store = f"s3://bucket/{tmp_path.name}"
    with deployment(tmp_path / "home", database_url, small_city(), object_store=store) as city:
        yield city
        s3.faults.clear()
        city.warehouse.engine.dispose()


def keys(city: Deployment) -> list[str]:
    return list(city.warehouse.objects.keys("raw_inspections/"))


def test_errors_and_slow_answers_that_pass_are_waited_for(city: Deployment, s3: S3Server) -> None:
    s3.faults += [Fault("PUT", 3, 500), Fault("HEAD", 2, 503), Fault("GET", 2, 503), Fault("GET", 1, 0, delay_s=0.5)]

    city.prepare(FIRST, LAST)

    assert len(city.hashes("raw_inspections")) == len(keys(city)) == WEEKS
    assert all(fault.remaining == 0 for fault in s3.faults)


def test_a_store_that_refuses_leaves_no_week_and_a_later_run_makes_it(city: Deployment, s3: S3Server) -> None:
    s3.faults.append(Fault("PUT", 10_000, 500))
    with pytest.raises(FoodInspectionsError, match="Cannot write"):
        city.prepare(FIRST, LAST)

    assert city.query("SELECT count(*) FROM metadata.materializations") == [(0,)]
    assert city.query("SELECT count(*) FROM data.clean_inspections") == [(0,)]

    s3.faults.clear()
    city.prepare(FIRST, LAST)

    assert len(city.hashes("raw_inspections")) == len(keys(city)) == WEEKS


def test_a_run_that_fails_between_two_weeks_commits_neither(city: Deployment, s3: S3Server) -> None:
    """The first week's object is there, and no reader finds it."""
    s3.faults += [Fault("HEAD", 0), Fault("PUT", 0)]
    kind = type(city.warehouse.objects)
    put = kind.put
    stored: list[str] = []

    def fail_on_the_second(store: ObjectStore, key: str, content: bytes) -> None:
        if stored:
            raise StorageError(f"Cannot write {key}: planted.")
        stored.append(key)
        put(store, key, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "put", fail_on_the_second)
        with pytest.raises(FoodInspectionsError, match="planted"):
            city.prepare(FIRST, LAST)

    assert keys(city) == stored
    assert city.hashes("raw_inspections") == {}
    with pytest.raises(StorageError, match="is missing"):
        city.warehouse.read_objects("raw_inspections", [FIRST], required=[FIRST])


def test_an_upload_cut_in_the_middle_leaves_no_object(city: Deployment, s3: S3Server) -> None:
    """As a client killed while it sends: half of the bytes, then the connection is gone."""
    path = f"/bucket/{city.settings.object_store.rpartition('/')[2]}/raw_inspections/2018-01-01/half.parquet"
    with socket.create_connection(("127.0.0.1", s3.port)) as connection:
        head = f"PUT {path} HTTP/1.1\r\nHost: localhost:{s3.port}\r\nContent-Length: 1000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 500)

    assert keys(city) == []


def test_the_same_content_is_uploaded_once_and_a_changed_week_keeps_its_earlier_object(
    city: Deployment, s3: S3Server
) -> None:
    city.prepare(FIRST, FIRST)
    uploads = [path for method, path in s3.requests if method == "PUT"]
    city.prepare(FIRST, FIRST)
    assert [path for method, path in s3.requests if method == "PUT"] == uploads
    first = city.hashes("raw_inspections")[FIRST]

    changed = small_city()
    changed.loc[changed["inspection_date"].str.startswith(str(FIRST + timedelta(days=1))), "dba_name"] = "ANOTHER NAME"
    city.portal.replace(changed)
    city.prepare(FIRST, FIRST)

    second = city.hashes("raw_inspections")[FIRST]
    assert second != first
    assert keys(city) == sorted(f"raw_inspections/{FIRST}/{version}.parquet" for version in (first, second))
