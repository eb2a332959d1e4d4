import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from food_inspections.cli.city import command
from food_inspections.errors import SettingsError
from food_inspections.portal.sample_city import make_inspections
from food_inspections.portal.server import PortalServer
from food_inspections_tests.domain.city.profiles import GOOD
from food_inspections_tests.domain.city.test_examination import two_years


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), catch_exceptions=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "springfield.csv.gz"
    path.write_bytes(gzip.compress(two_years().to_csv(index=False).encode()))
    return path


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "springfield.toml"
    path.write_text(GOOD)
    return path


@pytest.fixture(scope="module")
def portal() -> Iterator[PortalServer]:
    rows = make_inspections(5, date(2016, 1, 4), date(2017, 2, 26), establishments=200, inspections_per_week=30)
    with PortalServer(rows) as server:
        yield server


def test_cities_are_listed() -> None:
    output = run("list").output

    assert "data.cityofnewyork.us 43nn-pn8j" in next(
        line for line in output.splitlines() if line.startswith("new_york")
    )
    assert "Routine Inspection" in output


def test_a_trusted_profile_ends_well(profile: Path, data: Path) -> None:
    result = run("check", str(profile), "--data", str(data))

    assert result.exit_code == 0, result.output
    assert "Springfield: 400 rows are 400 inspections, 10.0 per establishment." in result.output
    assert "The profile can be trusted with these rows." in result.output


def test_a_profile_that_is_not_to_be_trusted_ends_with_1(profile: Path, data: Path) -> None:
    profile.write_text(GOOD.replace("at_least = 20", "at_least = 2000"))

    result = run("check", str(profile), "--data", str(data))

    assert result.exit_code == 1
    assert "Not to be trusted:\n  - 0.0% of the first looks fail" in result.output


def test_a_draft_from_a_portal_loads_and_says_what_is_to_be_decided(portal: PortalServer, tmp_path: Path) -> None:
    out = tmp_path / "draft.toml"

    drafted = run("init", "--portal", portal.url, "--dataset", "4ijn-s7e5", "--name", "Springfield", "--out", str(out))
    checked = run("check", str(out))

    assert f"Next: food-inspections city check {out}" in drafted.output
    assert checked.exit_code == 1
    assert "Still to be decided:" in checked.output
    assert 'key = ["inspection_id"]' in checked.output
    assert "The portal keeps" in checked.output
    assert " from 2016-01-04 to 2017-02-" in checked.output


def test_a_confirmed_draft_is_trusted(portal: PortalServer, tmp_path: Path) -> None:
    out = tmp_path / "draft.toml"
    run("init", "--portal", portal.url, "--dataset", "4ijn-s7e5", "--out", str(out))
    out.write_text("\n".join(line.partition("  # guessed:")[0] for line in out.read_text().splitlines()))

    result = run("check", str(out))

    assert "Still to be decided" not in result.output


@pytest.fixture
def plain_data(tmp_path: Path) -> Path:
    """Rows of a portal whose columns have usual names."""
    names = {"place": "facility_id", "day": "inspection_date", "visit": "inspection_type", "marks": "score"}
    path = tmp_path / "springfield.csv"
    two_years().rename(columns=names).to_csv(path, index=False)
    return path


def test_a_draft_from_a_file_alone_is_printed(plain_data: Path) -> None:
    output = run("init", "--data", str(plain_data)).output

    assert output.startswith("# Springfield: a draft.")
    assert 'date = "inspection_date"' in output


def test_a_draft_overwrites_nobodys_decisions(plain_data: Path, profile: Path) -> None:
    with pytest.raises(SettingsError, match="exists: name another file"):
        run("init", "--data", str(plain_data), "--out", str(profile))

    assert profile.read_text() == GOOD


def test_rows_have_to_be_named() -> None:
    with pytest.raises(SettingsError, match="Name the rows: give --portal with --dataset, or --data"):
        run("init", "--portal", "https://data.springfield.example")


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("city", "file", "line"),
    [
        ("new_york", "new_york_2012_2015-06.csv.gz", "New York: 410,544 rows are 156,185 inspections"),
        ("austin", "austin_2012-08_2017-09.csv.gz", "Austin: 42,163 rows are 42,163 inspections"),
    ],
)
def test_real_cities_are_trusted(real_data: Path, city: str, file: str, line: str) -> None:
    result = run("check", city, "--data", str(real_data / file))

    assert result.exit_code == 0, result.output
    assert line in result.output
