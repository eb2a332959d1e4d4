"""The program as pip installs it: what the wheel carries, and that nothing but the wheel is needed.

``.ci/wheel`` runs the whole demo and every service from it, in an environment with its own dependencies.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from food_inspections.environment import PREFIX

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("food_inspections", "api", "monitor", "sql", "docs")
FILES = ("pyproject.toml", "README.md", "LICENSE", "dagster.yaml", "workspace.yaml", ".env.example")


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, and an empty folder to work in."""

    wheel: Path
    python: Path
    folder: Path

    def run(self, *arguments: str) -> str:
        own = (PREFIX, "DAGSTER_", "PYTHONPATH")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        done = subprocess.run(  # noqa: S603 - our own program
            [str(self.python), *arguments],
            cwd=self.folder,
            env=environment | {"PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def program(self, *arguments: str) -> str:
        return self.run("-c", "from food_inspections.cli import main; main()", *arguments)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel of a copy of the repository, beside the dependencies of this environment: nothing is fetched."""
    place = tmp_path_factory.mktemp("wheel")
    source, folder = place / "source", place / "empty"
    source.mkdir()
    folder.mkdir()
    for name in SOURCES:
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*build, str(place), str(source)], check=True)  # noqa: S603
    (wheel,) = place.glob("*.whl")

    environment = venv.EnvBuilder(symlinks=True)
    environment.create(place / "environment")
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(place / "environment")}))
    with ZipFile(wheel) as archive:
        archive.extractall(packages)
    # A folder named in a file like this one is searched, and files like this one in it are not read:
    # so this environment's own editable installation stays out.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return Installed(wheel, place / "environment" / "bin" / "python", folder)


def test_the_wheel_takes_one_name_in_an_environment(installed: Installed) -> None:
    with ZipFile(installed.wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"food_inspections"}


def test_the_wheel_carries_every_file_that_is_not_code(installed: Installed) -> None:
    folders = ("sql", "monitor/assets", "monitor/vendor", "food_inspections/cities")
    paths = [*(path for name in folders for path in (ROOT / name).glob("[!_]*.*")), *(ROOT / "docs").glob("*.md")]
    needed = {Path("food_inspections", str(path.relative_to(ROOT)).removeprefix("food_inspections/")) for path in paths}
    with ZipFile(installed.wheel) as archive:
        carried = {Path(name) for name in archive.namelist()}

    assert len(needed) > 25
    assert needed - carried == set()
    assert {Path("food_inspections", name) for name in ("dagster.yaml", "workspace.yaml", ".env.example")} <= carried


def test_the_home_of_an_installed_program_is_in_the_folder_where_it_was_called(installed: Installed) -> None:
    installed.program("sample-city", "--out", "city.csv", "--to", "2016-01-17", "--establishments", "60")
    assert "food_inspections" in installed.run("-c", "import food_inspections; print(food_inspections.__file__)")

    applied = installed.program("db", "upgrade")
    try:
        counted = installed.program("db", "query", "SELECT count(*) AS runs FROM metadata.materializations")
    finally:
        installed.program("db", "stop", "--force")

    assert "0001" in applied
    assert "0" in counted
    assert sorted(path.name for path in installed.folder.iterdir()) == [".food_inspections", "city.csv"]


@pytest.mark.parametrize(
    "package", ["food_inspections.definitions", "food_inspections.api", "food_inspections.monitor"]
)
def test_every_service_can_be_loaded_from_it(installed: Installed, package: str) -> None:
    printed = installed.run("-c", f"import {package} as loaded; print(loaded.__file__)")

    assert str(installed.python.parents[1]) in printed


def test_the_monitor_serves_its_own_style(installed: Installed) -> None:
    code = (
        "from food_inspections.monitor import create_app; from food_inspections.settings import Settings; "
        "client = create_app(Settings.from_environment()).server.test_client(); "
        "print(client.get('/assets/1-theme.css').status_code)"
    )

    assert installed.run("-c", code) == "200\n"
