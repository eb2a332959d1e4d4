import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from food_inspections.api import create_app
from food_inspections_tests.api.conftest import City
from food_inspections_tests.api.test_database_away import gate
from food_inspections_tests.plan_rows import insert_plan

__all__ = ["gate"]

KEY = "a writer's key"
READER = "a reader's key"
HEADERS = {"X-API-Key": KEY}


@pytest.fixture
def deciding(own_city: City) -> FlaskClient:
    """A client over a city where the office may decide."""
    return client_of(own_city)


def client_of(city: City) -> FlaskClient:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    writers = (("field", "another key"), ("office", digest))
    return create_app(replace(city.settings, api_keys=(READER,), api_writers=writers)).test_client()


def url(city: City) -> str:
    return f"/api/v1/inspection-plan/{city.seeded.queue_week}"


def one(place: str, decision: str = "done", key: str = "", **more: str) -> dict[str, str]:
    return {"establishment_id": place, "decision": decision, "idempotency_key": key or f"{decision}-{place}", **more}


def test_the_plan_by_inspector_day_and_order(client: FlaskClient, city: City) -> None:
    rows = client.get(url(city)).json
    assert rows == client.get("/api/v1/inspection-plan").json
    keys = [(row["inspector_now"], row["day"], row["stop"]) for row in rows]
    assert keys == sorted(keys)
    assert {row["inspector"] for row in rows} == {"ann", "bob"}
    assert all(row["decision"] is None and row["dba_name"] and row["why"] for row in rows)
    assert client.get(url(city), query_string={"inspector": "ann"}).json == [
        row for row in rows if row["inspector"] == "ann"
    ]


def test_a_week_without_a_plan_and_no_week_at_all(client: FlaskClient, city: City) -> None:
    for week, message in (("2024-01-10", "The week of 2024-01-08 has no plan"), ("soon", "'soon' names no week")):
        for path in ("", "/decisions"):
            answer = client.get(f"/api/v1/inspection-plan/{week}{path}")
            assert answer.status_code == 404
            assert message in answer.json["detail"]


def test_decisions_are_kept_shown_and_listed(deciding: FlaskClient, own_city: City) -> None:
    lines = deciding.get(url(own_city)).json
    first, second = lines[0], lines[1]
    etag = deciding.get(url(own_city)).headers["ETag"]
    batch = {
        "decisions": [
            one(first["establishment_id"]),
            one(second["establishment_id"], "swapped", inspector="cid", reason="ann is ill"),
        ]
    }
    answer = deciding.post(url(own_city) + "/decisions", json=batch, headers=HEADERS)
    assert answer.status_code == 200
    assert [row["decided_by"] for row in answer.json["decisions"]] == ["office", "office"]
    assert deciding.post(url(own_city) + "/decisions", json=batch, headers=HEADERS).json == answer.json
    listed = deciding.get(url(own_city) + "/decisions")
    assert listed.json == answer.json["decisions"]
    now = deciding.get(url(own_city), headers={"If-None-Match": etag})
    assert now.status_code == 200, "a decision is a new state of the plan"
    by_place = {row["establishment_id"]: row for row in now.json}
    assert by_place[first["establishment_id"]]["decision"] == "done"
    swapped = by_place[second["establishment_id"]]
    assert (swapped["inspector"], swapped["inspector_now"]) == (second["inspector"], "cid")
    assert swapped["decision_reason"] == "ann is ill"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "unauthorized"),
        ({"X-API-Key": "unknown"}, 401, "unauthorized"),
        ({"X-API-Key": hashlib.sha256(KEY.encode()).hexdigest()}, 401, "unauthorized"),
        ({"X-API-Key": READER}, 403, "forbidden"),
    ],
)
def test_to_decide_takes_a_writers_key(
    deciding: FlaskClient, own_city: City, headers: dict[str, str], status: int, code: str
) -> None:
    place = deciding.get(url(own_city)).json[0]["establishment_id"]
    answer = deciding.post(url(own_city) + "/decisions", json={"decisions": [one(place)]}, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert deciding.get(url(own_city) + "/decisions").json == []


def test_without_writers_nobody_decides(live_client: FlaskClient, own_city: City) -> None:
    place = live_client.get(url(own_city)).json[0]["establishment_id"]
    answer = live_client.post(url(own_city) + "/decisions", json={"decisions": [one(place)]}, headers=HEADERS)
    assert (answer.status_code, answer.json["code"]) == (403, "no_writers")
    assert "FOOD_INSPECTIONS_API_WRITERS" in answer.json["detail"]


def test_a_writers_key_reads_and_scores_as_well(deciding: FlaskClient) -> None:
    body = {"visits": [{"establishment_id": "1000003"}]}
    assert deciding.post("/api/v1/predictions", json=body).status_code == 401
    assert deciding.post("/api/v1/predictions", json=body, headers=HEADERS).status_code == 200


def test_what_is_refused_says_which_and_why_and_keeps_nothing(deciding: FlaskClient, own_city: City) -> None:
    good, other = (row["establishment_id"] for row in deciding.get(url(own_city)).json[:2])
    batch = [one(good), one("1999999"), one(other, "postponed"), one(other, key="a-further-key", inspector="eve")]
    answer = deciding.post(url(own_city) + "/decisions", json={"decisions": batch}, headers=HEADERS)
    assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
    refused = answer.json["details"]["json"]["decisions"]
    assert "not on the plan" in refused["1"]["establishment_id"][0]
    assert refused["2"]["reason"] == ["Say why: 'postponed' overrides the plan."]
    assert "about" in refused["3"]["establishment_id"][0]
    assert "none was" in answer.json["detail"]
    assert deciding.get(url(own_city) + "/decisions").json == []
    alone = deciding.post(
        url(own_city) + "/decisions", json={"decisions": [one(other, inspector="eve")]}, headers=HEADERS
    )
    assert "Nobody called 'eve'" in alone.json["details"]["json"]["decisions"]["0"]["inspector"][0]


def test_the_same_decision_twice_is_a_conflict(deciding: FlaskClient, own_city: City) -> None:
    place = deciding.get(url(own_city)).json[0]["establishment_id"]
    post = lambda *asked: deciding.post(  # noqa: E731 - one line of a table
        url(own_city) + "/decisions", json={"decisions": list(asked)}, headers=HEADERS
    )
    assert post(one(place)).status_code == 200
    again = post(one(place, key="another-key"))
    assert (again.status_code, again.json["code"]) == (409, "conflict")
    assert "already decided 'done'" in again.json["detail"]
    other = post(one(place, "closed", key=f"done-{place}"))
    assert other.status_code == 409
    assert "says something else" in other.json["detail"]
    assert post(one(place, "closed")).status_code == 200, "who errs decides again"


def test_a_week_without_a_plan_takes_no_decision(deciding: FlaskClient, own_city: City) -> None:
    week = own_city.seeded.queue_week + timedelta(7)
    answer = deciding.post(
        f"/api/v1/inspection-plan/{week}/decisions", json={"decisions": [one("1000003")]}, headers=HEADERS
    )
    assert answer.status_code == 404
    assert f"The week of {week} has no plan" in answer.json["detail"]


def test_writers_repeat_what_a_database_that_comes_and_goes_did_not_answer(
    gate: Callable[[bool], None], own_city: City
) -> None:
    """Four senders, each with its own lines, each line sent until it is answered, while connections are cut."""
    client = client_of(own_city)
    places = [row["establishment_id"] for row in client.get(url(own_city)).json]
    deadline = time.monotonic() + 60

    def send(sender: int) -> set[int]:
        own, statuses = client_of(own_city), set()
        for place in places[sender::4]:
            body = {"decisions": [one(place)]}
            while (status := own.post(url(own_city) + "/decisions", json=body, headers=HEADERS).status_code) != 200:
                statuses.add(status)
                assert time.monotonic() < deadline, "it was never answered"
                time.sleep(0.05)
        return statuses

    with ThreadPoolExecutor(4) as pool:
        senders = [pool.submit(send, sender) for sender in range(4)]
        for _ in range(3):
            gate(False)
            time.sleep(0.2)
            gate(True)
            time.sleep(0.3)
        met = set().union(*(sender.result() for sender in senders))
    assert met <= {503}
    rows = client.get(url(own_city) + "/decisions").json
    assert sorted(row["establishment_id"] for row in rows) == sorted(places), "each once"
    with own_city.engine.connect() as connection:
        count = connection.execute(
            text("SELECT row_count FROM metadata.accepted_weeks WHERE asset = 'plan_decisions'")
        ).scalar_one()
    assert count == len(places)


def test_a_place_decided_on_keeps_its_decision_when_the_week_is_planned_again(
    deciding: FlaskClient, own_city: City
) -> None:
    week = own_city.seeded.queue_week
    first, second = (row["establishment_id"] for row in deciding.get(url(own_city)).json[:2])
    batch = {"decisions": [one(first, "skipped", reason="no time")]}
    assert deciding.post(url(own_city) + "/decisions", json=batch, headers=HEADERS).status_code == 200
    with own_city.engine.begin() as connection:
        insert_plan(connection, week, {"ann": [second]}, version=2)
    outcomes = {row["establishment_id"]: row for row in deciding.get(f"/api/v1/inspection-queue/{week}/outcomes").json}
    assert (outcomes[first]["decision"], outcomes[first]["is_planned"]) == ("skipped", False)
    assert (outcomes[second]["decision"], outcomes[second]["is_planned"]) == (None, True)
    assert [row["establishment_id"] for row in deciding.get(url(own_city) + "/decisions").json] == [first]


def test_what_was_taken_off_the_plan_after_a_decision_is_accounted_for_though_no_list_held_it(
    deciding: FlaskClient, own_city: City
) -> None:
    week = own_city.seeded.queue_week
    with own_city.engine.begin() as connection:
        insert_plan(connection, week, {"ann": ["9000001", "9000002"]}, version=2)
    batch = {"decisions": [one("9000001", "wrong_address")]}
    assert deciding.post(url(own_city) + "/decisions", json=batch, headers=HEADERS).status_code == 200
    with own_city.engine.begin() as connection:
        insert_plan(connection, week, {"ann": []}, version=3)
    outcomes = {row["establishment_id"]: row for row in deciding.get(f"/api/v1/inspection-queue/{week}/outcomes").json}
    found = outcomes["9000001"]
    assert (found["decision"], found["is_planned"], found["is_on_list"]) == ("wrong_address", False, False)
    assert found["inspector"] == "ann"
    assert "9000002" not in outcomes


def test_what_was_swapped_and_then_done_was_overridden(deciding: FlaskClient, own_city: City) -> None:
    line = deciding.get(url(own_city)).json[0]
    place = line["establishment_id"]
    for asked in (one(place, "swapped", inspector="cid", reason="ill"), one(place, "done")):
        assert (
            deciding.post(url(own_city) + "/decisions", json={"decisions": [asked]}, headers=HEADERS).status_code == 200
        )
    outcomes = deciding.get(f"/api/v1/inspection-queue/{own_city.seeded.queue_week}/outcomes").json
    (found,) = [row for row in outcomes if row["establishment_id"] == place]
    assert (found["decision"], found["is_override"]) == ("done", True)


def test_outcomes_tell_what_became_of_the_list(live_client: FlaskClient, own_city: City) -> None:
    seeded = own_city.seeded
    address = f"/api/v1/inspection-queue/{seeded.queue_week}/outcomes"
    before = live_client.get(address)
    listed = {row["establishment_id"] for row in live_client.get("/api/v1/inspection-queue").json}
    assert {row["establishment_id"] for row in before.json} == listed
    assert all(row["visited_on"] is None and row["days_unvisited"] > 0 for row in before.json)
    visited, later = before.json[0]["establishment_id"], before.json[1]["establishment_id"]
    with own_city.engine.begin() as connection:
        for place, days, result in ((visited, 1, "Fail"), (visited, 3, "Pass"), (later, 8, "Pass")):
            connection.execute(
                text(
                    "INSERT INTO data.clean_inspections SELECT (r).* FROM (SELECT jsonb_populate_record(i, "
                    "jsonb_build_object('week', CAST(:week AS date), 'inspection_id', :id, 'inspection_date', "
                    "CAST(:day AS date), 'results', CAST(:result AS text), 'is_failure', :result = 'Fail')) AS r "
                    "FROM data.clean_inspections AS i WHERE establishment_id = :place LIMIT 1) AS changed"
                ),
                {
                    "place": place,
                    "day": seeded.queue_week + timedelta(days),
                    "week": seeded.queue_week + timedelta(days // 7 * 7),
                    "id": 9_000_000 + days,
                    "result": result,
                },
            )
        connection.execute(
            text(
                "INSERT INTO metadata.materializations (run_id, asset, week, status, row_count, code_version, "
                "content_hash, upstream_hash, decided_at) SELECT 'late', 'clean_inspections', CAST(:week AS date) + 7 "
                "* n, 'accepted', 2, '1', 'late', '', clock_timestamp() FROM generate_series(0, 1) AS n"
            ),
            {"week": seeded.queue_week},
        )
    after = {row["establishment_id"]: row for row in live_client.get(address).json}
    assert (after[visited]["result"], after[visited]["is_failure"], after[visited]["is_in_week"]) == (
        "Fail",
        True,
        True,
    )
    assert after[visited]["visited_on"] == str(seeded.queue_week + timedelta(1)), "the first visit counts"
    assert (after[later]["is_in_week"], after[later]["days_unvisited"]) == (False, None)
    assert live_client.get("/api/v1/inspection-queue/2024-01-01/outcomes").status_code == 404
