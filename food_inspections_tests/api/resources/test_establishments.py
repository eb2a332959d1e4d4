import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from food_inspections.api import create_app
from food_inspections_tests.api.conftest import City, MakeClient
from food_inspections_tests.api.seed import CHAIN, accept

URL = "/api/v1/establishments"


def test_search_finds_every_word_in_name_or_address(client: FlaskClient, city: City) -> None:
    rows = client.get(URL, query_string={"q": "taco MAIN"}).json
    inspections = city.seeded.inspections
    expected = set(inspections[inspections["dba_name"].str.startswith(CHAIN)]["establishment_id"])
    assert {row["establishment_id"] for row in rows} == expected
    assert client.get(URL, query_string={"q": "taco nowhere"}).json == []


def test_search_shows_a_place_as_its_last_visit_found_it(client: FlaskClient, city: City) -> None:
    row = client.get(URL, query_string={"q": "1000003"}).json[0]
    own = city.seeded.inspections[city.seeded.inspections["establishment_id"] == "1000003"]
    last = own.sort_values(["inspection_date", "inspection_id"]).iloc[-1]
    assert row["last_visit"] == last["inspection_date"].date().isoformat()
    assert row["last_result"] == last["results"]
    assert row["address"] == last["address"]


def test_search_filters_and_pages(client: FlaskClient) -> None:
    arguments = {"zip": "60614", "facility_type": "Bakery"}
    whole = client.get(URL, query_string=arguments).json
    assert whole
    assert {(row["zip"], row["facility_type"]) for row in whole} == {("60614", "Bakery")}
    second = client.get(URL, query_string=arguments | {"page": 2, "page_size": 3})
    assert second.json == whole[3:6]
    assert json.loads(second.headers["X-Pagination"])["total"] == len(whole)


@pytest.mark.parametrize("q", ["a", "x" * 101, "tab\there", "\x00", "\x7f"])
def test_search_refuses_what_cannot_be_a_name(client: FlaskClient, q: str) -> None:
    answer = client.get(URL, query_string={"q": q})
    assert answer.status_code == 422
    assert list(answer.json["details"]["query"]) == ["q"]


@pytest.mark.parametrize(
    "q", ["%", "%%", "__", "' OR '1'='1", "\\", "naïve café 👩‍🍳", "); DROP TABLE data.closures; --"]
)
def test_search_takes_any_text_for_what_it_is(client: FlaskClient, q: str) -> None:
    answer = client.get(URL, query_string={"q": q + " none such"})
    assert answer.status_code == 200
    assert answer.json == []


def test_search_knows_of_new_inspections(own_city: City, live_client: FlaskClient) -> None:
    assert live_client.get(URL, query_string={"q": "brand new"}).json == []
    week = own_city.seeded.queue_week
    with own_city.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO data.clean_inspections SELECT (jsonb_populate_record(i, jsonb_build_object('week', :week, "
                "'inspection_date', :week, 'establishment_id', '77', 'dba_name', 'BRAND NEW'))).* "
                "FROM data.clean_inspections AS i LIMIT 1"
            ),
            {"week": week.isoformat()},
        )
        accept(connection, "clean_inspections", [week], status="pending")
    assert live_client.get(URL, query_string={"q": "brand new"}).json == [], "its checks have not finished"
    with own_city.engine.begin() as connection:
        accept(connection, "clean_inspections", [week])
    assert [row["establishment_id"] for row in live_client.get(URL, query_string={"q": "brand new"}).json] == ["77"]


def test_search_follows_a_week_that_is_withdrawn_on_every_worker_at_once(own_city: City) -> None:
    workers = [create_app(own_city.settings).test_client() for _ in range(2)]
    before = [worker.get(URL, query_string={"q": "1000003"}).json for worker in workers]
    assert before[0] == before[1]
    own = own_city.seeded.inspections[own_city.seeded.inspections["establishment_id"] == "1000003"]
    newest = own.sort_values(["inspection_date", "inspection_id"])
    with own_city.engine.begin() as connection:
        accept(connection, "clean_inspections", [newest.iloc[-1]["week"].date()], status="rejected")
    earlier = newest[newest["week"] < newest.iloc[-1]["week"]].iloc[-1]
    for worker in workers:
        row = worker.get(URL, query_string={"q": "1000003"}).json[0]
        assert row["last_visit"] == earlier["inspection_date"].date().isoformat()
        assert row["last_result"] == earlier["results"]


def test_every_place_is_found_as_its_inspections_tell(client: FlaskClient, city: City) -> None:
    newest = city.seeded.inspections.sort_values(["inspection_date", "inspection_id"])
    newest = newest.drop_duplicates("establishment_id", keep="last").sort_values(["dba_name", "establishment_id"])
    rows = client.get(URL, query_string={"page_size": 500}).json
    assert [(row["establishment_id"], row["dba_name"], row["last_result"]) for row in rows] == list(
        newest[["establishment_id", "dba_name", "results"]].itertuples(index=False, name=None)
    )


@pytest.mark.parametrize(("q", "is_found"), [("caf", True), ("CAFE MAIN", True), ("c_fe", False), ("c%fe", False)])
def test_a_word_is_looked_for_as_it_stands(client: FlaskClient, q: str, is_found: bool) -> None:
    assert bool(client.get(URL, query_string={"q": q}).json) is is_found


def test_newest_prediction_of_an_establishment(client: FlaskClient, city: City) -> None:
    listed = client.get("/api/v1/predictions").json[0]
    answer = client.get(f"{URL}/{listed['establishment_id']}/prediction")
    found = answer.json
    queued = client.get("/api/v1/inspection-queue?scope=all").json
    expected = next(row for row in queued if row["establishment_id"] == listed["establishment_id"])
    assert found["source"] == "inspection_queue"
    assert {name: found[name] for name in ("score", "label", "week", "reasons")} == {
        name: expected[name] for name in ("score", "label", "week", "reasons")
    }


def test_the_score_of_the_last_visit_has_a_name_of_its_own(client: FlaskClient, city: City) -> None:
    listed = client.get("/api/v1/predictions").json[0]
    answer = client.get(f"{URL}/{listed['establishment_id']}/last-visit-prediction")
    found = answer.json
    assert {name: found[name] for name in listed} == listed
    assert found["source"] == "predictions"
    assert found["model_id"] == city.seeded.champion_id
    assert found["reasons"]
    assert set(found["reasons"][0]) == {"feature", "text", "value", "effect", "points"}


def test_min_score_hides_what_is_below_and_says_so(client: FlaskClient) -> None:
    listed = client.get("/api/v1/predictions").json[0]
    url = f"{URL}/{listed['establishment_id']}/last-visit-prediction"
    assert client.get(url, query_string={"min_score": listed["score"]}).status_code == 200
    answer = client.get(url, query_string={"min_score": 1})
    assert answer.status_code == 404
    assert f"{listed['score']:.4f}" in answer.json["detail"]


def test_a_place_never_predicted_has_its_score_from_the_queue(client: FlaskClient) -> None:
    predicted = set()
    for week in ("2024-09-16", "2024-09-23", "2024-09-30"):
        predicted |= {row["establishment_id"] for row in client.get(f"/api/v1/predictions?week={week}").json}
    queued = client.get("/api/v1/inspection-queue?scope=all").json
    other = next(row for row in queued if row["establishment_id"] not in predicted)
    found = client.get(f"{URL}/{other['establishment_id']}/prediction").json
    assert found["source"] == "inspection_queue"
    assert found["score"] == other["score"]
    assert found["inspection_id"] is None


@pytest.mark.parametrize("what", ["prediction", "last-visit-prediction", "history"])
@pytest.mark.parametrize(
    "establishment_id",
    ["4242", "0", "-1", "9" * 19, "9" * 400, "n-0123456789abcdef", "abc", "1%00", "1'--", "%F0%9F%8D%95", "1%0A"],
)
def test_unknown_establishments_are_not_found(client: FlaskClient, establishment_id: str, what: str) -> None:
    answer = client.get(f"{URL}/{establishment_id}/{what}")
    assert answer.status_code == 404
    assert "GET /api/v1/establishments" in answer.json["detail"]


def test_history_has_every_inspection_newest_first(client: FlaskClient, city: City) -> None:
    own = city.seeded.inspections[city.seeded.inspections["establishment_id"] == "1000003"]
    history = client.get(f"{URL}/1000003/history").json
    expected = own.sort_values(["inspection_date", "inspection_id"], ascending=False)["inspection_id"].tolist()
    assert [row["inspection_id"] for row in history["inspections"]] == expected
    first = own.set_index("inspection_id").loc[expected[0]]
    shown = history["inspections"][0]
    assert shown["critical_violations"] == first["critical_violations"]
    assert shown["topic_pests"] == first["topic_pests"]
    assert shown["results"] == first["results"]
    assert history["closures"] == []


def test_history_tells_when_a_place_was_found_closed(client: FlaskClient, city: City) -> None:
    closed = city.seeded.inspections.iloc[0]["establishment_id"]
    closures = client.get(f"{URL}/{closed}/history").json["closures"]
    assert [row["results"] for row in closures] == ["Out of Business"]


def test_history_leaves_out_weeks_that_are_not_accepted(own_city: City, live_client: FlaskClient) -> None:
    before = live_client.get(f"{URL}/1000003/history").json["inspections"]
    week = before[0]["week"]
    with own_city.engine.begin() as connection:
        accept(connection, "clean_inspections", [week], status="rejected")
    after = live_client.get(f"{URL}/1000003/history").json["inspections"]
    assert after == [row for row in before if row["week"] != week]


def test_a_branch_of_the_public_may_read_without_a_key(client_with: MakeClient) -> None:
    assert client_with(api_keys=("secret",)).get(URL).status_code == 200
