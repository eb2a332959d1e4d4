"""Two made-up cities whose data sets look like nobody else's, with the profiles their staff would write.

Lakeside gives letter grades, has no coordinates, no postal codes and no violations, and writes days with their time.
Harbor has one row per violation with its gravity in words, a score of which more is better, and days without marks.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

FIRST = date(2018, 1, 1)
PLACES = 120
VISITS_A_WEEK = 30
GRAVITIES = ("Major", "Moderate", "Minor")

LAKESIDE = """
[city]
name = "Lakeside"
time_zone = "America/Denver"
first_week = 2018-01-01

[rows]
grain = "inspection"
key = ["permit", "inspected_at", "reason"]
date_format = "%d %B %Y %H:%M"

[columns]
date = "inspected_at"
establishment_id = "permit"
name = "trading_as"
address = "where"
kind = "sells"
inspection_type = "reason"
result = "grade"

[labels.fail]
field = "result"
is = ["C", "Closed"]

[[inspection_types]]
word = "Follow-up"
meaning = "follow_up"
contains = ["again"]

[[inspection_types]]
word = "Complaint"
meaning = "complaint"
contains = ["complaint"]

[[inspection_types]]
word = "Yearly"
meaning = "first_look"
is = ["yearly"]

[[results]]
word = "Closed"
meaning = "closed"
is = ["closed on the spot"]

[[results]]
word = "C"
meaning = "fail"
is = ["C"]

[[results]]
word = "B"
meaning = "conditional"
is = ["B"]

[[results]]
word = "A"
meaning = "pass"
is = ["A"]

[wording]
first_look = "yearly visit"
kind = "trade"
"""

HARBOR = """
[city]
name = "Harbor"
time_zone = "America/Los_Angeles"
first_week = 2018-01-01

[rows]
grain = "violation"
key = ["business_id", "day", "purpose"]
date_format = "%Y%m%d"

[columns]
date = "day"
establishment_id = "business_id"
name = "business"
address = ["house_no", "road"]
zip = "post_code"
inspection_type = "purpose"
risk = "risk_category"

[missing.columns]
score = ["0"]

[points]
column = "score"
direction = "lower_is_worse"
best = 100

[labels.fail]
any = [{ field = "points", at_least = 20 }, { field = "critical_violations", at_least = 2 }]

[labels.critical]
field = "critical_violations"
at_least = 1

[violations]
form = "rows"
text = "finding"
flag = "gravity"

[[violations.laws]]
severities = [{ severity = "critical", flags = ["Major"] }, { severity = "serious", flags = ["Moderate"] }]
topics.pests = { contains = ["vermin"] }
topics.temperature = { contains = ["cold", "hot"] }

[[inspection_types]]
word = "Return visit"
meaning = "follow_up"
contains = ["return"]

[[inspection_types]]
word = "Programme"
meaning = "first_look"
is = ["programme visit"]

[[risks]]
word = "High"
is = ["H"]

[[risks]]
word = "Low"
is = ["L"]
"""


def visits(seed: int, weeks: int) -> pd.DataFrame:
    """Who was visited when, as what, and how badly kept the place was: place, day, is_return, dirt (0 to 1)."""
    draws = np.random.default_rng(seed)
    dirt = draws.beta(1.2, 2.5, PLACES)
    number = weeks * VISITS_A_WEEK
    days = np.sort(draws.integers(0, weeks * 7, number))
    weekdays = days - np.where(days % 7 > 4, 3, 0)
    frame = pd.DataFrame(
        {
            "place": draws.integers(0, PLACES, number),
            "day": [FIRST + timedelta(days=int(day)) for day in weekdays],
            "is_return": draws.random(number) < 0.15,
            "luck": draws.normal(0, 0.12, number),
        }
    )
    return frame.assign(dirt=(dirt[frame["place"]] + frame["luck"]).clip(0, 1)).drop_duplicates(["place", "day"])


def lakeside(weeks: int) -> pd.DataFrame:
    """Rows of Lakeside as it exports them."""
    seen = visits(11, weeks)
    grades = np.select(
        [seen["dirt"] > 0.9, seen["dirt"] > 0.52, seen["dirt"] > 0.35], ["Closed on the spot", "C", "B"], "A"
    )
    return pd.DataFrame(
        {
            "permit": [f"FS-{place:04}" for place in seen["place"]],
            "trading_as": [f"KITCHEN {place}" for place in seen["place"]],
            "where": [f"{place} Lake Road" for place in seen["place"]],
            "sells": [("Meals", "Bread", "Meat")[place % 3] for place in seen["place"]],
            "inspected_at": [f"{day:%d %B %Y} {9 + day.day % 8:02}:30" for day in seen["day"]],
            "reason": np.where(seen["is_return"], "Once again", "Yearly"),
            "grade": grades,
        }
    )


def harbor(weeks: int) -> pd.DataFrame:
    """Rows of Harbor: a row per violation, two of them alike now and then, one row for a visit that found nothing."""
    rows = []
    for visit in visits(12, weeks).itertuples():
        found = round(8 * float(visit.dirt))
        header = {
            "business_id": f"B{visit.place}",
            "business": f"CAFE {visit.place}",
            "house_no": str(visit.place),
            "road": "Quay St",
            "post_code": f"9{visit.place % 20:04}",
            "risk_category": "HL"[int(visit.place) % 2],
            "day": f"{visit.day:%Y%m%d}",
            "purpose": "Return visit" if visit.is_return else "Programme visit",
            "score": str(max(1, 100 - 5 * found)),
        }
        findings = [
            (GRAVITIES[(number + int(visit.place)) % 3], "vermin seen" if number % 2 else "food not cold")
            for number in range(found)
        ]
        rows += [header | {"gravity": gravity, "finding": text} for gravity, text in findings or [(None, None)]]
    return pd.DataFrame(rows, dtype=object)
