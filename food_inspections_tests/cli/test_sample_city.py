import gzip
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from food_inspections.cli.sample_city import command, write_csv
from food_inspections.errors import StorageError

SMALL = ["--from", "2018-06-04", "--to", "2018-07-15", "--establishments", "300"]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, [*arguments, *SMALL], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_same_arguments_write_the_same_bytes(tmp_path: Path) -> None:
    one, two, plain = tmp_path / "one.csv.gz", tmp_path / "two.csv.gz", tmp_path / "plain.csv"
    for path in (one, two, plain):
        run("--out", str(path), "--seed", "5")

    assert one.read_bytes() == two.read_bytes()
    assert gzip.decompress(one.read_bytes()) == plain.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.csv.gz", "plain.csv", "two.csv.gz"]


def test_truth_goes_to_a_file_of_its_own(tmp_path: Path) -> None:
    output = run("--out", str(tmp_path / "city.csv"), "--truth", str(tmp_path / "truth" / "truth.csv"))

    truth = pd.read_csv(tmp_path / "truth" / "truth.csv")
    assert truth["probability"].between(0, 1).all()
    assert "knowing them, the AUC of 'fail' on canvasses is 0." in output


def test_a_shift_is_made_only_when_asked_for(tmp_path: Path) -> None:
    for name, arguments in {"never": [], "late": ["--shift-from", "2018-07-02"]}.items():
        run("--out", str(tmp_path / name), *arguments)

    never, late = (pd.read_csv(tmp_path / name) for name in ("never", "late"))
    before = never["inspection_date"] < "2018-07-02"
    assert never[before].equals(late[: before.sum()])
    assert not never.equals(late)


def test_impossible_arguments_are_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--out", str(tmp_path / "x"), "--establishments", "0"])

    assert result.exit_code == 2
    assert "--establishments" in result.output


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"file/city\.csv cannot be written .*choose another"):
        write_csv(pd.DataFrame(), tmp_path / "file" / "city.csv")
