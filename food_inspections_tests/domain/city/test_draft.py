import pandas as pd
import pytest

from food_inspections.domain.city.draft import draft_profile, open_guesses
from food_inspections.domain.city.draft_fields import Column, guess_fields
from food_inspections.domain.city.loading import read_profile
from food_inspections.domain.city.profile import Profile
from food_inspections.errors import DataError
from food_inspections_tests.domain.raw_rows import GOOD


def drafted(sample: pd.DataFrame) -> tuple[Profile, str]:
    columns = [Column(str(name)) for name in sample.columns]
    text = draft_profile(columns, sample, "Springfield", ("https://data.springfield.example", "abcd-1234"))
    return read_profile(text, "draft.toml"), text


def boston_like() -> pd.DataFrame:
    """One row a violation, with its own names for everything and no score."""
    return pd.DataFrame(
        [
            {
                "businessname": f"Place {visit % 30}",
                "licenseno": str(1000 + visit % 30),
                "descript": "Eating & Drinking" if visit % 2 else "Retail Food",
                "result": "HE_Fail" if visit % 6 == 0 else "HE_Pass",
                "resultdttm": f"2014-{visit % 12 + 1:02d}-{visit % 28 + 1:02d} 10:30:00",
                "violation": f"{item}-501.11",
                "violdesc": "Improper Maintenance of Floors",
                "viol_level": "***" if item == 4 else "*",
                "address": f"{visit % 30} Main St",
                "city": "Springfield",
                "zip": "02134",
                "location": "(42.35, -71.06)",
                "inspection_date": f"2014-{visit % 12 + 1:02d}-{visit % 28 + 1:02d}",
            }
            for visit in range(300)
            for item in (4, 6)
        ]
    )


def test_a_draft_of_violation_rows_can_be_loaded_and_marks_its_guesses() -> None:
    profile, text = drafted(boston_like())

    assert profile.rows.grain == "violation"
    assert profile.rows.key == ["licenseno", "inspection_date"]
    assert profile.city.time_zone == "US/Eastern"
    assert profile.columns.location == "location"
    assert profile.violations is not None
    assert profile.violations.code == "violation"
    assert {result.word: result.meaning for result in profile.results} == {"HE_Pass": "pass", "HE_Fail": "fail"}
    assert profile.labels.fail.comparisons()[0].is_ == ["HE_Fail"]
    assert len(open_guesses(text)) > 12


def test_a_draft_of_whole_inspections_finds_what_stands_in_its_own_columns() -> None:
    sample = pd.DataFrame([{**GOOD, "inspection_id": str(i), "license_": str(100 + i % 9)} for i in range(60)])

    profile, _ = drafted(sample)

    assert profile.rows.grain == "inspection"
    assert profile.rows.key == ["inspection_id"]
    assert profile.columns.kind == "facility_type"
    assert profile.columns.has_coordinates
    assert profile.inspection_types[0].meaning == "first_look"


def test_a_score_out_of_a_hundred_is_turned_round() -> None:
    sample = pd.DataFrame(
        {
            "facility_id": [str(i % 50) for i in range(400)],
            "inspection_date": [f"2014-{i % 12 + 1:02d}-{i % 28 + 1:02d}" for i in range(400)],
            "score": [str(100 - i % 30) for i in range(399)] + ["-1"],
        }
    )

    profile, _ = drafted(sample)

    assert profile.points is not None
    assert (profile.points.direction, profile.points.best) == ("lower_is_worse", 100)
    assert profile.missing.columns == {"score": ["-1"]}
    assert profile.labels.fail.comparisons()[0].at_least in range(20, 30)


@pytest.mark.parametrize("written", ["%d.%m.%Y", "%Y%m%d", "%m/%d/%Y %I:%M:%S %p"])
def test_days_of_another_form_are_read(written: str) -> None:
    sample = boston_like()
    sample["inspection_date"] = pd.to_datetime(sample["inspection_date"]).dt.strftime(written)

    profile, _ = drafted(sample)

    assert profile.rows.date_format == written
    assert str(profile.city.first_week) == "2013-12-30"


def test_letters_are_ranked_and_more_points_may_be_better() -> None:
    graded = boston_like().assign(result=["ABCD"[row // 2 % 4] for row in range(600)])
    scored = graded.drop(columns="result").assign(hygiene_points=[str(10 + row // 2 % 41) for row in range(600)])
    scored.loc[::3, "hygiene_points"] = "48"

    by_letter, _ = drafted(graded)
    by_points, _ = drafted(scored)

    meanings = {result.word: result.meaning for result in by_letter.results}
    assert meanings == {"A": "pass", "B": "conditional", "C": "conditional", "D": "fail"}
    assert by_letter.labels.fail.comparisons()[0].is_ == ["D"]
    assert by_points.points is not None
    assert (by_points.points.direction, by_points.points.best) == ("lower_is_worse", 50)


def test_a_place_of_whatever_name_is_told_by_its_values() -> None:
    sample = boston_like().rename(columns={"businessname": "who", "licenseno": "what"})[
        ["what", "inspection_date", "violation", "violdesc", "result"]
    ]

    profile, text = drafted(sample)

    assert profile.columns.establishment_id == "what"
    assert 'establishment_id = "what"  # guessed: from its values' in text


def test_a_city_far_from_the_zones_that_are_known_names_its_own() -> None:
    _, text = drafted(boston_like().assign(location="(41.15, -8.61)"))

    assert 'time_zone = "UTC"  # guessed: write the city\'s own, such as' in text


def test_a_name_that_promises_what_its_values_do_not_hold_is_passed_over() -> None:
    sample = pd.DataFrame({"date": ["soon", "later"], "visit_date": ["2014-01-01", "2014-01-02"], "score": ["A", "B"]})

    assert guess_fields([Column(str(name)) for name in sample.columns], sample) == {"date": "visit_date"}


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"a": ["1"]}, "No column looks like the day of an inspection: the columns are a."),
        ({"inspection_date": ["2014-01-01"]}, "No column looks like the id or the name and address of a place"),
        (
            {"inspection_date": ["2014-01-01"], "facility_id": ["1"]},
            "No column looks like a result, a score or violations, so nothing can be forecast",
        ),
    ],
)
def test_a_data_set_that_is_none_of_inspections_is_refused(columns: dict[str, list[str]], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        drafted(pd.DataFrame(columns))
