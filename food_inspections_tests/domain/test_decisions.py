from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from food_inspections.domain.decisions import (
    WORDS,
    Asked,
    DecisionsRefusedError,
    Line,
    Made,
    Standing,
    completed,
    is_gone,
    require_no_refusals,
)
from food_inspections_tests.chicago import CALENDAR

WEEK = date(2024, 6, 3)
TUESDAY = date(2024, 6, 4)
LINES = {"1": Line("ann", TUESDAY), "2": Line("bob", TUESDAY)}
WORKING_DAYS = {"ann": [TUESDAY], "bob": [TUESDAY], "cid": [date(2024, 6, 5)]}
STANDING = Standing(LINES, WORKING_DAYS)


def made(word: str = "done", **changes: object) -> Made:
    at = datetime(2024, 6, 4, 15, tzinfo=UTC)
    row = Made(7, WEEK, "1", TUESDAY, "ann", "done", None, False, at, "office", "key-0007")
    return replace(row, decision=word, **changes)  # type: ignore[arg-type]


def refusal(
    *asked: Asked, standing: Standing = STANDING, kept: dict[str, Made] | None = None, by: str = "office"
) -> DecisionsRefusedError:
    with pytest.raises(DecisionsRefusedError) as caught:
        require_no_refusals(WEEK, asked, standing, kept or {}, by)
    return caught.value


@pytest.mark.parametrize("word", ["postponed", "skipped", "swapped"])
@pytest.mark.parametrize("reason", [None, "", "  "])
def test_overriding_the_plan_takes_a_reason(word: str, reason: str | None) -> None:
    error = refusal(Asked("1", word, "key-0001", "bob", reason))  # type: ignore[arg-type]
    assert error.kind == "invalid"
    assert error.messages[0]["reason"] == f"Say why: {word!r} overrides the plan."


def test_acting_on_a_line_of_somebody_else_takes_a_reason() -> None:
    error = refusal(Asked("1", "done", "key-0001", "bob"))
    assert error.messages[0]["reason"] == "Say why: the plan gives this place to ann, not to bob."
    asked = Asked("1", "done", "key-0001", "bob", "was next door")
    require_no_refusals(WEEK, [asked], STANDING, {}, "office")
    assert completed(asked, LINES["1"]) == (asked, True)


@pytest.mark.parametrize("word", ["done", "closed", "wrong_address"])
def test_following_the_plan_needs_neither_reason_nor_name(word: str) -> None:
    asked = Asked("1", word, "key-0001")  # type: ignore[arg-type]
    require_no_refusals(WEEK, [asked], STANDING, {}, "office")
    assert completed(asked, LINES["1"]) == (replace(asked, inspector="ann"), False)


def test_what_is_wrong_names_the_thing_the_value_and_what_to_do() -> None:
    error = refusal(
        Asked("1", "done", "key-0001", "eve"), Asked("9", "done", "key-0002"), Asked("2", "done", "key-0003")
    )
    assert error.messages == {
        0: {"inspector": "Nobody called 'eve' is planned in the week of 2024-06-03: name one of ann, bob, cid."},
        1: {"establishment_id": "9 is not on the plan of the week of 2024-06-03: decide on one of its 2 places."},
    }
    assert str(error).startswith("2 of 3 decisions cannot be kept, so none was: decisions.0.inspector: Nobody called")
    assert refusal(Asked("1", "done", "key-0001"), standing=Standing(None, {})).kind == "no_plan"


def test_a_plan_without_any_stop_is_a_plan() -> None:
    error = refusal(Asked("1", "done", "key-0001"), standing=Standing({}, WORKING_DAYS))
    assert error.kind == "invalid"
    assert "decide on one of its 0 places" in error.messages[0]["establishment_id"]


@pytest.mark.parametrize("standing", [Standing(None, {}), Standing({}, {})])
def test_what_is_kept_is_answered_whatever_became_of_the_plan(standing: Standing) -> None:
    require_no_refusals(WEEK, [Asked("1", "done", "key-0007")], standing, {"key-0007": made()}, "office")


def test_a_swap_names_somebody_else() -> None:
    for inspector in (None, "ann"):
        error = refusal(Asked("1", "swapped", "key-0001", inspector, "busy"))
        assert error.messages[0]["inspector"] == "ann has this place already: name the inspector who takes it."


def test_a_swap_names_somebody_who_works_on_that_day() -> None:
    error = refusal(Asked("1", "swapped", "key-0001", "cid", "busy"))
    assert error.messages[0]["inspector"] == (
        "cid does not work on 2024-06-04, the day of this visit: name one who does (ann, bob)."
    )
    require_no_refusals(WEEK, [Asked("1", "swapped", "key-0001", "bob", "busy")], STANDING, {}, "office")


def test_what_the_plan_left_out_since_may_be_corrected_and_nobody_can_take_it() -> None:
    left_out = Standing({"1": Line("dan", TUESDAY, made("closed"), is_planned=False)}, WORKING_DAYS)
    require_no_refusals(WEEK, [Asked("1", "done", "key-0001", "dan")], left_out, {}, "office")
    error = refusal(Asked("1", "swapped", "key-0001", "bob", "busy"), standing=left_out)
    assert "no longer planned" in error.messages[0]["decision"]


def test_the_same_decision_twice_is_told_from_a_request_sent_twice() -> None:
    line = Standing({"1": Line("ann", TUESDAY, made())}, WORKING_DAYS)
    error = refusal(Asked("1", "done", "another-key"), standing=line)
    assert error.kind == "conflict"
    assert "already decided 'done' at 2024-06-04 15:00 UTC by office (decision 7)" in error.messages[0]["decision"]
    kept = {"key-0007": made()}
    require_no_refusals(WEEK, [Asked("1", "done", "key-0007")], line, kept, "office")
    for word, sender in (("closed", "office"), ("done", "field")):
        other = refusal(Asked("1", word, "key-0007"), standing=line, kept=kept, by=sender)  # type: ignore[arg-type]
        assert other.kind == "conflict"
        assert "says something else or is another sender's" in other.messages[0]["idempotency_key"]


def test_one_request_has_each_key_and_each_line_once() -> None:
    error = refusal(Asked("1", "done", "key-0001"), Asked("2", "done", "key-0001"), Asked("1", "closed", "key-0002"))
    assert list(error.messages) == [1, 2]
    assert "Decision 0 of the same request has this key" in error.messages[1]["idempotency_key"]
    assert "Decision 0 of the same request is about 1" in error.messages[2]["establishment_id"]


def places(*last_visits: str) -> pd.DataFrame:
    ids = [str(number) for number in range(1, len(last_visits) + 1)]
    return pd.DataFrame({"establishment_id": ids, "last_visit": pd.to_datetime(list(last_visits))})


def decisions(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["establishment_id", "decision", "decided_at"])
    decided_at = pd.to_datetime(frame["decided_at"], utc=True)
    planned_day = decided_at.dt.tz_localize(None).dt.normalize()
    return frame.assign(decision_id=range(len(frame)), decided_at=decided_at, planned_day=planned_day)


def test_a_place_found_closed_is_gone_until_the_portal_shows_a_visit() -> None:
    monday = date(2024, 6, 10)
    decided = decisions(("1", "closed", "2024-06-05T15:00Z"), ("2", "wrong_address", "2024-06-05T15:00Z"))
    known = places("2024-01-02", "2024-06-04", "2024-01-02")
    assert list(is_gone(known, decided, monday, CALENDAR.time_zone)) == [True, True, False]
    back = places("2024-06-05", "2024-06-06", "2024-01-02")
    assert list(is_gone(back, decided, monday, CALENDAR.time_zone)) == [False, False, False]


def test_what_arrives_late_does_not_take_a_place_off_that_was_visited_in_between() -> None:
    decided = decisions(("1", "closed", "2024-06-07T15:00Z"), ("2", "closed", "2024-06-07T15:00Z"))
    decided = decided.assign(planned_day=pd.Timestamp("2024-06-04"))
    known = places("2024-06-05", "2024-06-03")
    assert list(is_gone(known, decided, date(2024, 6, 10), CALENDAR.time_zone)) == [False, True]


def test_a_later_decision_of_another_kind_brings_a_place_back() -> None:
    decided = decisions(("1", "closed", "2024-06-05T15:00Z"), ("1", "done", "2024-06-06T15:00Z"))
    assert list(is_gone(places("2024-01-02"), decided, date(2024, 6, 10), CALENDAR.time_zone)) == [False]


def test_a_decision_counts_before_the_monday_begins_in_the_city() -> None:
    monday = date(2024, 6, 10)
    late, early = "2024-06-10T05:00Z", "2024-06-10T04:59:59Z"
    assert list(is_gone(places("2024-01-02"), decisions(("1", "closed", early)), monday, CALENDAR.time_zone)) == [True]
    assert list(is_gone(places("2024-01-02"), decisions(("1", "closed", late)), monday, CALENDAR.time_zone)) == [False]


def test_without_decisions_nobody_is_gone() -> None:
    assert (
        list(is_gone(places("2024-01-02", "2024-02-02"), decisions(), date(2024, 6, 10), CALENDAR.time_zone))
        == [False] * 2
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(["1", "2", "3"]), st.sampled_from(WORDS), st.integers(0, 60)), min_size=1, max_size=12
    ),
    st.integers(0, 8),
)
def test_decisions_of_the_future_change_nothing(rows: list[tuple[str, str, int]], weeks: int) -> None:
    begin = datetime(2024, 6, 3, 12, tzinfo=UTC)
    monday = WEEK + timedelta(weeks=weeks)
    decided = decisions(*((place, word, (begin + timedelta(days)).isoformat()) for place, word, days in rows))
    known = places("2024-06-01", "2024-06-10", "2024-01-01")
    past = decided[decided["decided_at"] < pd.Timestamp(monday, tz=CALENDAR.time_zone)]
    assert list(is_gone(known, decided, monday, CALENDAR.time_zone)) == list(
        is_gone(known, past, monday, CALENDAR.time_zone)
    )
