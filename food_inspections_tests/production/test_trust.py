"""What is loaded from the bucket is what PostgreSQL says it is: writing to the bucket alone gets nobody anywhere."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from food_inspections.domain.learning.training import refit
from food_inspections.errors import FoodInspectionsError, ModelError
from food_inspections.orchestration.instance.launch import run_job
from food_inspections.storage.models import files as models
from food_inspections_tests.domain.model_frames import INPUTS, feature_rows
from food_inspections_tests.orchestration.city import CUTOFF, NEWEST, Deployment, deployment, small_city


@pytest.fixture
def city(database_url: str, tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path / "home", database_url, small_city()) as city:
        yield city
        city.warehouse.engine.dispose()


def model_for(cutoff: date) -> bytes:
    """A model that this program would trust, if it were the one that was decided for."""
    rows = feature_rows(first_day=(pd.Timestamp(cutoff) - pd.Timedelta(weeks=42)).date())
    return models.dump_model(refit(rows, "logistic_regression", "fail", cutoff, inputs=INPUTS))


def test_a_model_swapped_in_the_bucket_scores_nothing(city: Deployment) -> None:
    city.prepare(CUTOFF - timedelta(weeks=24), NEWEST)
    for asset in ("logistic_regression_model", "selected_model"):
        run_job(city.defs, city.instance, "training", CUTOFF, assets=[asset])
    champion = city.warehouse.champion(NEWEST)
    swapped = model_for(CUTOFF)
    city.warehouse.objects.put(champion.object_key, swapped)

    with pytest.raises(ModelError, match="was changed or cut short"):
        city.warehouse.load_model(champion.object_key, champion.checksum)
    with pytest.raises(FoodInspectionsError, match="was changed or cut short"):
        city.run("publish", NEWEST)
    # The file itself is as good as any: it is the row in PostgreSQL that does not name it.
    assert city.warehouse.load_model(champion.object_key, models.checksum(swapped)).cutoff == CUTOFF
    assert city.query("SELECT count(*) FROM api.inspection_queue") == [(0,)]
