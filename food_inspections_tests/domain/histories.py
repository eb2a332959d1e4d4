"""Small clean histories for tests of what is computed from the past."""

from datetime import date

import numpy as np
import pandas as pd

from food_inspections.domain.city.findings import COUNT_COLUMNS
from food_inspections.domain.inspections.cleaning import INSPECTION_COLUMNS
from food_inspections.domain.weeks import monday_of
from food_inspections_tests.domain.first_city import with_meanings

DEFAULTS = {
    "establishment_id": "1",
    "chain_key": "SUBWAY",
    "dba_name": "SUBWAY",
    "aka_name": "unknown",
    "facility_type": "Restaurant",
    "risk": "Risk 1 (High)",
    "address": "1 MAIN ST",
    "city": "CHICAGO",
    "state": "IL",
    "zip": "60601",
    "inspection_type": "Canvass",
    "results": "Pass",
    "violations": "unknown",
    "latitude": 41.88,
    "longitude": -87.63,
    **dict.fromkeys(COUNT_COLUMNS, 0),
}
_GIVEN = [*DEFAULTS, "inspection_id", "inspection_date", "is_failure", "is_critical"]


def inspections(*changes: dict[str, object]) -> pd.DataFrame:
    """Clean inspections, one per set of changes; ``day`` is an ISO date, ids count up unless given."""
    rows = []
    for number, change in enumerate(changes, start=1):
        row = {**DEFAULTS, "inspection_id": number, **change}
        row["inspection_date"] = pd.Timestamp(date.fromisoformat(str(row.pop("day", "2014-01-06"))))
        row["is_failure"] = row["results"] == "Fail"
        row["is_critical"] = bool(row["critical_violations"])
        rows.append(row)
    frame = with_meanings(pd.DataFrame(rows, columns=_GIVEN))
    frame["inspection_date"] = frame["inspection_date"].astype("datetime64[ns]")
    frame = frame.astype({name: bool for name in frame if name.startswith("is_")})
    return frame.assign(week=monday_of(frame["inspection_date"]))[list(INSPECTION_COLUMNS)]


def random_inspections(count: int, seed: int, days: int = 60) -> pd.DataFrame:
    """A dense artificial history: few places, names, areas and days, so that everything meets everything."""
    draw = np.random.default_rng(seed)
    places = draw.integers(0, 8, count)
    first = np.datetime64("2018-05-15")
    return inspections(
        *(
            {
                "inspection_id": int(1000 + 7 * i),
                "day": str(first + int(draw.integers(0, days))),
                "establishment_id": str(place),
                "chain_key": ("SUBWAY", "THAI WOK", "unknown")[place % 3],
                "dba_name": ("SUBWAY", "THAI WOK", "unknown")[place % 3],
                "aka_name": ("unknown", "WOK AND ROLL")[place % 2],
                "facility_type": ("Restaurant", "School")[place % 2],
                "risk": ("Risk 1 (High)", "Risk 3 (Low)")[place % 2],
                "address": f"{place // 2} MAIN ST",
                "zip": ("60601", "60602", "unknown")[place % 3],
                "inspection_type": str(draw.choice(["Canvass", "Complaint", "License", "Canvass Re-Inspection"])),
                "results": str(draw.choice(["Pass", "Fail", "Pass w/ Conditions"])),
                "latitude": 41.88 + 0.004 * place,
                "longitude": -87.63 - 0.003 * place,
                **{column: int(draw.integers(0, 4)) for column in COUNT_COLUMNS},
            }
            for i, place in enumerate(places)
        )
    )
