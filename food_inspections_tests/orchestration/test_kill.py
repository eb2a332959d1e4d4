"""Real processes killed in the middle of a range run: what they leave, and what the next run makes of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import URL, Connection, text

from food_inspections.portal.sample_city import CityParameters, make_city
from food_inspections.portal.server import PortalServer
from food_inspections.settings import Settings
from food_inspections.storage.postgres import embedded, tables
from food_inspections.storage.warehouse import Warehouse
from food_inspections_tests.conftest import new_database
from food_inspections_tests.orchestration.city import deployment

ROOT = Path(__file__).resolve().parents[2]
FIRST = date(2018, 5, 7)
WEEKS = 14
LAST = FIRST + timedelta(weeks=WEEKS - 1)
PREPARED = ("raw_inspections", "clean_inspections", "inspection_features")
SECONDS = 300

# Where a process is made to wait until it is killed: about to write this row, in an open transaction.
RECORD = "metadata.materializations"
RESULT = "test.check_results"
STOP_HERE = f"""
CREATE FUNCTION test.stop_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext(TG_ARGV[0] || ' ' || NEW.asset));
    RETURN NEW;
END $$;
CREATE TRIGGER stop_here BEFORE INSERT ON {RECORD} FOR EACH ROW EXECUTE FUNCTION test.stop_here('{RECORD}');
CREATE TRIGGER stop_here BEFORE INSERT ON {RESULT} FOR EACH ROW EXECUTE FUNCTION test.stop_here('{RESULT}');
"""


@pytest.fixture(scope="module")
def inspections() -> pd.DataFrame:
    return make_city(CityParameters(5, FIRST, LAST + timedelta(days=6), 300, inspections_per_week=25)).inspections


@pytest.fixture(scope="module")
def undisturbed(
    inspections: pd.DataFrame, database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[date, str]]:
    """Content hashes that one run in peace leads to, by asset and week."""
    with (
        new_database(database_server, database_template) as url,
        deployment(tmp_path_factory.mktemp("home"), url.render_as_string(hide_password=False), inspections) as city,
    ):
        city.prepare(FIRST, LAST)
        found = {asset: city.hashes(asset) for asset in PREPARED}
        city.warehouse.engine.dispose()
    return found


@dataclass(frozen=True)
class Machine:
    """A home folder with its embedded server, and a portal to pull from."""

    warehouse: Warehouse
    portal: PortalServer

    @contextmanager
    def materializing(self) -> Iterator["subprocess.Popen[str]"]:
        """The range of all weeks, by Dagster's own command line."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FOOD_INSPECTIONS_")},
            "DAGSTER_HOME": str(ROOT),
            "FOOD_INSPECTIONS_HOME": str(self.warehouse.settings.home),
            "FOOD_INSPECTIONS_PORTAL_URL": self.portal.url,
        }
        arguments = ["-m", "food_inspections.definitions", "--select", ",".join(PREPARED)]
        weeks = ["--partition-range", f"{FIRST}...{LAST}"]
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "dagster", "asset", "materialize", *arguments, *weeks],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def kill_at(self, table: str, asset: str) -> None:
        """Start a run, and kill it where it is about to write the asset's row to the table."""
        with self.warehouse.transaction() as connection:
            connection.execute(text("SELECT pg_advisory_lock(hashtext(:point))"), {"point": f"{table} {asset}"})
            with self.materializing() as process:
                self._wait_for(process, lambda: _is_waiting(connection))
                process.send_signal(signal.SIGKILL)
                assert process.wait() == -signal.SIGKILL
            connection.execute(text("SELECT pg_advisory_unlock_all()"))

    def run(self) -> None:
        """Run to the end."""
        with self.materializing() as process:
            output, _ = process.communicate(timeout=SECONDS)
            assert process.returncode == 0, output

    def weeks(self, status: str) -> dict[str, int]:
        """How many weeks of each asset are in force with a status."""
        rows = self._query(
            "SELECT asset, count(*) FROM metadata.latest_materializations WHERE status = :status GROUP BY asset",
            status=status,
        )
        return dict(rows)

    def hashes(self) -> dict[str, dict[date, str]]:
        """Content hashes in force, by asset and week."""
        found: dict[str, dict[date, str]] = {}
        for asset, week, content_hash in self._query(
            "SELECT asset, week, content_hash FROM metadata.accepted_weeks ORDER BY asset, week"
        ):
            found.setdefault(asset, {})[week] = content_hash
        return found

    def accepted_without_grounds(self) -> list[tuple[object, ...]]:
        """Weeks ever accepted without a passed result, of the same run, of every check that blocks."""
        return self._query(
            "SELECT m.run_id, m.asset, m.week FROM metadata.materializations AS m "
            "JOIN (SELECT asset, count(DISTINCT check_name) AS checks FROM test.check_results "
            "  WHERE is_blocking GROUP BY asset) AS asked USING (asset) "
            "LEFT JOIN test.check_results AS c "
            "  ON (c.run_id, c.asset, c.week) = (m.run_id, m.asset, m.week) AND c.is_blocking AND c.passed "
            "WHERE m.status = 'accepted' "
            "GROUP BY m.run_id, m.asset, m.week, asked.checks HAVING count(c.check_name) < asked.checks"
        )

    def _query(self, sql: str, **parameters: object) -> list[tuple[object, ...]]:
        with self.warehouse.transaction() as connection:
            return [tuple(row) for row in connection.execute(text(sql), parameters)]

    def _wait_for(self, process: "subprocess.Popen[str]", condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition():
            if process.poll() is not None:
                pytest.fail(f"the run ended before it could be killed:\n{process.communicate()[0]}")
            assert time.monotonic() < deadline, "waited in vain for the run to get there"
            time.sleep(0.02)


def _is_waiting(connection: Connection) -> bool:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return bool(connection.execute(waiting).scalar_one())


@pytest.fixture
def machine(inspections: pd.DataFrame, tmp_path: Path) -> Iterator[Machine]:
    home = tmp_path / "home"
    embedded.hold(home, embedded.NOT_DURABLE)
    settings = Settings.from_environment({"FOOD_INSPECTIONS_HOME": str(home)})
    with PortalServer(inspections) as portal:
        warehouse = Warehouse(replace(settings, portal_url=portal.url))
        with warehouse.transaction() as connection:
            connection.execute(text(STOP_HERE))
        yield Machine(warehouse, portal)
        warehouse.engine.dispose()
    embedded.release(home)
    embedded.stop(home, is_forced=True)


@pytest.mark.timeout(4 * SECONDS)
def test_a_range_run_killed_at_any_moment_and_started_again_ends_as_if_undisturbed(
    machine: Machine, undisturbed: dict[str, dict[date, str]]
) -> None:
    machine.kill_at(RECORD, "raw_inspections")
    assert machine.weeks("pending") == machine.weeks("accepted") == {}
    assert len(list(machine.warehouse.objects.keys("raw_inspections"))) == WEEKS, "written, and named by no record"

    machine.kill_at(RESULT, "clean_inspections")
    assert machine.weeks("accepted") == {"raw_inspections": WEEKS}
    assert machine.weeks("pending") == {"clean_inspections": WEEKS}

    machine.kill_at(RECORD, "inspection_features")
    assert machine.weeks("accepted") == {"raw_inspections": WEEKS, "clean_inspections": WEEKS}
    assert machine.weeks("pending") == {}
    assert machine.warehouse.read_rows("data.inspection_features", sorted(undisturbed["raw_inspections"])).empty

    machine.run()

    assert machine.hashes() == undisturbed
    assert machine.accepted_without_grounds() == []
    with machine.warehouse.snapshot() as connection:
        for asset in ("clean_inspections", "inspection_features"):
            for week, rows in tables.read_weeks(connection, f"data.{asset}", sorted(undisturbed[asset])).groupby(
                "week"
            ):
                assert len(rows) == rows["inspection_id"].nunique(), f"{asset} of {week}"
