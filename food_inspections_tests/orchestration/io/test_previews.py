from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.learning.training import fit_candidate
from food_inspections.orchestration.instance import run_tags
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.partitions import WEEKS, mondays
from food_inspections_tests.domain.model_frames import FIRST_DAY, INPUTS, feature_rows

FIRST, SECOND = date(2025, 1, 6), date(2025, 1, 13)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def shown(
    instance: dg.DagsterInstance, frame: pd.DataFrame, last: date = FIRST, add: Any = previews.add
) -> dict[date, Mapping[str, dg.MetadataValue]]:
    """Metadata that an asset shows of each week of its run."""

    @dg.asset(partitions_def=WEEKS, backfill_policy=dg.BackfillPolicy.single_run())
    def scores(context: dg.AssetExecutionContext) -> None:
        weeks = mondays(context.partition_keys)
        add(context, weeks, frame)

    tags = {run_tags.RANGE_START: str(FIRST), run_tags.RANGE_END: str(last)}
    dg.materialize([scores], instance=instance, tags=tags, resources={"io_manager": dg.mem_io_manager})
    events = instance.fetch_materializations(dg.AssetKey("scores"), limit=10).records
    return {
        date.fromisoformat(str(event.partition_key)): event.asset_materialization.metadata
        for event in events
        if event.asset_materialization is not None
    }


def rows(*weeks: date) -> pd.DataFrame:
    count = len(weeks)
    return pd.DataFrame(
        {"week": pd.to_datetime(pd.Series(weeks, dtype="object")), "score": np.linspace(0.1, 0.9, count)}
    ).assign(threshold=0.5, reasons=[["why"]] * count)


def test_the_weeks_of_a_range_are_not_previewed(instance: dg.DagsterInstance) -> None:
    found = shown(instance, rows(FIRST, SECOND, SECOND), SECOND)

    assert set(found) == {FIRST, SECOND}
    assert not any("preview" in metadata for metadata in found.values())


def test_a_single_week_is_previewed_as_text(instance: dg.DagsterInstance) -> None:
    preview = shown(instance, rows(*[FIRST] * 30))[FIRST]["preview"]

    assert isinstance(preview, dg.TableMetadataValue)
    assert len(preview.records) == previews.PREVIEW_ROWS
    assert preview.records[0].data == {"week": str(FIRST), "score": "0.1", "threshold": "0.5", "reasons": "['why']"}


def test_an_empty_week_has_nothing_to_look_at(instance: dg.DagsterInstance) -> None:
    for add in (previews.add, previews.add_scores):
        metadata = shown(instance, rows().astype({"week": "datetime64[ns]"}), add=add)[FIRST]
        assert not {"preview", "scores"} & set(metadata)


def test_scores_are_drawn_in_a_single_week(instance: dg.DagsterInstance) -> None:
    picture = shown(instance, rows(*[FIRST] * 30), add=previews.add_scores)[FIRST]["scores"]

    assert isinstance(picture, dg.MarkdownMetadataValue)
    assert (picture.md_str or "").startswith("![plot](data:image/png;base64,")


def test_a_candidate_shows_its_metrics_beside_the_base_rates_and_its_calibration(instance: dg.DagsterInstance) -> None:
    cutoff = FIRST_DAY + pd.Timedelta(weeks=36)
    candidate = fit_candidate(feature_rows(), "logistic_regression", "fail", cutoff, inputs=INPUTS)

    def add(context: dg.AssetExecutionContext, weeks: list[date], *_: Any) -> None:
        previews.add_candidate(context, weeks[0], candidate)

    metadata = shown(instance, rows(FIRST), add=add)[FIRST]
    assert metadata["roc_auc"].value == pytest.approx(candidate.metrics["roc_auc"])
    assert metadata["validation_rows"].value == candidate.validate_rows
    assert metadata["base_rate"].value == candidate.baseline_metrics["base_rate"]
    assert isinstance(metadata["calibration"], dg.MarkdownMetadataValue)
