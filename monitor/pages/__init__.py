"""The pages, in the order of the navigation."""

from food_inspections.monitor.pages import drift, fairness, overview, performance, pipeline, plan, queue, scores

PAGES = (
    overview.PAGE,
    queue.PAGE,
    plan.PAGE,
    performance.PAGE,
    scores.PAGE,
    drift.PAGE,
    fairness.PAGE,
    pipeline.PAGE,
)
