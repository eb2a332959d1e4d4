import re

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.monitoring import drift
from food_inspections.domain.monitoring.drift import (
    COLUMNS,
    drift_table,
    evidently_html,
    jensen_shannon_distance,
    population_stability_index,
)


def frame(rows=1_500, seed=0, *, shift=0.0, kinds=(0.7, 0.3), rate=0.2, day="2014-01-06"):
    generator = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "inspection_date": pd.Timestamp(day) + pd.to_timedelta(np.arange(rows) % 56, unit="D"),
            "score": np.clip(generator.beta(2, 8, rows) + shift, 0, 1),
            "outcome": (generator.random(rows) < rate).astype(int),
            "number": generator.normal(size=rows) + 5 * shift,
            "constant": 1.0,
            "kind": generator.choice(["a", "b"], rows, p=kinds),
        }
    )


def table(reference, current):
    return drift_table(reference, current, ["number", "constant"], ["kind"])


def test_one_row_per_statistic_with_its_frame_of_reference():
    found = table(frame(), frame(rows=300, seed=1, day="2014-06-02"))
    assert list(found.columns) == list(COLUMNS)
    assert list(zip(found["kind"], found["name"], found["statistic"], strict=True)) == [
        ("score", "score", "psi"),
        ("score", "score", "ks"),
        ("feature", "number", "psi"),
        ("feature", "number", "ks"),
        ("feature", "constant", "psi"),
        ("feature", "constant", "ks"),
        ("feature", "kind", "jensen_shannon"),
        ("outcome", "outcome", "difference"),
    ]
    assert (found["reference_rows"].iloc[0], found["current_rows"].iloc[0]) == (1_500, 300)
    assert found["current_from"].iloc[0] == pd.Timestamp("2014-06-02")


def test_nothing_drifts_from_itself():
    found = table(frame(), frame())
    assert found["value"].tolist() == pytest.approx([0.0] * 8)
    assert not found["is_drifted"].any()


def test_what_moved_is_named():
    found = table(frame(), frame(seed=1, shift=0.2, kinds=(0.3, 0.7), rate=0.4)).set_index(["name", "statistic"])
    assert found["is_drifted"].sum() == 6
    assert not found.loc["constant", "is_drifted"].any()
    assert found.loc[("outcome", "difference"), "value"] == pytest.approx(0.2, abs=0.04)


def test_few_rows_without_drift_seldom_raise_an_alarm():
    reference = frame(rows=3_000)
    alarms = [table(reference, frame(rows=80, seed=seed))["is_drifted"].any() for seed in range(1, 101)]
    assert sum(alarms) <= 8


def test_threshold_is_the_customary_one_once_there_are_rows():
    found = table(frame(rows=5_000), frame(rows=5_000, seed=1)).set_index(["name", "statistic"])["threshold"]
    assert found[("score", "psi")] == 0.2
    assert found[("score", "ks")] == 0.1


def test_value_never_seen_before_counts():
    current = frame(seed=1).assign(kind="c")
    assert table(frame(), current).set_index("name").loc["kind", "value"] == pytest.approx(1.0)


def test_week_without_inspections_gives_no_rows():
    assert table(frame(), frame().iloc[:0]).empty


def test_outcomes_not_yet_known_are_left_out():
    assert "outcome" not in set(table(frame(), frame().drop(columns="outcome"))["kind"])


def test_statistics_on_literal_histograms():
    assert jensen_shannon_distance(np.array([10, 0]), np.array([0, 5])) == pytest.approx(1.0)
    assert jensen_shannon_distance(np.array([10, 10]), np.array([3, 3])) == pytest.approx(0.0)
    large = population_stability_index(np.array([50_000, 50_000]), np.array([20_000, 80_000]))
    assert large == pytest.approx(0.3 * np.log(0.5 / 0.2) + 0.3 * np.log(0.8 / 0.5), abs=1e-3)


def test_evidently_page_shows_the_features_that_the_table_says_moved_most(monkeypatch):
    monkeypatch.setattr(drift, "REPORTED_FEATURES", 1)
    reference = frame(rows=100).assign(steady=1.0, moving=1.0)
    current = frame(rows=100, seed=1).assign(steady=1.0, moving=2.0)
    found = drift_table(reference, current, ["steady", "moving"])
    page = evidently_html(found, reference, current, ["steady", "moving"])
    assert ("moving" in page, "steady" in page) == (True, False)


def test_evidently_page_stands_alone():
    reference, current = frame(rows=200), frame(rows=100, seed=1)
    page = evidently_html(
        drift_table(reference, current, ["number"], ["kind"]), reference, current, ["number"], ["kind"]
    )
    assert "<html" in page
    for name in ("score", "number", "kind", "outcome"):
        assert name in page
    loaded = re.findall(r"<(?:script|link|img)[^>]*\s(?:src|href)=[\"']?(?!data:)([^\"'\s>]+)", page)
    assert not [address for address in loaded if "//" in address]
