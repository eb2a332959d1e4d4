import json
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from food_inspections.api import create_app
from food_inspections.api.schemas.scoring import MOST_VISITS
from food_inspections.storage.objects import ObjectStore
from food_inspections_tests.api.conftest import City, MakeClient
from food_inspections_tests.api.seed import CHAIN

URL = "/api/v1/predictions"
PLACE = {"facility_type": "Bakery", "risk": "Risk 2 (Medium)", "zip": "60614", "latitude": 41.9, "longitude": -87.64}


def post(client: FlaskClient, *visits: Any) -> dict[str, Any]:
    answer = client.post(URL, json={"visits": list(visits)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_an_establishment_scores_as_in_the_queue_made_by_the_same_model(client: FlaskClient, city: City) -> None:
    queued = client.get("/api/v1/inspection-queue?scope=all").json
    visits = [{"establishment_id": row["establishment_id"]} for row in queued]
    found = post(client, *visits)
    assert [(row["establishment_id"], row["score"], row["label"]) for row in found["scores"]] == [
        (row["establishment_id"], row["score"], row["label"]) for row in queued
    ]
    assert found["scores"][0]["reasons"][0] == queued[0]["reasons"][0]
    assert found["model_id"] == city.seeded.champion_id
    assert found["week"] == city.seeded.queue_week.isoformat()


def test_the_visit_can_be_of_another_kind_and_day(client: FlaskClient) -> None:
    canvass, complaint = post(
        client,
        {"establishment_id": "1000003"},
        {"establishment_id": "1000003", "inspection_type": "Complaint", "weekday": 4},
    )["scores"]
    assert canvass["inspection_date"] == "2024-10-07"
    assert (complaint["inspection_type"], complaint["inspection_date"]) == ("Complaint", "2024-10-11")
    assert complaint["score"] != canvass["score"]


def test_a_hypothetical_place_scores_by_what_was_found_around_it(client: FlaskClient) -> None:
    here, elsewhere, chain = post(
        client,
        PLACE,
        PLACE | {"zip": "60601", "latitude": 41.88, "longitude": -87.63},
        PLACE | {"dba_name": CHAIN.lower()},
    )["scores"]
    assert here["establishment_id"] is None
    assert 0 < here["score"] < 1
    assert len({here["score"], elsewhere["score"], chain["score"]}) == 3


def test_scores_come_in_the_order_asked_and_do_not_depend_on_company(client: FlaskClient) -> None:
    visits = [{"establishment_id": "1000003"}, PLACE, {"establishment_id": "1000004"}, PLACE | {"weekday": 2}]
    together = post(client, *visits)["scores"]
    assert together == [post(client, visit)["scores"][0] for visit in visits]


def test_the_most_visits_allowed_are_scored(client: FlaskClient) -> None:
    assert len(post(client, *[{"establishment_id": "1000003"}] * MOST_VISITS)["scores"]) == MOST_VISITS


def test_what_was_asked_and_answered_is_logged(own_city: City) -> None:
    client = create_app(replace(own_city.settings, api_keys=("secret",))).test_client()
    headers = {"X-API-Key": "secret", "X-Request-ID": "my-request"}
    answer = client.post(URL, json={"visits": [{"establishment_id": "1000003"}, PLACE]}, headers=headers)
    with own_city.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM api.inference_log ORDER BY inference_id")).all()
    assert [row.input for row in rows] == [{"establishment_id": "1000003"}, PLACE]
    assert [row.output["score"] for row in rows] == [row["score"] for row in answer.json["scores"]]
    assert {row.request_id for row in rows} == {"my-request"}
    assert {row.model_id for row in rows} == {own_city.seeded.champion_id}
    assert "secret" not in rows[0].caller != "anonymous"


def test_a_refused_request_is_not_logged(own_city: City, live_client: FlaskClient) -> None:
    assert live_client.post(URL, json={"visits": [{"establishment_id": "42"}]}).status_code == 404
    with own_city.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM api.inference_log")).scalar_one() == 0


def logged(city: City) -> int:
    with city.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM api.inference_log")).scalar_one())


def test_callers_without_a_key_fill_the_log_up_to_their_quota(own_city: City) -> None:
    client = create_app(replace(own_city.settings, api_anonymous_log="3 per day")).test_client()
    for _ in range(5):
        assert client.post(URL, json={"visits": [{"establishment_id": "1000003"}]}).status_code == 200
    assert logged(own_city) == 3


def test_the_log_forgets_after_its_days(own_city: City) -> None:
    old = "INSERT INTO api.inference_log (request_id, caller, model_id, input, output, requested_at) "
    values = "SELECT 'old', 'x', 'm', '{}', '{}', now() - make_interval(days => day) FROM generate_series(5, 9) AS day"
    with own_city.engine.begin() as connection:
        connection.execute(text(old + values))
    client = create_app(replace(own_city.settings, api_log_days=7)).test_client()
    assert client.post(URL, json={"visits": [{"establishment_id": "1000003"}]}).status_code == 200
    assert logged(own_city) == 3, "two of five are young enough, and one is new"


def test_the_model_is_loaded_once_and_again_after_a_new_decision(
    own_city: City, live_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    get = type(ObjectStore.from_url(own_city.settings.object_store)).get

    def counted(self: Any, key: str) -> bytes:
        loaded.append(key)
        content: bytes = get(self, key)
        return content

    monkeypatch.setattr(type(ObjectStore.from_url(own_city.settings.object_store)), "get", counted)
    for _ in range(3):
        post(live_client, {"establishment_id": "1000003"})
    assert len(loaded) == 1
    copy_of_decision = "SELECT (jsonb_populate_record(s, CAST(:changes AS jsonb))).* FROM models.selections AS s"
    with own_city.engine.begin() as connection:
        changes = '{"model_id": "decided-later", "checksum": "not that of the file"}'
        connection.execute(
            text(f"INSERT INTO models.selections OVERRIDING USER VALUE {copy_of_decision}"),
            {"changes": changes},
        )
    answer = live_client.post(URL, json={"visits": [{"establishment_id": "1000003"}]})
    assert len(loaded) == 2
    assert answer.status_code == 503, "its file is not the one recorded"
    assert answer.json["code"] == "model_unavailable"


def test_unknown_establishments_are_named_one_by_one(client: FlaskClient, city: City) -> None:
    closed = city.seeded.inspections.iloc[0]["establishment_id"]
    visits = [{"establishment_id": "1000003"}, {"establishment_id": "42"}, PLACE, {"establishment_id": closed}]
    answer = client.post(URL, json={"visits": visits})
    assert answer.status_code == 404
    error = answer.json
    assert error["code"] == "unknown_establishments"
    assert set(error["details"]["json"]["visits"]) == {"1", "3"}


@pytest.mark.parametrize(
    ("visit", "field"),
    [
        ({}, "facility_type"),
        ({"establishment_id": 1000003}, "establishment_id"),
        ({"establishment_id": None}, "establishment_id"),
        ({"establishment_id": "1000003\x00"}, "establishment_id"),
        ({"establishment_id": "1000003", "zip": "60614"}, "zip"),
        ({"establishment_id": "1000003", "weekday": 7}, "weekday"),
        ({"establishment_id": "1000003", "weekday": True}, "weekday"),
        ({"establishment_id": "1000003", "weekday": "1"}, "weekday"),
        ({"establishment_id": "1000003", "inspection_type": "Out of Business"}, "inspection_type"),
        (PLACE | {"latitude": "41.9"}, "latitude"),
        (PLACE | {"latitude": True}, "latitude"),
        (PLACE | {"latitude": -87.64}, "latitude"),
        (PLACE | {"latitude": 10**400}, "latitude"),
        (PLACE | {"longitude": None}, "longitude"),
        (PLACE | {"zip": 60614}, "zip"),
        (PLACE | {"facility_type": "Bakery; DROP TABLE api.inference_log"}, "facility_type"),
        (PLACE | {"facility_type": ["Bakery"]}, "facility_type"),
        (PLACE | {"risk": {"level": 1}}, "risk"),
        (PLACE | {"dba_name": ""}, "dba_name"),
        (PLACE | {"dba_name": "x" * 201}, "dba_name"),
        (PLACE | {"dba_name": "nul\x00"}, "dba_name"),
        (PLACE | {"dba_name": "\ud800"}, "dba_name"),
        (PLACE | {"results": "Fail"}, "results"),
    ],
)
def test_bad_fields_are_refused_by_name(client: FlaskClient, visit: dict[str, Any], field: str) -> None:
    answer = client.post(URL, json={"visits": [PLACE, visit]})
    assert answer.status_code == 422
    details = answer.json["details"]["json"]["visits"]
    assert list(details) == ["1"]
    assert field in details["1"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"visits": []},
        {"visits": None},
        {"visits": {}},
        {"visits": [1]},
        {"visits": [[]]},
        {"visits": [PLACE] * (MOST_VISITS + 1)},
        {"visits": [PLACE], "more": 1},
        [],
        [PLACE],
        "text",
        None,
        7,
    ],
)
def test_other_documents_are_refused(client: FlaskClient, document: Any) -> None:
    answer = client.post(URL, data=json.dumps(document), content_type="application/json")
    assert answer.status_code == 422
    assert answer.json["details"]["json"]


def test_names_in_any_script_are_taken(client: FlaskClient) -> None:
    assert len(post(client, PLACE | {"dba_name": "Ресторан 寿司 🍣 O'Neil; --"})["scores"]) == 1


def test_without_features_it_says_what_is_missing(own_city: City, live_client: FlaskClient) -> None:
    with own_city.engine.begin() as connection:
        connection.execute(text("DELETE FROM metadata.materializations WHERE asset = 'establishment_features'"))
    answer = live_client.post(URL, json={"visits": [PLACE]})
    assert answer.status_code == 409
    assert "establishment_features" in answer.json["detail"]


def test_without_a_model_it_says_what_is_missing(client_with: MakeClient) -> None:
    answer = client_with(label="critical").post(URL, json={"visits": [PLACE]})
    assert answer.status_code == 409
    assert answer.json["code"] == "no_champion"
