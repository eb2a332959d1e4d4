"""A closure that is not yet known on a Monday does not reject the week that could not know of it."""

import pandas as pd
import pytest

from food_inspections.orchestration.checks.preparation import ESTABLISHMENT_FEATURES
from food_inspections_tests.orchestration.checks.scopes import StubWarehouse, outcome, rows


@pytest.mark.parametrize(("lag_days", "passed"), [(0, False), (2, False), (3, True), (28, True)])
def test_only_closures_older_than_the_lag_count(lag_days: int, passed: bool) -> None:
    """Once every deployment with a lag lost its queue in the weeks after a closure."""
    closed = pd.DataFrame({"week": pd.Timestamp("2024-12-30"), "establishment_id": ["b"]})
    closed["inspection_date"] = pd.Timestamp("2025-01-03")
    warehouse = StubWarehouse({"data.closures": closed}, knowledge_lag_days=lag_days)
    frame = rows(establishment_id=["a", "b"], last_visit=pd.Timestamp("2024-11-20"))

    assert outcome(ESTABLISHMENT_FEATURES, "only_in_business", frame, warehouse=warehouse).passed is passed
