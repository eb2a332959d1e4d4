import pytest
from flask.testing import FlaskClient

from food_inspections_tests.api.conftest import City
from food_inspections_tests.api.seed import accept
from food_inspections_tests.api.seed_verdicts import QUESTIONS

ROUTES = {
    "bias-report": "bias_report",
    "score-distributions": "score_distributions",
    "drift": "drift_report",
    "drift-verdicts": "drift_report",
    "drift-distributions": "drift_report",
    "fairness-verdicts": "bias_report",
    "disparities": "bias_report",
    "performance": "queue_performance",
    "promises": "queue_performance",
}


@pytest.mark.parametrize("route", ROUTES)
def test_newest_accepted_week_or_the_one_asked_for(client: FlaskClient, route: str) -> None:
    newest = client.get(f"/api/v1/{route}")
    assert newest.status_code == 200
    weeks = {row["week"] for row in newest.json}
    assert len(weeks) == 1
    assert client.get(f"/api/v1/{route}", query_string={"week": weeks.pop()}).json == newest.json


@pytest.mark.parametrize("route", ROUTES)
def test_a_week_without_it_is_not_found(client: FlaskClient, route: str) -> None:
    answer = client.get(f"/api/v1/{route}?week=2019-05-06")
    assert answer.status_code == 404
    assert "2019-05-06" in answer.json["detail"]


@pytest.mark.parametrize(("route", "asset"), ROUTES.items())
def test_a_week_whose_checks_failed_is_not_shown(
    own_city: City, live_client: FlaskClient, route: str, asset: str
) -> None:
    week = live_client.get(f"/api/v1/{route}").json[0]["week"]
    with own_city.engine.begin() as connection:
        accept(connection, asset, [week], status="rejected")
    newest = live_client.get(f"/api/v1/{route}")
    assert newest.status_code == 404 or week not in {row["week"] for row in newest.json}
    assert live_client.get(f"/api/v1/{route}?week={week}").status_code == 404


def test_what_could_not_be_computed_is_null(client: FlaskClient) -> None:
    rows = client.get("/api/v1/bias-report?attribute_name=facility_type").json
    assert {row["attribute_name"] for row in rows} == {"facility_type"}
    others = [row for row in rows if row["attribute_value"] != row["reference_value"]]
    assert {(row["fpr_disparity"], row["is_fpr_parity"]) for row in others} == {(None, None)}


def test_shares_of_a_distribution_sum_to_one(client: FlaskClient) -> None:
    rows = client.get("/api/v1/score-distributions?source=validation&facility_type=all").json
    assert [row["bin"] for row in rows] == list(range(40))
    assert sum(row["share"] for row in rows) == pytest.approx(1)


def test_drift_of_one_kind(client: FlaskClient) -> None:
    assert [row["name"] for row in client.get("/api/v1/drift?kind=score").json] == ["score"]


def test_every_question_of_drift_has_its_answer(client: FlaskClient) -> None:
    rows = client.get("/api/v1/drift-verdicts").json
    assert {row["question"]: row["answer"] for row in rows} == QUESTIONS
    assert {row["reference_from"] for row in rows} == {None}


def test_alarms_are_the_changes_until_a_week(client: FlaskClient) -> None:
    alarms = client.get("/api/v1/drift-alarms").json
    assert [(row["question"], row["weeks"], row["since"]) for row in alarms] == [("outcomes", 1, alarms[0]["until"])]


def test_the_counts_behind_drift_by_name(client: FlaskClient) -> None:
    rows = client.get("/api/v1/drift-distributions?name=zip").json
    assert [(row["name"], row["bin"]) for row in rows] == [("zip", 0), ("zip", 1)]


def test_fairness_of_flags_and_of_the_list_are_told_apart(client: FlaskClient) -> None:
    flags = client.get("/api/v1/fairness-verdicts").json
    on_list = client.get("/api/v1/fairness-verdicts?of=list").json
    assert [len(flags), len(on_list)] == [1, 1]
    assert flags[0]["week"] < on_list[0]["week"]
    rates = client.get("/api/v1/disparities?of=list&attribute_name=zip&rate=fnr").json
    assert [(row["week"], row["answer"], row["disparity"]) for row in rates] == [
        (on_list[0]["week"], "cannot_tell", None)
    ]


def test_a_promise_looks_back_over_the_judged_weeks(own_city: City, live_client: FlaskClient) -> None:
    (promise,) = live_client.get("/api/v1/promises?source=queue").json
    assert (promise["weeks"], promise["visits"], promise["answer"]) == (2, 80, "kept")
    assert (promise["value"], promise["promise"], promise["estimate"]) == pytest.approx((0.68, 0.7, 0.69))
    with own_city.engine.begin() as connection:
        accept(connection, "queue_performance", [promise["since"]], status="rejected")
    (later,) = live_client.get("/api/v1/promises?source=queue").json
    assert (later["weeks"], later["visits"]) == (1, 40)


@pytest.mark.parametrize("route", [*ROUTES, "drift-alarms"])
def test_csv(client: FlaskClient, route: str) -> None:
    rows = client.get(f"/api/v1/{route}").json
    lines = client.get(f"/api/v1/{route}", headers={"Accept": "text/csv"}).text.splitlines()
    assert lines[0] == ",".join(rows[0])
    assert len(lines) == len(rows) + 1


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("bias-report?attribute_name=name", "attribute_name"),
        ("score-distributions?source=test", "source"),
        ("score-distributions?facility_type=%00", "facility_type"),
        ("drift?kind=", "kind"),
        ("drift?week=0000-01-01", "week"),
        ("fairness-verdicts?of=all", "of"),
        ("disparities?rate=accuracy", "rate"),
        ("performance?source=nobody", "source"),
        ("promises?source=validation", "source"),
    ],
)
def test_bad_arguments_are_refused_by_name(client: FlaskClient, url: str, field: str) -> None:
    answer = client.get(f"/api/v1/{url}")
    assert answer.status_code == 422
    assert list(answer.json["details"]["query"]) == [field]
