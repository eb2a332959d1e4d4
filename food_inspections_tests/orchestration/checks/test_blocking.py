"""Which findings only point something out: all others reject the week, and nothing reads it."""

from food_inspections.orchestration.checks import ALL_SUITES

SHOWN_ONLY = {
    ("bias_report", "fdr_parity"),
    ("bias_report", "fnr_parity"),
    ("bias_report", "fpr_parity"),
    ("bias_report", "reference_group"),
    ("blend_model", "beats_base_rate"),
    ("clean_inspections", "few_unmapped_values"),
    ("drift_report", "no_drift"),
    ("inspection_plan", "area_floor_is_kept"),
    ("inspection_plan", "input_was_usable"),
    ("knn_model", "beats_base_rate"),
    ("logistic_regression_model", "beats_base_rate"),
    ("xgboost_model", "beats_base_rate"),
}


def test_every_check_rejects_but_those_that_only_point_something_out() -> None:
    found = {(suite.asset, check.name) for suite in ALL_SUITES for check in suite.checks if not check.is_blocking}
    assert found == SHOWN_ONLY
