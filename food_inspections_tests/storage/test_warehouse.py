from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO

import pandas as pd
import pytest
from sqlalchemy import text

from food_inspections.errors import ModelError, StorageError
from food_inspections.settings import Settings
from food_inspections.storage.postgres import tables
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records.materializations import Materialization, Status
from food_inspections.storage.warehouse import Warehouse

FIRST, SECOND, THIRD, FOURTH = (date(2025, 1, day) for day in (6, 13, 20, 27))
TABLE = "test.numbers"


@pytest.fixture
def warehouse(settings: Settings) -> Warehouse:
    """With a table of numbers that the asset of that name keeps."""
    warehouse = Warehouse(settings)
    with warehouse.transaction() as connection:
        connection.execute(text(f"CREATE TABLE {TABLE} (week date, number bigint, PRIMARY KEY (week, number))"))
    return warehouse


def keep(
    warehouse: Warehouse,
    week: date,
    numbers: Sequence[int],
    status: Status,
    run_id: str = "run",
    content_hash: str = "content",
) -> None:
    """Write a week of the table and decide on it."""
    frame = pd.DataFrame({"week": pd.Timestamp(week), "number": pd.Series(numbers, dtype="int64")})
    with warehouse.transaction() as connection:
        tables.replace_weeks(connection, TABLE, frame, [week])
    record(warehouse, "numbers", week, status, run_id=run_id, content_hash=content_hash)


def record(
    warehouse: Warehouse,
    asset: str,
    week: date,
    status: Status,
    object_key: str | None = None,
    run_id: str = "run",
    content_hash: str = "content",
) -> None:
    with warehouse.transaction() as connection:
        records.write(connection, [Materialization(run_id, asset, week, 0, "1", content_hash, "up", object_key)])
        connection.execute(
            text(
                "UPDATE metadata.materializations SET status = :status "
                "WHERE (run_id, asset, week) = (:run_id, :asset, :week)"
            ),
            {"status": status, "run_id": run_id, "asset": asset, "week": week},
        )


def put(warehouse: Warehouse, key: str, numbers: Sequence[int]) -> None:
    buffer = BytesIO()
    pd.DataFrame({"number": pd.Series(numbers, dtype="int64")}).to_parquet(buffer, index=False)
    warehouse.objects.put(key, buffer.getvalue())


def test_only_accepted_weeks_are_read_and_the_others_are_named(warehouse: Warehouse) -> None:
    keep(warehouse, FIRST, [1, 2], "accepted")
    keep(warehouse, SECOND, [3], "rejected")
    keep(warehouse, THIRD, [4], "pending")

    read = warehouse.read_table("numbers", TABLE, [FIRST, SECOND, THIRD, FOURTH])

    assert read.frame["number"].tolist() == [1, 2]
    assert read.weeks == (FIRST,)
    assert read.skipped == {SECOND: "rejected", THIRD: "pending"}, "a week never written is not a week left out"


def test_an_accepted_week_without_rows_counts_as_read(warehouse: Warehouse) -> None:
    keep(warehouse, FIRST, [], "accepted")

    read = warehouse.read_table("numbers", TABLE, [FIRST], [FIRST])

    assert read.frame.empty
    assert list(read.frame.columns) == ["week", "number"]
    assert read.weeks == (FIRST,)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (None, r"is missing: materialize it first \(--select numbers --partition 2025-01-13\)\."),
        ("pending", r"is pending: its checks have not finished; materialize it again together with its checks\."),
        ("rejected", r"is rejected: a blocking check failed \(see test\.check_results\); mend the cause and"),
    ],
)
def test_a_required_week_that_is_not_accepted_is_an_error_that_says_what_to_do(
    warehouse: Warehouse, status: Status | None, advice: str
) -> None:
    keep(warehouse, FIRST, [1], "accepted")
    if status is not None:
        keep(warehouse, SECOND, [2], status)

    with pytest.raises(StorageError, match=f"^numbers of week 2025-01-13 {advice}"):
        warehouse.read_table("numbers", TABLE, [FIRST, SECOND], [FIRST, SECOND])
    with pytest.raises(StorageError, match=f"^numbers of week 2025-01-13 {advice}"):
        warehouse.read_objects("numbers", [FIRST, SECOND], [SECOND])


def test_a_week_written_again_is_hidden_until_it_is_accepted_again(warehouse: Warehouse) -> None:
    keep(warehouse, FIRST, [1], "accepted", run_id="one")
    keep(warehouse, FIRST, [2], "rejected", run_id="two")
    assert warehouse.read_table("numbers", TABLE, [FIRST]).skipped == {FIRST: "rejected"}

    keep(warehouse, FIRST, [3], "accepted", run_id="three")

    assert warehouse.read_table("numbers", TABLE, [FIRST]).frame["number"].tolist() == [3]


def test_only_the_columns_asked_for_are_read(warehouse: Warehouse) -> None:
    keep(warehouse, FIRST, [1], "accepted")

    assert list(warehouse.read_table("numbers", TABLE, [FIRST], columns=["number"]).frame.columns) == ["number"]
    with pytest.raises(StorageError, match=r"test\.numbers has no column colour"):
        warehouse.read_table("numbers", TABLE, [FIRST], columns=["colour"])


def test_kept_rows_are_read_once_and_let_go_by_the_reader_that_keeps_nothing(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(warehouse, FIRST, [1], "accepted")
    keep(warehouse, SECOND, [2], "accepted")
    read, asked = tables.read_weeks, []
    monkeypatch.setattr(tables, "read_weeks", lambda *given: asked.append(given[2]) or read(*given))

    def numbers(weeks: list[date], *, is_kept: bool) -> list[int]:
        return warehouse.read_table("numbers", TABLE, weeks, is_kept=is_kept).frame["number"].tolist()

    both = [FIRST, SECOND]
    assert [numbers(both, is_kept=True), numbers(both, is_kept=True), numbers(both, is_kept=False)] == [[1, 2]] * 3
    assert len(asked) == 1
    assert numbers(both, is_kept=True) == [1, 2]
    assert numbers([FIRST], is_kept=False) == [1], "a part of the kept rows is read from them"
    assert len(asked) == 2
    keep(warehouse, THIRD, [3], "accepted")
    assert numbers([FIRST, SECOND, THIRD], is_kept=False) == [1, 2, 3]
    assert asked[2:] == [[THIRD]], "other rows are read"


def test_a_part_of_kept_rows_is_what_reading_it_gives(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    for week, numbers in ((FIRST, [1, 4]), (SECOND, [3]), (THIRD, [2, 5])):
        keep(warehouse, week, numbers, "accepted")
    parts = [([SECOND, THIRD], None), ([THIRD], ["number"]), ([FIRST], ["number", "week"])]
    read = [warehouse.read_table("numbers", TABLE, weeks, columns=columns).frame for weeks, columns in parts]

    warehouse.read_table("numbers", TABLE, [FIRST, SECOND, THIRD], is_kept=True)
    monkeypatch.setattr(tables, "read_weeks", None)

    for (weeks, columns), expected in zip(parts, read, strict=True):
        again = warehouse.read_table("numbers", TABLE, weeks, columns=columns).frame
        pd.testing.assert_frame_equal(again, expected)


def test_weeks_that_are_not_kept_are_read_between_those_that_are(warehouse: Warehouse) -> None:
    for week, numbers in ((FIRST, [1, 4]), (SECOND, []), (THIRD, [2, 5]), (FOURTH, [3])):
        keep(warehouse, week, numbers, "accepted")
    every = [FIRST, SECOND, THIRD, FOURTH]
    expected = warehouse.read_table("numbers", TABLE, every).frame

    for kept in ([SECOND], [THIRD], [SECOND, FOURTH], [FIRST, THIRD]):
        warehouse.read_table("numbers", TABLE, kept, is_kept=True)
        pd.testing.assert_frame_equal(warehouse.read_table("numbers", TABLE, every, is_kept=True).frame, expected)
        pd.testing.assert_frame_equal(warehouse.read_table("numbers", TABLE, every).frame, expected)


def test_kept_rows_of_a_week_that_changed_are_read_anew(warehouse: Warehouse) -> None:
    keep(warehouse, FIRST, [1], "accepted")
    assert warehouse.read_table("numbers", TABLE, [FIRST], is_kept=True).frame["number"].tolist() == [1]

    keep(warehouse, FIRST, [3], "accepted", "again", content_hash="other")

    assert warehouse.read_table("numbers", TABLE, [FIRST], is_kept=True).frame["number"].tolist() == [3]


def test_up_to_a_week_includes_it_and_nothing_later(warehouse: Warehouse) -> None:
    keep(warehouse, FIRST, [1], "accepted")
    keep(warehouse, SECOND, [2], "rejected")
    keep(warehouse, THIRD, [3], "accepted")
    keep(warehouse, FOURTH, [4], "accepted")

    read = warehouse.read_up_to("numbers", TABLE, THIRD)

    assert read.frame["number"].tolist() == [1, 3]
    assert read.weeks == (FIRST, THIRD)
    assert list(warehouse.read_up_to("numbers", TABLE, THIRD, columns=["number"]).frame.columns) == ["number"]


def test_checks_read_the_weeks_they_have_yet_to_decide_on(warehouse: Warehouse) -> None:
    keep(warehouse, FIRST, [1], "pending")
    keep(warehouse, SECOND, [2], "rejected")

    assert warehouse.read_rows(TABLE, [SECOND, FIRST])["number"].tolist() == [1, 2]


def test_objects_are_found_through_accepted_records_only(warehouse: Warehouse) -> None:
    put(warehouse, "numbers/one.parquet", [1, 2])
    put(warehouse, "numbers/two.parquet", [3])
    put(warehouse, "numbers/orphan.parquet", [4])
    record(warehouse, "numbers", FIRST, "accepted", "numbers/one.parquet")
    record(warehouse, "numbers", SECOND, "pending", "numbers/two.parquet")

    read = warehouse.read_objects("numbers", [FIRST, SECOND, THIRD])

    assert read.frame["number"].tolist() == [1, 2]
    assert read.weeks == (FIRST,)
    assert read.skipped == {SECOND: "pending"}


def test_empty_objects_keep_the_columns_and_lend_no_types(warehouse: Warehouse) -> None:
    put(warehouse, "numbers/empty.parquet", [])
    put(warehouse, "numbers/full.parquet", [7])
    record(warehouse, "numbers", FIRST, "accepted", "numbers/empty.parquet")
    record(warehouse, "numbers", SECOND, "accepted", "numbers/full.parquet")

    assert list(warehouse.read_objects("numbers", [FIRST]).frame.columns) == ["number"]
    both = warehouse.read_objects("numbers", [FIRST, SECOND])
    assert (both.frame["number"].tolist(), both.weeks) == ([7], (FIRST, SECOND))
    assert warehouse.read_objects("numbers", [THIRD]).frame.empty


def test_a_record_without_an_object_is_an_error(warehouse: Warehouse) -> None:
    record(warehouse, "numbers", FIRST, "accepted")

    with pytest.raises(StorageError, match="numbers of week 2025-01-06 names no object: materialize the week again"):
        warehouse.read_objects("numbers", [FIRST])


def test_an_object_that_was_lost_is_named(warehouse: Warehouse) -> None:
    record(warehouse, "numbers", FIRST, "accepted", "numbers/lost.parquet")

    with pytest.raises(StorageError, match=r"numbers/lost\.parquet"):
        warehouse.read_objects("numbers", [FIRST])


def test_a_snapshot_sees_one_moment(warehouse: Warehouse) -> None:
    keep(warehouse, FIRST, [1], "accepted")
    with warehouse.snapshot() as connection:
        before = tables.read_weeks(connection, TABLE, [FIRST, SECOND])
        keep(warehouse, FIRST, [9], "accepted")
        keep(warehouse, SECOND, [2], "accepted")
        after = tables.read_weeks(connection, TABLE, [FIRST, SECOND])

    pd.testing.assert_frame_equal(before, after)


def test_a_transaction_leaves_nothing_behind_when_it_fails(warehouse: Warehouse) -> None:
    def fail() -> None:
        with warehouse.transaction() as connection:
            connection.execute(text("INSERT INTO test.numbers VALUES ('2025-01-06', 1)"))
            raise StorageError("made to fail")

    with pytest.raises(StorageError, match="made to fail"):
        fail()
    assert warehouse.read_rows(TABLE, [FIRST]).empty


def test_a_week_that_nobody_serves_asks_for_training(warehouse: Warehouse) -> None:
    with pytest.raises(ModelError, match=r"No model for label 'fail' before 2025-01-06: train first with .*2025-01-06"):
        warehouse.champion(FIRST)


def test_the_schema_is_made_on_first_use(settings: Settings, empty_database_url: str) -> None:
    warehouse = Warehouse(replace(settings, database_url=empty_database_url))

    assert warehouse.read_table("predictions", "data.predictions", [FIRST]).frame.empty
