"""Exports as people get them: other separators, headings for people, marks of a spreadsheet."""

import gzip
from pathlib import Path

import pytest

from food_inspections.errors import DataError
from food_inspections.portal.csv_files import field_names, read_csv_file

ROWS = [["Premises No", "Date of Visit", "Note"], ["7", "14/02/2013", ""], ["NA", "15/02/2013", "cold, dry"]]


def written(path: Path, separator: str = ",", mark: str = "", rows: list[list[str]] = ROWS) -> Path:
    lines = [separator.join(f'"{value}"' if "," in value else value for value in row) for row in rows]
    path.write_text(mark + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_whatever_separates_the_values(tmp_path: Path, separator: str, mark: str) -> None:
    frame = read_csv_file(written(tmp_path / "export.csv", separator, mark))

    assert list(frame.columns) == ["premises_no", "date_of_visit", "note"]
    assert frame["premises_no"].tolist() == ["7", "NA"], "text as it is"
    assert frame["note"].isna().tolist() == [True, False]


def test_packed_files_are_read_whatever_their_name(tmp_path: Path) -> None:
    plain = written(tmp_path / "export.csv")
    packed = tmp_path / "export.data"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert read_csv_file(packed).equals(read_csv_file(plain))


def test_headings_become_field_names_and_field_names_stay() -> None:
    headings = ["license_", ":id", "_id", "Año", "% Bad (2019)", "2nd Look", "Where", "..."]

    assert field_names(headings) == [*("license_", ":id", "_id", "ano", "bad_2019", "_2nd_look", "where", "column_8")]


def test_what_a_pull_adds_is_not_taken_from_a_file(tmp_path: Path) -> None:
    frame = read_csv_file(written(tmp_path / "export.csv", rows=[["Week", "Score"], ["W12", "9"]]))

    assert list(frame.columns) == ["score"]


def test_two_headings_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = written(tmp_path / "export.csv", rows=[["Zip Code", "zip_code"], ["1", "2"]])

    with pytest.raises(DataError, match=r"has two columns 'zip_code' \('Zip Code' and 'zip_code'\): rename one"):
        read_csv_file(twice)


def test_another_encoding_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("Name\nCafé\n".encode("latin-1"))

    with pytest.raises(DataError, match=r"is not written in UTF-8 .*: save it as 'CSV UTF-8'"):
        read_csv_file(path)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bbroken"])
def test_what_is_no_csv_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)

    with pytest.raises(DataError, match="cannot be read as CSV"):
        read_csv_file(path)
