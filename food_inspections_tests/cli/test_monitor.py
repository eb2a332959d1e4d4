import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from click.testing import CliRunner

from food_inspections.cli.monitor import command, server
from food_inspections.settings import Settings


def test_help_names_the_address() -> None:
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    assert "--host" in result.output
    assert "--port" in result.output


def test_gunicorn_keeps_nothing_outside_the_home_folder() -> None:
    options = server(Settings.from_environment({}), "127.0.0.1:8050", 2).cfg
    assert options.control_socket_disable is True
    assert options.bind == ["127.0.0.1:8050"]


def test_the_command_serves_the_dashboard_until_it_is_told_to_end(tmp_path: Path, database_url: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "FOOD_INSPECTIONS_HOME": str(tmp_path),
        "FOOD_INSPECTIONS_DATABASE_URL": database_url.replace("postgresql+psycopg2", "postgresql"),
    }
    code = "from food_inspections.cli import main; main()"
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", code, "monitor", "--port", str(port), "--workers", "1"], env=environment
    )
    try:
        assert answer(f"http://127.0.0.1:{port}/health/ready") == '{"status":"ok"}\n'
        assert "Food Inspections" in answer(f"http://127.0.0.1:{port}/scores")
    finally:
        process.terminate()
    assert process.wait(30) == 0


def answer(url: str, timeout_s: float = 60) -> str:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            with urllib.request.urlopen(url) as response:  # noqa: S310 - our own server
                return str(response.read().decode())
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
