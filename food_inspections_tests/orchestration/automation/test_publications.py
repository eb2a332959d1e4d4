"""Whoever asked for it is told of every published queue, once, or an alarm says that nobody took it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import text

from food_inspections.orchestration.automation import notifications
from food_inspections.orchestration.automation.clock import Clock
from food_inspections.orchestration.automation.publications import publications
from food_inspections.orchestration.automation.sensors import all_sensors
from food_inspections.settings import Settings
from food_inspections.storage.warehouse import Warehouse
from food_inspections_tests.api.seed import accept
from food_inspections_tests.orchestration.automation.conftest import Receiver

WEEK = date(2026, 11, 16)
FRIDAY = datetime(2026, 11, 13, 21, tzinfo=UTC)
SECRET = b"0123456789abcdef01234567"


@pytest.fixture
def warehouse(module_database_url: str, tmp_path: Path, receiver: Receiver) -> Iterator[Warehouse]:
    settings = Settings.from_environment({"FOOD_INSPECTIONS_HOME": str(tmp_path)})
    warehouse = Warehouse(
        replace(
            settings,
            database_url=module_database_url,
            publication_webhook_url=receiver.url,
            webhook_secret=SECRET,
            api_url="https://api.example/",
        )
    )
    with warehouse.transaction() as connection:
        connection.exec_driver_sql("TRUNCATE api.queue_publications, metadata.materializations CASCADE")
    yield warehouse
    warehouse.engine.dispose()


def publish(warehouse: Warehouse, version: int, at: datetime, status: str = "accepted") -> None:
    with warehouse.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO api.queue_publications "
                "VALUES (:week, :version, :at, 'run', :hash, 'blend-fail-2026', 1200)"
            ),
            {"week": WEEK, "version": version, "at": at, "hash": f"hash-{version}"},
        )
        accept(connection, "api_inspection_queue", [WEEK], f"hash-{version}", status)


def tick(warehouse: Warehouse, at: datetime, cursor: str | None = None) -> Any:
    context = dg.build_sensor_context(
        instance=dg.DagsterInstance.ephemeral(),
        cursor=cursor,
        resources={"warehouse": warehouse, "clock": Clock(at)},
    )
    with context:
        return publications.evaluate_tick(context)


def test_a_published_queue_is_told_of_once(warehouse: Warehouse, receiver: Receiver) -> None:
    publish(warehouse, 1, FRIDAY)

    first = tick(warehouse, FRIDAY + timedelta(minutes=2))
    second = tick(warehouse, FRIDAY + timedelta(minutes=4), first.cursor)

    (post,) = receiver.posts
    told = json.loads(post.body)
    assert told["type"] == "queue.published"
    assert told["data"] == {
        "week": "2026-11-16",
        "version": 1,
        "published_at": FRIDAY.isoformat(),
        "model_id": "blend-fail-2026",
        "row_count": 1200,
        "url": "https://api.example/api/v1/inspection-queue?week=2026-11-16&version=1",
    }
    assert told["text"].startswith("The inspection queue of the week of 2026-11-16, version 1, is published: 1,200 ")
    assert (first.skip_message, second.skip_message) == ("2026-11-16/1 was taken", "Nothing was published since.")


def test_its_signature_is_that_of_standard_webhooks(warehouse: Warehouse, receiver: Receiver) -> None:
    publish(warehouse, 1, FRIDAY)
    tick(warehouse, FRIDAY)

    (post,) = receiver.posts
    assert post.headers["webhook-id"] == "2026-11-16/1"
    signed = b".".join([b"2026-11-16/1", post.headers["webhook-timestamp"].encode(), post.body])
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert post.headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(post.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60


def test_a_queue_that_its_checks_rejected_is_not_told_of_nor_one_of_days_ago(
    warehouse: Warehouse, receiver: Receiver
) -> None:
    publish(warehouse, 1, FRIDAY - timedelta(days=2))
    publish(warehouse, 2, FRIDAY, status="rejected")

    assert tick(warehouse, FRIDAY).skip_message == "Nothing was published since."
    assert receiver.posts == []


def test_one_that_is_accepted_late_is_told_of_all_the_same(warehouse: Warehouse, receiver: Receiver) -> None:
    publish(warehouse, 1, FRIDAY, status="pending")
    publish(warehouse, 2, FRIDAY + timedelta(minutes=5))
    first = tick(warehouse, FRIDAY + timedelta(minutes=6))
    with warehouse.transaction() as connection:
        accept(connection, "api_inspection_queue", [WEEK], "hash-1")
    tick(warehouse, FRIDAY + timedelta(minutes=8), first.cursor)

    assert [post.headers["webhook-id"] for post in receiver.posts] == ["2026-11-16/2", "2026-11-16/1"]


@pytest.mark.parametrize("answer", [500, 404, 302])
def test_what_is_not_taken_is_offered_again_with_the_reason_in_words(
    warehouse: Warehouse, receiver: Receiver, answer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "ATTEMPTS", 1)
    publish(warehouse, 1, FRIDAY)
    receiver.answer = answer
    refused = tick(warehouse, FRIDAY)
    receiver.answer = 204
    taken = tick(warehouse, FRIDAY + timedelta(minutes=2), refused.cursor)

    assert refused.skip_message == (
        f"2026-11-16/1 was not taken: it answered {answer}; it is offered again until 2026-11-14 21:00:00+00:00"
    )
    assert taken.skip_message == "2026-11-16/1 was taken"
    assert [post.headers["webhook-id"] for post in receiver.posts] == ["2026-11-16/1"] * 2


def test_each_time_it_is_tried_three_times(warehouse: Warehouse, receiver: Receiver) -> None:
    publish(warehouse, 1, FRIDAY)
    receiver.answer = 503
    tick(warehouse, FRIDAY)

    assert len(receiver.posts) == notifications.ATTEMPTS == 3


def test_after_a_day_it_is_given_up_with_an_alarm(
    warehouse: Warehouse, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notifications, "ATTEMPTS", 1)
    publish(warehouse, 1, FRIDAY)
    receiver.answer = 500
    refused = tick(warehouse, FRIDAY)
    given_up = tick(warehouse, FRIDAY + timedelta(days=1, seconds=1), refused.cursor)
    after = tick(warehouse, FRIDAY + timedelta(days=1, minutes=2), given_up.cursor)

    assert given_up.skip_message == "2026-11-16/1 was never taken"
    assert "Nobody was told of the publication 2026-11-16/1" in caplog.text
    assert "(it answered 500)" in caplog.text
    assert after.skip_message == "Nothing was published since."
    assert len(receiver.posts) == 1


def test_nobody_looks_where_no_webhook_is_set(warehouse: Warehouse) -> None:
    without = replace(warehouse.settings, publication_webhook_url=None)

    assert publications in all_sensors(warehouse.settings)
    assert publications not in all_sensors(without)
