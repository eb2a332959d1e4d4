"""Decisions, files and the phone's page of the plan, over HTTP."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import URL

from food_inspections.monitor import create_app
from food_inspections.storage.postgres import database
from food_inspections.storage.records import plan_decisions
from food_inspections_tests.monitor.conftest import Filled, filled_database
from food_inspections_tests.monitor.seed import INSPECTORS, Scale

KEY = {"X-API-Key": "a key"}


@pytest.fixture(scope="module")
def own(database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    scale = Scale(weeks=2, queue_weeks=2)
    with filled_database(database_server, database_template, tmp_path_factory.mktemp("own"), scale) as filled:
        yield replace(filled, settings=replace(filled.settings, api_writers=(("office", "a key"),)))


@pytest.fixture
def client(own: Filled) -> FlaskClient:
    client: FlaskClient = create_app(own.settings).server.test_client()
    return client


def week(own: Filled) -> str:
    with database.engine(own.settings).connect() as connection:
        return str(connection.exec_driver_sql("SELECT max(week) FROM api.published_plans").scalar_one())


def places(own: Filled, inspector: str) -> list[str]:
    with database.engine(own.settings).connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT establishment_id FROM api.plan_lines WHERE week = %s AND inspector_now = %s AND decision IS NULL "
            "ORDER BY day, stop",
            (week(own), inspector),
        )
        return list(rows.scalars())


def send(client: FlaskClient, own: Filled, headers: dict[str, str], **decision: str) -> tuple[int, str]:
    answer = client.post(f"/plan/{week(own)}/decisions", json={"decisions": [decision]}, headers=headers)
    return answer.status_code, answer.json.get("detail", "")


def test_a_decision_on_the_page_is_kept_as_one_of_the_api_is(client: FlaskClient, own: Filled) -> None:
    place = places(own, "bob")[0]
    decision = {"establishment_id": place, "decision": "done", "idempotency_key": "monitor-key-1"}
    assert send(client, own, KEY, **decision) == (200, "")
    assert send(client, own, KEY, **decision) == (200, ""), "sent again it is kept once"
    with database.engine(own.settings).connect() as connection:
        lines = plan_decisions.standing_of(connection, date.fromisoformat(week(own))).lines or {}
    made = lines[place].last
    assert made is not None
    assert (made.decision, made.decided_by, made.inspector) == ("done", "office", "bob")


def test_without_a_writers_key_nothing_is_kept(client: FlaskClient, own: Filled) -> None:
    place = places(own, "bob")[0]
    decision = {"establishment_id": place, "decision": "done", "idempotency_key": "monitor-key-2"}
    for headers in ({}, {"X-API-Key": "another"}, {"Cookie": "X-API-Key=a key"}):
        assert send(client, own, headers, **decision)[0] == 401
    nobody = create_app(replace(own.settings, api_writers=())).server.test_client()
    status, detail = send(nobody, own, KEY, **decision)
    assert status == 403
    assert "FOOD_INSPECTIONS_API_WRITERS" in detail
    assert place in places(own, "bob")


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"decision": "skipped"}, 422, "Say why: 'skipped' overrides the plan."),
        ({"decision": "burnt"}, 422, "one of done, postponed"),
        ({"establishment_id": "nobody"}, 422, "nobody is not on the plan"),
        ({"inspector": "eve", "reason": "x"}, 422, "Nobody called 'eve'"),
        ({"colour": "red"}, 422, "A decision has texts"),
        ({"reason": "x" * 501}, 422, "at most 500 letters"),
        ({"reason": "a\nb"}, 422, "control characters"),
        ({"inspector": "\ud800"}, 422, "not valid Unicode"),
        ({"inspector": "x" * 101, "reason": "x"}, 422, "at most 100 letters"),
        ({"idempotency_key": "short"}, 422, "8 to 100 letters"),
        ({"idempotency_key": "x" * 101}, 422, "8 to 100 letters"),
        ({"idempotency_key": ""}, 422, "names establishment_id, idempotency_key"),
    ],
)
def test_what_is_refused_says_why(
    client: FlaskClient, own: Filled, changes: dict[str, str], status: int, message: str
) -> None:
    decision = {"establishment_id": places(own, "bob")[0], "decision": "done", "idempotency_key": "monitor-key-3"}
    found, detail = send(client, own, KEY, **(decision | changes))
    assert found == status
    assert message in detail


def test_guessing_keys_ends_after_twenty_and_for_that_address_alone(client: FlaskClient, own: Filled) -> None:
    place = places(own, "bob")[0]
    body = {"decisions": [{"establishment_id": place, "decision": "done", "idempotency_key": "monitor-key-5"}]}

    def status(key: str, address: str = "10.0.0.1") -> int:
        answer = client.post(
            f"/plan/{week(own)}/decisions",
            json=body,
            headers={"X-API-Key": key},
            environ_overrides={"REMOTE_ADDR": address},
        )
        return answer.status_code

    assert [status(f"guess {number}") for number in range(21)] == [401] * 20 + [429]
    assert status("a key") == 429, "not even the right one is looked at"
    assert place in places(own, "bob")
    assert status("a key", "10.0.0.2") == 200


def test_behind_a_proxy_guesses_are_counted_by_the_address_that_it_names(own: Filled) -> None:
    behind = create_app(replace(own.settings, api_proxy_hops=1)).server.test_client()

    def status(key: str, address: str) -> int:
        headers = {"X-API-Key": key, "X-Forwarded-For": address}
        return behind.post(f"/plan/{week(own)}/decisions", json={"decisions": []}, headers=headers).status_code

    assert [status("guess", "10.0.0.1") for _ in range(21)][-1] == 429
    assert status("a key", "10.0.0.2") == 422


def test_what_is_decided_already_is_told_from_what_cannot_be_kept(client: FlaskClient, own: Filled) -> None:
    first, second = places(own, "bob")[:2]

    def answer(place: str, key: str) -> tuple[int, bool | None]:
        decision = {"establishment_id": place, "decision": "done", "idempotency_key": key}
        sent = client.post(f"/plan/{week(own)}/decisions", json={"decisions": [decision]}, headers=KEY)
        return sent.status_code, sent.json.get("is_decided")

    assert answer(first, "monitor-key-6") == (200, None)
    assert answer(first, "monitor-key-7") == (409, True)
    assert answer(second, "monitor-key-6") == (409, False), "the key is another decision's"


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"decisions": []}', '{"decisions": [1]}', "\xff"])
def test_what_is_no_list_of_decisions_is_refused(client: FlaskClient, own: Filled, body: str) -> None:
    answer = client.post(
        f"/plan/{week(own)}/decisions", data=body.encode("latin-1"), headers=KEY, content_type="application/json"
    )
    assert answer.status_code in (413, 422)
    assert answer.json["detail"]


def test_weeks_without_a_plan_say_so(client: FlaskClient) -> None:
    body = {"decisions": [{"establishment_id": "1", "decision": "done", "idempotency_key": "monitor-key-4"}]}
    assert client.post("/plan/2001-01-01/decisions", json=body, headers=KEY).status_code == 404
    for address in ("/plan/2001-01-01.csv", "/plan/soon.ics", "/plan/2001-01-01/sheet", "/my-day/?week=2001-01-01"):
        assert client.get(address).status_code == 404, address


def test_the_plan_as_files(client: FlaskClient, own: Filled) -> None:
    name = INSPECTORS[2]
    for kind, media_type in {
        "csv": "text/csv", "ics": "text/calendar", "gpx": "application/gpx+xml", "geojson": "application/geo+json",
    }.items():  # fmt: skip
        answer = client.get(f"/plan/{week(own)}.{kind}", query_string={"inspector": name})
        assert answer.status_code == 200
        assert answer.mimetype == media_type
        disposition = answer.headers["Content-Disposition"]
        assert re.fullmatch(rf'attachment; filename="plan-{week(own)}-O-Neil--cid\.{kind}"', disposition)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/plan/{week(own)}.csv").text)))
    assert {row["inspector_now"] for row in rows} == set(INSPECTORS)
    assert "nan" not in client.get(f"/plan/{week(own)}.csv").text.lower()
    features = json.loads(client.get(f"/plan/{week(own)}.geojson").text)["features"]
    assert {feature["properties"]["inspector"] for feature in features} <= set(INSPECTORS)


def test_my_day_asks_whose_and_shows_the_stops_in_order(client: FlaskClient, own: Filled) -> None:
    choice = client.get("/my-day/").text
    assert all(name.replace("'", "&#x27;") in choice for name in INSPECTORS)
    page = client.get("/my-day/", query_string={"inspector": "Ann Miller", "week": week(own)}).text
    stops = re.findall(r'data-establishment="([^"]+)"', page)
    assert stops == places(own, "Ann Miller")
    times = re.findall(r'class="time">(\d\d:\d\d)', page)
    assert len(times) == len(stops)
    assert "Directions" in page
    assert page.count('data-decide="done"') == len(stops)
    assert "Nothing is planned on this day." in page
    unknown = client.get("/my-day/", query_string={"inspector": "<script>", "week": week(own)})
    assert unknown.status_code == 404
    assert "<script>" not in unknown.text


def test_the_sheet_has_everybody_and_no_buttons(client: FlaskClient, own: Filled) -> None:
    page = client.get(f"/plan/{week(own)}/sheet").text
    with database.engine(own.settings).connect() as connection:
        query = "SELECT count(*) FROM api.plan_lines WHERE week = %s"
        line_count = connection.exec_driver_sql(query, (week(own),)).scalar_one()
    assert page.count('class="stop') == line_count
    assert "data-decide" not in page
    assert '<details class="cited" open>' in page or "No violation on record." in page


def test_the_phones_scripts_are_served_and_nothing_else_is(client: FlaskClient) -> None:
    folder = Path(__file__).resolve().parents[3] / "monitor" / "field"
    for name in ("my_day.js", "my_day.css", "worker.js"):
        answer = client.get(f"/my-day/{name}")
        assert answer.data == (folder / name).read_bytes()
        assert answer.headers["Cache-Control"] == "no-cache"
