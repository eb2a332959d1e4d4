"""Which violations a rule of a profile catches."""

import pytest
from pydantic import ValidationError

from food_inspections.domain.city.laws import Finding


@pytest.mark.parametrize(
    ("codes", "caught", "not_caught"),
    [
        (["1..14"], ("1", "7", "14"), ("0", "15", "1A", "")),
        (["7..7"], ("7",), ("6", "8")),
        (["06*"], ("06", "06C"), ("6", "16C")),
        (["06C"], ("06C",), ("06", "06D")),
        (["1..3", "9"], ("2", "9"), ("4",)),
    ],
)
def test_codes_are_caught_by_ranges_beginnings_and_as_they_are(
    codes: list[str], caught: tuple[str, ...], not_caught: tuple[str, ...]
) -> None:
    finding = Finding(codes=codes)

    assert [code for code in (*caught, *not_caught) if finding.catches(code, "", "")] == list(caught)


@pytest.mark.parametrize("codes", ["14..1", "a..b", "1..b", "..4"])
def test_what_is_no_range_is_refused(codes: str) -> None:
    with pytest.raises(ValidationError, match="is no range of codes"):
        Finding(codes=[codes])


def test_flags_are_caught_however_they_are_written_and_any_one_of_the_rules_is_enough() -> None:
    finding = Finding(flags=["Critical"], codes=["9"], contains=["rodent"])

    assert finding.catches("", "CRITICAL", "")
    assert finding.catches("9", "", "")
    assert finding.catches("", "", "SIGNS OF RODENTS")
    assert not finding.catches("8", "minor", "SIGNS")
    assert finding.needs_text
    assert not Finding(codes=["9"]).needs_text
