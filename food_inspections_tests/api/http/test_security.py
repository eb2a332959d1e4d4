import hashlib
import socket

import pytest
from flask.testing import FlaskClient

from food_inspections.access import Keys
from food_inspections.api.http import limits
from food_inspections.api.http.limits import WorkerMemory
from food_inspections.api.http.security import OPEN_ENDPOINTS
from food_inspections.errors import SettingsError
from food_inspections_tests.api.conftest import MakeClient

READ = "/api/v1/models"
SCORE = "/api/v1/predictions"
VISITS = {"visits": [{"establishment_id": "1000003"}]}
KEY = "correct horse"
DIGEST = hashlib.sha256(KEY.encode()).hexdigest()


@pytest.mark.parametrize("configured", [KEY, DIGEST])
@pytest.mark.parametrize("headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}])
def test_scoring_needs_a_key_wherever_keys_are_set(
    client_with: MakeClient, configured: str, headers: dict[str, str]
) -> None:
    client = client_with(api_keys=("another", configured))
    assert client.get(READ).status_code == 200
    refused = client.post(SCORE, json=VISITS)
    assert refused.status_code == 401
    assert "WWW-Authenticate" in refused.headers
    assert "X-API-Key" in refused.json["detail"]
    assert client.post(SCORE, json=VISITS, headers=headers).status_code == 200


@pytest.mark.parametrize("key", ["wrong", DIGEST, "", " ", "clé", KEY + " ", "x" * 4000])
def test_other_keys_are_refused(client_with: MakeClient, key: str) -> None:
    client = client_with(api_keys=(DIGEST,))
    assert client.post(SCORE, json=VISITS, headers={"X-API-Key": key.encode().decode("latin-1")}).status_code == 401
    assert client.post(SCORE, json=VISITS, headers={"Authorization": "Basic " + KEY}).status_code == 401


def test_every_known_digest_is_compared() -> None:
    keys = Keys([KEY, "other", "third"])
    assert all(keys.accepts(key) for key in (KEY, "other", "third"))
    assert not keys.accepts("fourth")
    assert not Keys([]).accepts("")


def test_a_private_api_needs_a_key_for_all_that_holds_data(client_with: MakeClient) -> None:
    client = client_with(api_keys=(KEY,), is_api_private=True)
    for rule in client.application.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in OPEN_ENDPOINTS:
            continue
        url = rule.rule.replace("<string:establishment_id>", "1000003").replace("<string:week>", "2024-10-07")
        assert client.get(url).status_code == 401, url
        answer = client.get(url, headers={"X-API-Key": KEY})
        assert answer.status_code == 200, url
        if "Cache-Control" in answer.headers:
            assert "public" not in answer.headers["Cache-Control"]
            assert "Authorization" in answer.headers["Vary"]
    assert client.get("/nowhere").status_code == 401
    assert client.get("/health/live").status_code == 200
    assert client.get("/docs/").status_code == 200


def test_an_answer_of_a_moment_ago_needs_the_key_as_well(client_with: MakeClient) -> None:
    client = client_with(api_keys=(KEY,), is_api_private=True)
    etag = client.get(READ, headers={"X-API-Key": KEY}).headers["ETag"]
    assert client.get(READ).status_code == 401
    assert client.get(READ, headers={"If-None-Match": etag}).status_code == 401


def test_private_without_keys_is_a_mistake(client_with: MakeClient) -> None:
    with pytest.raises(SettingsError, match="FOOD_INSPECTIONS_API_KEYS"):
        client_with(is_api_private=True)


@pytest.mark.parametrize("url", [READ, "/nowhere", "/docs/", "/openapi.json", "/metrics"])
def test_browsers_are_told_to_be_careful(client: FlaskClient, url: str) -> None:
    headers = client.get(url).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert "Access-Control-Allow-Origin" not in headers
    assert "Strict-Transport-Security" not in headers


def test_other_origins_are_let_in_only_by_name(client_with: MakeClient) -> None:
    client = client_with(api_cors_origins=("https://city.example",))
    allowed = client.get(READ, headers={"Origin": "https://city.example"})
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://city.example"
    assert {"ETag", "Link", "X-Pagination"} <= set(allowed.headers["Access-Control-Expose-Headers"].split(", "))
    assert "Origin" in allowed.headers["Vary"]
    assert "Access-Control-Allow-Origin" not in client.get(READ, headers={"Origin": "https://evil.example"}).headers


def test_a_preflight_needs_no_key(client_with: MakeClient) -> None:
    client = client_with(api_cors_origins=("https://city.example",), api_keys=(KEY,), is_api_private=True)
    answer = client.options(SCORE, headers={"Origin": "https://city.example", "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 200
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "X-API-Key" in answer.headers["Access-Control-Allow-Headers"]


def test_too_many_requests_are_refused_with_a_time_to_wait(client_with: MakeClient) -> None:
    client = client_with(api_rate_limit="3 per minute")
    assert [client.get(READ).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/api/v1/drift")
    assert refused.status_code == 429, "all routes count together"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.json["code"] == "too_many_requests"
    assert client.get("/health/live").status_code == 200


def test_what_is_left_is_said(client_with: MakeClient) -> None:
    client = client_with(api_rate_limit="3 per minute; 1000 per hour")
    assert [client.get(READ).headers["RateLimit-Remaining"] for _ in range(3)] == ["2", "1", "0"]
    refused = client.get(READ)
    assert refused.headers["RateLimit-Limit"] == "3"
    assert 0 < int(refused.headers["RateLimit-Reset"]) <= 60


def test_the_documentation_counts_as_well(client_with: MakeClient) -> None:
    client = client_with(api_rate_limit="2 per minute")
    paths = ("/docs/", "/docs/swagger-ui-bundle.js", "/openapi.json")
    assert [client.get(path).status_code for path in paths] == [200, 200, 429]


def test_wrong_keys_are_counted_before_any_key_is_looked_at(client_with: MakeClient) -> None:
    client = client_with(api_keys=(KEY,), is_api_private=True)
    guesses = [client.get(READ, headers={"X-API-Key": f"guess-{n}"}).status_code for n in range(22)]
    assert guesses == [401] * 20 + [429] * 2
    blocked = client.get(READ, headers={"X-API-Key": KEY})
    assert blocked.status_code == 429, "else the right guess would be let in"
    assert 0 < int(blocked.headers["Retry-After"]) <= 60
    other = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}, "headers": {"X-API-Key": KEY}}
    assert client.get(READ, **other).status_code == 200, "others are not concerned"


def test_scoring_is_limited_by_visits(client_with: MakeClient) -> None:
    client = client_with(api_scoring_rate_limit="3 per hour")
    two = {"visits": VISITS["visits"] * 2}
    assert [client.post(SCORE, json=body).status_code for body in (two, two, VISITS, VISITS)] == [200, 429, 200, 429]
    assert client.post(SCORE, json={"visits": VISITS["visits"] * 4}).status_code == 413
    assert client.get(SCORE).status_code == 200


def test_callers_are_counted_apart(client_with: MakeClient) -> None:
    client = client_with(api_rate_limit="1 per minute", api_keys=("a", "b"))
    statuses = [client.get(READ, headers={"X-API-Key": key}).status_code for key in ("a", "a", "b", "b", "unknown")]
    assert statuses == [200, 429, 200, 429, 200]


def test_a_storage_of_counts_that_is_away_takes_nothing_down_and_lifts_no_limit(
    client_with: MakeClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Away(WorkerMemory):
        asked = 0

        def incr(self, key: str, expiry: float, amount: int = 1) -> int:
            Away.asked += 1
            raise OSError("away")

    monkeypatch.setattr("food_inspections.api.http.limits.storage_from_string", lambda _, **__: Away())
    monkeypatch.setattr("food_inspections.api.http.limits.AWAY_SECONDS", 3600.0)
    client = client_with(api_rate_limit="3 per minute", api_rate_limit_storage="redis://counts")
    assert [client.get(READ).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert Away.asked == 1, "left alone for a while"
    assert "FOOD_INSPECTIONS_API_RATE_LIMIT_STORAGE is away" in caplog.text


def test_a_storage_of_counts_that_is_frozen_holds_nobody_long(
    client_with: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as frozen:  # the system takes connections for it
        address = f"redis://127.0.0.1:{frozen.getsockname()[1]}"
        client = client_with(api_rate_limit="3 per minute", api_rate_limit_storage=address)

        statuses = [client.get(READ).status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]


def test_a_storage_of_counts_that_is_shared_counts_for_all(
    client_with: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = WorkerMemory()
    monkeypatch.setattr("food_inspections.api.http.limits.storage_from_string", lambda _, **__: shared)
    clients = [client_with(api_rate_limit="3 per minute", api_rate_limit_storage="redis://counts") for _ in range(2)]
    assert [client.get(READ).status_code for client in clients * 2] == [200, 200, 200, 429]


def test_guesses_from_one_network_of_ipv6_are_counted_together(client_with: MakeClient) -> None:
    client = client_with(api_keys=(KEY,), is_api_private=True)
    guesses = [
        client.get(
            READ, headers={"X-API-Key": f"guess-{n}"}, environ_overrides={"REMOTE_ADDR": f"2001:db8::{n:x}"}
        ).status_code
        for n in range(22)
    ]
    assert guesses == [401] * 20 + [429] * 2


def test_many_callers_are_forgotten_in_time_and_tidied_up_seldom() -> None:
    memory = WorkerMemory()
    for number in range(25_000):
        memory.incr(f"old {number}", -1)
    assert len(memory._counts) <= 10_000, "what is over is forgotten"
    for number in range(30_000):
        assert memory.incr(f"new {number}", 60) == 1
    assert memory.incr("new 1", 60) == 2, "no window is cut short"
    assert memory._tidied_at >= 40_000, "else every further caller costs a look at all"


def test_no_limit_at_all(client_with: MakeClient) -> None:
    client = client_with(api_rate_limit=None, api_scoring_rate_limit=None)
    assert {client.get(READ).status_code for _ in range(5)} == {200}


def test_an_id_of_the_caller_is_taken_if_it_is_one(client: FlaskClient) -> None:
    assert client.get(READ, headers={"X-Request-ID": "abc-123"}).headers["X-Request-ID"] == "abc-123"
    for bad in ("", "a b", "x" * 65, "a\tb", "<script>"):
        assert client.get(READ, headers={"X-Request-ID": bad}).headers["X-Request-ID"] != bad


def test_proxies_are_believed_as_far_as_configured(client_with: MakeClient) -> None:
    forwarded = {
        "X-Forwarded-Prefix": "/food",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "city.example",
        "X-Forwarded-For": "203.0.113.9",
    }
    behind, direct = client_with(api_proxy_hops=1), client_with()
    assert behind.get("/openapi.json", headers=forwarded).json["servers"] == [{"url": "/food"}]
    assert direct.get("/openapi.json", headers=forwarded).json["servers"] == [{"url": "/"}]
    assert behind.get("/docs", headers=forwarded).headers["Location"].endswith("/food/docs/")
    assert "Strict-Transport-Security" in behind.get(READ, headers=forwarded).headers
    assert "Strict-Transport-Security" not in direct.get(READ, headers=forwarded).headers


def test_a_caller_cannot_pose_as_another_address(client_with: MakeClient) -> None:
    client = client_with(api_rate_limit="1 per minute")
    statuses = [client.get(READ, headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(2)]
    assert statuses == [200, 429]
