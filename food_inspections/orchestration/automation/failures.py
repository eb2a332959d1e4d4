"""One notice for every run that fails, a failed blocking check included: it fails its run."""

import dagster as dg
import requests

from food_inspections.orchestration.automation.notifications import Notice, failed_checks, in_words, send
from food_inspections.orchestration.instance import run_tags
from food_inspections.storage.warehouse import Warehouse

NAME = "failures"


@dg.run_failure_sensor(
    name=NAME,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tell people of a failed run: asset, week, check, expected and seen, and the link; log and webhook.",
)
def failures(context: dg.RunFailureSensorContext, warehouse: dg.ResourceParam[Warehouse]) -> dg.SkipReason:
    """Send the notice; a webhook that does not take it is said in the tick and in the log."""
    notice = notice_of(context, warehouse)
    try:
        send(notice, warehouse.settings)
    except requests.RequestException as error:
        context.log.error(f"The webhook did not take the notice of run {notice.run_id}: {in_words(error)}")
    return dg.SkipReason(notice.text)


def notice_of(context: dg.RunFailureSensorContext, warehouse: Warehouse) -> Notice:
    """What is known of a failed run."""
    run = context.dagster_run
    first, last = (run.tags.get(tag) for tag in (run_tags.RANGE_START, run_tags.RANGE_END))
    said = [
        f"{event.step_key}: {error.cause.message if error.cause is not None else error.message}".strip()
        for event in context.get_step_failure_events()
        if (error := event.step_failure_data.error) is not None
    ]
    with warehouse.snapshot() as connection:
        checks = failed_checks(connection, run.run_id)
    return Notice(
        run_id=run.run_id,
        job=run.job_name,
        weeks=f"{first} to {last}" if first else run.tags.get(run_tags.PARTITION, "no week"),
        message="; ".join(said) or context.failure_event.message or "no message",
        checks=checks,
        link=f"{warehouse.settings.dagster_url.rstrip('/')}/runs/{run.run_id}",
    )
