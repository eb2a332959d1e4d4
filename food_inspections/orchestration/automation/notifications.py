"""What people are told when a run fails: which asset and week, which check, what was expected and seen."""

import logging
from dataclasses import asdict, dataclass
from typing import Any

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
    if settings.webhook_url is None:
        return
    for attempt in Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=0.5, max=5),
        retry=retry_if_exception_type(requests.RequestException),
        reraise=True,
    ):
        with attempt:
            answer = requests.post(settings.webhook_url, json=content, timeout=TIMEOUT_S)
            answer.raise_for_status()
