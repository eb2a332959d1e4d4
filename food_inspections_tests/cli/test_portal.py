import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from food_inspections.cli.portal import command
from food_inspections.errors import SettingsError

MAIN = [sys.executable, "-c", "from food_inspections.cli import main; main()", "portal"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "inspections.csv"
    path.write_text("inspection_id,inspection_date\n1,2025-01-06\n2,2025-01-07\n")
    return path


def test_it_serves_until_interrupted(path: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text("inspection_id\n3\n")
    with subprocess.Popen(  # noqa: S603 - our own command
        [*MAIN, "--data", str(path), str(more), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address is not None, line
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{address[0]}/resource/4ijn-s7e5.json?$select=count(*)", timeout=30)
        process.send_signal(signal.SIGINT)
        rest, log = process.communicate(timeout=30)

    assert answer.json() == [{"count": "3"}]
    assert "Serving 3 rows on " in line
    assert "Stopped." in rest
    assert "200 /resource/4ijn-s7e5.json $select=count(*)" in log
    assert "Traceback" not in log
    assert process.returncode == 0


def test_other_machines_are_refused(path: Path) -> None:
    with pytest.raises(SettingsError, match=r"'0\.0\.0\.0': the local portal listens on this machine only"):
        CliRunner().invoke(command, ["--data", str(path), "--host", "0.0.0.0"], catch_exceptions=False)  # noqa: S104


def test_data_are_required() -> None:
    result = CliRunner().invoke(command, [])

    assert result.exit_code == 2
    assert "--data" in result.output
