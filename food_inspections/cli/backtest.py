"""``food-inspections backtest``: the forecast on past inspections, from files, without a database."""

from datetime import datetime
from pathlib import Path
from typing import cast, get_args

import click
import pandas as pd

from food_inspections.cli.city_option import CITY
from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.city.profile import Profile
from food_inspections.domain.evaluation.backtest import Backtest, BacktestParameters, lag_backtests, run_backtest
from food_inspections.domain.evaluation.backtest_report import write_report
from food_inspections.domain.evaluation.metrics import METRICS, evaluate
from food_inspections.domain.evaluation.plan_replay import replay_plan
from food_inspections.domain.evaluation.plan_replay import report as replay_report
from food_inspections.domain.evaluation.queue_backtest import run_queue_backtest
from food_inspections.domain.evaluation.replay_scores import MondayScores
from food_inspections.domain.evaluation.within import judge_within
from food_inspections.domain.inspections.cleaning import clean
from food_inspections.domain.plan.travel import TravelRules
from food_inspections.domain.recipes.registry import DEFAULT_RECIPE, RECIPES
from food_inspections.errors import DataError
from food_inspections.portal.csv_files import read_csv_file
from food_inspections.settings import Label, Settings

LAGS = (7, 14, 28)
GROUPS_KNOWN = ("zip", "facility_type", "risk", "inspection_type")
DEFAULT_REFIT_WEEKS = 4
_FILE = ":file"
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--data",
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    required=True,
    help="CSV file, plain or gzip, with the portal's field names; may be repeated. "
    "Of an inspection that is in several files, the last file counts.",
)
@click.argument(
    "more_files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, metavar="[FILE]..."
)
@CITY
@click.option("--label", type=click.Choice(get_args(Label)), required=True, help="What to forecast.")
@click.option("--from", "first_day", type=DAY, required=True, help="First day judged; what lies before is history.")
@click.option("--to", "last_day", type=DAY, required=True, help="Last day judged.")
@click.option(
    "--refit-weeks",
    type=click.IntRange(1),
    help="Weeks after which the model is refitted; by default 4, and earlier while what is known of the last year "
    "doubles, as it does after a gap in the files.",
)
@click.option("--recipe", type=click.Choice(sorted(RECIPES)), default=DEFAULT_RECIPE, show_default=True)
@click.option(
    "--lag-days",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Inspections become known so many days late.",
)
@click.option(
    "--lags/--no-lags", "has_lags", default=True, show_default=True, help="Also measure 7, 14 and 28 days of lateness."
)
@click.option(
    "--queue/--no-queue", "has_queue", default=True, show_default=True, help="Also judge every Monday's queue."
)
@click.option(
    "--plan",
    "has_plan",
    is_flag=True,
    help="Also replay a plan: the same visits in another order, with and without a floor for areas; writes plan.md.",
)
@click.option(
    "--floor",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Share of what each area's real visits were expected to find that --plan keeps by the end of every day.",
)
@click.option(
    "--first-looks/--all-visits",
    "is_first_looks",
    default=False,
    show_default=True,
    help="Judge scheduled first looks only, as the queue forecasts them.",
)
@click.option(
    "--within",
    "columns",
    multiple=True,
    metavar="COLUMN",
    help="Also judge the order within the groups of a column: zip, facility_type, risk, inspection_type, or one that "
    "--groups brings; may be repeated.",
)
@click.option(
    "--groups",
    "groups_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV file, plain or gzip, of inspection_id and further columns for --within, such as who inspected. "
    "For judging only: no model and no feature ever sees it.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything drawn at random.")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for predictions.csv, judged.csv, report.md and its plots.",
)
def command(
    *,
    files: tuple[Path, ...],
    more_files: tuple[Path, ...],
    city: str | None,
    label: str,
    first_day: datetime,
    last_day: datetime,
    refit_weeks: int | None,
    recipe: str,
    lag_days: int,
    has_lags: bool,
    has_queue: bool,
    has_plan: bool,
    floor: float,
    is_first_looks: bool,
    columns: tuple[str, ...],
    groups_file: Path | None,
    seed: int,
    folder: Path,
) -> None:
    """Measure the forecast on past inspections.

    At each cutoff, every so many weeks from the Monday of --from on, a model is fitted on the
    inspections before it and scores the visits up to the next; features go on learning day by day.
    Writes predictions.csv (inspection_id, inspection_date, score, label: 1 where the score
    reaches the model's threshold), judged.csv with what was found, and report.md with the
    metrics, their intervals, the baselines and plots. Needs no database.

    Example: food-inspections backtest --data all.csv.gz --label fail --from 2014-09-02 --to 2014-10-31 --out out
    """
    plan = BacktestParameters(
        label=cast(Label, label),
        first_day=first_day.date(),
        last_day=last_day.date(),
        refit_weeks=refit_weeks or DEFAULT_REFIT_WEEKS,
        is_eager=refit_weeks is None,
        recipe=recipe,
        lag_days=lag_days,
        seed=seed,
        is_first_looks=is_first_looks,
    )
    memberships = _memberships(columns, groups_file)
    profile = load_profile(city) if city is not None else Settings.from_environment().profile
    cleaned = clean(read_inspections([*files, *more_files], profile), profile)
    dropped = int(cleaned.dropped["row_count"].sum())
    _say(f"{len(cleaned.inspections):,} inspections read and cleaned; {dropped:,} rows left out by the cleaning rules.")
    backtest = run_backtest(cleaned.inspections, plan, profile, _say)
    # What is asked for first: the queue and the lags take many times as long.
    folder.mkdir(parents=True, exist_ok=True)
    write_days(backtest.predictions, folder / "predictions.csv")
    write_days(backtest.judged, folder / "judged.csv")
    for name, value in evaluate(backtest.scored).items():
        click.echo(f"{METRICS[name].title:28} {'not defined' if value is None else f'{value:.4f}'}")
    if has_plan:
        _write_replay(backtest, cleaned.inspections, floor, folder)
    queue = run_queue_backtest(cleaned.inspections, cleaned.closures, backtest, _say) if has_queue else None
    lags = tuple(lag for lag in LAGS if lag != lag_days) if has_lags else ()
    late = lag_backtests(cleaned.inspections, plan, profile, lags, _say)
    _say("Writing the report.")
    within = [
        judge_within(
            backtest.scored,
            {"net": backtest.net, **backtest.baselines},
            _groups(backtest.judged, column, memberships),
        )
        for column in columns
    ]
    report = write_report(backtest, queue, late, within)
    for name, content in report.files.items():
        (folder / name).write_bytes(content)
    (folder / "report.md").write_text(report.markdown, encoding="utf-8")
    click.echo(f"Written: {folder / 'report.md'}")


def _write_replay(backtest: Backtest, inspections: pd.DataFrame, floor: float, folder: Path) -> None:
    """The same visits in another order: ``plan.md``, and the visits themselves in ``plan.csv``."""
    places = inspections[["inspection_id", "latitude", "longitude"]]
    visits = backtest.judged.merge(places, on="inspection_id", how="left", validate="one_to_one")
    settings = Settings.from_environment()
    rules = TravelRules(settings.travel_kmh, settings.street_factor)
    replay = replay_plan(
        visits, lambda: MondayScores(backtest, inspections), floor=floor, rules=rules, on_progress=_say
    )
    write_days(replay.visits, folder / "plan.csv")
    text = replay_report(replay, backtest.plan.first_day, backtest.plan.last_day, floor)
    (folder / "plan.md").write_text(text, encoding="utf-8")
    click.echo(f"Written: {folder / 'plan.md'}")


def read_inspections(files: list[Path], profile: Profile) -> pd.DataFrame:
    """Rows of the files as the portal gives them: text, or None where a field is empty.

    Of an inspection that is in several files, the rows of the last file count.

    Raises:
        DataError: A file is no CSV, or lacks a field the rules need.
    """
    columns, frames = list(profile.portal_columns), []
    is_inspection = profile.rows.grain == "inspection"
    for number, path in enumerate(files):
        frame = read_csv_file(path)
        missing = [name for name in columns if name not in frame.columns and name not in profile.shown_columns]
        if missing:
            raise DataError(f"{path} lacks the columns {', '.join(missing)}: export them from the portal.")
        # Of violations every column counts: an export may number its rows.
        kept = columns if is_inspection else list(dict.fromkeys([*columns, *frame.columns]))
        frames.append(frame.reindex(columns=kept).assign(**{_FILE: number}))
    rows = pd.concat(frames, ignore_index=True).astype(object)
    keys = profile.rows.key
    is_newest = rows[_FILE].eq(rows.groupby(keys)[_FILE].transform("max")) if len(files) > 1 else rows[_FILE].ge(0)
    if is_inspection:
        is_newest &= ~rows.duplicated(keys, keep="last")
    rows = rows.loc[rows[keys].isna().any(axis=1) | is_newest].drop(columns=_FILE)
    return rows.where(rows.notna(), None).reset_index(drop=True)


def _memberships(columns: tuple[str, ...], path: Path | None) -> pd.DataFrame:
    """What ``--groups`` brings, by inspection; empty without it.

    Raises:
        DataError: A column is in neither the file nor what is judged, or the file names an inspection twice.
    """
    frame = pd.DataFrame(columns=["inspection_id"]) if path is None else pd.read_csv(path, dtype=str)
    if "inspection_id" not in frame.columns:
        raise DataError(f"{path} lacks the column inspection_id: it says which inspection each row is about.")
    for column in columns:
        if column not in frame.columns and column not in GROUPS_KNOWN:
            raise DataError(
                f"--within {column!r}: there is no such column. Choose one of {', '.join(GROUPS_KNOWN)}, or give a "
                "file that has it with --groups."
            )
    repeated = frame.loc[frame["inspection_id"].duplicated(), "inspection_id"]
    if len(repeated):
        raise DataError(f"{path} names inspection {repeated.iloc[0]} twice: leave one row for each inspection.")
    return frame.set_index("inspection_id")


def _groups(judged: pd.DataFrame, column: str, memberships: pd.DataFrame) -> pd.Series:
    if column not in memberships.columns:
        return judged[column]
    return judged["inspection_id"].astype(str).map(memberships[column]).rename(column)


def write_days(frame: pd.DataFrame, path: Path) -> None:
    """A CSV file whose dates are days."""
    frame.to_csv(path, index=False, date_format="%Y-%m-%d")


def _say(line: str) -> None:
    """Progress goes to stderr, so that stdout holds the result alone."""
    click.echo(line, err=True)
