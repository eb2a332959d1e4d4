"""What keeps weeks that somebody chose from being made, on made-up records."""

from datetime import date, timedelta

from food_inspections.planning.choice import NO_MODEL, what_lacks
from food_inspections_tests.planning.test_planner import COMING, FIRST, HISTORY, NEWEST, changed, settled, state

WEEK = timedelta(weeks=1)


def test_what_is_there_may_be_built_upon() -> None:
    assert what_lacks(settled(), {"predictions", "api_predictions"}, HISTORY) == {}


def test_weeks_whose_upstream_was_never_made_or_was_rejected_are_named_with_it() -> None:
    seen = changed(settled(), "clean_inspections", NEWEST, status="rejected")

    lacks = what_lacks(seen, {"inspection_features"}, [COMING, NEWEST, FIRST])

    assert lacks == {"inspection_features": {"they have no accepted clean_inspections": [NEWEST, COMING]}}


def test_what_is_chosen_as_well_will_be_there() -> None:
    assert what_lacks(state({}), {"raw_inspections", "clean_inspections", "inspection_features"}, HISTORY) == {}


def test_a_forecast_needs_a_model_of_its_week_unless_one_is_trained_with_it() -> None:
    seen = settled(champions={})

    assert what_lacks(seen, {"predictions"}, [NEWEST]) == {"predictions": {NO_MODEL: [NEWEST]}}
    assert what_lacks(seen, {"predictions", "xgboost_model", "selected_model"}, [NEWEST]) == {}


def test_what_reaches_back_over_the_history_is_not_asked_for_week_by_week() -> None:
    assert what_lacks(settled(), {"establishment_features"}, [date(2030, 1, 7)]) == {}
