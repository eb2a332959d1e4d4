import re
from http import HTTPStatus

import pytest
from flask.testing import FlaskClient

from food_inspections_tests.api.conftest import MakeClient

URL = "/api/v1/predictions"
JSON = {"Content-Type": "application/json"}
INSIDE = re.compile(r"Traceback|psycopg|sqlalchemy|SELECT|File \"|\.py", re.IGNORECASE)


@pytest.mark.parametrize(
    ("method", "url", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/v1/", 404, "not_found"),
        ("GET", "/api/v1/establishments//prediction", 404, "not_found"),
        ("POST", "/api/v1/inspection-queue", 405, "method_not_allowed"),
        ("DELETE", URL, 405, "method_not_allowed"),
        ("TRACE", "/api/v1/models", 405, "method_not_allowed"),
        ("GET", f"{URL}?week=x", 422, "validation_failed"),
    ],
)
def test_every_error_has_one_shape(client: FlaskClient, method: str, url: str, status: int, code: str) -> None:
    answer = client.open(url, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    problem = answer.json
    assert (problem["type"], problem["status"], problem["title"]) == ("about:blank", status, HTTPStatus(status).phrase)
    assert problem["code"] == code
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert problem["detail"]
    assert set(problem) <= {"type", "title", "status", "detail", "code", "details", "request_id"}
    assert not INSIDE.search(answer.text)
    assert (status == 405) == ("Allow" in answer.headers)


@pytest.mark.parametrize(
    "kind",
    [None, "text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", "json", ""],
)
def test_a_body_of_another_type_is_refused(client: FlaskClient, kind: str | None) -> None:
    answer = client.post(URL, data=b'{"visits": []}', headers={} if kind is None else {"Content-Type": kind})
    assert answer.status_code == 415
    assert "application/json" in answer.json["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'visits': []}",
        b'{"visits": [NaN]}',
        b'{"visits": [Infinity]}',
        b'{"visits": [], "visits": []}',
        b'{"visits": [' + b"9" * 5000 + b"]}",
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b"\xff\xfe\x00",
        '{"visits": []}'.encode("utf-16"),
        b"\x00",
    ],
)
def test_a_body_that_is_not_json_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post(URL, data=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json["code"] == "invalid_json"
    assert not INSIDE.search(answer.text)


def test_a_number_too_large_for_a_double_is_refused_by_name(client: FlaskClient) -> None:
    body = (
        b'{"visits": [{"facility_type": "Bakery", "risk": "All", "zip": "60614", "latitude": 1e999, "longitude": 1}]}'
    )
    answer = client.post(URL, data=body, headers=JSON)
    assert answer.status_code == 422
    assert "latitude" in answer.json["details"]["json"]["visits"]["0"]


def test_a_body_over_the_limit_is_refused(client_with: MakeClient) -> None:
    client = client_with(api_max_body_bytes=1024)
    answer = client.post(URL, data=b" " * 2000 + b"{}", headers=JSON)
    assert answer.status_code == 413
    assert answer.json["code"] == "content_too_large"


def test_a_body_of_unknown_length_is_not_cut_at_the_limit_and_then_read(client_with: MakeClient) -> None:
    client = client_with(api_max_body_bytes=1024)
    body = b'{"visits": []}'
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": None}
    answers = [
        client.post(URL, data=sent, headers=JSON, environ_overrides=chunked)
        for sent in (body, body + b" " * (1024 - len(body)), body + b" " * 1024)
    ]
    assert [answer.status_code for answer in answers] == [422, 413, 413]
    assert answers[2].json["code"] == "content_too_large"


@pytest.mark.parametrize(
    "url",
    [
        f"{URL}?zip=%00",
        f"{URL}?zip=%ff%fe",
        f"{URL}?week=%F0%9F%8D%95",
        f"{URL}?min_score=1e309",
        f"{URL}?min_score=-0x1p3",
        f"{URL}?page={'9' * 3000}",
        f"{URL}?{'a' * 2000}=1",
        f"{URL}?" + "&".join(f"x{i}=1" for i in range(300)),
        "/api/v1/establishments?q=%00%00",
        "/api/v1/inspection-queue?version=99999999999999999999",
        "/api/v1/bias-report?week=9999-12-31&week=1",
        "/api/v1/drift?kind[]=score",
    ],
)
def test_hostile_addresses_are_refused_and_nothing_shows(client: FlaskClient, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 422
    assert not INSIDE.search(answer.text)


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("route", ["predictions", "inspection-queue", "bias-report", "drift", "score-distributions"])
def test_the_ends_of_the_calendar_are_only_not_found(client: FlaskClient, route: str, week: str) -> None:
    assert client.get(f"/api/v1/{route}?week={week}").status_code == 404


def test_what_nobody_foresaw_is_logged_and_not_shown(
    client_with: MakeClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("SELECT secret FROM inside")

    monkeypatch.setattr("food_inspections.api.queries.models.find_state", fail)
    answer = client_with().get("/api/v1/models", headers={"X-Request-ID": "quoted-in-a-report"})
    assert answer.status_code == 500
    assert answer.json["code"] == "internal_server_error"
    assert answer.json["request_id"] == "quoted-in-a-report"
    assert "secret" not in answer.text
    assert "quoted-in-a-report" in caplog.text
    assert "SELECT secret" in caplog.text


def test_a_database_without_the_schema_is_not_ready(empty_database_url: str, client_with: MakeClient) -> None:
    answer = client_with(database_url=empty_database_url).get("/api/v1/models")
    assert answer.status_code == 503
    assert "db upgrade" in answer.json["detail"]


def test_a_query_that_takes_too_long_is_ended(client_with: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("food_inspections.api.database.STATEMENT_TIMEOUT_MS", 50)

    def slow(connection: object, *_: object) -> None:
        connection.exec_driver_sql("SELECT pg_sleep(10)")  # type: ignore[attr-defined]

    monkeypatch.setattr("food_inspections.api.queries.models.find_state", slow)
    answer = client_with().get("/api/v1/models")
    assert answer.status_code == 503
    assert answer.json["code"] == "query_timeout"
    assert int(answer.headers["Retry-After"]) > 0
