"""The local portal, misbehaving on demand."""

import json
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from food_inspections.portal.server import Answer, PortalServer, Request

Fault = Callable[[Answer], Answer]


class FaultyPortal(PortalServer):
    """Spoils the next answers as told, and keeps all requests.

    ``spoil`` meets any answer, ``spoil_pages`` and ``spoil_counts`` those to the pages and counts of a pull.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.requests: list[Request] = []
        self.released = threading.Event()
        self._page_faults: deque[Fault] = deque()
        self._count_faults: deque[Fault] = deque()
        self._faults: deque[Fault] = deque()
        self._last_page: Answer | None = None

    def __exit__(self, *details: Any) -> None:
        self.released.set()
        super().__exit__(*details)

    def spoil_pages(self, fault: Fault, times: int = 1) -> None:
        self._page_faults.extend([fault] * times)

    def spoil_counts(self, fault: Fault, times: int = 1) -> None:
        self._count_faults.extend([fault] * times)

    def spoil(self, fault: Fault, times: int = 1) -> None:
        self._faults.extend([fault] * times)

    def mend(self) -> None:
        """Answer well from now on."""
        for faults in (self._faults, self._page_faults, self._count_faults):
            faults.clear()

    @property
    def pages(self) -> list[Request]:
        return [request for request in self.requests if is_page(request)]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        answer = super().answer(request)
        faults = self._page_faults if is_page(request) else self._count_faults if is_count(request) else deque()
        if self._faults:
            return self._faults.popleft()(answer)
        if faults:
            return faults.popleft()(answer)
        return answer


def is_page(request: Request) -> bool:
    return "$offset" in request.parameters


def is_count(request: Request) -> bool:
    return request.parameters.get("$select") == "count(*)"


def status(code: int, message: str = "made to fail", **headers: str) -> Fault:
    body = json.dumps({"code": "fault", "error": True, "message": message}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(code, body, {"Content-Type": "application/json", **named})


def rows(change: Callable[[list[dict[str, Any]]], Any]) -> Fault:
    """Change the rows of an answer; in place, or by returning others."""

    def fault(answer: Answer) -> Answer:
        before = json.loads(answer.body)
        changed = change(before)
        return Answer(answer.status, json.dumps(before if changed is None else changed).encode(), answer.headers)

    return fault


def without(column: str, which: int | None = None) -> Fault:
    def change(page: list[dict[str, Any]]) -> None:
        for row in page if which is None else [page[which]]:
            row.pop(column, None)

    return rows(change)


def with_value(column: str, value: object, which: int = 0) -> Fault:
    return rows(lambda page: page[which].update({column: value}))


def cut_json(answer: Answer) -> Answer:
    """Half the JSON, as if it were all."""
    return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)


def broken_off(answer: Answer) -> Answer:
    """Half the bytes, then the connection is closed."""
    headers = {**answer.headers, "Content-Length": str(len(answer.body)), "Connection": "close"}
    return Answer(answer.status, answer.body[: len(answer.body) // 2], headers)


def html(answer: Answer) -> Answer:
    return Answer(200, b"<html>Down for maintenance</html>", {"Content-Type": "text/html"})
