"""Every wrong profile is refused with a sentence that names the file, the key and what to do."""

from pathlib import Path

import pytest

from food_inspections.domain.city.loading import city_names, load_profile, read_profile
from food_inspections.errors import SettingsError
from food_inspections_tests.domain.city.profiles import GOOD, changed, springfield

WRONG = {
    "misspelt key": (
        'grain = "violation"',
        'grian = "violation"',
        "rows.grian is no key of a profile: did you mean 'grain'?",
    ),
    "unknown choice": (
        'grain = "violation"',
        'grain = "visit"',
        "rows.grain is 'visit': choose 'inspection' or 'violation'.",
    ),
    "missing key": ('key = ["place", "day", "visit"]', "", "rows.key is missing: add the column or columns"),
    "missing table": ("[columns]", "[colums]", "columns is missing: add a table that names the portal's columns."),
    "no Monday": ("2012-01-02", "2012-01-03", "city.first_week: 2012-01-03 is a Tuesday: weeks begin on Mondays"),
    "no date": ("2012-01-02", '"soon"', "city.first_week is 'soon': it must be a Monday"),
    "time zone": (
        "US/Central",
        "US/Springfield",
        "city.time_zone: 'US/Springfield' is no time zone: write one such as",
    ),
    "address": ("https://data", "data", "portal.url: 'data.springfield.example' is no address: begin it with https://"),
    "no first look": (
        'meaning = "first_look"',
        'meaning = "other"',
        "no table of [[inspection_types]] means 'first_look'",
    ),
    "meaning": ('meaning = "follow_up"', 'meaning = "second"', "inspection_types[2].meaning is 'second': choose"),
    "expression": ("'^RE'", "'^(RE'", "inspection_types[2].matches: '^(RE' is no regular expression"),
    "no spellings": ("matches = ['^RE']", "", "inspection_types[2]: the word 'Return' has no spellings: add 'is'"),
    "word twice": ('word = "Return"', 'word = "Routine"', "[[inspection_types]] has the word 'Routine' twice"),
    "kept word": ('word = "Return"', 'word = "other"', "uses the word 'other', which the program keeps for itself"),
    "label's word": (
        'is = "Closed" }]',
        'is = "Shut" }]',
        "a label compares result with 'Shut', which is none of its words",
    ),
    "label without points": (
        '[missing.columns]\nmarks = ["-1"]\n\n[points]\ncolumn = "marks"\ndirection = "higher_is_worse"\n',
        "",
        "a label compares 'points', which the profile does not provide: add its table or column",
    ),
    "two comparisons": ("at_least = 20 }", "at_least = 20, below = 30 }", "a rule makes one comparison: give one of"),
    "two sources": (
        '{ field = "points",',
        '{ field = "points", column = "marks",',
        "name either a 'field' or a 'column'",
    ),
    "words of a number": ("at_least = 20 }", 'is = "20" }', "points is a number: compare it by at_least, above"),
    "number as text": (
        "at_least = 20 }",
        'at_least = "many" }',
        "labels.fail.any[1].at_least is 'many': it must be a number.",
    ),
    "direction without best": ("higher_is_worse", "lower_is_worse", "where lower is worse, 'best' says what a perfect"),
    "grain": (
        'grain = "violation"',
        'grain = "inspection"',
        "violations.form is 'rows', so rows.grain must be 'violation'",
    ),
    "form": ('form = "rows"', 'form = "text"', "the form 'text' needs 'column' and 'parser': name both"),
    "flags without column": ('flag = "grave"', "", "a law looks at 'flags', but no column holds them"),
    "range": ("10..12", "12..10", "'12..10' is no range of codes: write two whole numbers"),
    "topic": ("pests = {", "rodents = {", "violations.laws[1].topics.rodents is 'rodents': choose"),
    "law without start": (
        "[[inspection_types]]",
        "[[violations.laws]]\nname = 'new'\n[[inspection_types]]",
        "every law after the first needs 'starts'",
    ),
    "map": ("north = 31.0", "north = 29.0", "south must lie below north and west below east"),
    "latitude": ("north = 31.0", "north = 310.0", "map.north is 310.0: it must be degrees of latitude."),
    "reference": ('kind = "Restaurant"', 'kind = "Diner"', "fairness.kind is 'Diner', which is none of its words"),
    "an area to compare with, which no audit does": (
        'kind = "Restaurant"',
        'area = "North"',
        "fairness.area",
    ),
    "identity": ('establishment_id = "place"\n', "", "nothing says which place was inspected: name 'establishment_id'"),
    "half a place": ('name = "title"', 'latitude = "y"', "latitude and longitude come together: name both columns"),
    "unused column": ('marks = ["-1"]', 'merks = ["-1"]', "missing.columns names 'merks', a column that nothing else"),
    "requirement": (
        'grain = "violation"',
        'grain = "violation"\nrequired = ["coordinates"]',
        "rows.required names 'coordinates', which no column provides",
    ),
    "a column of a pull": ('date = "day"', 'date = "week"', "the column 'week' has a name that the program keeps"),
    "no TOML": ("[city]", "[city", "is no TOML"),
}


@pytest.mark.parametrize(("old", "new", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_profile_is_refused_with_what_to_do(old: str, new: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read_profile(changed(old, new), "springfield.toml")

    message = str(refusal.value)
    assert message.startswith("springfield.toml")
    assert sentence in message
    assert "pydantic" not in message


def test_several_problems_are_told_together() -> None:
    text = changed('grain = "violation"', 'grain = "visit"').replace("US/Central", "nowhere")

    with pytest.raises(SettingsError) as refusal:
        read_profile(text, "springfield.toml")

    assert [line.split(" is ")[0] for line in str(refusal.value).splitlines()] == [
        "springfield.toml: city.time_zone: 'nowhere'",
        "springfield.toml: rows.grain",
    ]


def test_the_good_profile_is_taken() -> None:
    profile = springfield()

    assert profile.first_look_type == "Routine"
    assert profile.portal_columns[:3] == ("place", "day", "visit")
    assert {"points", "severities", "topics", "is_critical"} <= profile.provides
    assert not {"risk", "coordinates", "report_number", "is_conditional"} & profile.provides


def test_every_city_of_the_program_is_taken() -> None:
    assert city_names() == ["austin", "chicago", "new_york"]
    assert all(load_profile(name).portal for name in city_names())


def test_a_city_nobody_knows_is_refused() -> None:
    with pytest.raises(SettingsError, match="There is no city 'new_yorck': did you mean 'new_york'"):
        load_profile("new_yorck")


def test_a_path_is_read_and_a_missing_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "springfield.toml"
    path.write_text(GOOD)

    assert load_profile(path).city.name == "Springfield"
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read as a profile"):
        load_profile(tmp_path / "none.toml")
