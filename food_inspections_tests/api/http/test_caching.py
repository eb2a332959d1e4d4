import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text

from food_inspections.api.http.caching import AnswerCache
from food_inspections.api.queries.prepared import Prepared
from food_inspections_tests.api.conftest import City

ROUTES = (
    "establishments?q=corner",
    "establishments/1000003/prediction",
    "establishments/1000003/history",
    "predictions",
    "predictions?date=2024-10-01",
    "inspection-queue",
    "models",
    "models/champion",
    "bias-report",
    "score-distributions",
    "drift",
    "drift-verdicts",
    "promises",
)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    ask = Prepared.ask

    def noted(query: Prepared, *arguments: Any) -> list[Any]:
        sent.append(query.text)
        return ask(query, *arguments)

    event.listen(Engine, "before_cursor_execute", note)
    with patch.object(Prepared, "ask", noted):
        yield sent
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("route", ROUTES)
def test_a_repeat_costs_one_small_query_and_no_body(live_client: FlaskClient, route: str) -> None:
    first = live_client.get(f"/api/v1/{route}")
    etag = first.headers["ETag"]
    with statements() as sent:
        again = live_client.get(f"/api/v1/{route}", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == etag
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert len(sent) <= 2 if route == "models/champion" else len(sent) == 1, sent
    assert live_client.get(f"/api/v1/{route}", headers={"If-None-Match": 'W/"other"'}).data == first.data


@pytest.mark.parametrize("route", ["predictions", "inspection-queue", "models/champion", "bias-report", "drift"])
def test_the_date_of_an_answer_will_do_in_place_of_its_tag(client: FlaskClient, route: str) -> None:
    url = f"/api/v1/{route}"
    first = client.get(url)
    again = client.get(url, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_the_tag_counts_more_than_the_date(client: FlaskClient) -> None:
    modified = client.get("/api/v1/predictions").headers["Last-Modified"]
    other = {"If-Modified-Since": modified, "If-None-Match": 'W/"other"'}
    assert client.get("/api/v1/predictions", headers=other).status_code == 200


@pytest.mark.parametrize("date", ["Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", "yesterday", ""])
def test_another_date_brings_the_answer(client: FlaskClient, date: str) -> None:
    """A later one, too: what was published then and withdrawn since is not what there is now."""
    assert client.get("/api/v1/predictions", headers={"If-Modified-Since": date}).status_code == 200


def test_what_was_never_published_has_no_date(client: FlaskClient) -> None:
    url = "/api/v1/establishments?q=corner"
    assert "Last-Modified" not in client.get(url).headers
    now = formatdate(usegmt=True)
    assert client.get(url, headers={"If-Modified-Since": now}).status_code == 200


def test_a_body_is_read_once(live_client: FlaskClient) -> None:
    first = live_client.get("/api/v1/predictions")
    with statements() as sent:
        assert live_client.get("/api/v1/predictions").data == first.data
    assert len(sent) == 1
    assert "LIMIT 1" in sent[0]


def test_tags_differ_by_arguments_and_form(client: FlaskClient) -> None:
    answers = [
        client.get("/api/v1/predictions"),
        client.get("/api/v1/predictions?page_size=5"),
        client.get("/api/v1/predictions?sort=score"),
        client.get("/api/v1/predictions", headers={"Accept": "text/csv"}),
    ]
    assert len({answer.headers["ETag"] for answer in answers}) == 4
    assert "Accept" in answers[0].headers["Vary"]


def test_a_new_publication_changes_the_tag_of_its_week_alone(own_city: City, live_client: FlaskClient) -> None:
    urls = [f"/api/v1/predictions?week={week}" for week in own_city.seeded.predicted_weeks]
    before = [live_client.get(url) for url in urls]
    with own_city.engine.begin() as connection:
        week = own_city.seeded.predicted_weeks[-1]
        connection.execute(
            text("UPDATE api.predictions SET score = score / 2, published_at = now() WHERE week = :week"),
            {"week": week},
        )
    after = [
        live_client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
        for url, answer in zip(urls, before, strict=True)
    ]
    assert [answer.status_code for answer in after] == [304, 304, 200]
    assert after[2].json[0]["score"] == before[2].json[0]["score"] / 2


def test_gzip_for_those_who_take_it(client: FlaskClient) -> None:
    plain = client.get("/api/v1/predictions")
    packed = client.get("/api/v1/predictions", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert json.loads(gzip.decompress(packed.data)) == plain.json
    assert len(packed.data) < len(plain.data) / 3
    refused = client.get("/api/v1/predictions", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_head_has_the_headers_of_get(client: FlaskClient) -> None:
    get, head = client.get("/api/v1/predictions"), client.head("/api/v1/predictions")
    assert head.data == b""
    for name in ("ETag", "Content-Length", "X-Pagination", "Last-Modified", "Cache-Control"):
        assert head.headers[name] == get.headers[name]


def test_errors_are_not_cached(client: FlaskClient) -> None:
    for url in ("/api/v1/predictions?week=x", "/api/v1/predictions?week=2001-01-01"):
        answer = client.get(url)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


def test_memory_is_bounded(client: FlaskClient) -> None:
    answers = AnswerCache(kept_bytes=100_000)
    client.application.extensions["food-inspections-answers"], former = (
        answers,
        client.application.extensions["food-inspections-answers"],
    )
    try:
        for size in range(1, 40):
            assert client.get(f"/api/v1/predictions?page_size={size}").status_code == 200
    finally:
        client.application.extensions["food-inspections-answers"] = former
    assert 0 < sum(len(kept.body.content) for kept in answers._kept.values()) <= 100_000
