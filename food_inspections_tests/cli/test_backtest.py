import csv
import gzip
from datetime import date

import pytest
from click.testing import CliRunner

from food_inspections.cli.backtest import command, read_inspections
from food_inspections.domain.evaluation.metrics import METRICS
from food_inspections.errors import DataError
from food_inspections.portal.sample_city import make_inspections
from food_inspections_tests.domain.first_city import CITY

PERIOD = ["--from", "2016-11-07", "--to", "2016-11-27", "--label", "critical", "--recipe", "logistic_regression"]


@pytest.fixture(scope="module")
def data_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    rows = make_inspections(5, date(2016, 1, 4), date(2016, 12, 31), establishments=400, inspections_per_week=60)
    portal = rows.drop(columns=["portal_row_id", "portal_updated_at", "published_at"], errors="ignore")
    halves = [portal.iloc[: len(portal) // 2], portal.iloc[len(portal) // 2 :]]
    paths = [folder / "first.csv.gz", folder / "second.csv"]
    for half, path in zip(halves, paths, strict=True):
        half.to_csv(path, index=False)
    return paths


def run(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)


def test_writes_predictions_report_and_pictures(data_files, tmp_path):
    first, second = data_files
    result = run("--data", first, second, *PERIOD, "--no-lags", "--out", tmp_path / "out")
    assert result.exit_code == 0
    with (tmp_path / "out" / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["inspection_id", "inspection_date", "score", "label"]
    assert {row["label"] for row in rows} == {"0", "1"}
    assert all("2016-11-07" <= row["inspection_date"] <= "2016-11-27" for row in rows)
    assert all(0 <= float(row["score"]) <= 1 for row in rows)
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".csv", ".md", ".png"}
    assert all(metric.title in result.output for metric in METRICS.values())
    assert "[1/1] logistic_regression with cutoff 2016-11-07" in result.stderr
    assert "Written:" in result.stdout


def test_predictions_are_there_before_what_takes_longest(data_files, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("food_inspections.cli.backtest.lag_backtests", interrupted)
    result = run("--data", *data_files, *PERIOD, "--out", tmp_path)
    assert result.exit_code == 1
    assert {path.name for path in tmp_path.iterdir()} == {"predictions.csv", "judged.csv"}
    assert "[1/3] queue of 2016-11-07" in result.stderr
    assert "AUC" in result.stdout


def test_same_input_gives_the_same_predictions(data_files, tmp_path):
    first, second = data_files
    for name in ("one", "two"):
        run("--data", first, "--data", second, *PERIOD, "--no-lags", "--no-queue", "--out", tmp_path / name)
    assert (tmp_path / "one" / "predictions.csv").read_bytes() == (tmp_path / "two" / "predictions.csv").read_bytes()


def test_file_without_a_column_is_named(tmp_path):
    path = tmp_path / "short.csv"
    path.write_text("inspection_id,results\n1,Fail\n")
    with pytest.raises(DataError, match=r"short\.csv lacks the columns inspection_date, license_"):
        read_inspections([path], CITY)


def test_file_that_is_no_csv_is_named(tmp_path):
    path = tmp_path / "broken.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 1000)[:-20])
    with pytest.raises(DataError, match=r"broken\.csv\.gz cannot be read as CSV"):
        read_inspections([path], CITY)


def test_inspection_in_two_files_counts_as_the_last_has_it(data_files, tmp_path):
    rows = read_inspections(data_files, CITY)
    changed = rows.head(3).assign(results="Fail", dba_name="CHANGED")
    changed.to_csv(tmp_path / "changed.csv", index=False)
    again = read_inspections([*data_files, tmp_path / "changed.csv"], CITY)
    assert len(again) == len(rows)
    assert (again["dba_name"] == "CHANGED").sum() == 3


def test_judges_within_the_groups_of_a_column_and_of_a_file(data_files, tmp_path):
    rows = read_inspections(data_files, CITY)
    groups = rows[["inspection_id"]].assign(inspector=[f"team {int(name) % 3}" for name in rows["inspection_id"]])
    groups.to_csv(tmp_path / "groups.csv", index=False)
    within = ["--within", "zip", "--within", "inspector", "--groups", tmp_path / "groups.csv"]
    result = run("--data", *data_files, *PERIOD, "--no-lags", "--no-queue", *within, "--out", tmp_path)
    assert result.exit_code == 0
    report = (tmp_path / "report.md").read_text()
    assert "## Within zip" in report
    assert "in 3 groups; 0 visits without one are left out" in report.partition("## Within inspector")[2]
    assert "**Lead over the best heuristic of one line**" in report


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("inspection_id,team\n1,a\n1,b\n", "names inspection 1 twice"),
        ("id,team\n1,a\n", "lacks the column inspection_id"),
        ("inspection_id,crew\n1,a\n", "--within 'team': there is no such column. Choose one of zip"),
    ],
)
def test_groups_that_cannot_be_used_are_named_before_anything_is_fitted(data_files, tmp_path, text, message):
    (tmp_path / "groups.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        run("--data", *data_files, *PERIOD, "--within", "team", "--groups", tmp_path / "groups.csv", "--out", tmp_path)
