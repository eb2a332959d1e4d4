"""A portal that hands out numbered batches, and "all collected" after the last until it is reset."""

import json
from typing import Any

import pandas as pd

from food_inspections.portal.server import Answer, PortalServer, Request


class BatchPortal(PortalServer):
    """Answers ``/batches/next`` and ``/batches/reset``; ``lose`` names batches whose answers get lost on the way."""

    def __init__(self, inspections: pd.DataFrame, batch_rows: int, done_status: int = 400) -> None:
        super().__init__(inspections)
        self.hold(inspections)
        self._batch_rows = batch_rows
        self._done_status = done_status
        self._handed_out = 0
        self.lose: set[int] = set()
        self.refuse: set[int] = set()
        self.resets = 0

    def hold(self, inspections: pd.DataFrame) -> None:
        """Have these inspections to hand out from the next batch on."""
        self._rows = [
            {name: value for name, value in row.items() if value is not None and name != "published_at"}
            for row in inspections.to_dict("records")
        ]

    def collect(self, batches: int) -> None:
        """Hand out some batches to somebody else."""
        self._handed_out += batches

    def answer(self, request: Request) -> Answer:
        if request.path == "/batches/reset":
            self._handed_out = 0
            self.resets += 1
            return _json(200, {"message": "reset"})
        if request.path != "/batches/next":
            return _json(404, {"message": "Not found"})
        number = self._handed_out + 1
        if number in self.refuse:
            self.refuse.remove(number)
            return _json(503, {"message": "not now"})
        rows = self._rows[self._handed_out * self._batch_rows : number * self._batch_rows]
        if not rows:
            return _json(self._done_status, {"message": "All collected: reset to start again"})
        self._handed_out = number
        answer = _json(200, {"batch_number": number, "data": rows})
        if number in self.lose:
            self.lose.remove(number)
            answer.body = answer.body[:50]
        return answer


def _json(status: int, content: Any) -> Answer:
    return Answer(status, json.dumps(content).encode())
