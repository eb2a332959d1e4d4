"""The local portal as real SODA clients meet it: sodapy itself, and plain HTTP."""

import csv
import io
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
import requests
from requests.adapters import HTTPAdapter
from sodapy import Socrata

from food_inspections.errors import SettingsError
from food_inspections.portal.server import PortalServer, serve
from food_inspections_tests.chicago import PORTAL_FIELDS

DATASET = "4ijn-s7e5"


@pytest.fixture(scope="module")
def server(inspections: pd.DataFrame) -> Iterator[PortalServer]:
    with PortalServer(inspections) as server:
        yield server


@pytest.fixture
def soda(server: PortalServer) -> Iterator[Socrata]:
    with sodapy_client(server) as client:
        yield client


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def sodapy_client(server: PortalServer, app_token: str | None = None) -> Socrata:
    address = server.url.removeprefix("http://")
    return Socrata(address, app_token, session_adapter={"prefix": "http://", "adapter": HTTPAdapter()})


def test_sodapy_gets_a_thousand_rows_by_default(soda: Socrata, inspections: pd.DataFrame) -> None:
    rows = soda.get(DATASET)

    assert len(rows) == min(len(inspections), 1000)
    assert all(set(row) <= set(PORTAL_FIELDS) for row in rows)


def test_sodapy_pages_through_everything(soda: Socrata, inspections: pd.DataFrame) -> None:
    rows = list(soda.get_all(DATASET, limit=100, select="inspection_id", order=":id"))

    assert sorted(row["inspection_id"] for row in rows) == sorted(inspections["inspection_id"])


def test_values_have_the_portals_forms(soda: Socrata, inspections: pd.DataFrame) -> None:
    expected = inspections.dropna().iloc[0]

    row = soda.get(DATASET, inspection_id=expected["inspection_id"])[0]

    place = {"latitude": expected["latitude"], "longitude": expected["longitude"]}
    assert row == {**expected[list(PORTAL_FIELDS)].to_dict(), "location": place}
    assert row["inspection_date"].endswith("T00:00:00.000")


def test_nulls_are_left_out(soda: Socrata) -> None:
    row = soda.get(DATASET, where="aka_name is null", limit=1)[0]

    assert "aka_name" not in row


def test_system_fields_on_demand(soda: Socrata) -> None:
    assert set(soda.get(DATASET, limit=1, select=":*")[0]) == {":id", ":created_at", ":updated_at"}
    assert ":id" in soda.get(DATASET, limit=1, exclude_system_fields="false")[0]
    assert ":id" not in soda.get(DATASET, limit=1)[0]


def test_grouped_counts(soda: Socrata, inspections: pd.DataFrame) -> None:
    rows = soda.get(DATASET, select="results, count(*) as n", group="results", order="n desc, results")

    assert {row["results"]: int(row["n"]) for row in rows} == inspections["results"].value_counts().to_dict()
    assert all(isinstance(row["n"], str) for row in rows)


def test_sodapy_reads_csv(soda: Socrata, inspections: pd.DataFrame) -> None:
    table = soda.get(DATASET, content_type="csv", select="inspection_id,results", limit=100_000)

    assert table[0] == ["inspection_id", "results"]
    assert len(table) == len(inspections) + 1


def test_csv_has_empty_nulls_and_points(http: requests.Session, server: PortalServer) -> None:
    answer = http.get(f"{server.url}/resource/{DATASET}.csv?$limit=100000")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert tuple(rows[0]) == PORTAL_FIELDS
    assert "" in {row["aka_name"] for row in rows}
    assert any(row["location"] == f"({row['latitude']}, {row['longitude']})" for row in rows)


def test_sodapy_reads_the_metadata(soda: Socrata) -> None:
    metadata = soda.get_metadata(DATASET)

    assert metadata["id"] == DATASET
    assert [column["fieldName"] for column in metadata["columns"]] == list(PORTAL_FIELDS)
    assert {column["dataTypeName"] for column in metadata["columns"]} == {"number", "text", "calendar_date", "location"}
    assert metadata["rowsUpdatedAt"] > 1_500_000_000


def test_a_refused_query_has_socratas_shape(http: requests.Session, server: PortalServer) -> None:
    answer = http.get(f"{server.url}/resource/{DATASET}.json", params={"$where": "nothing = 1"})

    assert answer.status_code == 400
    assert answer.json() == {
        "code": "query.soql.unsupported",
        "error": True,
        "message": "No such column: nothing",
        "data": {},
    }


def test_sodapy_understands_the_errors(soda: Socrata) -> None:
    with pytest.raises(requests.HTTPError, match="No such column: nothing"):
        soda.get(DATASET, select="nothing")


@pytest.mark.parametrize("path", ["/", "/resource/xxxx-yyyy.json", "/resource/4ijn-s7e5.xml", "/api/views.json"])
def test_anything_else_is_not_there(http: requests.Session, server: PortalServer, path: str) -> None:
    answer = http.get(server.url + path)

    assert answer.status_code == 404
    assert answer.json()["error"] is True


def test_only_reading_is_served(http: requests.Session, server: PortalServer) -> None:
    assert http.post(f"{server.url}/resource/{DATASET}.json", json=[]).status_code == 501


def test_a_required_token(http: requests.Session, inspections: pd.DataFrame) -> None:
    with PortalServer(inspections, app_token="right") as server:
        address = f"{server.url}/resource/{DATASET}.json?$limit=1"
        refused = http.get(address)

        assert refused.status_code == 403
        assert refused.json()["code"] == "permission_denied"
        assert http.get(address, headers={"X-App-Token": "wrong"}).status_code == 403
        assert http.get(address, headers={"X-App-Token": "right"}).status_code == 200
        assert http.get(address + "&$$app_token=right").status_code == 200
        with sodapy_client(server, "right") as soda:
            assert len(soda.get(DATASET, limit=1)) == 1


def test_requests_are_logged_without_the_token(
    http: requests.Session, server: PortalServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="food_inspections.portal.server")

    http.get(f"{server.url}/resource/{DATASET}.json?$limit=1&$$app_token=hidden")

    assert "200 /resource/4ijn-s7e5.json $limit=1 (" in caplog.text
    assert "hidden" not in caplog.text


def test_many_clients_at_once(server: PortalServer, inspections: pd.DataFrame) -> None:
    def count(_: int) -> str:
        with sodapy_client(server) as soda:
            return str(soda.get(DATASET, select="count(*)")[0]["count"])

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(count, range(40))) == {str(len(inspections))}


def test_a_growing_file_is_served_as_it_is(http: requests.Session, inspections: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "growing.csv"
    inspections.iloc[:10].to_csv(path, index=False)
    with PortalServer(path) as server:
        address = f"{server.url}/resource/{DATASET}.json?$select=count(*)"
        assert http.get(address).json() == [{"count": "10"}]

        inspections.iloc[10:15].to_csv(path, index=False, mode="a", header=False)

        assert http.get(address).json() == [{"count": "15"}]


def test_a_file_that_cannot_be_read_any_more_is_a_fault_of_the_server(
    http: requests.Session, inspections: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "gone.csv"
    inspections.iloc[:10].to_csv(path, index=False)
    with PortalServer(path) as server:
        path.unlink()

        answer = http.get(f"{server.url}/resource/{DATASET}.json")

    assert answer.status_code == 500
    assert "gone.csv cannot be read" in answer.json()["message"]


def test_other_machines_are_refused() -> None:
    for host in ("0.0.0.0", "192.168.1.1", "example.org", ""):  # noqa: S104 - refused
        with pytest.raises(SettingsError, match="listens on this machine only"):
            PortalServer([], host=host)


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(SettingsError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            PortalServer([], port=port)


def test_serve_takes_files(tmp_path: Path, inspections: pd.DataFrame) -> None:
    path = tmp_path / "inspections.csv.gz"
    inspections.to_csv(path, index=False)

    portal = serve([path])

    assert portal.row_count == len(inspections)
    assert portal.url.startswith("http://127.0.0.1:")
    portal.close()
