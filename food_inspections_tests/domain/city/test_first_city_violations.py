"""What the first city's violations become, by its profile."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from food_inspections.domain.city import findings
from food_inspections_tests.domain.first_city import CITY

OLD, NEW = "2018-06-30", "2018-07-01"


def counted(texts, day):
    days = pd.Series(pd.to_datetime([day] * len(texts)), dtype="datetime64[ns]")
    found = findings.from_text(CITY.violations, pd.Series(texts, dtype=object).to_numpy(), days)
    return findings.counted(found, len(texts), CITY.violations)


def counts(text, day=OLD):
    return {name: value for name, value in counted([text], day).iloc[0].items() if value}


def test_older_code_takes_severity_from_the_number():
    text = (
        "3. POTENTIALLY HAZARDOUS FOOD MEETS TEMPERATURE - Comments: FISH AT 60F | "
        "18. NO EVIDENCE OF RODENT OR INSECT - Comments: DROPPINGS | "
        "70. NO SMOKING REGULATIONS"
    )

    assert counts(text) == {
        "violation_count": 3,
        "critical_violations": 1,
        "serious_violations": 1,
        "minor_violations": 1,
        "topic_temperature": 1,
        "topic_pests": 1,
        "topic_other": 1,
    }


@pytest.mark.parametrize(
    ("number", "severity"),
    [(1, "critical"), (14, "critical"), (15, "serious"), (29, "serious"), (30, "minor"), (44, "minor"), (70, "minor")],
)
def test_bounds_of_the_older_severities(number, severity):
    assert counts(f"{number}. TITLE - Comments: x")[f"{severity}_violations"] == 1


@pytest.mark.parametrize(
    ("comment", "severity"),
    [
        ("PRIORITY VIOLATION 7-38-005", "critical"),
        ("priority\nviolation", "critical"),
        ("PRIORITY FOUNDATION VIOLATION 7-38-010", "serious"),
        ("PREVIOUS PRIORITY FOUNDATION NOT CORRECTED. PRIORITY VIOLATION 7-42-090", "critical"),
        ("PRIORITY 7-38-005", "minor"),
        ("MUST CLEAN", "minor"),
    ],
)
def test_food_code_takes_severity_from_the_words(comment, severity):
    assert counts(f"3. MANAGEMENT - Comments: {comment}", NEW)[f"{severity}_violations"] == 1


def test_the_day_decides_the_code():
    text = "10. SEWAGE AND WASTE WATER - Comments: x"

    assert counts(text, OLD) == {
        "violation_count": 1,
        "critical_violations": 1,
        "topic_plumbing": 1,
    }
    assert counts(text, NEW) == {"violation_count": 1, "minor_violations": 1, "topic_handwashing": 1}


def test_titles_may_hold_hyphens_and_ampersands():
    text = "16. FOOD-CONTACT SURFACES: CLEANED & SANITIZED - Comments: x | 45. SINGLE-USE/SINGLE-SERVICE ARTICLES"

    assert counts(text, NEW) == {
        "violation_count": 2,
        "minor_violations": 2,
        "topic_cleaning": 1,
        "topic_equipment": 1,
    }


def test_the_same_number_twice_counts_twice():
    text = "38. VENTILATION - Comments: a | 38. VENTILATION - Comments: b"

    assert counts(text)["violation_count"] == 2


def test_comments_may_hold_line_breaks_bars_and_numbers():
    text = (
        "18. NO EVIDENCE OF RODENT - Comments: FOUND:\n1. DROPPINGS | 2. GNAW MARKS\n| 3. A GAP | NOT 4. FLIES | "
        "33. FOOD AND NON-FOOD CONTACT EQUIPMENT - Comments: GREASE | 34. FLOORS: CONSTRUCTED PER CODE"
    )

    assert counts(text) == {
        "violation_count": 3,
        "serious_violations": 1,
        "minor_violations": 2,
        "topic_pests": 1,
        "topic_cleaning": 1,
        "topic_building": 1,
    }


def test_unknown_titles_without_comments_are_entries_while_no_comment_is_open():
    assert counts("3. NEW WORDS | 40. OTHER NEW WORDS")["violation_count"] == 2


@pytest.mark.parametrize("text", ["", None, "unknown", "NIL", "no number here | 5 neither"])
def test_nothing_listed_is_nothing_found(text):
    assert counts(text) == {}


def test_empty_columns():
    frame = counted([], OLD)

    assert list(frame.columns) == list(findings.COUNT_COLUMNS)
    assert frame.empty


def test_every_number_has_at_most_one_topic_in_each_code():
    for law in CITY.violations.laws:
        numbers = [code for topic in law.topics.values() for code in topic.codes]
        assert len(numbers) == len(set(numbers))
        assert set(numbers) <= set(law.titles)


@given(st.lists(st.text(alphabet="019. |-ACPRIORITYVLFUND\n:comments", max_size=80), max_size=6), st.booleans())
def test_severities_and_topics_both_add_up(texts, is_new):
    frame = counted(texts, NEW if is_new else OLD)

    total = frame["violation_count"]
    assert (frame[list(findings.SEVERITY_COLUMNS)].sum(axis=1) == total).all()
    assert (frame[list(findings.TOPIC_COLUMNS)].sum(axis=1) == total).all()
