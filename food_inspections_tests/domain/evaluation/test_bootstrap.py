import numpy as np

from food_inspections.domain.evaluation.bootstrap import intervals, leads, mean_intervals
from food_inspections.domain.evaluation.metrics import Scored


def table(seed=0, skill=1.0, rows=400):
    generator = np.random.default_rng(seed)
    hidden = generator.normal(size=rows)
    outcome = (generator.random(rows) < 1 / (1 + np.exp(1 - hidden))).astype(np.int64)
    score = 1 / (1 + np.exp(1 - skill * hidden))
    return Scored(outcome, score, np.arange(rows, dtype=np.int64), (score > 0.3).astype(np.int64))


def test_interval_holds_the_value_and_is_the_same_again():
    found = intervals(table(), ("roc_auc", "days_earlier"), resamples=100)
    assert found == intervals(table(), ("roc_auc", "days_earlier"), resamples=100)
    for interval in found.values():
        assert interval.lower < interval.value < interval.upper


def test_wider_coverage_gives_a_wider_interval():
    narrow = intervals(table(), ("roc_auc",), resamples=200, coverage=0.5)["roc_auc"]
    wide = intervals(table(), ("roc_auc",), resamples=200, coverage=0.95)["roc_auc"]
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


def test_undefined_metric_has_no_interval():
    nothing = Scored(np.zeros(5, dtype=np.int64), np.linspace(0, 1, 5), np.arange(5, dtype=np.int64))
    found = intervals(nothing, ("roc_auc",), resamples=10)["roc_auc"]
    assert np.isnan([found.value, found.lower, found.upper]).all()


def test_lead_over_oneself_is_zero():
    lead = leads(table(), {"self": table()}, ("roc_auc", "brier_score"), resamples=50)["self"]
    assert {(interval.value, interval.lower, interval.upper) for interval in lead.values()} == {(0.0, 0.0, 0.0)}


def test_lead_is_positive_where_better_also_where_lower_is_better():
    good = table()
    guess = Scored(good.outcome, np.full(400, 0.5), good.day, np.zeros(400, dtype=np.int64))
    lead = leads(good, {"guess": guess}, ("roc_auc", "brier_score"), resamples=100)["guess"]
    assert lead["roc_auc"].lower > 0
    assert lead["brier_score"].lower > 0


def test_paired_resampling_is_narrower_than_either_alone():
    good = table()
    nearly = Scored(good.outcome, good.score + 1e-3 * np.sin(good.day), good.day, good.label)
    lead = leads(good, {"nearly": nearly}, ("roc_auc",), resamples=100)["nearly"]["roc_auc"]
    alone = intervals(good, ("roc_auc",), resamples=100)["roc_auc"]
    assert lead.upper - lead.lower < 0.1 * (alone.upper - alone.lower)


def test_mean_over_parts_counts_rows_and_is_surer_than_one_part():
    parts = [table(0, rows=100), table(1, rows=300)]
    found = mean_intervals(parts, ("roc_auc",), resamples=100)["roc_auc"]
    one, other = (intervals(part, ("roc_auc",), resamples=100)["roc_auc"] for part in parts)
    assert found.value == (one.value * 100 + other.value * 300) / 400
    assert found.lower < found.value < found.upper
    assert found.upper - found.lower < one.upper - one.lower
    assert mean_intervals(parts, ("roc_auc",), resamples=100)["roc_auc"] == found


def test_part_on_which_a_metric_is_not_defined_does_not_count():
    nothing = Scored(np.zeros(5, dtype=np.int64), np.linspace(0, 1, 5), np.arange(5, dtype=np.int64))
    found = mean_intervals([nothing, table()], ("roc_auc",), resamples=10)["roc_auc"]
    assert found.value == intervals(table(), ("roc_auc",), resamples=1)["roc_auc"].value
    assert np.isnan(mean_intervals([nothing], ("roc_auc",), resamples=10)["roc_auc"].value)
