"""docs/extending.md, tried: a copy of the repository is extended as it says, over a home made by the program before."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from food_inspections.errors import StorageError
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database
from food_inspections_tests.orchestration.shared_city import FIRST_CUTOFF, SECOND_CUTOFF, SharedCity

# Two runs of the whole program are the fixture of the first test.
pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "extending.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"^(?:#|--) file: (\S+)\n")

SCRIPT = """
import sys
from contextlib import nullcontext
from datetime import date, timedelta

import dagster as dg

from food_inspections.cli.catch_up import CatchUp
from food_inspections.orchestration.build import build_defs
from food_inspections.orchestration.instance.launch import run_job
from food_inspections.settings import Settings

newest = date.fromisoformat(sys.argv[1])
settings = Settings.from_environment()
defs = build_defs(settings)
every = defs.resolve_implicit_global_asset_job_def().name
with dg.DagsterInstance.ephemeral() as instance:
    made = CatchUp(settings, print, today=newest + timedelta(days=9), defs=defs, instance=nullcontext(instance))
    made.run(newest, newest)
    run_job(defs, instance, every, newest, assets=["own_rate_model"])
    run_job(defs, instance, every, newest, assets=["clean_inspections"])
"""


@dataclass(frozen=True)
class Extended:
    """The home after the extended program brought it up to date.

    Attributes:
        engine: Its database, past the program of before, which refuses a schema newer than its own.
        settings: The home's settings.
        features_before: Content of each week's features as the program of before made them.
        said: What the extended program said.
        copy: Its folder.
    """

    engine: Engine
    settings: Settings
    features_before: dict[date, str]
    said: str
    copy: Path

    def query(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql), parameters)]

    def status(self, asset: str, week: date) -> str:
        """Status of the week in force."""
        ((status,),) = self.query(
            "SELECT status FROM metadata.latest_materializations WHERE asset = :a AND week = :w", a=asset, w=week
        )
        return str(status)


def extend(copy: Path) -> None:
    """Apply every block of the page to a copy of the repository."""
    for language, block in BLOCKS:
        named = NAMED.match(block)
        if named is not None:
            path = copy / named[1]
            assert not path.exists(), f"{named[1]} is there already"
            path.write_text(block[named.end() :])
        elif language == "diff":
            subprocess.run(["git", "apply", "-"], input=block, text=True, cwd=copy, check=True)  # noqa: S607


def copy_of_the_repository(folder: Path) -> Path:
    """What the program is made of, without what git would not keep."""
    ignored = shutil.ignore_patterns("__pycache__", "images", "notebooks")
    for name in ("food_inspections", "api", "monitor", "sql", "docs"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignored)
    for name in ("dagster.yaml", "workspace.yaml", ".env.example"):
        shutil.copy(ROOT / name, folder)
    return folder


def run(copy: Path, environment: dict[str, str], *command: str) -> str:
    """Run the copy's program; nothing of the checkout's own is found before it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("FOOD_INSPECTIONS", "DAGSTER"))}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *command],
        cwd=copy,
        env=own | environment | {"PYTHONPATH": str(copy), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def extended(shared_city: SharedCity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Extended]:
    copy = copy_of_the_repository(tmp_path_factory.mktemp("copy"))
    extend(copy)
    run(copy, {}, "-m", "food_inspections.storage.postgres.catalogue")
    with shared_city.copy({}) as city:
        settings, before = city.deployed.settings, city.deployed.hashes("inspection_features")
        environment = {
            "FOOD_INSPECTIONS_HOME": str(settings.home),
            "FOOD_INSPECTIONS_DATABASE_URL": str(settings.database_url),
            "FOOD_INSPECTIONS_OBJECT_STORE": settings.object_store,
            "FOOD_INSPECTIONS_PORTAL_URL": settings.portal_url,
        }
        said = run(copy, environment, "-c", SCRIPT, str(SECOND_CUTOFF))
        yield Extended(database.engine(settings), settings, before, said, copy)


def test_the_page_extends_in_all_four_ways() -> None:
    titles = re.findall(r"^## (.*)$", PAGE, flags=re.MULTILINE)
    assert titles == ["A feature", "A check", "A recipe", "An asset"]
    assert sum(NAMED.match(block) is not None for _, block in BLOCKS) == 5


def test_the_program_of_before_refuses_the_home_from_then_on(extended: Extended) -> None:
    with pytest.raises(StorageError, match=r"newer than this program: it has 9001_city_visits, 9002_zip_visits"):
        database.upgrade(extended.settings)


def test_a_new_feature_is_computed_for_every_week_of_the_home(extended: Extended) -> None:
    counted = "SELECT count(*), count(*) FILTER (WHERE city_visits_28 IS NULL) FROM data.inspection_features"
    ((rows, nulls),) = extended.query(f"{counted} WHERE week <= :week", week=SECOND_CUTOFF)
    assert rows > 500
    assert nulls == 0
    sql = "SELECT week, content_hash FROM metadata.accepted_weeks WHERE asset = 'inspection_features' AND week <= :week"
    after = dict(extended.query(sql, week=SECOND_CUTOFF))
    assert len(after) > 30
    assert [week for week, content in after.items() if content == extended.features_before[week]] == []
    assert "made by version 1 of its code, now 2" in extended.said


def test_a_new_feature_is_described_wherever_columns_are(extended: Extended) -> None:
    assert "city_visits_28" in (extended.copy / "sql" / "schema.csv").read_text()
    assert "city_visits_28" in (extended.copy / "docs" / "data_dictionary.md").read_text()


def test_the_model_of_before_goes_on_scoring(extended: Extended) -> None:
    served = extended.query("SELECT DISTINCT model_cutoff FROM data.predictions WHERE week = :week", week=SECOND_CUTOFF)
    assert served == [(SECOND_CUTOFF,)]
    assert FIRST_CUTOFF < SECOND_CUTOFF


def test_a_new_recipe_is_fitted_with_the_new_feature_among_its_inputs(extended: Extended) -> None:
    ((columns,),) = extended.query(
        "SELECT feature_columns FROM models.candidates WHERE recipe = 'own_rate' AND cutoff = :week", week=SECOND_CUTOFF
    )
    assert "city_visits_28" in columns
    assert extended.status("own_rate_model", SECOND_CUTOFF) == "accepted"


def test_a_new_asset_is_made_and_accepted(extended: Extended) -> None:
    ((visits,),) = extended.query("SELECT sum(visits) FROM data.zip_visits WHERE week = :week", week=SECOND_CUTOFF)
    ((rows,),) = extended.query("SELECT count(*) FROM data.clean_inspections WHERE week = :week", week=SECOND_CUTOFF)
    assert visits == rows > 0
    assert extended.status("zip_visits", SECOND_CUTOFF) == "accepted"
    assert "zip_visits" in extended.said


def test_a_new_check_looks_at_what_is_written_from_now_on(extended: Extended) -> None:
    found = extended.query("SELECT week, passed, severity FROM test.check_results WHERE check_name = 'names_are_short'")
    assert found == [(SECOND_CUTOFF, True, "WARN")]
