"""Where an asset's content is looked at: pages of the monitor and routes of the API, as links on the asset."""

import dagster as dg

from food_inspections.settings import Settings

MONITOR_PAGES: dict[str, str] = {
    "raw_inspections": "pipeline",
    "clean_inspections": "pipeline",
    "inspection_queue": "queue",
    "api_inspection_queue": "queue",
    "predictions": "performance",
    "api_predictions": "performance",
    "queue_performance": "performance",
    "score_distributions": "scores",
    "drift_report": "drift",
    "bias_report": "fairness",
    "selected_model": "performance",
}

API_ROUTES: dict[str, str] = {
    "api_inspection_queue": "inspection-queue",
    "api_predictions": "predictions",
    "selected_model": "models/champion",
    "bias_report": "bias-report",
    "score_distributions": "score-distributions",
    "drift_report": "drift",
}


def with_links(spec: dg.AssetSpec, settings: Settings) -> dg.AssetSpec:
    """The spec with the places where people and programs read the asset, where there are any."""
    name = spec.key.to_user_string()
    links = {}
    if name in MONITOR_PAGES:
        links["monitor"] = dg.MetadataValue.url(f"{settings.monitor_url.rstrip('/')}/{MONITOR_PAGES[name]}")
    if name in API_ROUTES:
        links["api"] = dg.MetadataValue.url(f"{settings.api_url.rstrip('/')}/api/v1/{API_ROUTES[name]}")
    return spec.merge_attributes(metadata=links) if links else spec
