"""A seeded artificial city: inspections with something to learn in them, but no more than in life.

Establishments have a hidden level of hygiene that changes slowly; it decides, with the
neighbourhood, its inspector, the season and chance, what inspectors find. The same
arguments make the same city, byte for byte, and a longer period continues a shorter one.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from food_inspections.portal.sample_city.oracle import oracle_auc
from food_inspections.portal.sample_city.parameters import FIRST_DAY, LAST_DAY, CityParameters
from food_inspections.portal.sample_city.places import make_places
from food_inspections.portal.sample_city.publication import publish
from food_inspections.portal.sample_city.reports import write_violations
from food_inspections.portal.sample_city.visits import make_visits

__all__ = ["FIRST_DAY", "LAST_DAY", "City", "CityParameters", "make_city", "make_inspections", "oracle_auc"]


@dataclass(frozen=True)
class City:
    """A sample city.

    Attributes:
        inspections: The portal's 17 fields and ``published_at``, text or ``None``, in the order of the visits.
        truth: What no portal publishes, of the visits that came to an inspection: ``inspection_id``,
            ``inspection_date`` (datetime64), ``inspection_type`` (rightly spelt), ``probability`` and
            ``critical_probability`` (the chances before the visit), ``is_failure`` and ``is_critical``.
    """

    inspections: pd.DataFrame
    truth: pd.DataFrame


def make_city(plan: CityParameters) -> City:
    """Make the city of this plan."""
    places = make_places(plan)
    visits = make_visits(plan, places)
    inspections = publish(plan.seed, places, visits, write_violations(plan.seed, visits))
    truth = pd.DataFrame(
        {
            "inspection_id": inspections["inspection_id"],
            "inspection_date": visits["day"],
            "inspection_type": visits["inspection_type"],
            "probability": visits["probability"],
            "critical_probability": visits["critical_probability"],
            "is_failure": visits["result"] == "Fail",
            "is_critical": visits["critical"] > 0,
        }
    )
    is_inspected = visits["result"].isin(["Pass", "Pass w/ Conditions", "Fail"])
    return City(inspections, truth[is_inspected].reset_index(drop=True))


def make_inspections(
    seed: int = 0,
    first_day: date = FIRST_DAY,
    last_day: date = LAST_DAY,
    establishments: int = 3_000,
    *,
    inspections_per_week: float | None = None,
    shift_from: date | None = None,
    shift_size: float = 0.0,
) -> pd.DataFrame:
    """The inspections of a sample city; see :class:`CityParameters` and, for the columns, :class:`City`."""
    plan = CityParameters(seed, first_day, last_day, establishments, inspections_per_week, shift_from, shift_size)
    return make_city(plan).inspections
