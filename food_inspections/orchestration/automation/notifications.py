"""What people are told when a run fails: which asset and week, which check, what was expected and seen.

And how anything is posted: tried three times, signed as Standard Webhooks has it (https://www.standardwebhooks.com),
for which receivers find libraries.
"""

import base64
import hashlib
import hmac
import json
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import requests
from sqlalchemy import Connection, text
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from food_inspections.settings import Settings

logger = logging.getLogger(__name__)

TIMEOUT_S = 10
ATTEMPTS = 3


@dataclass(frozen=True)
class FailedCheck:
    """A blocking check that failed."""

    asset: str
    check: str
    week: str
    expected: str
    seen: str


@dataclass(frozen=True)
class Notice:
    """One failure.

    Attributes:
        run_id: The run.
        job: Its job.
        weeks: Its weeks.
        message: What the failed steps said.
        checks: The blocking checks that failed in it.
        link: Where the run is looked at.
    """

    run_id: str
    job: str
    weeks: str
    message: str
    checks: tuple[FailedCheck, ...]
    link: str

    @property
    def text(self) -> str:
        """The same for people."""
        lines = [f"{self.job} of {self.weeks} failed: {self.link}"]
        lines += [
            f"  {check.asset} of {check.week}, {check.check}: expected {check.expected}, seen {check.seen}"
            for check in self.checks
        ]
        return "\n".join(lines if self.checks else [*lines, f"  {self.message}"])

    def as_json(self) -> dict[str, Any]:
        """For a webhook; ``text`` is what chat programs show."""
        return {"text": self.text, **asdict(self)}


def failed_checks(connection: Connection, run_id: str) -> tuple[FailedCheck, ...]:
    """The blocking checks that failed in a run, the first weeks first."""
    rows = connection.execute(
        text(
            """
            SELECT asset, check_name, week, expected, seen FROM test.check_results
            WHERE run_id = :run_id AND is_blocking AND NOT passed ORDER BY week, asset, check_name LIMIT 20
            """
        ),
        {"run_id": run_id},
    )
    return tuple(FailedCheck(row.asset, row.check_name, str(row.week), row.expected, row.seen) for row in rows)


def send(notice: Notice, settings: Settings) -> None:
    """Log a notice, and post it where a webhook is set.

    Raises:
        requests.RequestException: The webhook did not take it; the log has it all the same.
    """
    post(notice.text, notice.as_json(), settings)


def post(words: str, content: dict[str, Any], settings: Settings) -> None:
    """Log words, and post the content where a webhook is set.

    Raises:
        requests.RequestException: The webhook did not take it; the log has it all the same.
    """
    logger.error(words)
    if settings.webhook_url is not None:
        deliver(settings.webhook_url, content, str(uuid4()), settings.webhook_secret)


def deliver(url: str, content: dict[str, Any], message_id: str, secret: bytes | None) -> None:
    """Post JSON.

    Args:
        url: Where to.
        content: What to.
        message_id: Same for the same message, so that a receiver who got it twice can tell.
        secret: Signs it; without one it goes unsigned.

    Raises:
        requests.RequestException: It was not taken, three times over.
    """
    body = json.dumps(content).encode()
    for attempt in Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=0.5, max=5),
        retry=retry_if_exception_type(requests.RequestException),
        reraise=True,
    ):
        with attempt:
            headers = {"Content-Type": "application/json"} | _signature(body, message_id, secret)
            # A redirection would turn the post into a question, and lose it in silence.
            answer = requests.post(url, body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
            if answer.status_code >= HTTPStatus.MULTIPLE_CHOICES:
                raise requests.HTTPError(f"It answered {answer.status_code}.", response=answer)


def in_words(error: requests.RequestException) -> str:
    """Why nobody took it, without the address, which may hold a key."""
    return type(error).__name__ if error.response is None else f"it answered {error.response.status_code}"


def _signature(body: bytes, message_id: str, secret: bytes | None) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    sent_at = str(int(datetime.now(UTC).timestamp()))
    headers = {"webhook-id": message_id, "webhook-timestamp": sent_at}
    if secret is None:
        return headers
    digest = hmac.digest(secret, b".".join((message_id.encode(), sent_at.encode(), body)), hashlib.sha256)
    return headers | {"webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}
