"""Asset checks: the unit tests of the data, and the one wrapper that records their verdict."""

from food_inspections.orchestration.checks import ingestion, monitoring, plan, prediction, preparation, training

ALL_SUITES = [
    ingestion.RAW_INSPECTIONS,
    preparation.CLEAN_INSPECTIONS,
    preparation.INSPECTION_FEATURES,
    preparation.ESTABLISHMENT_FEATURES,
    *training.CANDIDATES,
    training.SELECTED_MODEL,
    training.BIAS_REPORT,
    prediction.PREDICTIONS,
    prediction.PREDICTIONS_EXPECTATION,
    prediction.INSPECTION_QUEUE,
    prediction.API_PREDICTIONS,
    prediction.API_INSPECTION_QUEUE,
    plan.INSPECTION_PLAN,
    monitoring.SCORE_DISTRIBUTIONS,
    monitoring.DRIFT_REPORT,
    monitoring.DRIFT_PAGE,
    monitoring.QUEUE_PERFORMANCE,
]
