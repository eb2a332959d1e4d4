"""Decisions made on the monitor: kept by the function that the API uses, under the same keys.

The monitor has no log-in. Whoever decides enters a writer's key on the page, which sends it in a header with each
decision; a page of another site can set no such header, and nobody's browser sends it by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from flask import Flask, Response, jsonify, request

from food_inspections.access import Writers
from food_inspections.domain.decision_texts import wrong_text
from food_inspections.domain.decisions import WORDS, Asked, DecisionsRefusedError, Made, Word
from food_inspections.monitor.queries.reading import CANNOT_READ, trouble_of
from food_inspections.monitor.routing.page import Site
from food_inspections.monitor.serving.plan_files import week_of
from food_inspections.serving.wrong_keys import WrongKeys
from food_inspections.storage.postgres import database
from food_inspections.storage.records import plan_decisions

KEY_HEADER = "X-API-Key"
LARGEST_BYTES = 64 * 1024
STATUSES = {"no_plan": 404, "invalid": 422, "conflict": 409}


class _RefusedError(Exception):
    """What was sent is not kept.

    Attributes:
        status: HTTP status of the answer; the message is its text.
        is_decided: Whether it says no more than what is kept already.
    """

    def __init__(self, status: int, message: str, *, is_decided: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.is_decided = is_decided


def register(server: Flask, site: Site) -> None:
    """Answer ``POST /plan/WEEK/decisions``, whose body is as for the API."""
    writers, wrong_keys = Writers(site.settings.api_writers), WrongKeys()

    @server.post("/plan/<week>/decisions")
    def decide(week: str) -> Response:
        try:
            name = _writer(writers, wrong_keys)
            asked = _asked(_document())
            response = jsonify(decisions=[vars(made) for made in _kept(site, week_of(week), asked, name)])
        except _RefusedError as error:
            response = jsonify(detail=str(error), is_decided=error.is_decided)
            response.status_code = error.status
        response.headers["Cache-Control"] = "no-store"
        return response


def _writer(writers: Writers, wrong_keys: WrongKeys) -> str:
    if not writers:
        remedy = "its operator sets FOOD_INSPECTIONS_API_WRITERS to NAME:KEY of each who may."
        raise _RefusedError(403, f"Nobody may decide here: {remedy}")
    address = request.remote_addr or ""
    if seconds := wrong_keys.seconds_to_wait(address):
        raise _RefusedError(429, f"Too many wrong keys from this address: try again in {seconds} s.")
    name = writers.name_of(request.headers.get(KEY_HEADER, ""))
    if name is None:
        wrong_keys.count(address)
        raise _RefusedError(401, "This key is not known as a writer's: enter the one you were given.")
    return name


def _kept(site: Site, week: date, asked: Sequence[Asked], name: str) -> list[Made]:
    try:
        with database.engine(site.settings).begin() as connection:
            return plan_decisions.decide(connection, week, asked, name, site.settings.calendar.today())
    except DecisionsRefusedError as error:
        messages = [text for fields in error.messages.values() for text in fields.values()]
        is_decided = error.kind == "conflict" and all(set(fields) == {"decision"} for fields in error.messages.values())
        message = messages[0] if messages else str(error)
        raise _RefusedError(STATUSES[error.kind], message, is_decided=is_decided) from error
    except CANNOT_READ as error:
        raise _RefusedError(503, f"{trouble_of(error).title}. Nothing was lost: try again.") from error


def _document() -> Any:
    if (request.content_length or LARGEST_BYTES + 1) > LARGEST_BYTES:
        raise _RefusedError(413, "Too much at once: send fewer decisions.")
    return request.get_json(silent=True)


def _asked(document: Any) -> list[Asked]:
    decisions = document.get("decisions") if isinstance(document, Mapping) else None
    if not isinstance(decisions, list) or not decisions or not all(isinstance(one, Mapping) for one in decisions):
        raise _RefusedError(422, "Send a JSON object with a list of decisions.")
    return [_one(one) for one in decisions]


def _one(sent: Mapping[str, Any]) -> Asked:
    unknown = sorted(set(sent) - set(Asked.__dataclass_fields__))
    texts = {name: value.strip() for name, value in sent.items() if isinstance(value, str)}
    if unknown or len(texts) < len(sent):
        raise _RefusedError(422, f"A decision has texts: {', '.join(Asked.__dataclass_fields__)}, and nothing else.")
    if wrong := [message for name, text in texts.items() if (message := wrong_text(name, text)) is not None]:
        raise _RefusedError(422, wrong[0])
    if texts.get("decision") not in WORDS or not texts.get("establishment_id") or not texts.get("idempotency_key"):
        raise _RefusedError(422, f"A decision names establishment_id, idempotency_key and one of {', '.join(WORDS)}.")
    return Asked(
        texts["establishment_id"],
        cast(Word, texts["decision"]),
        texts["idempotency_key"],
        texts.get("inspector") or None,
        texts.get("reason") or None,
    )
