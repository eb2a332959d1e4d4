import gzip
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from food_inspections.domain.city.loading import load_profile
from food_inspections.errors import DataError
from food_inspections.portal.table import InspectionTable, Source, Value

ROWS = pd.DataFrame(
    {
        "inspection_id": ["1", "2", "3"],
        "results": ["Pass", "Fail", "Pass"],
        "inspection_date": ["2025-01-06T00:00:00.000"] * 3,
    }
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "inspections.csv"
    ROWS.to_csv(path, index=False)
    return path


@pytest.fixture
def table(path: Path) -> Iterator[InspectionTable]:
    table = InspectionTable([path])
    yield table
    table.close()


def stamps(table: InspectionTable) -> dict[Value, Value]:
    return {row[0]: row[1] for row in table.select({"$select": "inspection_id, :updated_at"})[1]}


def results(table: InspectionTable) -> dict[Value, Value]:
    return {row[0]: row[1] for row in table.select({"$select": "inspection_id, results"})[1]}


def rewrite(path: Path, rows: pd.DataFrame) -> None:
    before = path.stat().st_mtime_ns
    rows.to_csv(path, index=False)
    # Two writes within one tick of the file system's clock are told apart by their size, or not at all.
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_rows_are_stamped_the_same_in_every_process(path: Path, table: InspectionTable) -> None:
    again = InspectionTable([path])

    assert stamps(again) == stamps(table)
    assert {str(stamp)[:10] for stamp in stamps(table).values()} == {"2025-01-07"}
    again.close()


def test_a_late_row_appears_and_leaves_the_others_as_they_were(path: Path, table: InspectionTable) -> None:
    before = stamps(table)

    rewrite(path, pd.concat([ROWS, ROWS.iloc[[0]].assign(inspection_id="4")]))
    table.refresh()

    after = stamps(table)
    assert set(after) == {"1", "2", "3", "4"}
    assert {key: after[key] for key in before} == before


def test_a_revised_row_is_stamped_later_and_alone(path: Path, table: InspectionTable) -> None:
    before = stamps(table)

    rewrite(path, ROWS.assign(results=["Fail", "Fail", "Pass"]))
    table.refresh()

    after = stamps(table)
    assert results(table)["1"] == "Fail"
    assert str(after["1"]) > str(before["1"])
    assert (after["2"], after["3"]) == (before["2"], before["3"])


def test_a_row_revised_twice_is_stamped_later_twice(path: Path, table: InspectionTable) -> None:
    rewrite(path, ROWS.assign(results="Fail"))
    table.refresh()
    once = stamps(table)

    rewrite(path, ROWS.assign(results="Pass"))
    table.refresh()

    assert str(stamps(table)["1"]) > str(once["1"])


def test_a_row_stamped_ahead_of_the_clock_is_still_stamped_later_when_revised(path: Path) -> None:
    """A made-up city may reach beyond today."""
    ahead = ROWS.assign(inspection_date="2099-01-06T00:00:00.000")
    table = InspectionTable([ahead])
    before = stamps(table)

    table.replace([ahead.assign(results="Revised")])

    assert all(str(stamp) > str(before[key]) for key, stamp in stamps(table).items())
    table.close()


def test_a_row_taken_back_is_gone(path: Path, table: InspectionTable) -> None:
    rewrite(path, ROWS.iloc[:2])
    table.refresh()

    assert set(stamps(table)) == {"1", "2"}


def test_an_unchanged_file_is_not_read_again(table: InspectionTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pd, "read_csv", None)

    table.refresh()


def test_the_last_file_counts_and_stamps_later(path: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.csv.gz"
    later.write_bytes(gzip.compress(ROWS.iloc[[1]].assign(results="Pass").to_csv(index=False).encode()))
    alone, both = InspectionTable([path]), InspectionTable([path, later])

    assert results(both) == {"1": "Pass", "2": "Pass", "3": "Pass"}
    assert str(stamps(both)["2"]) > str(stamps(alone)["2"])
    assert stamps(both)["1"] == stamps(alone)["1"]
    alone.close()
    both.close()


def test_replaced_rows_are_revisions(table: InspectionTable) -> None:
    before = stamps(table)

    table.replace([ROWS.assign(results=["Fail", "Fail", "Pass"])])

    assert str(stamps(table)["1"]) > str(before["1"])
    assert stamps(table)["2"] == before["2"]


def test_rows_not_yet_published_are_held_back() -> None:
    rows = ROWS.assign(published_at=["2025-01-08", "2025-01-20", None])
    table = InspectionTable([rows], as_of=date(2025, 1, 10))

    assert set(stamps(table)) == {"1", "3"}
    table.replace([rows], as_of=date(2025, 1, 20))
    assert {key: str(stamp)[:10] for key, stamp in stamps(table).items()} == {
        "1": "2025-01-08",
        "2": "2025-01-20",
        "3": "2025-01-07",
    }
    table.close()


def test_location_is_made_of_the_coordinates_where_it_is_not_given() -> None:
    rows = ROWS.assign(
        latitude=["41.8", "41.9", None], longitude=["-87.6", None, None], location=["(1, 2)", None, None]
    )
    table = InspectionTable([rows.drop(columns="location")])
    given = InspectionTable([rows])

    assert locations(table) == ["(41.8, -87.6)", None, None]
    assert locations(given) == ["(1, 2)", None, None]
    table.close()
    given.close()


def locations(table: InspectionTable) -> list[Value]:
    return [row[0] for row in table.select({"$select": "location", "$order": "inspection_id"})[1]]


def test_rows_without_an_id_are_kept_apart() -> None:
    table = InspectionTable([ROWS.assign(inspection_id=None, results=["a", "b", "c"])])

    assert table.row_count == 3
    table.close()


@pytest.mark.parametrize("sources", [[], [ROWS.iloc[:0]], [ROWS.iloc[:0], ROWS.iloc[:0]]])
def test_no_rows_at_all(sources: list[Source]) -> None:
    table = InspectionTable(sources)

    assert table.row_count == 0
    assert table.newest_update is None
    assert table.select({"$select": "count(*)"})[1] == [(0,)]
    table.close()


def test_another_city_is_served_under_its_own_columns() -> None:
    rows = pd.DataFrame(
        {
            "camis": ["30075445", "30075446"],
            "inspection_day": ["2025-01-06", "2025-01-07T00:00:00"],
            "score": ["12", None],
            "boro": ["Bronx", "Queens"],
        }
    )
    table = InspectionTable([rows])

    assert table.kinds == {
        ":id": "row_identifier",
        ":created_at": "fixed_timestamp",
        ":updated_at": "fixed_timestamp",
        "camis": "number",
        "inspection_day": "calendar_date",
        "score": "number",
        "boro": "text",
    }
    query = {"$select": "camis,inspection_day", "$where": "inspection_day > '2025-01-06' or score > 12"}
    assert table.select(query)[1] == [("30075446", "2025-01-07T00:00:00.000")]
    table.close()


def test_system_fields_of_the_source_are_kept_and_tell_rows_apart() -> None:
    rows = ROWS.assign(**{":id": ["row-a", "row-b", "row-a"], ":updated_at": "2025-03-01T12:00:00.000Z"})
    table = InspectionTable([rows])

    assert table.select({"$select": ":id,inspection_id,:updated_at"})[1] == [
        ("row-a", "3", "2025-03-01T12:00:00.000Z"),
        ("row-b", "2", "2025-03-01T12:00:00.000Z"),
    ]
    table.close()


def test_a_date_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    ROWS.assign(inspection_date="6th of January").to_csv(path, index=False)

    with pytest.raises(DataError, match=r"wrong\.csv has the inspection_date '6th of January', which is no date"):
        InspectionTable([path])


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08\x00broken"])
def test_a_file_that_is_no_csv_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.csv.gz"
    path.write_bytes(content)

    with pytest.raises(DataError, match=r"broken\.csv\.gz cannot be read as CSV"):
        InspectionTable([path])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv cannot be read \(No such file or directory\)"):
        InspectionTable([tmp_path / "nowhere.csv"])


def test_a_file_caught_half_written_leaves_the_table_as_it_was(path: Path, table: InspectionTable) -> None:
    before = stamps(table)
    rewrite(path, ROWS.assign(inspection_date="2025-01-"))

    with pytest.raises(DataError):
        table.refresh()

    assert stamps(table) == before
    rewrite(path, ROWS.iloc[:1])
    table.refresh()
    assert set(stamps(table)) == {"1"}


VIOLATIONS = pd.DataFrame(
    {
        "camis": ["30075445"] * 4,
        "inspection_date": ["2015-02-09T00:00:00"] * 4,
        "inspection_type": ["Cycle Inspection / Initial Inspection"] * 4,
        "violation_code": ["06C", "06C", "10F", None],
    }
)


def served(*sources: Source) -> list[Value]:
    table = InspectionTable(sources, load_profile("new_york"))
    codes = [row[0] for row in table.select({"$select": "violation_code", "$order": "violation_code"})[1]]
    assert table.row_count + table.superseded_count == sum(len(pd.DataFrame(source)) for source in sources)
    table.close()
    return codes


def test_the_same_violation_twice_in_an_inspection_is_two_rows() -> None:
    assert served(VIOLATIONS) == ["06C", "06C", "10F", None]


def test_of_two_exports_that_overlap_each_violation_is_served_once() -> None:
    later = VIOLATIONS.iloc[1:].assign(violation_code=["06C", "10F", "04L"])
    assert served(VIOLATIONS, later) == ["04L", "06C", "06C", "10F", None]


def test_two_visits_of_a_key_that_the_city_made_up_are_both_served() -> None:
    """Whether they are one visit is said by the program's own grouping, which counts what it drops."""
    visits = pd.DataFrame(
        {"facility_id": ["1", "1"], "inspection_date": ["2015-02-09", "2015-02-09"], "score": ["90", "70"]}
    )
    table = InspectionTable([visits.assign(process_description="Routine Inspection")], load_profile("austin"))
    assert (table.row_count, table.superseded_count) == (2, 0)
    table.close()


def test_versions_of_one_inspection_are_counted() -> None:
    table = InspectionTable([ROWS, ROWS.assign(results="Fail")])
    assert (table.row_count, table.superseded_count) == (3, 3)
    table.close()


@pytest.mark.parametrize(
    ("date_format", "written"),
    [
        (None, "02/09/2015"),
        (None, "2015-02-09 10:30:00"),
        ("%d.%m.%Y %H:%M", "09.02.2015 10:30"),
        ("%Y%m%d", "20150209"),
    ],
)
def test_days_are_served_as_days_however_a_file_writes_them(date_format: str | None, written: str) -> None:
    new_york = load_profile("new_york")
    rows = new_york.rows.model_copy(update={"date_format": date_format})
    profile = new_york.model_copy(update={"rows": rows})
    table = InspectionTable([VIOLATIONS.assign(inspection_date=[written, written, "N/A", None])], profile)

    query = {"$select": "inspection_date", "$where": "inspection_date between '2015-02-09' and '2015-02-09T23:00:00'"}
    days = [str(row[0])[:10] for row in table.select(query)[1]]
    assert days == ["2015-02-09", "2015-02-09"]
    assert table.kinds["inspection_date"] == "calendar_date"
    table.close()
