"""How fast inspections are cleaned and described: ``python -m benchmarks.features``.

Makes a sample city, cleans it and computes all features at growing sizes, each size in
a process of its own so that peak memory is its own. Sizes beyond the city's are several
cities side by side (other licences, names, places), as a larger city would be. Prints
seconds (of the clock and of the processor), rows a second, peak memory, and the slope of
processor seconds over rows on logarithmic scales: 1 is linear. Then one new week beside
the whole history.
"""

import math
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pandas as pd

from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.features import HISTORY_COLUMNS, build_establishment_features, build_features
from food_inspections.domain.inspections.cleaning import Cleaned, clean
from food_inspections.portal.sample_city import make_inspections

CITY = load_profile("chicago")

FIRST_DAY, LAST_DAY = date(2010, 1, 4), date(2026, 11, 15)
WEEKS = 880


@click.command()
@click.option(
    "--inspections", default=300_000, show_default=True, type=click.IntRange(10_000), help="Size of the city."
)
@click.option(
    "--times", default=10, show_default=True, type=click.IntRange(1, 10), help="Cities side by side, at most."
)
def main(inspections: int, times: int) -> None:
    """Measure cleaning and features."""
    with tempfile.TemporaryDirectory(prefix="fi-bench-") as folder:
        raw, cleaned = Path(folder) / "raw.pkl", Path(folder) / "clean.pkl"
        click.echo(f"making a city of {inspections:,} inspections ...")
        _alone(_make, raw, inspections)
        click.echo(f"{'stage':<22}{'rows':>11}{'seconds':>9}{'processor':>11}{'rows/s':>10}{'peak MB':>9}")
        cleaning = _report("clean", _alone(_clean, raw, cleaned))
        counts = [share for share in (0.1, 1.0, 3.0, 10.0) if share <= times]
        slopes = [_report("features", _alone(_features, cleaned, share)) for share in counts]
        _report("one week", _alone(_week, cleaned))
        _report("queue of a Monday", _alone(_queue, cleaned))
    for (rows, _, seconds), (more_rows, _, more_seconds) in pairwise(slopes):
        slope = math.log(more_seconds / seconds) / math.log(more_rows / rows)
        click.echo(f"slope from {rows:,} to {more_rows:,} rows: {slope:.2f}")
    describing = slopes[counts.index(1.0)]
    click.echo(
        f"clean and features of the city together: {cleaning[1] + describing[1]:.1f} s of the clock, "
        f"{cleaning[2] + describing[2]:.1f} s of a processor"
    )


def _alone(work: Callable[..., Any], *arguments: object) -> tuple[int, float, float, float]:
    """Run in a fresh process; rows, seconds of clock and processor, and its peak memory in MB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        rows, seconds, processor = pool.apply(work, arguments)
        return rows, seconds, processor, pool.apply(_peak_mb)


def _peak_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _report(stage: str, result: tuple[int, float, float, float]) -> tuple[int, float, float]:
    rows, seconds, processor, peak = result
    click.echo(f"{stage:<22}{rows:>11,}{seconds:>9.1f}{processor:>11.1f}{rows / seconds:>10,.0f}{peak:>9,.0f}")
    return rows, seconds, processor


def _timed(work: Callable[[], pd.DataFrame]) -> tuple[int, float, float]:
    began, began_processor = time.perf_counter(), time.process_time()
    rows = len(work())
    return rows, time.perf_counter() - began, time.process_time() - began_processor


def _make(path: Path, inspections: int) -> tuple[int, float, float]:
    def work() -> pd.DataFrame:
        establishments, weekly = max(inspections // 18, 500), 1.06 * inspections / WEEKS
        raw = make_inspections(0, FIRST_DAY, LAST_DAY, establishments, inspections_per_week=weekly)
        raw.to_pickle(path)
        return raw

    return _timed(work)


def _clean(path: Path, to: Path) -> tuple[int, float, float]:
    raw = pd.read_pickle(path)  # noqa: S301 - written by this program a moment ago
    results: list[Cleaned] = []

    def work() -> pd.DataFrame:
        results.append(clean(raw, CITY))
        return raw

    measured = _timed(work)
    pd.to_pickle((results[0].inspections[["week", *HISTORY_COLUMNS]], results[0].closures), to)
    return measured


def _features(path: Path, times: float) -> tuple[int, float, float]:
    inspections, _ = pd.read_pickle(path)  # noqa: S301 - written by this program a moment ago
    if times < 1:
        inspections = inspections.iloc[: int(len(inspections) * times)]
    cities = pd.concat([_moved(inspections, city) for city in range(max(int(times), 1))], ignore_index=True)
    return _timed(lambda: build_features(cities, cities, CITY))


def _moved(inspections: pd.DataFrame, city: int) -> pd.DataFrame:
    if city == 0:
        return inspections
    renamed = {name: inspections[name] + f" {city}" for name in ("establishment_id", "chain_key", "address", "zip")}
    return inspections.assign(
        **renamed,
        latitude=inspections["latitude"] - city,
        inspection_id=f"{city}" + inspections["inspection_id"],
        report_number=inspections["report_number"] + city * inspections["report_number"].max(),
    )


def _week(path: Path) -> tuple[int, float, float]:
    inspections, _ = pd.read_pickle(path)  # noqa: S301 - written by this program a moment ago
    week = inspections[inspections["week"] == inspections["week"].max()]
    return _timed(lambda: build_features(week, inspections, CITY))


def _queue(path: Path) -> tuple[int, float, float]:
    inspections, closures = pd.read_pickle(path)  # noqa: S301 - written by this program a moment ago
    monday = inspections["week"].max().date()
    return _timed(lambda: build_establishment_features(inspections, closures, monday, CITY))


if __name__ == "__main__":
    main()
