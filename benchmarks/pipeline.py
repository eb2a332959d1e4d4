"""The main job at full size: rows per second, peak memory and Dagster's own share, per stage.

A sample city of about 300,000 inspections in 880 weeks is served as a portal; the historical
pull, the clean rows and the features are one range run each, in a process of their own on an
embedded PostgreSQL; then a single new week goes through the whole graph except training.

    python -m benchmarks.pipeline [--weeks 880] [--inspections-per-week 340]

With a file of a city's own rows the first three stages run on all weeks of these:

    python -m benchmarks.pipeline --city new_york --data new_york.csv.gz
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

FIRST = date(2010, 1, 4)
STAGES = ("raw_inspections", "clean_inspections", "inspection_features")
WEEKLY = (
    "raw_inspections,clean_inspections,inspection_features,establishment_features,predictions,inspection_queue,"
    "api_predictions,api_inspection_queue,inspection_plan,score_distributions,drift_report,queue_performance"
)


class Stopwatch:
    """Seconds spent in the functions it wraps, nested calls counted once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0

    def wrap(self, owner: object, name: str) -> None:
        """Time a function or method in place."""
        function: Callable[..., Any] = getattr(owner, name)

        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            self._depth += 1
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.seconds += time.perf_counter() - start

        object.__setattr__(owner, name, timed) if not isinstance(owner, type) else setattr(owner, name, timed)


def run_stage(asset: str, first: date, last: date) -> None:
    """Materialize one asset over a range in this process and print what it took as JSON."""
    # Imported by the process that is measured, not by the one that measures.
    import dagster as dg

    from food_inspections.domain import features
    from food_inspections.domain.inspections import cleaning
    from food_inspections.orchestration.assets import clean_inspections as clean_module
    from food_inspections.orchestration.build import build_defs
    from food_inspections.orchestration.checks import ALL_SUITES
    from food_inspections.orchestration.instance.launch import open_instance
    from food_inspections.orchestration.io import io_managers
    from food_inspections.orchestration.io.upstream import Upstream
    from food_inspections.portal.client import PortalClient
    from food_inspections.storage.records import materializations as records

    weeks = {"dagster/asset_partition_range_start": str(first), "dagster/asset_partition_range_end": str(last)}
    watch = Stopwatch()
    clean_module.clean = cleaning.clean
    for owner, name in (
        (clean_module, "clean"),
        (features, "build_features"),
        (PortalClient, "fetch"),
        (io_managers.WeeklyIOManager, "handle_output"),
        (Upstream, "read_weeks"),
        (records, "write_check_results"),
        (records, "decide"),
        *((suite, "read") for suite in ALL_SUITES),
        *((check, "evaluate") for suite in ALL_SUITES for check in suite.checks),
    ):
        watch.wrap(owner, name)
    with open_instance() as instance:
        start = time.perf_counter()
        result = (
            build_defs()
            .resolve_implicit_global_asset_job_def()
            .execute_in_process(
                asset_selection=[dg.AssetKey(asset)],
                instance=instance,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                tags=weeks,
                raise_on_error=False,
            )
        )
        wall = time.perf_counter() - start
    if not result.success:
        raise SystemExit(f"{asset} failed")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall_s": wall, "own_s": watch.seconds, "peak_mb": peak}))


@contextmanager
def portal(path: Path, environment: dict[str, str]) -> Iterator[str]:
    """The local portal in a process of its own, so that its memory is not counted."""
    command = [Path(sys.executable).with_name("food-inspections"), "portal", "--data", str(path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield line.split(" on ")[1].split()[0]
        finally:
            process.terminate()


def main() -> None:
    """Run every stage and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=880)
    parser.add_argument("--inspections-per-week", type=int, default=340)
    parser.add_argument("--city", default="chicago", help="profile of the city whose rows --data holds")
    parser.add_argument("--data", type=Path, help="CSV file of a city's own rows, in place of a sample city")
    parser.add_argument("--stage", nargs=3, metavar=("ASSET", "FIRST", "LAST"), help="used by the benchmark itself")
    arguments = parser.parse_args()
    if arguments.stage:
        asset, first, last = arguments.stage
        run_stage(asset, date.fromisoformat(first), date.fromisoformat(last))
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        environment = os.environ | {
            "FOOD_INSPECTIONS_HOME": str(Path(folder) / "home"),
            "FOOD_INSPECTIONS_CITY": arguments.city,
            "DAGSTER_HOME": str(Path(__file__).resolve().parents[1]),
        }
        if arguments.data is None:
            measure(Path(folder), environment, arguments.weeks, arguments.inspections_per_week)
        else:
            measure_city(arguments.data, environment, arguments.city)


def measure_city(data: Path, environment: dict[str, str], city: str) -> None:
    """Run the stages on all weeks of a city's own rows."""
    from food_inspections.domain.city.loading import load_profile
    from food_inspections.domain.city.texts import read_days
    from food_inspections.domain.weeks import monday_of
    from food_inspections.portal.csv_files import read_csv_file

    profile = load_profile(city)
    last = monday_of(read_days(read_csv_file(data)[profile.columns.date], profile.rows.date_format).max().date())
    with portal(data, environment) as url:
        _stages(environment | {"FOOD_INSPECTIONS_PORTAL_URL": url}, profile.city.first_week, last)


def measure(folder: Path, environment: dict[str, str], weeks: int, per_week: int) -> None:
    """Make the city, run the stages, print the table."""
    own = Path(sys.executable).with_name("food-inspections")
    last = FIRST + timedelta(weeks=weeks - 1)
    data = folder / "city.csv.gz"
    start = time.perf_counter()
    subprocess.run(
        [own, "sample-city", "--out", data, "--from", FIRST.isoformat(), "--to", (last + timedelta(days=6)).isoformat(),
         "--establishments", str(per_week * 45), "--inspections-per-week", str(per_week)],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _print(f"sample city: {time.perf_counter() - start:.0f} s")
    with portal(data, environment) as url:
        environment["FOOD_INSPECTIONS_PORTAL_URL"] = url
        rows = _stages(environment, FIRST, last - timedelta(weeks=1))
        _single_week(environment, last)
    _print(f"clean + features of {rows:,} inspections: see the two rows above")


def _stages(environment: dict[str, str], first: date, last: date) -> int:
    rows = 0
    _print(f"{'stage':<22}{'rows':>10}{'wall s':>9}{'rows/s':>9}{'peak MB':>9}{'Dagster':>9}")
    for asset in STAGES:
        command = [sys.executable, __file__, "--stage", asset, first.isoformat(), last.isoformat()]
        done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True)
        took = json.loads(done.stdout.splitlines()[-1])
        rows = _rows(environment, asset)
        share = 1 - took["own_s"] / took["wall_s"]
        _print(
            f"{asset:<22}{rows:>10,}{took['wall_s']:>9.1f}{rows / took['wall_s']:>9,.0f}"
            f"{took['peak_mb']:>9,.0f}{share:>9.0%}"
        )
    return rows


def _single_week(environment: dict[str, str], week: date) -> None:
    """Train once before, outside the measurement; then the new week from process start to process end."""
    dagster = [sys.executable, "-m", "dagster", "asset", "materialize", "-m", "food_inspections.definitions"]

    def materialize(selection: str) -> None:
        command = [*dagster, "--select", selection, "--partition", week.isoformat()]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    start = time.perf_counter()
    materialize("group:training")
    _print(f"training, all candidates, selection and bias report: {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    materialize(WEEKLY)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    _print(f"one new week, whole graph but training: {time.perf_counter() - start:.1f} s; largest child {peak:,.0f} MB")


def _rows(environment: dict[str, str], asset: str) -> int:
    own = Path(sys.executable).with_name("food-inspections")
    query = f"SELECT sum(row_count) FROM metadata.accepted_weeks WHERE asset = '{asset}'"
    done = subprocess.run(
        [own, "db", "query", query, "--format", "csv"], check=True, env=environment, stdout=subprocess.PIPE, text=True
    )
    return int(done.stdout.split()[-1])


def _print(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
