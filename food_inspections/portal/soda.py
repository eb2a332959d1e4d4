"""One request to a Socrata portal: time limits, retries and errors that say what to do.

What to ask for, and whether the rows are right, belongs in ``client`` and ``paging``.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import tenacity

from food_inspections.errors import PermanentPortalError, PortalError
from food_inspections.portal import texts

logger = logging.getLogger(__name__)

Row = dict[str, Any]
Result = TypeVar("Result")

RETRYABLE_STATUS = frozenset({202, 408, 425, 429})
"""Besides 5xx: still computing, timed out, too early, throttled."""

HINTS = {
    400: "The portal does not understand the query: check that FOOD_INSPECTIONS_DATASET names the food inspections.",
    401: "Check FOOD_INSPECTIONS_APP_TOKEN.",
    403: "Check FOOD_INSPECTIONS_APP_TOKEN.",
    404: "Check FOOD_INSPECTIONS_PORTAL_URL and FOOD_INSPECTIONS_DATASET.",
}
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class TransientPortalError(PortalError):
    """No answer, or none that can be used; the same request may be answered next time.

    Attributes:
        retry_after_s: How long the portal asks to wait, where it says so.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BusyPortalError(TransientPortalError):
    """The portal itself says "not now" (429, 5xx): it has handed out nothing."""


class UnreadableError(TransientPortalError):
    """A whole answer that is not JSON, such as a page about maintenance."""


class WrongPageError(PortalError):
    """An answer whose rows are not those asked for: asked for again as a page, then as a whole pull."""


class RefusedError(PermanentPortalError):
    """The portal refuses the request.

    Attributes:
        status: The HTTP status it gives.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Patience:
    """How long and how often to try.

    Attributes:
        connect_s: Limit for making the connection.
        read_s: Limit for each silence while reading.
        answer_s: Limit for one answer as a whole.
        attempts: Requests made for one answer before giving up.
        page_attempts: How often a page with wrong rows is asked for.
        pulls: How often a whole pull is started anew when the data move under it.
        first_wait_s, longest_wait_s: Bounds of the exponential wait between attempts.
        longest_retry_after_s: A longer wait asked for by the portal ends the attempt.
        sleep: How to wait; tests pass their own.
    """

    connect_s: float = 10.0
    read_s: float = 60.0
    answer_s: float = 300.0
    attempts: int = 6
    page_attempts: int = 3
    pulls: int = 3
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    longest_retry_after_s: float = 120.0
    sleep: Callable[[float], None] = time.sleep

    def retry(self, action: Callable[[], Result], attempts: int, fault: type[PortalError]) -> Result:
        """Call ``action`` until it raises no ``fault``, at most ``attempts`` times."""
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(attempts),
            wait=self._wait_s,
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, fault) and self._is_worth_waiting(error)),
            sleep=self.sleep,
            before_sleep=lambda state: logger.warning(
                "Attempt %d of %d failed: %s Next one in %.1f s.",
                state.attempt_number,
                attempts,
                state.outcome.exception() if state.outcome else None,
                state.next_action.sleep if state.next_action else 0,
            ),
            reraise=True,
        )
        return retrying(action)

    def _is_worth_waiting(self, error: PortalError) -> bool:
        asked = error.retry_after_s if isinstance(error, TransientPortalError) else None
        return asked is None or asked <= self.longest_retry_after_s

    def _wait_s(self, state: tenacity.RetryCallState) -> float:
        # Jitter keeps several runs that were refused at once from coming back at once.
        waiting = tenacity.wait_exponential(multiplier=self.first_wait_s, max=self.longest_wait_s)
        backoff = (waiting + tenacity.wait_random(0, self.first_wait_s))(state)
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, TransientPortalError) else None
        return backoff if asked is None else max(asked, backoff)


class SodaPortal:
    """A portal by its address, ``http`` or ``https``.

    Args:
        url: Base address, such as ``https://data.example.org``.
        app_token: Application token; ``None`` asks anonymously and is throttled.
        patience: Time limits and retries.
    """

    def __init__(self, url: str, app_token: str | None, patience: Patience) -> None:
        address = urlsplit(url)
        self.url = f"{address.scheme}://{address.netloc.rpartition('@')[2]}{address.path.rstrip('/')}"
        self.patience = patience
        self.session = requests.Session()
        self._app_token = app_token
        if app_token is None:
            logger.info("No FOOD_INSPECTIONS_APP_TOKEN: %s may throttle the requests.", self.url)
        else:
            self.session.headers["X-App-Token"] = app_token
        if address.username:
            self.session.auth = (address.username, address.password or "")
        # A proxy set for the outer world must not be asked for this machine.
        self.session.trust_env = address.hostname not in LOOPBACK_HOSTS

    def close(self) -> None:
        """Drop the connection."""
        self.session.close()

    def rows(self, dataset: str, **query: object) -> list[Row]:
        """Send one SODA query, retried where that can help.

        Args:
            dataset: The portal's id of the data set.
            query: ``select``, ``where``, ``order``, ``group``, ``limit``, ``offset``.

        Raises:
            PermanentPortalError: The portal refuses the query.
            PortalError: The portal gives no usable answer after all attempts.
        """
        path, parameters = f"/resource/{dataset}.json", {f"${name}": str(value) for name, value in query.items()}
        return self.patience.retry(
            lambda: rows_of(self._get(path, parameters)), self.patience.attempts, TransientPortalError
        )

    def document(
        self,
        path: str,
        parameters: Mapping[str, str] | None = None,
        fault: type[PortalError] = TransientPortalError,
    ) -> Any:
        """Get any JSON document of the portal; errors as in :meth:`rows`.

        Args:
            path: Path of the document, with its leading slash.
            parameters: Parameters of the query.
            fault: What is worth asking again for.
        """
        return self.patience.retry(lambda: self._get(path, parameters), self.patience.attempts, fault)

    def _get(self, path: str, parameters: Mapping[str, str] | None) -> Any:
        """One answer: no redirects, a limit for the whole of it, numbers kept as their text."""
        if not urlsplit(self.url).netloc:
            raise PermanentPortalError(
                "the city's profile names no portal: add a table [portal] to it, or set FOOD_INSPECTIONS_PORTAL_URL, "
                "such as to the address that `food-inspections portal --data FILE` prints."
            )
        try:
            with self.session.get(
                self.url + path,
                params=parameters,
                timeout=(self.patience.connect_s, self.patience.read_s),
                stream=True,
                # The token is sent to the portal that was named and to nobody else.
                allow_redirects=False,
            ) as response:
                content = self._read(response)
        except requests.RequestException as error:
            raise TransientPortalError(
                f"{self.url} gave no complete answer ({_cause(error)}). "
                "Check FOOD_INSPECTIONS_PORTAL_URL and the network, then run it again."
            ) from error
        if response.status_code != requests.codes.ok:
            raise self._refusal(response, content)
        try:
            document = json.loads(content, parse_float=str, parse_int=str, parse_constant=str)
        except ValueError as error:
            kind = response.headers.get("Content-Type", "no content type")
            raise UnreadableError(
                f"the answer is not whole JSON ({kind}, {len(content)} bytes: {error}). Run it again."
            ) from error
        return texts.storable(document) if texts.is_suspect(content) else document

    def _read(self, response: requests.Response) -> bytes:
        """The body; ``read_s`` bounds each silence only, so a dribbling portal needs a limit of its own."""
        deadline = time.monotonic() + self.patience.answer_s
        parts = []
        for part in response.iter_content(chunk_size=1 << 18):
            parts.append(part)
            if time.monotonic() > deadline:
                raise requests.ReadTimeout(f"no whole answer within {self.patience.answer_s:g} s")
        return b"".join(parts)

    def _refusal(self, response: requests.Response, content: bytes) -> PortalError:
        status = response.status_code
        message = f"{self.url} answered {status} {response.reason}{self._message_of(content)}."
        if status in RETRYABLE_STATUS or (status >= requests.codes.server_error and status != 501):
            wait_s = _seconds(response.headers.get("Retry-After"))
            asks = "" if wait_s is None else f" It asks to wait {wait_s:g} s."
            return BusyPortalError(f"{message}{asks} Run it again later.", wait_s)
        if response.is_redirect:
            target = response.headers["Location"].partition("?")[0]
            return RefusedError(f"{message} It has moved to {target}: set FOOD_INSPECTIONS_PORTAL_URL to it.", status)
        return RefusedError(f"{message} {HINTS.get(status, 'Check FOOD_INSPECTIONS_PORTAL_URL.')}", status)

    def _message_of(self, content: bytes) -> str:
        """What a SODA error says of itself, without our token should it be quoted back."""
        try:
            answer = json.loads(content)
        except ValueError:
            return ""
        message = str(answer.get("message") or answer.get("code") or "") if isinstance(answer, dict) else ""
        if self._app_token:
            message = message.replace(self._app_token, "***")
        return f": {message[:300].rstrip('. ')}" if message else ""


def rows_of(answer: object) -> list[Row]:
    """The answer as rows; anything else is a fault of the moment (an error page with status 200)."""
    if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
        raise TransientPortalError("the answer is not a list of rows. Run it again.")
    return answer


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; its other form, a date, falls back on our own waits."""
    return float(retry_after) if retry_after and retry_after.strip().isdecimal() else None


def _cause(error: BaseException) -> str:
    """The innermost reason of a requests error, which itself prints the whole chain and the query."""
    nested: BaseException | None = error
    while nested is not None:
        if isinstance(nested, OSError) and nested.strerror:
            return nested.strerror
        error, nested = nested, nested.__cause__ or nested.__context__
    return f"{type(error).__name__}: {error}"[:200]
