import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from openapi_spec_validator import OpenAPIV31SpecValidator

from food_inspections_tests.api.conftest import MakeClient

PAGE_FILES = (
    "swagger-ui.css",
    "index.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "initializer.js",
)


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield path, method, operation


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_in_it(client: FlaskClient, document: dict[str, Any]) -> None:
    rules = {rule.rule.replace("<string:", "{").replace(">", "}") for rule in client.application.url_map.iter_rules()}
    assert set(document["paths"]) == {rule for rule in rules if rule.startswith("/api/v1")}
    assert len(document["paths"]) == 28


def test_every_field_has_a_description_and_an_example(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert Draft202012Validator.check_schema(schema) is None
        for field, shape in schema["properties"].items():
            where = f"{name}.{field}"
            assert shape.get("description"), where
            is_nested = "$ref" in json.dumps(shape)
            assert is_nested or "examples" in shape, where


def test_every_argument_has_a_description_and_an_example(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for argument in operation.get("parameters", []) + document["paths"][path].get("parameters", []):
            assert argument["description"], (path, method, argument["name"])
            assert argument["schema"]["examples"], (path, method, argument["name"])


def test_examples_fit_their_own_schemas(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        for field, shape in schema["properties"].items():
            if "$ref" in json.dumps(shape):
                continue
            for example in shape.get("examples", []):
                validator_for(shape, Draft202012Validator)(shape).validate(example), field


def test_quantities_have_units(document: dict[str, Any]) -> None:
    queued = document["components"]["schemas"]["QueuedEstablishment"]["properties"]
    assert queued["score"]["x-unit"] == "probability"
    assert "Unit: days." in queued["days_since_last_visit"]["description"]


def test_operations_have_names_for_generated_clients(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert {"get_establishments_history", "post_predictions", "get_inspection_queue"} <= set(names)


def test_labels_are_explained(document: dict[str, Any]) -> None:
    assert "`label` is 1 where" in document["info"]["description"]
    label = document["components"]["schemas"]["Prediction"]["properties"]["label"]
    assert label["description"] == "1 where score >= threshold."


def test_nothing_unknown_is_taken(document: dict[str, Any]) -> None:
    for name in ("Scoring", "KnownVisit", "HypotheticalVisit"):
        assert document["components"]["schemas"][name]["additionalProperties"] is False


def test_keys_are_asked_for_where_they_are_needed(client_with: MakeClient) -> None:
    for changes, needing in (
        ({}, set()),
        ({"api_keys": ("k",)}, {"post"}),
        ({"api_keys": ("k",), "is_api_private": True}, {"get", "post"}),
    ):
        found = client_with(**changes).get("/openapi.json").json
        deciding = {path for path, method, _ in operations(found) if method == "post" and path.endswith("/decisions")}
        asked = {(path, method) for path, method, operation in operations(found) if "security" in operation}
        assert {(path, "post") for path in deciding} <= asked, "to decide takes a key in any case"
        assert {method for path, method in asked if path not in deciding or method == "get"} == needing


def test_it_can_be_asked_for_conditionally(client: FlaskClient) -> None:
    etag = client.get("/openapi.json").headers["ETag"]
    assert client.get("/openapi.json", headers={"If-None-Match": etag}).status_code == 304


def test_the_page_fetches_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/docs/")
    assert page.mimetype == "text/html"
    assert "http" not in page.text.replace("http-equiv", "")
    assert "<script>" not in page.text
    for name in PAGE_FILES:
        assert name in page.text
        answer = client.get(f"/docs/{name}", buffered=True)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name", ["../api.py", "%2e%2e/flask_swagger_ui.py", "swagger-ui.js.map", "a/../../README.md", "x"]
)
def test_no_other_file_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/docs/{name}").status_code == 404


def test_the_root_leads_to_the_documentation(client_with: MakeClient) -> None:
    client = client_with(api_keys=("k",), is_api_private=True, api_proxy_hops=1)
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/docs/"
    assert client.get("/", headers={"X-Forwarded-Prefix": "/inspections"}).headers["Location"] == "/inspections/docs/"
    assert client.get("/", follow_redirects=True).mimetype == "text/html"


def test_errors_are_problems_in_every_operation(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert errors, (path, method)
        for status, answer in errors.items():
            assert list(answer["content"]) == ["application/problem+json"], (path, method, status)


def test_the_address_without_a_slash_leads_there(client: FlaskClient) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/docs/")


@pytest.mark.parametrize(
    ("said", "contact"),
    [
        (None, None),
        ("food-data@city.example", {"email": "food-data@city.example"}),
        ("https://city.example/@food", {"url": "https://city.example/@food"}),
    ],
)
def test_the_specification_names_the_licence_and_whom_to_ask(
    client_with: MakeClient, said: str | None, contact: dict[str, str] | None
) -> None:
    info = client_with(api_contact=said).get("/openapi.json").json["info"]
    assert info["license"] == {"name": "Apache License 2.0", "identifier": "Apache-2.0"}
    assert info.get("contact") == contact


def test_the_specification_is_written_and_packed_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = client.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    monkeypatch.setattr("food_inspections.api.http.compression.compressed", None)
    monkeypatch.setattr("food_inspections.api.http.documentation.compressed", None)
    again = client.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert again.data == packed.data
