"""Publications are told to whoever asked for it, by a signed webhook; the API's feed tells the same to who asks."""

import json
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
import requests

from food_inspections.orchestration.automation import notifications
from food_inspections.orchestration.automation.clock import Clock
from food_inspections.settings import Settings
from food_inspections.storage.records.queue_versions import Publication, published_since
from food_inspections.storage.warehouse import Warehouse

PATIENCE = timedelta(days=1)
"""How long a publication is offered to a receiver that does not take it."""


@dg.sensor(
    name="publications",
    minimum_interval_seconds=int(timedelta(minutes=2).total_seconds()),
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Post every published queue to FOOD_INSPECTIONS_PUBLICATION_WEBHOOK_URL, until it is taken or a day is over; "
        "then an alarm says so."
    ),
)
def publications(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse], clock: dg.ResourceParam[Clock]
) -> dg.SensorResult:
    """Tell of what was published within a day and not told of yet; the oldest first, and no further after a refusal."""
    now, settings = clock.now(), warehouse.settings
    with warehouse.snapshot() as connection:
        recent = {each.name: each for each in published_since(connection, now - PATIENCE)}
    remembered: dict[str, Any] = json.loads(context.cursor or "{}")
    told = [name for name in remembered.get("told", ()) if name in recent]
    refused: dict[str, str] = remembered.get("refused", {})
    given_up = [name for name in refused if name not in recent]
    for name in given_up:
        _alarm(context, name, refused.pop(name), settings)
    said = [f"{name} was never taken" for name in given_up]
    for name, publication in recent.items():
        if name in told:
            continue
        try:
            notifications.deliver(
                settings.publication_webhook_url or "",
                notice_of(publication, settings, now),
                name,
                settings.webhook_secret,
            )
        except requests.RequestException as error:
            refused[name] = reason = notifications.in_words(error)
            context.log.error(f"The webhook did not take the publication {name}: {reason}.")
            said.append(
                f"{name} was not taken: {reason}; it is offered again until {publication.published_at + PATIENCE}"
            )
            break
        refused.pop(name, None)
        told.append(name)
        said.append(f"{name} was taken")
    return dg.SensorResult(
        skip_reason=". ".join(said) or "Nothing was published since.",
        cursor=json.dumps({"told": told, "refused": refused}),
    )


def notice_of(publication: Publication, settings: Settings, now: datetime) -> dict[str, Any]:
    """What is posted; ``text`` is what chat programs show."""
    link = (
        f"{settings.api_url.rstrip('/')}/api/v1/inspection-queue?week={publication.week}&version={publication.version}"
    )
    return {
        "type": "queue.published",
        "timestamp": now.isoformat(),
        "text": f"The inspection queue of the week of {publication.week}, version {publication.version}, is published: "
        f"{publication.row_count:,} establishments. {link}",
        "data": {
            "week": str(publication.week),
            "version": publication.version,
            "published_at": publication.published_at.isoformat(),
            "model_id": publication.model_id,
            "row_count": publication.row_count,
            "url": link,
        },
    }


def _alarm(context: dg.SensorEvaluationContext, name: str, reason: str, settings: Settings) -> None:
    words = (
        f"Nobody was told of the publication {name}: FOOD_INSPECTIONS_PUBLICATION_WEBHOOK_URL did not take it within a "
        f"day ({reason}). It stands in the API's list of publications and in its feed."
    )
    try:
        notifications.post(words, {"text": words, "publication": name}, settings)
    except requests.RequestException as error:
        context.log.error(f"The webhook of alarms did not take this either: {notifications.in_words(error)}")
