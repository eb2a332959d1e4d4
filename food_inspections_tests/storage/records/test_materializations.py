from datetime import date

import pytest
from sqlalchemy import Engine

from food_inspections.storage.records import materializations as records
from food_inspections.storage.records.materializations import CheckResult, Materialization

WEEK = date(2025, 1, 6)
NEXT = date(2025, 1, 13)
BLOCKING = {"no_duplicates", "rows_add_up"}


def written(run_id: str = "run", week: date = WEEK, content_hash: str = "hash") -> Materialization:
    return Materialization(run_id, "clean_inspections", week, 3, "1", content_hash, "up", None, {"dropped": {"x": 1}})


def result(name: str, *, passed: bool = True, is_blocking: bool = True, run_id: str = "run") -> CheckResult:
    severity = "ERROR" if is_blocking else "WARN"
    return CheckResult(run_id, "clean_inspections", name, WEEK, is_blocking, severity, passed, "none", "none")


def decide(engine: Engine, *results: CheckResult) -> dict[date, records.Status]:
    with engine.begin() as connection:
        in_force = records.latest(connection, "clean_inspections", [WEEK])
        records.write_check_results(connection, results)
        return records.decide(connection, "clean_inspections", in_force, BLOCKING)


def write(engine: Engine, *rows: Materialization) -> None:
    with engine.begin() as connection:
        records.write(connection, rows)


def accepted(engine: Engine) -> list[records.Recorded]:
    with engine.connect() as connection:
        return records.accepted_weeks(connection, "clean_inspections")


def test_a_week_is_pending_until_its_checks_report(engine: Engine) -> None:
    write(engine, written())

    with engine.connect() as connection:
        (row,) = records.latest(connection, "clean_inspections")

    assert (row.status, row.row_count, row.parameters) == ("pending", 3, {"dropped": {"x": 1}})
    assert accepted(engine) == []
    assert decide(engine, result("no_duplicates")) == {WEEK: "pending"}
    assert accepted(engine) == []


def test_a_week_is_accepted_once_every_blocking_check_passed(engine: Engine) -> None:
    write(engine, written())

    assert decide(engine, result("no_duplicates")) == {WEEK: "pending"}
    assert decide(engine, result("rows_add_up"), result("chatty", passed=False, is_blocking=False)) == {
        WEEK: "accepted"
    }

    (row,) = accepted(engine)
    assert row.decided_at is not None
    assert row.decided_at >= row.created_at


def test_a_week_is_rejected_by_one_failed_blocking_check(engine: Engine) -> None:
    write(engine, written())

    assert decide(engine, result("no_duplicates", passed=False)) == {WEEK: "rejected"}
    assert decide(engine, result("rows_add_up")) == {WEEK: "rejected"}
    assert accepted(engine) == []


def test_a_check_that_passes_when_tried_again_repairs_the_verdict(engine: Engine) -> None:
    write(engine, written())
    decide(engine, result("no_duplicates", passed=False), result("rows_add_up"))

    assert decide(engine, result("no_duplicates", run_id="later")) == {WEEK: "accepted"}


def test_a_later_write_hides_the_week_until_its_own_checks(engine: Engine) -> None:
    write(engine, written())
    decide(engine, result("no_duplicates"), result("rows_add_up"))

    write(engine, written("later", content_hash="other"))

    assert accepted(engine) == []
    assert decide(engine) == {WEEK: "pending"}


def test_a_step_tried_again_replaces_its_own_row_and_becomes_the_newest(engine: Engine) -> None:
    write(engine, written("first"))
    write(engine, written("second"))
    write(engine, written("first", content_hash="again"))

    with engine.connect() as connection:
        (row,) = records.latest(connection, "clean_inspections")
        rows = records.history(connection, "clean_inspections", WEEK)

    assert (row.run_id, row.content_hash) == ("first", "again")
    assert [row.run_id for row in rows] == ["first", "second"]


def test_checks_of_an_overwritten_week_decide_nothing(engine: Engine) -> None:
    write(engine, written("first"))
    with engine.connect() as connection:
        checked = records.latest(connection, "clean_inspections", [WEEK])
    write(engine, written("second"))

    with engine.begin() as connection:
        records.write_check_results(connection, [result(name) for name in BLOCKING])
        assert records.decide(connection, "clean_inspections", checked, BLOCKING) == {}
    assert accepted(engine) == []


def test_an_asset_without_blocking_checks_is_accepted_at_once(engine: Engine) -> None:
    write(engine, written())

    with engine.begin() as connection:
        in_force = records.latest(connection, "clean_inspections")
        assert records.decide(connection, "clean_inspections", in_force, []) == {WEEK: "accepted"}


def test_accepted_weeks_can_be_narrowed(engine: Engine) -> None:
    write(engine, written(), written(week=NEXT))
    with engine.begin() as connection:
        records.decide(connection, "clean_inspections", records.latest(connection, "clean_inspections"), [])

    with engine.connect() as connection:
        assert [row.week for row in records.accepted_weeks(connection, "clean_inspections")] == [WEEK, NEXT]
        assert [row.week for row in records.accepted_weeks(connection, "clean_inspections", before=NEXT)] == [WEEK]
        assert records.accepted_weeks(connection, "predictions") == []


@pytest.mark.parametrize("hashes", [["a"], ["a", "b"], ["b", "a"], ["a", "b", ""]])
def test_a_combined_hash_tells_its_parts_apart(hashes: list[str]) -> None:
    others = [["a"], ["a", "b"], ["b", "a"], ["a", "b", ""]]

    assert [records.combined_hash(hashes) == records.combined_hash(other) for other in others] == [
        hashes == other for other in others
    ]


def test_writing_nothing_is_allowed(engine: Engine) -> None:
    with engine.begin() as connection:
        records.write(connection, [])
        records.write_check_results(connection, [])
        assert records.latest(connection, "clean_inspections") == []
