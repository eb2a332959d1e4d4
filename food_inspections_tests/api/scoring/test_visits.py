from datetime import date, timedelta

import pandas as pd
import pytest

from food_inspections.api.scoring.visits import adjusted_rows, hypothetical_rows
from food_inspections.domain.features import features_of
from food_inspections.domain.inspections.identity import chain_key
from food_inspections_tests.api.seed import CHAIN, make_inspections
from food_inspections_tests.domain.first_city import CITY, build_establishment_features, build_features

COLUMNS = [feature.name for feature in features_of(CITY)]
MONDAY = date(2024, 7, 1)
PLACE = {"facility_type": "Bakery", "risk": "Risk 1 (High)", "zip": "60614", "latitude": 41.9, "longitude": -87.64}


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    return make_inspections([MONDAY - timedelta(7 * week) for week in range(30, 0, -1)], places=60, visits_a_week=30)


@pytest.fixture(scope="module")
def stored(history: pd.DataFrame) -> pd.DataFrame:
    nothing_closed = history.iloc[:0]
    return build_establishment_features(history, nothing_closed, MONDAY).head(8)


def visit_as_if_it_took_place(history: pd.DataFrame, establishment_id: str, kind: str, weekday: int) -> pd.DataFrame:
    last = history[history["establishment_id"] == establishment_id].sort_values(["inspection_date", "inspection_id"])
    day = pd.Timestamp(MONDAY + timedelta(weekday))
    return last.tail(1).assign(inspection_date=day, inspection_type=kind, inspection_id=9_999_999)


@pytest.mark.parametrize(("kind", "weekday"), [("Complaint", 0), ("Canvass", 4), ("License", 6)])
def test_an_adjusted_row_is_that_of_a_visit_that_takes_place(
    history: pd.DataFrame, stored: pd.DataFrame, kind: str, weekday: int
) -> None:
    visits = [
        {"establishment_id": found, "inspection_type": kind, "weekday": weekday} for found in stored["establishment_id"]
    ]
    adjusted = adjusted_rows(stored.reset_index(drop=True), visits, history, MONDAY, CITY, 0)
    for row, visit in zip(adjusted.to_dict("records"), visits, strict=True):
        real = visit_as_if_it_took_place(history, str(visit["establishment_id"]), kind, weekday)
        expected = build_features(real, history).iloc[0]
        assert {name: row[name] for name in COLUMNS} == {name: expected[name] for name in COLUMNS}


def test_what_goes_back_farther_than_the_history_at_hand_stays_as_stored(
    history: pd.DataFrame, stored: pd.DataFrame
) -> None:
    recent = history[history["week"] >= pd.Timestamp(MONDAY - timedelta(56))]
    visits = [
        {"establishment_id": found, "inspection_type": "Canvass", "weekday": 0} for found in stored["establishment_id"]
    ]
    rows = stored.reset_index(drop=True)
    pd.testing.assert_frame_equal(adjusted_rows(rows, visits, recent, MONDAY, CITY, 0)[COLUMNS], rows[COLUMNS])


def test_a_hypothetical_place_is_a_new_one(history: pd.DataFrame) -> None:
    visit = PLACE | {"inspection_type": "Canvass", "weekday": 1, "dba_name": CHAIN}
    row = hypothetical_rows([visit], history, MONDAY, CITY, 0).iloc[0]
    real = history.tail(1).assign(
        **PLACE,
        inspection_date=pd.Timestamp(MONDAY + timedelta(1)),
        inspection_type="Canvass",
        establishment_id="new",
        address="unknown",
        dba_name=CHAIN,
        aka_name="unknown",
        chain_key=chain_key(CHAIN),
        inspection_id=9_999_999,
    )
    expected = build_features(real, history).iloc[0]
    assert {name: row[name] for name in COLUMNS} == {name: expected[name] for name in COLUMNS}
    assert row["own_visits"] == 0
    assert row["chain_visits_365"] > 0


def test_rows_do_not_depend_on_company(history: pd.DataFrame) -> None:
    visits = [PLACE | {"inspection_type": "Canvass", "weekday": day} for day in (3, 0)]
    together = hypothetical_rows(visits, history, MONDAY, CITY, 0)
    apart = pd.concat([hypothetical_rows([visit], history, MONDAY, CITY, 0) for visit in visits], ignore_index=True)
    pd.testing.assert_frame_equal(together[COLUMNS], apart[COLUMNS])
