"""The assets, one per file: read, call the domain, return."""

from food_inspections.orchestration.assets.bias_report import bias_report
from food_inspections.orchestration.assets.candidates import CANDIDATES
from food_inspections.orchestration.assets.clean_inspections import clean_inspections
from food_inspections.orchestration.assets.drift_page import drift_page
from food_inspections.orchestration.assets.drift_report import drift_report
from food_inspections.orchestration.assets.establishment_features import establishment_features
from food_inspections.orchestration.assets.inspection_features import inspection_features
from food_inspections.orchestration.assets.inspection_plan import inspection_plan
from food_inspections.orchestration.assets.inspection_queue import inspection_queue
from food_inspections.orchestration.assets.plan_decisions import plan_decisions
from food_inspections.orchestration.assets.predictions import predictions
from food_inspections.orchestration.assets.publication import api_inspection_queue, api_predictions
from food_inspections.orchestration.assets.queue_performance import queue_performance
from food_inspections.orchestration.assets.raw_inspections import raw_inspections
from food_inspections.orchestration.assets.score_distributions import score_distributions
from food_inspections.orchestration.assets.selected_model import selected_model

ALL_ASSETS = [
    raw_inspections,
    clean_inspections,
    inspection_features,
    establishment_features,
    *CANDIDATES,
    selected_model,
    bias_report,
    predictions,
    inspection_queue,
    api_predictions,
    api_inspection_queue,
    inspection_plan,
    score_distributions,
    drift_report,
    drift_page,
    queue_performance,
]

MADE_BY_PEOPLE = [plan_decisions]
"""What assets read and no run makes."""
