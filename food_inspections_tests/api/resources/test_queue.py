import csv
import io
import json
import re
from datetime import date, timedelta

import pandas as pd
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from food_inspections.domain.weeks import monday_of
from food_inspections.storage.postgres import tables
from food_inspections.storage.records import queue_versions
from food_inspections_tests.api.conftest import City
from food_inspections_tests.api.seed import accept
from food_inspections_tests.chicago import CALENDAR

URL = "/api/v1/inspection-queue"
NEEDED = {
    "rank", "score", "label", "reasons", "dba_name", "address", "zip", "facility_type", "risk", "last_visit",
    "days_since_last_visit", "last_result", "is_reinspection_open", "is_random_draw", "establishment_id",
}  # fmt: skip


def published_queue(city: City) -> pd.DataFrame:
    with city.engine.connect() as connection:
        rows = tables.read_query(connection, "SELECT * FROM api.inspection_queue ORDER BY week, version, rank")
    return rows.drop(columns=["version", "published_at"])


def publish(city: City, week: date, content_hash: str, risk: str, status: str = "accepted") -> None:
    queue = published_queue(city).drop_duplicates("establishment_id").assign(week=pd.Timestamp(week), risk=risk)
    with city.engine.begin() as connection:
        queue_versions.publish_queue(connection, queue, week, "run-2", content_hash)
        accept(connection, "api_inspection_queue", [week], content_hash, status)


def test_the_list_of_the_newest_week_by_rank(client: FlaskClient, city: City) -> None:
    rows = client.get(URL).json
    assert {row["week"] for row in rows} == {city.seeded.queue_week.isoformat()}
    assert all(row["is_on_list"] for row in rows)
    assert [row["rank"] for row in rows] == sorted(row["rank"] for row in rows)
    assert sum(row["is_random_draw"] for row in rows) == 2
    assert set(rows[0]) >= NEEDED
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)


def test_scope_all_has_every_establishment_in_business(client: FlaskClient, city: City) -> None:
    rows = client.get(URL, query_string={"scope": "all"}).json
    assert [row["rank"] for row in rows] == list(range(1, len(published_queue(city)) + 1))


def test_pages_and_filters_cut_the_ranking(client: FlaskClient) -> None:
    everything = client.get(URL, query_string={"scope": "all"}).json
    filters: dict[str, object] = {"scope": "all", "zip": "60614", "facility_type": "School"}
    rows = client.get(URL, query_string=filters | {"page_size": 3}).json
    fitting = [row for row in everything if row["zip"] == "60614" and row["facility_type"] == "School"]
    assert rows == fitting[:3]
    assert client.get(URL, query_string={"page_size": 2}).json == client.get(URL).json[:2]


def test_the_whole_ranking_is_paged_and_no_row_is_left_out_without_a_word(client: FlaskClient) -> None:
    everything = client.get(URL, query_string={"scope": "all"}).json
    url, seen = f"{URL}?scope=all&page_size=25", []
    for _ in range(20):
        answer = client.get(url)
        assert json.loads(answer.headers["X-Pagination"])["total"] == len(everything)
        seen += answer.json
        following = re.search(r'<([^>]*)>; rel="next"', answer.headers["Link"])
        if following is None:
            break
        url = URL + following[1]
    assert seen == everything
    assert 'rel="first"' in answer.headers["Link"]
    assert client.get(url.replace("page=", "page=9"), follow_redirects=True).json == []


def test_csv_for_a_spreadsheet(client: FlaskClient) -> None:
    rows = client.get(URL).json
    found = list(csv.DictReader(io.StringIO(client.get(URL, headers={"Accept": "text/csv"}).text)))
    assert [row["dba_name"] for row in found] == [row["dba_name"] for row in rows]
    assert found[0]["reasons"] == "; ".join(reason["text"] for reason in rows[0]["reasons"] if reason["effect"] > 0)
    assert found[0]["is_on_list"] == "true"


def test_past_weeks_show_their_first_version(own_city: City, live_client: FlaskClient) -> None:
    publish(own_city, own_city.seeded.queue_week, "other", risk="Risk 3 (Low)")
    week = own_city.seeded.queue_week.isoformat()
    first = live_client.get(URL, query_string={"week": week}).json
    assert {row["version"] for row in first} == {1}
    second = live_client.get(URL, query_string={"week": week, "version": 2}).json
    assert {(row["version"], row["risk"]) for row in second} == {(2, "Risk 3 (Low)")}
    assert live_client.get(URL, query_string={"week": week, "version": 3}).status_code == 404


@pytest.mark.parametrize("weeks_ahead", [0, 1])
def test_the_week_under_way_and_coming_ones_show_their_newest_version(
    own_city: City, live_client: FlaskClient, weeks_ahead: int
) -> None:
    week = monday_of(CALENDAR.today()) + timedelta(7 * weeks_ahead)
    publish(own_city, week, "one", risk="All")
    publish(own_city, week, "two", risk="unknown")
    for arguments in ({}, {"week": week.isoformat()}):
        rows = live_client.get(URL, query_string=arguments).json
        assert {(row["week"], row["version"], row["risk"]) for row in rows} == {(week.isoformat(), 2, "unknown")}


@pytest.mark.parametrize("status", ["rejected", "pending"])
def test_a_publication_that_was_not_accepted_is_not_served(
    own_city: City, live_client: FlaskClient, status: str
) -> None:
    week = monday_of(CALENDAR.today())
    publish(own_city, week, "good", risk="All")
    publish(own_city, week, "bad", risk="unknown", status=status)
    publish(own_city, week + timedelta(7), "bad", risk="unknown", status=status)
    for arguments in ({}, {"week": week.isoformat()}):
        rows = live_client.get(URL, query_string=arguments).json
        assert {(row["week"], row["version"], row["risk"]) for row in rows} == {(week.isoformat(), 1, "All")}
    assert live_client.get(URL, query_string={"week": week.isoformat(), "version": 2}).status_code == 404
    place = rows[0]["establishment_id"]
    forecast = live_client.get(f"/api/v1/establishments/{place}/prediction").json
    assert (forecast["source"], forecast["week"], forecast["risk"]) == ("inspection_queue", week.isoformat(), "All")


def test_the_same_queue_accepted_later_is_served(own_city: City, live_client: FlaskClient) -> None:
    week = monday_of(CALENDAR.today())
    publish(own_city, week, "one", risk="All", status="rejected")
    assert live_client.get(URL, query_string={"week": week.isoformat()}).status_code == 404
    publish(own_city, week, "one", risk="All")
    assert {row["version"] for row in live_client.get(URL, query_string={"week": week.isoformat()}).json} == {1}


def test_a_published_version_may_be_kept_unasked(client: FlaskClient, city: City) -> None:
    week = city.seeded.queue_week.isoformat()
    assert "max-age" in client.get(URL, query_string={"week": week, "version": 1}).headers["Cache-Control"]
    assert "no-cache" in client.get(URL, query_string={"week": week}).headers["Cache-Control"]


def test_what_is_left_out_stays_left_out_whatever_others_ask_for_between(client: FlaskClient) -> None:
    unasked = client.get(URL)
    assert len(client.get(f"{URL}?sort=score&page_size=1").json) == 1
    assert client.get(f"{URL}?&").data == client.get(URL).data == unasked.data


def test_an_unpublished_week_is_not_found(client: FlaskClient) -> None:
    answer = client.get(URL, query_string={"week": "2031-01-06"})
    assert answer.status_code == 404
    assert "2031-01-06" in answer.json["detail"]


def test_no_queue_at_all_says_what_to_do(own_city: City, live_client: FlaskClient) -> None:
    with own_city.engine.begin() as connection:
        connection.execute(text("DELETE FROM api.queue_publications"))
    answer = live_client.get(URL)
    assert answer.status_code == 404
    assert "api_inspection_queue" in answer.json["detail"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "1000000000000"}, "page_size"),
        ({"version": "-1"}, "version"),
        ({"version": "2147483648"}, "version"),
        ({"scope": "everything"}, "scope"),
        ({"week": "next"}, "week"),
        ({"zip": "60614 OR 1=1"}, "zip"),
    ],
)
def test_bad_arguments_are_refused_by_name(client: FlaskClient, arguments: dict[str, str], field: str) -> None:
    answer = client.get(URL, query_string=arguments)
    assert answer.status_code == 422
    assert list(answer.json["details"]["query"]) == [field]
