import csv
import io
from datetime import timedelta
from xml.etree import ElementTree as ET

from flask.testing import FlaskClient

from food_inspections_tests.api.conftest import City
from food_inspections_tests.api.resources.test_queue import URL, publish

ATOM = "{http://www.w3.org/2005/Atom}"


def test_published_weeks_and_versions_newest_first(own_city: City, live_client: FlaskClient) -> None:
    publish(own_city, own_city.seeded.queue_week, "other", risk="Risk 3 (Low)")
    rows = live_client.get(f"{URL}/publications").json
    assert [row["published_at"] for row in rows] == sorted((row["published_at"] for row in rows), reverse=True)
    assert (rows[0]["week"], rows[0]["version"]) == (own_city.seeded.queue_week.isoformat(), 2)
    assert rows[0]["row_count"] == len(live_client.get(f"{URL}?scope=all&version=2").json)


def test_what_is_new_since_then(own_city: City, live_client: FlaskClient) -> None:
    before = live_client.get(f"{URL}/publications").json
    publish(own_city, own_city.seeded.queue_week, "other", risk="Risk 3 (Low)")
    after = live_client.get(f"{URL}/publications").json
    new = live_client.get(f"{URL}/publications", query_string={"since": after[0]["published_at"]}).json
    assert new == after[:1]
    assert after[1:] == before
    assert live_client.get(f"{URL}/publications", query_string={"since": "yesterday"}).status_code == 422


def test_rejected_publications_are_not_named(own_city: City, live_client: FlaskClient) -> None:
    before = live_client.get(f"{URL}/publications").json
    publish(own_city, own_city.seeded.queue_week, "bad", risk="Risk 3 (Low)", status="rejected")
    assert live_client.get(f"{URL}/publications").json == before


def test_the_feed_names_each_publication_once(own_city: City, live_client: FlaskClient) -> None:
    answer = live_client.get(f"{URL}/feed")
    assert answer.mimetype == "application/atom+xml"
    publications = live_client.get(f"{URL}/publications").json
    entries = ET.fromstring(answer.data).findall(f"{ATOM}entry")  # noqa: S314 - our own
    links = [entry.find(f"{ATOM}link").attrib["href"] for entry in entries]  # type: ignore[union-attr]
    assert links == [f"http://localhost{URL}?week={row['week']}&version={row['version']}" for row in publications]
    assert {live_client.get(link.removeprefix("http://localhost")).status_code for link in links} == {200}
    publish(own_city, own_city.seeded.queue_week + timedelta(7), "next", risk="Risk 3 (Low)")
    again = live_client.get(f"{URL}/feed", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 200
    assert len(ET.fromstring(again.data).findall(f"{ATOM}entry")) == len(entries) + 1  # noqa: S314 - our own


def test_a_map_of_the_list(client: FlaskClient) -> None:
    rows = client.get(URL).json
    answer = client.get(URL, query_string={"format": "geojson"})
    assert answer.mimetype == "application/geo+json"
    features = answer.json["features"]
    assert answer.json["type"] == "FeatureCollection"
    assert [feature["properties"] for feature in features] == rows
    assert [feature["geometry"]["coordinates"] for feature in features] == [
        [row["longitude"], row["latitude"]] for row in rows
    ]


def test_a_spreadsheet_by_link_is_marked_as_utf_8(client: FlaskClient) -> None:
    answer = client.get(URL, query_string={"format": "csv"})
    assert answer.data.startswith(b"\xef\xbb\xbf")
    found = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["establishment_id"] for row in found] == [row["establishment_id"] for row in client.get(URL).json]
    assert not client.get(URL, headers={"Accept": "text/csv"}).data.startswith(b"\xef\xbb\xbf")


def test_a_part_of_the_map_and_the_highest_scores(client: FlaskClient) -> None:
    everything = client.get(URL, query_string={"scope": "all"}).json
    middle = sorted(row["longitude"] for row in everything)[len(everything) // 2]
    west = client.get(URL, query_string={"scope": "all", "bbox": f"-180,-90,{middle},90"}).json
    assert west == [row for row in everything if row["longitude"] <= middle]
    least = everything[9]["score"]
    high = client.get(URL, query_string={"scope": "all", "min_score": least, "sort": "score"}).json
    assert sorted(row["rank"] for row in high) == [row["rank"] for row in everything if row["score"] >= least]
    assert [row["score"] for row in high] == sorted(row["score"] for row in high)
    for bad in ("1,2,3", "a,b,c,d", "1,2,3,4,5", "1,2,3,4\n"):
        assert client.get(URL, query_string={"bbox": bad}).status_code == 422
    for empty in ("2,0,1,1", "0,5,1,4"):
        answer = client.get(URL, query_string={"bbox": empty})
        assert (answer.status_code, "Write west,south,east,north" in answer.json["detail"]) == (404, True)


def test_one_establishment_with_its_coordinates(client: FlaskClient) -> None:
    row = client.get(URL).json[0]
    place = client.get(f"/api/v1/establishments/{row['establishment_id']}").json
    for column in ("establishment_id", "dba_name", "address", "zip", "latitude", "longitude", "last_visit"):
        assert place[column] == row[column]
    assert client.get("/api/v1/establishments/42").status_code == 404
    assert client.get("/api/v1/establishments/no-id").status_code == 404
