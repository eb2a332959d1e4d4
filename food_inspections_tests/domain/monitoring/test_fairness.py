import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.monitoring.fairness import COLUMNS, bias_report, reference_group, unfair_groups
from food_inspections.errors import DataError


def scores(groups, seed=0):
    """Per group: rows, share of positives, share labelled 1 whatever the outcome."""
    generator = np.random.default_rng(seed)
    parts = []
    for name, (rows, prevalence, labelled) in groups.items():
        score = generator.random(rows)
        parts.append(
            pd.DataFrame(
                {
                    "facility_type": name,
                    "zip": generator.choice(["60601", "60602"], rows),
                    "risk": "Risk 1 (High)",
                    "inspection_date": pd.Timestamp("2014-01-06")
                    + pd.to_timedelta(generator.integers(0, 28, rows), unit="D"),
                    "score": score,
                    "label": (score < labelled).astype(int),
                    "outcome": (generator.random(rows) < prevalence).astype(int),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def report():
    return bias_report(
        scores({"Restaurant": (600, 0.2, 0.3), "School": (300, 0.2, 0.9), "Bakery": (12, 0.5, 0.5)}),
        agreed={"facility_type": "Restaurant"},
    ).set_index("attribute_value")


def test_one_row_per_group_and_attribute(report):
    counts = report.reset_index().groupby("attribute_name")["group_size"].agg(["size", "sum"])
    assert counts.loc["facility_type"].tolist() == [3, 912]
    assert counts.loc["zip"].tolist() == [2, 912]
    assert counts.loc["risk"].tolist() == [1, 912]


def test_rates_are_what_counting_gives(report):
    rows = scores({"Restaurant": (600, 0.2, 0.3), "School": (300, 0.2, 0.9), "Bakery": (12, 0.5, 0.5)})
    school = rows[rows["facility_type"] == "School"]
    clean = school[school["outcome"] == 0]
    assert report.loc["School", "fpr"] == pytest.approx(clean["label"].mean())
    assert report.loc["School", "fdr"] == pytest.approx(1 - school.loc[school["label"] == 1, "outcome"].mean())
    assert report.loc["School", "prev"] == pytest.approx(school["outcome"].mean())
    assert report.loc["School", "fpr_disparity"] == pytest.approx(
        report.loc["School", "fpr"] / report.loc["Restaurant", "fpr"]
    )


def test_reference_is_the_restaurant_and_at_parity_with_itself(report):
    assert set(report.loc[report["attribute_name"] == "facility_type", "reference_value"]) == {"Restaurant"}
    assert report.loc["Restaurant", "fpr_disparity"] == 1.0
    assert report.loc["Restaurant", "is_fpr_parity"]


def test_group_labelled_more_often_is_not_at_parity(report):
    assert not report.loc["School", "is_fpr_parity"]
    named = unfair_groups(report.reset_index(), ("fpr",))
    assert ("facility_type", "School", "fpr") in {(row["attribute"], row["group"], row["metric"]) for row in named}
    assert all(row["group"] != "Bakery" for row in named)


def test_small_group_has_rates_but_no_verdict(report):
    assert report.loc["Bakery", "group_size"] == 12
    assert np.isfinite(report.loc["Bakery", "fpr"])
    assert pd.isna(report.loc["Bakery", "is_fpr_parity"])


def test_first_halves_and_days_add_up_over_groups(report):
    kinds = report[report["attribute_name"] == "facility_type"]
    assert (kinds["queue_share"] * kinds["group_size"]).sum() == pytest.approx(912 / 2)
    assert (kinds["mean_days_earlier"] * kinds["group_size"]).sum() == pytest.approx(0, abs=1e-6)


def test_without_restaurants_the_largest_group_stands_in_and_says_why():
    rows = scores({"School": (50, 0.2, 0.5), "Bakery": (80, 0.2, 0.5)})
    assert set(bias_report(rows, ["facility_type"])["reference_value"]) == {"Bakery"}
    reference = reference_group(rows["facility_type"], "facility_type", "Restaurant")
    assert (
        reference.reason == "Bakery is the largest group with 80 inspections; the agreed reference Restaurant has none"
    )


def test_largest_groups_of_equal_size_go_by_name():
    assert reference_group(pd.Series(["b", "a", "b", "a"]), "zip").value == "a"


def test_rate_without_a_denominator_is_empty_not_infinite():
    rows = scores({"Restaurant": (100, 0.2, 0.0), "School": (100, 0.2, 0.5)})
    found = bias_report(rows, ["facility_type"]).set_index("attribute_value")
    assert np.isnan(found.loc["Restaurant", "fdr"])
    assert np.isnan(found.loc["School", "fpr_disparity"])
    assert not found.loc["School", "is_fpr_parity"], "no ratio, yet half is certainly more than none of eighty"
    assert np.isfinite(found["mean_score"]).all()


def test_no_scores_give_an_empty_report():
    empty = scores({"Restaurant": (1, 0.2, 0.5)}).iloc[:0]
    assert list(bias_report(empty).columns) == list(COLUMNS)
    assert bias_report(empty).empty


def test_missing_attribute_is_named():
    with pytest.raises(DataError, match="lacks the columns ward"):
        bias_report(scores({"Restaurant": (10, 0.5, 0.5)}), ["ward"])


def test_a_city_that_tells_no_groups_apart_has_nothing_to_audit():
    report = bias_report(scores({"Restaurant": (60, 0.2, 0.3)}), attributes=())
    assert report.empty
    assert list(report.columns) == list(COLUMNS)
