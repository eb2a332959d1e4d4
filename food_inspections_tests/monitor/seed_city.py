"""A made-up city for the dashboard's tests: establishments, their visits and the scores of both."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from food_inspections_tests.domain.first_city import with_meanings

FACILITY_TYPES = {
    "Restaurant": 0.58,
    "Grocery Store": 0.14,
    "School": 0.07,
    "Bakery": 0.05,
    "Daycare": 0.05,
    "Mobile Food": 0.04,
    "Liquor": 0.03,
    "Catering": 0.02,
    "Hospital": 0.02,
}
RISKS = {"Risk 1 (High)": 0.62, "Risk 2 (Medium)": 0.28, "Risk 3 (Low)": 0.10}
INSPECTION_TYPES = {"Canvass": 0.7, "Complaint": 0.2, "License": 0.1}

_FIRST = (
    "Golden",
    "Blue",
    "Old Town",
    "Green",
    "Lucky",
    "River",
    "Sunny",
    "Corner",
    "North Star",
    "Maria's",
    "O'Neill",
)
_SECOND = ("Grill", "Kitchen", "Market", "Café", "Bakery", "Diner", "Tap & Table", "Noodle House", "Pantry", "Deli")
_STREETS = ("N Elm St", "W Lake Ave", "S Mill Rd", "E Ash Blvd", "N Harbor Dr", "W Orchard St", "S Canal St")


def make_establishments(count: int, seed: int = 1) -> pd.DataFrame:
    """Rows: establishment_id, dba_name, address, zip, facility_type, risk, latitude, longitude, hygiene."""
    random = np.random.default_rng(seed)
    centres = np.column_stack([random.uniform(41.66, 42.01, 40), random.uniform(-87.80, -87.58, 40)])
    # The shore of the lake cuts the city off in the east.
    centres[:, 1] = np.minimum(centres[:, 1], -87.53 - 0.28 * (centres[:, 0] - 41.66))
    district = random.integers(0, len(centres), count)
    position = centres[district] + random.normal(0, (0.014, 0.017), (count, 2))
    position[:, 1] = np.minimum(position[:, 1], -87.52 - 0.28 * (position[:, 0] - 41.66))
    kind = _draw(random, FACILITY_TYPES, count)
    first, second = random.integers(0, len(_FIRST), count), random.integers(0, len(_SECOND), count)
    return pd.DataFrame(
        {
            "establishment_id": [str(1_000_000 + number) for number in range(count)],
            "dba_name": [f"{_FIRST[i]} {_SECOND[j]}" for i, j in zip(first, second, strict=True)],
            "address": [
                f"{number} {_STREETS[street]}"
                for number, street in zip(
                    random.integers(100, 9900, count), random.integers(0, len(_STREETS), count), strict=True
                )
            ],
            "zip": [f"606{number:02d}" for number in district],
            "facility_type": kind,
            "risk": _draw(random, RISKS, count),
            "latitude": position[:, 0].round(5),
            "longitude": position[:, 1].round(5),
            "hygiene": random.normal(0, 1, count)
            + random.normal(0, 0.35, len(centres))[district]
            + np.where(kind == "Mobile Food", 0.5, np.where(kind == "Hospital", -0.5, 0.0)),
        }
    )


def make_visits(establishments: pd.DataFrame, weeks: list[date], per_week: int, seed: int = 2) -> pd.DataFrame:
    """Visits in the columns of ``data.clean_inspections``, and the score each had that morning."""
    random = np.random.default_rng(seed)
    count = len(weeks) * per_week
    who = establishments.iloc[random.integers(0, len(establishments), count)].reset_index(drop=True)
    week = np.repeat(np.array(weeks, dtype="datetime64[D]"), per_week)
    day = week + random.integers(0, 5, count).astype("timedelta64[D]")
    hygiene = who["hygiene"].to_numpy()
    chance = sigmoid(-1.35 + 0.75 * hygiene)
    is_failure = random.random(count) < chance
    is_critical = random.random(count) < 0.25 + 0.5 * is_failure
    found = random.poisson(np.where(is_failure, 5.0, 2.0))
    critical = np.minimum(found, np.where(is_critical, 1 + random.integers(0, 2, count), 0))
    visits = who.drop(columns="hygiene").assign(
        week=week,
        inspection_id=np.arange(2_000_000, 2_000_000 + count),
        inspection_date=day,
        chain_key=who["dba_name"].str.lower(),
        aka_name=who["dba_name"],
        city="Chicago",
        state="IL",
        inspection_type=_draw(random, INSPECTION_TYPES, count),
        results=np.where(is_failure, "Fail", np.where(random.random(count) < 0.2, "Pass w/ Conditions", "Pass")),
        violations=np.where(
            found > 0, "55. PHYSICAL FACILITIES INSTALLED - Comments: FLOOR NEEDS CLEANING.", "unknown"
        ),
        violation_count=found,
        critical_violations=critical,
        serious_violations=np.minimum(found - critical, 1),
        minor_violations=np.maximum(found - critical - 1, 0),
        **{f"topic_{topic}": random.binomial(found, share) for topic, share in _TOPICS.items()},
        is_failure=is_failure,
        is_critical=is_critical,
    )
    # The model sees hygiene through noise, and the older it is the more.
    visits["score"] = sigmoid(-1.35 + 0.55 * (hygiene + random.normal(0, 0.9, count))).round(6)
    return with_meanings(visits)


_TOPICS = {
    "temperature": 0.1,
    "handwashing": 0.1,
    "pests": 0.1,
    "plumbing": 0.1,
    "cleaning": 0.2,
    "paperwork": 0.1,
    "contamination": 0.1,
    "equipment": 0.1,
    "building": 0.2,
    "other": 0.05,
}


def weeks_until(last: date, count: int) -> list[date]:
    """Mondays, the oldest first."""
    return [last - timedelta(weeks=back) for back in range(count - 1, -1, -1)]


def run_id_of(week: date) -> str:
    """Id of the run that wrote everything of a week."""
    return f"{week:%y%m%d}aa-5f6d-4f1e-9b58-000000000000"


def sigmoid(value: np.ndarray) -> np.ndarray:
    """From log-odds to probability."""
    return 1.0 / (1.0 + np.exp(-value))


def _draw(random: np.random.Generator, shares: dict[str, float], count: int) -> np.ndarray:
    weights = np.array(list(shares.values()))
    return random.choice(np.array(list(shares), dtype=object), count, p=weights / weights.sum())
