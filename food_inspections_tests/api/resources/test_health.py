import pytest
from flask.testing import FlaskClient

from food_inspections_tests.api.conftest import City, MakeClient


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_live_and_ready(client: FlaskClient, city: City, prefix: str) -> None:
    assert client.get(f"{prefix}/health/live").json == {"status": "live"}
    ready = client.get(f"{prefix}/health/ready")
    assert ready.json == {"status": "ready", "database": "reachable", "champion": city.seeded.champion_id}
    assert ready.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_not_ready_without_a_model(client_with: MakeClient, prefix: str) -> None:
    client = client_with(label="critical")
    answer = client.get(f"{prefix}/health/ready")
    assert answer.status_code == 503
    assert answer.json["code"] == "no_champion"
    assert client.get(f"{prefix}/health/live").status_code == 200


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_metrics_count_by_route_and_not_by_address(client_with: MakeClient, city: City, prefix: str) -> None:
    client = client_with()
    for establishment_id in ("1000003", "1000004", "42"):
        client.get(f"/api/v1/establishments/{establishment_id}/history")
    client.get("/nowhere/at/all")
    client.post("/api/v1/predictions", json={"visits": [{"establishment_id": "1000003"}] * 3})
    answer = client.get(f"{prefix}/metrics")
    assert answer.mimetype == "text/plain"
    route = "/api/v1/establishments/<string:establishment_id>/history"
    lines = answer.text.splitlines()
    assert f'food_inspections_api_requests_total{{method="GET",route="{route}",status="200"}} 2.0' in lines
    assert f'food_inspections_api_requests_total{{method="GET",route="{route}",status="404"}} 1.0' in lines
    assert 'food_inspections_api_requests_total{method="GET",route="unmatched",status="404"} 1.0' in lines
    assert f'food_inspections_api_scored_visits_total{{model_id="{city.seeded.champion_id}"}} 3.0' in lines
    assert f'food_inspections_api_request_duration_seconds_count{{method="GET",route="{route}"}} 3.0' in lines
