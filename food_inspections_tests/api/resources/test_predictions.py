import csv
import io
import json
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from food_inspections_tests.api.conftest import City

URL = "/api/v1/predictions"


def test_newest_week_is_shown_whole_and_sorted_by_score(client: FlaskClient, city: City) -> None:
    rows = client.get(URL).json
    week = city.seeded.predicted_weeks[-1].isoformat()
    visited = city.seeded.inspections[city.seeded.inspections["week"] == week]
    assert sorted(row["inspection_id"] for row in rows) == sorted(visited["inspection_id"])
    assert {row["week"] for row in rows} == {week}
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert all(row["label"] == (row["score"] >= row["threshold"]) for row in rows)
    assert {row["model_id"] for row in rows} == {city.seeded.champion_id}


def test_any_day_of_a_week_names_it(client: FlaskClient, city: City) -> None:
    monday = city.seeded.predicted_weeks[0]
    by_monday = client.get(URL, query_string={"week": monday.isoformat()}).json
    by_sunday = client.get(URL, query_string={"week": (monday + timedelta(6)).isoformat()}).json
    assert by_monday
    assert by_monday == by_sunday


def test_a_date_brings_that_day_alone(client: FlaskClient, city: City) -> None:
    day = city.seeded.predicted_weeks[0] + timedelta(1)
    rows = client.get(URL, query_string={"date": day.isoformat()}).json
    inspections = city.seeded.inspections
    assert len(rows) == (inspections["inspection_date"].dt.date == day).sum() > 0
    assert {row["inspection_date"] for row in rows} == {day.isoformat()}


def test_a_day_without_inspections_of_a_published_week_is_an_empty_list(client: FlaskClient, city: City) -> None:
    sunday = city.seeded.predicted_weeks[0] + timedelta(6)
    answer = client.get(URL, query_string={"date": sunday.isoformat()})
    assert answer.status_code == 200
    assert answer.json == []
    assert json.loads(answer.headers["X-Pagination"])["total"] == 0


def test_a_date_of_another_week_is_not_found(client: FlaskClient, city: City) -> None:
    week = city.seeded.predicted_weeks[0]
    same = client.get(URL, query_string={"date": week.isoformat(), "week": week.isoformat()})
    assert same.json == client.get(URL, query_string={"date": week.isoformat()}).json
    other = client.get(URL, query_string={"date": (week + timedelta(7)).isoformat(), "week": week.isoformat()})
    assert other.status_code == 404


def test_filters_leave_what_fits(client: FlaskClient) -> None:
    everything = client.get(URL).json
    wanted = {"facility_type": "Bakery", "zip": "60614", "min_score": "0.2"}
    rows = client.get(URL, query_string=wanted).json
    assert rows == [
        row for row in everything if row["facility_type"] == "Bakery" and row["zip"] == "60614" and row["score"] >= 0.2
    ]
    assert 0 < len(rows) < len(everything)


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("score", lambda row: (row["score"], row["establishment_id"])),
        ("-score", lambda row: (-row["score"], row["establishment_id"])),
        ("establishment_id", lambda row: (row["establishment_id"], row["inspection_id"])),
        ("inspection_date", lambda row: (row["inspection_date"], row["inspection_id"])),
    ],
)
def test_order_is_as_asked(client: FlaskClient, sort: str, key: object) -> None:
    rows = client.get(URL, query_string={"sort": sort}).json
    assert rows == sorted(rows, key=key)  # type: ignore[call-overload]


def test_pages_together_are_the_whole(client: FlaskClient) -> None:
    whole = client.get(URL).json
    pages = [client.get(URL, query_string={"page": page, "page_size": 15}) for page in (1, 2, 3, 4)]
    assert [row for page in pages for row in page.json] == whole
    metadata = [json.loads(page.headers["X-Pagination"]) for page in pages]
    assert [found["total"] for found in metadata] == [len(whole)] * 4
    assert metadata[0]["next_page"] == 2
    assert metadata[2]["last_page"] == 3
    assert pages[3].json == []


def test_csv_has_the_same_rows(client: FlaskClient) -> None:
    rows = client.get(URL).json
    answer = client.get(URL, headers={"Accept": "text/csv"})
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "X-Pagination" in answer.headers
    found = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(found[0]) == list(rows[0])
    assert [(row["establishment_id"], float(row["score"])) for row in found] == [
        (row["establishment_id"], row["score"]) for row in rows
    ]


def test_an_unpublished_week_is_not_found(client: FlaskClient) -> None:
    answer = client.get(URL, query_string={"week": "2019-01-07"})
    assert answer.status_code == 404
    assert "2019-01-07" in answer.json["detail"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"week": "2024-13-01"}, "week"),
        ({"week": "20240101"}, "week"),
        ({"week": "2024-W01-1"}, "week"),
        ({"date": "2024-02-30"}, "date"),
        ({"min_score": "1.5"}, "min_score"),
        ({"min_score": "nan"}, "min_score"),
        ({"min_score": "1_0"}, "min_score"),
        ({"page": "0"}, "page"),
        ({"page": "1e3"}, "page"),
        ({"page": "9" * 30}, "page"),
        ({"page_size": "100000"}, "page_size"),
        ({"sort": "score; DROP TABLE api.predictions"}, "sort"),
        ({"facility_type": "restaurant"}, "facility_type"),
        ({"zip": "6061"}, "zip"),
        ({"zip": "60614\n"}, "zip"),
        ({"zip": "६०६१४"}, "zip"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_arguments_are_refused_by_name(client: FlaskClient, arguments: dict[str, str], field: str) -> None:
    answer = client.get(URL, query_string=arguments)
    assert answer.status_code == 422
    error = answer.json
    assert error["code"] == "validation_failed"
    assert list(error["details"]["query"]) == [field]
    assert field in error["detail"]


def test_an_argument_given_twice_is_refused(client: FlaskClient) -> None:
    answer = client.get(f"{URL}?week=2024-01-01&week=2024-01-08")
    assert answer.status_code == 422
    assert "week" in answer.json["details"]["query"]
