"""Raw portal rows for tests: a good one, and how to spoil it."""

import pandas as pd

from food_inspections_tests.domain.first_city import CITY

GOOD = {
    "inspection_id": "1001",
    "dba_name": "SUBWAY 21649",
    "aka_name": "SUBWAY",
    "license_": "2766694",
    "facility_type": "Restaurant",
    "risk": "Risk 1 (High)",
    "address": "1100 W TAYLOR ST ",
    "city": "Chicago",
    "state": "IL",
    "zip": "60607",
    "inspection_date": "2025-01-08T00:00:00.000",
    "inspection_type": "Canvass",
    "results": "Fail",
    "violations": "22. PROPER COLD HOLDING TEMPERATURES - Comments: PRIORITY VIOLATION",
    "latitude": "41.86956628158364",
    "longitude": "-87.65427837887948",
    "location": None,
}


PORTAL_COLUMNS = (*CITY.portal_columns, "location")


def raw_frame(*changes: dict[str, str | None]) -> pd.DataFrame:
    """One row per set of changes to the good row; ids count up unless given."""
    rows = [{**GOOD, "inspection_id": str(1001 + i), **change} for i, change in enumerate(changes)]
    extra = dict.fromkeys(key for row in rows for key in row if key not in PORTAL_COLUMNS)
    return pd.DataFrame(rows, columns=[*PORTAL_COLUMNS, *extra], dtype=object)
