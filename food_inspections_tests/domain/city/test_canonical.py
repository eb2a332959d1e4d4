import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.domain.city.canonical import canonical
from food_inspections.domain.city.identifiers import PLAIN_ID
from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.city.tables import INSPECTION_COLUMNS, VIOLATION_COLUMNS
from food_inspections.errors import DataError
from food_inspections_tests.domain.city.profiles import rows, springfield


def test_rows_of_one_place_day_and_visit_are_one_inspection() -> None:
    raw = rows({"item": "51"}, {"item": "11", "words": "Mice seen"}, {"item": "07", "grave": "Y"}, {"visit": "Return"})

    found = canonical(raw, springfield())

    assert tuple(found.inspections.columns) == INSPECTION_COLUMNS
    assert tuple(found.violations.columns) == VIOLATION_COLUMNS
    assert found.inspections["inspection_id"].tolist() == ["p1-2013-02-14-return", "p1-2013-02-14-routine"]
    routine = found.inspections.iloc[1]
    assert routine["raw_row_count"] == 3
    assert routine["establishment_id"] == "P1"
    assert (routine["violation_count"], routine["critical_violations"], routine["serious_violations"]) == (3, 1, 2)
    assert (routine["topic_pests"], routine["topic_other"]) == (1, 2)
    assert routine["violations"] == "07. Floor dirty | 11. Mice seen | 51. Floor dirty"
    assert found.inspections["is_first_look"].tolist() == [False, True]
    assert found.inspections["is_reinspection"].tolist() == [True, False]


def test_a_row_without_a_violation_is_an_inspection_that_found_none() -> None:
    found = canonical(rows({"item": None, "words": None, "grave": "N/A"}), springfield()).inspections

    assert found["violation_count"].tolist() == [0]
    assert found["is_critical"].tolist() == [False]


@pytest.mark.parametrize(
    ("marks", "outcome", "expected"),
    [
        ("19", "open", False),
        ("20", "open", True),
        ("5", "CLOSED ", True),
        ("-1", "closed", True),
        ("-1", "open", None),
        ("-1.0", None, None),
        ("30", "burnt down", True),
        ("5", "burnt down", None),
    ],
)
def test_a_label_is_unknown_where_a_value_that_decides_it_is(marks: str, outcome: str, expected: bool | None) -> None:
    found = canonical(rows({"marks": marks, "outcome": outcome}), springfield()).inspections["is_failure"]

    assert (None if found.isna().iloc[0] else bool(found.iloc[0])) is expected


def test_rows_that_contradict_each_other_are_counted_and_most_of_them_decide() -> None:
    raw = rows({"marks": "30"}, {"marks": "4", "item": "1"}, {"marks": "4", "item": "2"}, {"marks": None, "item": "3"})

    found = canonical(raw, springfield())

    assert found.inspections["points"].tolist() == [4.0]
    assert found.contradictions == {"marks": 1}


def test_what_a_city_does_not_publish_is_missing_and_not_zero() -> None:
    raw = pd.DataFrame(
        {
            "facility_id": ["7"],
            "inspection_date": ["2013-02-14T00:00:00.000"],
            "process_description": ["Routine Inspection"],
            "restaurant_name": ["Moe's"],
            "zip_code": ["Hwy 290 E\nAustin"],
            "score": ["79"],
            "address": ["12 MAIN ST Bldg B\nBEE CAVE, TX 78738-1234\n(30.30, -97.95)"],
        }
    )

    found = canonical(raw, load_profile("austin")).inspections.iloc[0]

    assert bool(found["is_failure"]) is True
    assert found["points"] == 21
    assert (found["address"], found["city"], found["state"]) == ("12 MAIN ST Bldg B", "BEE CAVE", "TX")
    assert (found["zip"], found["area"]) == ("78738", "78738")
    assert (found["latitude"], found["longitude"]) == (30.30, -97.95)
    assert found["risk"] is None
    assert found["facility_type"] is None
    assert pd.isna(found["violation_count"])
    assert pd.isna(found["is_critical"])


def test_a_column_that_is_gone_names_itself() -> None:
    raw = rows({}).rename(columns={"marks": "mark"})

    with pytest.raises(DataError, match="of Springfield have no column 'marks', but 'mark': was it renamed"):
        canonical(raw, springfield())


def test_spellings_that_no_vocabulary_knows_are_counted() -> None:
    raw = rows({}, {"place": "P2", "sort": "Bar"}, {"place": "P3", "sort": "Bar"}, {"place": "P4", "visit": "Call"})

    found = canonical(raw, springfield())

    assert found.unmapped.to_dict("records") == [
        {"column": "facility_type", "value": "Bar", "inspection_count": 2},
        {"column": "inspection_type", "value": "Call", "inspection_count": 1},
    ]


@pytest.mark.parametrize("written", ["VM/0311", "Café 7", "/", "x" * 80, "a?b", "-1-"])
def test_an_id_that_cannot_stand_in_an_address_is_made_to_and_stays_one_of_its_own(written: str) -> None:
    ids = canonical(rows({"place": written}, {"place": f"{written}!", "day": "2013-02-15"}), springfield()).inspections

    assert ids["source_establishment_id"].tolist() == [written, f"{written}!"]
    assert all(re.fullmatch(PLAIN_ID, text) for text in ids["establishment_id"])
    assert ids["establishment_id"].is_unique


def test_no_rows_are_no_inspections() -> None:
    found = canonical(rows({}).iloc[:0], springfield())

    assert found.inspections.empty
    assert found.violations.empty
    assert found.dropped.empty


VALUES = st.fixed_dictionaries(
    {
        "place": st.sampled_from(["P1", "P2", None]),
        "day": st.sampled_from(["2013-02-14", "02/15/2013", "2013-03-01T10:00:00.000", "soon", None]),
        "visit": st.sampled_from(["Routine", "Return", None]),
        "marks": st.sampled_from(["3", "25", None]),
        "item": st.sampled_from(["1", "55", None]),
    }
)


@settings(max_examples=40, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=12), st.randoms())
def test_rows_in_are_rows_kept_and_rows_dropped_in_whatever_order(changes: list, random) -> None:  # type: ignore[no-untyped-def]
    raw = rows(*changes)
    shuffled = raw.sample(frac=1, random_state=random.randrange(1000))

    found, other = canonical(raw, springfield()), canonical(shuffled, springfield())

    assert found.inspections["raw_row_count"].sum() + found.dropped["row_count"].sum() == len(raw)
    pd.testing.assert_frame_equal(found.inspections, other.inspections)
    pd.testing.assert_frame_equal(found.violations, other.violations)
    assert found.inspections["violation_count"].sum() == len(found.violations)


TELLING = 'flag = "grave"'
NOTHING_LISTED: dict[str, str | None] = {"item": None, "words": None, "grave": None}


def a_day(day: str, inspections: int, **changes: str | None) -> list[dict[str, str | None]]:
    return [{"place": f"P{number}", "day": day, **changes} for number in range(inspections)]


def test_a_day_whose_violations_were_left_out_is_not_a_day_without_any() -> None:
    silent = a_day("2013-02-14", 20, **NOTHING_LISTED)
    thin = a_day("2013-02-15", 19, **NOTHING_LISTED)
    told = [*a_day("2013-02-16", 19, **NOTHING_LISTED), {"place": "P19", "day": "2013-02-16"}]
    profile = springfield(TELLING, f"{TELLING}\nunpublished_from = 20")

    found = canonical(rows(*silent, *thin, *told), profile).inspections

    by_day = found.groupby("inspection_date")[["violation_count", "critical_violations", "topic_pests", "is_critical"]]
    assert by_day.count().max(axis=1).tolist() == [0, 19, 20]
    assert found["is_failure"].notna().all()


def test_a_city_that_does_not_say_so_leaves_nothing_out() -> None:
    found = canonical(rows(*a_day("2013-02-14", 50, **NOTHING_LISTED)), springfield()).inspections

    assert found["violation_count"].eq(0).all()


LISTED = st.lists(st.booleans(), max_size=4)


@settings(max_examples=40, deadline=None)
@given(st.lists(LISTED, min_size=5, max_size=5), st.integers(1, 4))
def test_what_is_known_of_a_day_does_not_depend_on_later_days(week: list[list[bool]], day: int) -> None:
    profile = springfield(TELLING, f"{TELLING}\nunpublished_from = 2")
    visits = [
        {"place": f"P{number}", "day": f"2013-02-{11 + weekday}", **({} if is_listed else NOTHING_LISTED)}
        for weekday, of_day in enumerate(week)
        for number, is_listed in enumerate(of_day)
    ]
    asked = f"2013-02-{11 + day}"

    then = canonical(rows({"day": "2013-02-10"}, *[row for row in visits if str(row["day"]) < asked]), profile)
    later = canonical(rows({"day": "2013-02-10"}, *visits), profile)

    is_earlier = later.inspections["inspection_date"] < asked
    pd.testing.assert_frame_equal(then.inspections, later.inspections[is_earlier].reset_index(drop=True))
