"""A small profile to change, and rows for it."""

import pandas as pd

from food_inspections.domain.city.loading import read_profile
from food_inspections.domain.city.profile import Profile

GOOD = """
[city]
name = "Springfield"
time_zone = "US/Central"
first_week = 2012-01-02

[portal]
url = "https://data.springfield.example"
dataset = "abcd-1234"

[rows]
grain = "violation"
key = ["place", "day", "visit"]

[columns]
date = "day"
establishment_id = "place"
name = "title"
kind = "sort"
inspection_type = "visit"
result = "outcome"

[missing.columns]
marks = ["-1"]

[points]
column = "marks"
direction = "higher_is_worse"

[labels.fail]
any = [{ field = "points", at_least = 20 }, { field = "result", is = "Closed" }]

[labels.critical]
field = "critical_violations"
at_least = 1

[fairness]
kind = "Restaurant"

[map]
south = 30.0
west = -98.0
north = 31.0
east = -97.0

[violations]
form = "rows"
code = "item"
text = "words"
flag = "grave"

[[violations.laws]]
severities = [{ severity = "critical", flags = ["Y"] }, { severity = "serious", codes = ["5*", "10..12"] }]

[violations.laws.topics]
pests = { contains = ["mice"] }

[[inspection_types]]
word = "Routine"
meaning = "first_look"
contains = ["routine"]

[[inspection_types]]
word = "Return"
meaning = "follow_up"
matches = ['^RE']

[[results]]
word = "Closed"
meaning = "closed"
is = ["closed"]

[[results]]
word = "Open"
meaning = "pass"
is = ["open"]

[[kinds]]
word = "Restaurant"
contains = ["rest"]
"""

ROW = {
    "place": "P1",
    "day": "2013-02-14T00:00:00.000",
    "visit": "Routine",
    "title": "Moe's",
    "sort": "Restaurant",
    "outcome": "open",
    "marks": "10",
    "item": "51",
    "words": "Floor dirty",
    "grave": "N",
}


def changed(old: str, new: str) -> str:
    """The good profile with one thing changed."""
    assert GOOD.count(old) >= 1, f"{old!r} is not in the profile"
    return GOOD.replace(old, new, 1)


def springfield(old: str = "", new: str = "") -> Profile:
    """The good profile, perhaps with one thing changed."""
    return read_profile(changed(old, new) if old else GOOD, "springfield.toml")


def rows(*changes: dict[str, str | None]) -> pd.DataFrame:
    """One raw row per set of changes."""
    return pd.DataFrame([{**ROW, **change} for change in changes], dtype=object)
