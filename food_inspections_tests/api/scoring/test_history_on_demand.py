"""The history that scores on demand are computed from: the last years' accepted inspections before a Monday."""

from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import text

from food_inspections.api.queries.scoring import HISTORY_DAYS, city_history, establishment_features
from food_inspections.domain.features import HISTORY_COLUMNS
from food_inspections_tests.api.conftest import City
from food_inspections_tests.api.seed import accept

WEEK = timedelta(weeks=1)


def ids_before(city: City, monday: pd.Timestamp) -> list[int]:
    """Ids of the inspections before a day, in the order (date, id)."""
    rows = city.seeded.inspections
    ordered = rows[rows["inspection_date"] < monday].sort_values(["inspection_date", "inspection_id"])
    return ordered["inspection_id"].tolist()


@pytest.mark.parametrize("weeks_ago", [0, 1, 5])
def test_everything_before_the_monday_is_known_and_nothing_from_it_on(city: City, weeks_ago: int) -> None:
    monday = city.seeded.queue_week - WEEK * weeks_ago
    with city.engine.connect() as connection:
        history = city_history(connection, monday)

    assert list(history.columns) == list(HISTORY_COLUMNS)
    assert history["inspection_id"].tolist() == ids_before(city, pd.Timestamp(monday))
    assert history["inspection_date"].max() < pd.Timestamp(monday)


def test_a_day_within_the_week_ends_the_history(city: City) -> None:
    wednesday = city.seeded.weeks[-1] + timedelta(days=2)
    with city.engine.connect() as connection:
        history = city_history(connection, wednesday)

    assert history["inspection_id"].tolist() == ids_before(city, pd.Timestamp(wednesday))
    assert (history["inspection_date"] >= pd.Timestamp(wednesday - timedelta(days=2))).any()


def test_history_reaches_back_as_far_as_features_look(city: City) -> None:
    first, second = city.seeded.weeks[:2]
    with city.engine.connect() as connection:
        all_of_it, later = (
            city_history(connection, first + timedelta(days=days)) for days in (HISTORY_DAYS, HISTORY_DAYS + 1)
        )

    dates = [frame["inspection_date"].min() for frame in (all_of_it, later)]
    assert pd.Timestamp(first) <= dates[0] < pd.Timestamp(second) <= dates[1]


@pytest.mark.parametrize("status", ["pending", "rejected"])
def test_weeks_that_are_not_accepted_are_no_history(own_city: City, status: str) -> None:
    hidden = own_city.seeded.weeks[3]
    with own_city.engine.begin() as connection:
        accept(connection, "clean_inspections", [hidden], status=status)
        # Accepted, but of another asset: no word on the clean rows.
        accept(connection, "inspection_features", [hidden])
        found = city_history(connection, own_city.seeded.queue_week)

    days = found["inspection_date"]
    assert len(found) > 0
    assert not days.between(pd.Timestamp(hidden), pd.Timestamp(hidden + timedelta(days=6))).any()
    assert set(range(len(own_city.seeded.weeks))) - {3} == set((days - days.min()).dt.days // 7)


def test_only_the_establishments_asked_for_as_of_the_week_asked_for(own_city: City) -> None:
    week = own_city.seeded.queue_week
    with own_city.engine.begin() as connection:
        known = connection.execute(
            text("SELECT establishment_id FROM data.establishment_features WHERE week = :week ORDER BY 1"),
            {"week": week},
        ).scalars()
        first, second, *_ = known
        found = establishment_features(connection, week, [second, first, "nobody"])
        assert establishment_features(connection, week - WEEK, [first]).empty

    assert sorted(found["establishment_id"]) == [first, second]
