"""What of a profile tables depend on: all that gives rows their meaning, and nothing else."""

from pathlib import Path

import pytest

from food_inspections.domain.city.loading import load_profile, read_profile
from food_inspections_tests.domain.city.profiles import GOOD, changed, springfield

MEANINGS = {
    "a bound of a label": ("at_least = 20", "at_least = 21"),
    "a spelling": ('contains = ["rest"]', 'contains = ["rest", "diner"]'),
    "a meaning": ('meaning = "follow_up"', 'meaning = "complaint"'),
    "a code of law": ('severity = "serious"', 'severity = "minor"'),
    "a value for nothing": ('marks = ["-1"]', 'marks = ["-1", "-2"]'),
    "a column": ('establishment_id = "place"', 'establishment_id = "premises"'),
    "the key": ('key = ["place", "day", "visit"]', 'key = ["place", "day"]'),
    "the width of the map": ("east = -97.0", "east = -96.0"),
}
OTHERS = {
    "the name": ('name = "Springfield"', 'name = "Shelbyville"'),
    "the portal": ("abcd-1234", "abcd-1235"),
    "the words of pages": ("[fairness]", '[wording]\nkind = "trade"\n[fairness]'),
    "with whom the audit compares": ('[fairness]\nkind = "Restaurant"', "[fairness]"),
    "a comment": ("[fairness]", "# Restaurants are most.\n[fairness]"),
    "a default that is written out": ('direction = "higher_is_worse"', 'direction = "higher_is_worse"\nbest = 0'),
    "a column that is kept unused": ('grain = "violation"', 'grain = "violation"\nkeep = ["grade"]'),
}


@pytest.mark.parametrize(("old", "new"), MEANINGS.values(), ids=MEANINGS)
def test_what_gives_rows_their_meaning_counts(old: str, new: str) -> None:
    assert springfield(old, new).parts["profile"] != springfield().parts["profile"]


@pytest.mark.parametrize(("old", "new"), OTHERS.values(), ids=OTHERS)
def test_what_changes_no_row_does_not(old: str, new: str) -> None:
    assert springfield(old, new).parts["profile"] == springfield().parts["profile"]


def test_words_and_the_audits_groups_are_parts_of_their_own() -> None:
    usual = springfield().parts
    assert springfield(*OTHERS["the words of pages"]).parts == {
        **usual,
        "wording": springfield(*OTHERS["the words of pages"]).parts["wording"],
    }
    assert springfield(*OTHERS["with whom the audit compares"]).parts["fairness"] != usual["fairness"]


def test_the_first_table_that_fits_decides_so_that_their_order_counts() -> None:
    before, _, words = GOOD.partition("[[results]]")
    closed, _, rest = words.partition("[[results]]")
    opened, _, kinds = rest.partition("[[kinds]]")
    swapped = f"{before}[[results]]{opened}[[results]]{closed}[[kinds]]{kinds}"

    assert read_profile(swapped, "springfield.toml").parts["profile"] != springfield().parts["profile"]


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "springfield.toml"
    path.write_text(GOOD)
    before = load_profile(path)
    assert load_profile(path) is before, "read once"

    path.write_text(changed("at_least = 20", "at_least = 200"))

    assert load_profile(path).parts["profile"] != before.parts["profile"]
