"""The pages, in the order of the navigation."""

from food_inspections.monitor.pages import drift, fairness, overview, performance, pipeline, queue, scores

PAGES = (overview.PAGE, scores.PAGE, drift.PAGE, performance.PAGE, fairness.PAGE, queue.PAGE, pipeline.PAGE)
