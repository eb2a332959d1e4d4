from datetime import date

import pytest

from food_inspections.domain.plan.inspectors import Inspector, Staff, like_inspectors, read_inspectors
from food_inspections.errors import DataError

HEADER = "name,latitude,longitude,days,minutes,starts,districts,kinds,days_off\n"


def from_csv(*lines: str) -> Staff:
    return read_inspectors(HEADER + "\n".join(lines), is_toml=False, source="inspectors.csv")


def test_a_line_says_who_when_and_where() -> None:
    staff = from_csv("Ana,41.9,-87.6,Mon-Wed,360,07:30,60601; 60602,Restaurant;School", "Ben")

    assert staff.notes == ()
    assert staff.inspectors == (
        Inspector(
            "Ana", 41.9, -87.6, (0, 1, 2), 360, 450, frozenset({"60601", "60602"}), frozenset({"Restaurant", "School"})
        ),
        Inspector("Ben"),
    )


def test_toml_says_the_same() -> None:
    text = (
        '[[inspectors]]\nname = "Ana"\nlatitude = 41.9\nlongitude = -87.6\n'
        'days = ["Mon", "Tue", "Wed"]\nminutes = 360\n'
        'starts = 07:30:00\ndistricts = ["60601", "60602"]\nkinds = ["Restaurant", "School"]\n'
        '[[inspectors]]\nname = "Ben"\n'
    )
    csv = from_csv("Ana,41.9,-87.6,Mon-Wed,360,07:30,60601; 60602,Restaurant;School", "Ben")

    assert read_inspectors(text, is_toml=True, source="i.toml") == csv


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (",41.9,-87.6", "line 2: the name is missing: each inspector needs one"),
        ("Ana,41.9,", "Ana has half a start point: give latitude and longitude, or neither"),
        ("Ana,91,-87.6", "latitude is '91': give degrees from -90 to 90"),
        ("Ana,,,Funday", "days is 'Funday': write Mon-Fri, or days such as Mon Wed Fri"),
        ("Ana,,,,many", "minutes of Ana is 'many': give the whole minutes of a day, such as 420"),
        ("Ana,,,,2000", "minutes of Ana is '2000'"),
        ("Ana,,,,,25:99", "starts is '25:99': give a time such as 08:30"),
        ("Ana,,,,,,,,Friday", "days_off is 'Friday': give dates such as 2026-11-26, or 2026-12-21/2027-01-02"),
        ("Ana,,,,,,,,2026-12-21/2026-12-02", "the second date comes after the first"),
        ("Ana,,,,,,,,2026-12-21/2036-12-22", "the second date comes after the first, at most 400 days"),
    ],
)
def test_a_line_that_cannot_be_used_is_left_out_with_a_note(line: str, message: str) -> None:
    staff = from_csv(line, "Ben")

    assert [inspector.name for inspector in staff.inspectors] == ["Ben"]
    assert len(staff.notes) == 1
    assert message in staff.notes[0]


def test_one_district_needs_no_list_in_toml() -> None:
    (ana,) = read_inspectors("[[inspectors]]\nname = 'Ana'\ndistricts = '60601'\n", is_toml=True, source="i").inspectors

    assert ana.districts == {"60601"}


def test_nobody_works_on_days_off() -> None:
    text = "[[inspectors]]\nname = 'Ana'\ndays_off = [2026-11-26, '2026-12-01/2026-12-08']\n"
    (ana,) = read_inspectors(text, is_toml=True, source="i.toml").inspectors

    assert from_csv("Ana,,,,,,,,2026-11-26; 2026-12-01/2026-12-08").inspectors == (ana,)
    assert ana.days(date(2026, 11, 23)) == [date(2026, 11, day) for day in (23, 24, 25, 27)]
    assert ana.days(date(2026, 11, 30)) == [date(2026, 11, 30)]
    assert len(ana.days(date(2026, 12, 14))) == 5


def test_somebody_twice_counts_once() -> None:
    staff = from_csv("Ana,,,Mon", "Ana,,,Tue")

    assert [inspector.weekdays for inspector in staff.inspectors] == [(0,)]
    assert "line 3: 'Ana' stands there twice: the first one counts" in staff.notes[0]


def test_nobody_and_no_time_are_said() -> None:
    assert "names no inspector that can be used" in from_csv().notes[0]
    assert "Ana has no working time and gets no visits" in from_csv("Ana,,,,0").notes[0]


@pytest.mark.parametrize(
    ("text", "is_toml", "message"),
    [
        ("who,when\n", False, "x has no field when, who: the fields are name, latitude"),
        ("latitude\n1\n", False, "x lacks the field name"),
        ("[[inspectors]]\nnme = 'Ana'\n", True, "x, inspector 1 has no field nme"),
        ("inspectors = 3\n", True, r"x: write a table \[\[inspectors\]\] for each inspector"),
        ("[[", True, "x is no TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(text: str, is_toml: bool, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_inspectors(text, is_toml=is_toml, source="x")


def test_like_inspectors_have_the_hours_that_the_visits_take() -> None:
    staff = like_inspectors(340, 55.0)

    assert len(staff.inspectors) == 14
    assert staff.inspectors[0].name == "Inspector 01"
    assert 14 * 5 * 420 >= 340 * (55 + 30)
