"""The real thing: ``food-inspections api`` with several workers, over HTTP."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from food_inspections.cli.api import command
from food_inspections.errors import FoodInspectionsError
from food_inspections_tests.api.conftest import City

START_SECONDS = 60


@pytest.fixture(scope="module")
def port(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    folder = tmp_path_factory.mktemp("server")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "FOOD_INSPECTIONS_HOME": str(city.settings.home),
        "FOOD_INSPECTIONS_DATABASE_URL": str(city.settings.database_url),
    }
    program = "from food_inspections.cli import main; main()"
    arguments = [sys.executable, "-c", program, "api", "--port", str(number), "--workers", "2"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(arguments, env=environment, stdout=log, stderr=log)  # noqa: S603 - our own program
    try:
        _wait(number, server, folder / "log")
        yield number
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(START_SECONDS) == 0
    assert str(number) in (folder / "log").read_text()
    assert [path.name for path in folder.iterdir()] == ["log"], "nothing is left behind"


def _wait(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert server.poll() is None, log.read_text()
        try:
            _get(port, "/health/live")
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


def _get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    found = (answer.status, answer.headers, answer.read())
    connection.close()
    return found


def test_it_answers_over_http(port: int, city: City) -> None:
    status, headers, body = _get(port, "/api/v1/predictions")
    assert status == 200
    assert {row["model_id"] for row in json.loads(body)} == {city.seeded.champion_id}
    assert _get(port, "/api/v1/predictions", {"If-None-Match": headers["ETag"]})[0] == 304


def test_it_scores(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps({"visits": [{"establishment_id": "1000003"}]})
    connection.request("POST", "/api/v1/predictions", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 200
    assert len(json.loads(answer.read())["scores"]) == 1
    connection.close()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (b"POST /api/v1/predictions HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n", 413),
        (b"POST /api/v1/predictions HTTP/1.1\r\nTransfer-Encoding: other\r\n\r\n", 501),
    ],
    ids=["no request", "header", "length", "long line", "long header", "large body", "encoding"],
)
def test_what_the_server_refuses_itself_has_the_shape_of_all_errors(port: int, request_: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request_)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        problem = json.loads(answer.read())
    assert answer.status == problem["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(problem) == {"type", "title", "status", "detail", "code", "request_id"}
    assert problem["request_id"] == answer.headers["X-Request-ID"]


HALF_REQUESTS = {
    "headers": b"GET /api/v1/predictions HTTP/1.1\r\nHost: a\r\nX-Slow: ",
    "body": b"POST /api/v1/predictions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{",
}


@pytest.mark.parametrize("half", HALF_REQUESTS.values(), ids=HALF_REQUESTS.keys())
def test_requests_that_never_arrive_whole_hold_nobody_up(port: int, half: bytes) -> None:
    slow = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(200)]
    try:
        for client in slow:
            client.sendall(half)
        for path in ("/health/live", "/api/v1/predictions", "/health/live"):
            began = time.monotonic()
            assert _get(port, path)[0] == 200
            assert time.monotonic() - began < START_SECONDS / 4, "it would be no answer at all where threads are held"
    finally:
        for client in slow:
            client.close()


def test_workers_add_up_their_metrics(port: int) -> None:
    def counted() -> float:
        lines = _get(port, "/metrics")[2].decode().splitlines()
        ours = [line for line in lines if line.startswith("food_inspections_api_requests_total{") and "/drift" in line]
        return sum(float(line.split()[-1]) for line in ours)

    before = counted()
    for _ in range(20):
        assert _get(port, "/api/v1/drift")[0] == 200
    assert counted() == before + 20


@pytest.mark.parametrize("arguments", [["--port", "0"], ["--port", "x"], ["--workers", "0"], ["--unknown"]])
def test_bad_options_are_refused(arguments: list[str]) -> None:
    assert CliRunner().invoke(command, arguments).exit_code == 2


def test_help_says_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    result: Any = CliRunner().invoke(command, ["--help"])
    assert "/docs" in result.output


def test_a_port_that_is_taken_is_named_at_once(port: int) -> None:
    result = CliRunner().invoke(command, ["--port", str(port)])
    assert isinstance(result.exception, FoodInspectionsError)
    assert f"Port {port} for the API is taken" in str(result.exception)
