from datetime import date, timedelta

import numpy as np
import pandas as pd

from food_inspections.domain.city.examination import examine
from food_inspections_tests.domain.city.profiles import rows, springfield

TODAY = date(2014, 12, 31)


def two_years(**changes: str) -> pd.DataFrame:
    """40 places, visited every ten weeks; every seventh visit fails."""
    visits = [(place, turn) for place in range(40) for turn in range(10)]
    return rows(
        *(
            {
                "place": f"P{place}",
                "day": str(date(2013, 1, 7) + timedelta(days=place % 5 + 70 * turn)),
                "marks": "25" if (place + turn) % 7 == 0 else "6",
                **changes,
            }
            for place, turn in visits
        )
    )


def test_a_sane_city_is_trusted() -> None:
    seen = examine(two_years(), springfield(), TODAY)

    assert seen.problems == []
    assert seen.is_trusted
    assert (seen.raw_row_count, seen.inspection_count, seen.visits_per_place) == (400, 400, 10.0)
    assert seen.by_year["first_looks"].tolist() == [240, 160]
    assert 0.13 < seen.by_type["failure_rate"].iloc[0] < 0.16
    assert seen.points == (6.0, 6.0, 25.0)


def test_a_label_that_nearly_always_or_never_holds_is_not_trusted() -> None:
    always = examine(two_years(marks="99"), springfield(), TODAY)
    never = examine(two_years(marks="0"), springfield(), TODAY)

    assert always.problems[0].startswith("100.0% of the first looks fail, which is too many to rank places by")
    assert never.problems[0].startswith("0.0% of the first looks fail, which is too few to rank places by")


def test_a_label_that_cannot_be_told_is_not_trusted() -> None:
    raw = two_years()
    raw.loc[::2, "marks"] = None

    assert "Of 50% of the first looks it cannot be said whether they failed: check labels.fail." in (
        examine(raw, springfield(), TODAY).problems
    )


def test_a_key_that_leaves_something_out_is_not_trusted() -> None:
    profile = springfield('key = ["place", "day", "visit"]', 'key = "place"')

    problems = examine(two_years().assign(day="2013-01-07"), profile, TODAY).problems

    assert any("rows disagree on 'marks': a column is missing from rows.key" in problem for problem in problems)


def test_violations_that_are_alike_are_remarked_and_told_apart_by_whatever_numbers_them() -> None:
    raw = two_years()
    twice = pd.concat([raw, raw], ignore_index=True)

    alike, numbered = (examine(rows, springfield(), TODAY) for rows in (twice, twice.assign(number=range(800))))

    assert alike.problems == numbered.problems == []
    assert alike.dropped == {"duplicate_inspection_id": 400}
    assert any("400 rows say what another one says, word for word" in remark for remark in alike.remarks)
    assert numbered.dropped == {}


def test_words_that_many_inspections_need_are_asked_for() -> None:
    raw = two_years()
    raw.loc[:99, "sort"] = "Bar"

    problems = examine(raw, springfield(), TODAY).problems

    assert problems == ["25% of the inspections have a facility_type that [[kinds]] does not know: add words for it."]


def test_dates_nobody_can_read_and_a_city_without_rows_are_not_trusted() -> None:
    problems = examine(two_years(day="some day"), springfield(), TODAY).problems

    assert problems == ["No row became an inspection: check rows.key and columns.date."]


def test_silence_and_dates_to_come_are_remarked() -> None:
    late = examine(two_years(), springfield(), date(2016, 1, 1))
    early = examine(two_years(), springfield(), date(2014, 1, 1))

    assert any("see whether the data set still gets rows" in remark for remark in late.remarks)
    assert any("are dated after 2014-01-01" in remark for remark in early.remarks)


def test_a_label_that_moves_between_years_is_remarked() -> None:
    def moves(every: int) -> list[str]:
        city = two_years()
        frame = pd.concat([city.assign(place=city["place"] + suffix) for suffix in "abcdefgh"])
        is_late = frame["day"].str.startswith("2014").to_numpy()
        frame.loc[is_late & (np.arange(len(frame)) % every == 0), "marks"] = "25"
        remarks = examine(frame.reset_index(drop=True), springfield(), TODAY).remarks
        return [remark for remark in remarks if "between years" in remark]

    assert moves(1) == ["The label's rate moves from 14.2% to 100.0% between years: has the rule changed?"]
    assert moves(1000) == []
