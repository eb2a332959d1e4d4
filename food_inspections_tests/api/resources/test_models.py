from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import text

from food_inspections_tests.api.conftest import City
from food_inspections_tests.api.seed import accept

URL = "/api/v1/models"


def test_candidates_and_decisions(client: FlaskClient, city: City) -> None:
    found = client.get(URL).json
    assert [row["model_id"] for row in found["candidates"]] == [city.seeded.candidate_id]
    assert [row["model_id"] for row in found["selections"]] == [city.seeded.champion_id]
    assert found["candidates"][0]["metrics"]["roc_auc"] > 0.5
    assert found["candidates"][0]["cutoff"] == found["selections"][0]["model_cutoff"]
    assert client.get(URL, query_string={"week": "2024-01-01"}).json == {"candidates": [], "selections": []}


def test_a_candidate_that_no_check_accepted_is_not_shown(own_city: City, live_client: FlaskClient) -> None:
    with own_city.engine.begin() as connection:
        connection.execute(
            text(
                'INSERT INTO models.candidates SELECT (jsonb_populate_record(c, \'{"model_id": "other", '
                '"checksum": "other", "recipe": "knn"}\')).* FROM models.candidates AS c'
            )
        )
    assert "other" not in {row["model_id"] for row in live_client.get(URL).json["candidates"]}
    with own_city.engine.begin() as connection:
        accept(connection, "knn_model", [own_city.seeded.predicted_weeks[0]], content_hash="other")
    assert "other" in {row["model_id"] for row in live_client.get(URL).json["candidates"]}


def test_champion_of_the_newest_week(client: FlaskClient, city: City) -> None:
    champion = client.get(f"{URL}/champion").json
    assert champion["model_id"] == city.seeded.champion_id
    assert champion["candidate"]["model_id"] == city.seeded.candidate_id
    assert champion["label"] == "fail"
    assert "object_key" not in champion


def test_no_champion_before_the_first_decision(client: FlaskClient, city: City) -> None:
    before = city.seeded.predicted_weeks[0] - timedelta(7)
    answer = client.get(f"{URL}/champion", query_string={"week": before.isoformat()})
    assert answer.status_code == 404
    assert before.isoformat() in answer.json["detail"]


def test_a_model_for_a_coming_week_is_the_one_in_use(own_city: City, live_client: FlaskClient) -> None:
    with own_city.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO models.selections OVERRIDING USER VALUE SELECT (jsonb_populate_record(s, "
                '\'{"effective_week": "2099-01-05", "model_id": "newer"}\')).* FROM models.selections AS s'
            )
        )
    assert live_client.get(f"{URL}/champion").json["model_id"] == "newer"
