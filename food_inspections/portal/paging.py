"""How a portal hands out many rows: by offset (SODA) or in numbered batches.

A strategy yields pages that fit together: nothing left out. Whether a row is what was
asked for, and came once, is the business of ``rows``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from food_inspections.portal.columns import ROW_ID, UPDATED_AT, DatasetColumns
from food_inspections.portal.soda import (
    BusyPortalError,
    RefusedError,
    Row,
    SodaPortal,
    TransientPortalError,
    WrongPageError,
    rows_of,
)


class _ShortPageError(WrongPageError):
    """Carries the rows that did come, should the portal have no more to give at once."""

    def __init__(self, page: list[Row], offset: int, due: int) -> None:
        super().__init__(f"the page from row {offset} was cut short: {len(page)} rows of {due}. Run it again.")
        self.page = page


DAYS_LIMIT = 50_000
"""Days one grouped query may answer with: more than a century."""

CheckPage = Callable[[list[Row]], None]
"""Raises a :class:`WrongPageError` for a page with wrong rows."""


@dataclass(frozen=True)
class Days:
    """First and last day asked for, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Request:
    """What is asked of whom.

    Attributes:
        portal: The portal.
        dataset: Its id of the data set.
        days: Days asked for.
        columns: The data set's columns.
    """

    portal: SodaPortal
    dataset: str
    days: Days
    columns: DatasetColumns

    @property
    def where(self) -> str:
        """The days as a SoQL condition."""
        date_field, end = self.columns.date, self.days.last + timedelta(days=1)
        return f"{date_field} >= '{self.days.first}T00:00:00' AND {date_field} < '{end}T00:00:00'"

    def rows(self, **query: Any) -> list[Row]:
        """Ask SODA for something of these days."""
        return self.portal.rows(self.dataset, where=self.where, **query)


class Paging(Protocol):
    """A portal's way of handing out rows."""

    def count(self, request: Request) -> int | None:
        """How many rows the portal has of these days; ``None`` where it cannot tell beforehand."""

    def pages(self, request: Request, expected: int | None, check: CheckPage) -> Iterator[list[Row]]:
        """Yield the rows of these days, page by page.

        Args:
            request: What is asked of whom.
            expected: What ``count`` said.
            check: Called on every page before it is yielded; the page is asked for again when it raises.
        """

    def days(self, request: Request) -> list[Row] | None:
        """The date of each day, its ``row_count`` and ``newest_updated_at``; ``None`` where the portal cannot count."""


@dataclass(frozen=True)
class OffsetPaging:
    """SODA's ``$limit`` and ``$offset``, made safe by an order: without one, pages may overlap.

    Attributes:
        page_size: Rows asked for at once; the portal takes up to 50,000.
    """

    page_size: int = 10_000

    def count(self, request: Request) -> int | None:
        """Ask ``count(*)``."""

        def ask() -> int:
            rows = request.rows(select="count(*)")
            values = list(rows[0].values()) if len(rows) == 1 else []
            if len(values) != 1 or not str(values[0]).isdecimal():
                raise WrongPageError("count(*) was not answered with one number. Run it again.")
            return int(values[0])

        patience = request.portal.patience
        return patience.retry(ask, patience.page_attempts, WrongPageError)

    def pages(self, request: Request, expected: int | None, check: CheckPage) -> Iterator[list[Row]]:
        """Ask page after page in one order; a short or wrong page is asked for again."""
        query = {"select": ",".join(request.columns.asked), "order": ",".join(request.columns.order)}
        patience = request.portal.patience
        total = expected or 0
        page_size = self.page_size
        offset = 0
        while True:

            def ask(offset: int = offset, limit: int = page_size) -> list[Row]:
                page = request.rows(**query, limit=limit, offset=offset)
                check(page)
                if len(page) > limit:
                    raise WrongPageError(f"{len(page)} rows came where at most {limit} were asked for.")
                if len(page) < min(limit, total - offset):
                    raise _ShortPageError(page, offset, min(limit, total - offset))
                return page

            try:
                page = patience.retry(ask, patience.page_attempts, WrongPageError)
            except _ShortPageError as short:
                if not short.page:
                    raise
                # Some portals cap their pages below what was asked: go on from where this one ends.
                page = short.page
                page_size = len(page)
            yield page
            offset += len(page)
            if offset >= total:
                return

    def days(self, request: Request) -> list[Row] | None:
        """Let the portal count, in one grouped query."""
        date_field = request.columns.date
        newest = f", max({UPDATED_AT}) as newest_updated_at" if request.columns.is_stamped else ""
        return request.rows(
            select=f"{date_field}, count(*) as row_count{newest}", group=date_field, order=date_field, limit=DAYS_LIMIT
        )


@dataclass(frozen=True)
class BatchPaging:
    """Portals that hand out numbered batches, one per request, and then "all collected" until they are reset.

    The portal counts the requests, so it must be reset before a pull (an earlier one may
    have stopped half-way) and a batch lost on the way cannot be asked for again: a gap in the
    numbers starts the pull anew. It serves everything it has; the days are picked here.

    Attributes:
        batch_path: Path, perhaps with a query, that answers with the next batch: an object of its number and its rows.
        reset_path: Path that makes the portal start with the first batch again.
        number_field, rows_field: Names of the two in the answer.
        first_number: Number of the first batch.
        done: Words, in any case, of the answer that there is no more.
        parameters: Sent with every request, such as a group the portal hands its data out to.
    """

    batch_path: str
    reset_path: str
    number_field: str = "batch_number"
    rows_field: str = "data"
    first_number: int = 1
    done: str = "all collected"
    parameters: Mapping[str, str] = field(default_factory=dict)

    def count(self, request: Request) -> int | None:
        """Unknown before the last batch."""
        return None

    def pages(
        self,
        request: Request,
        expected: int | None,
        check: CheckPage,
    ) -> Iterator[list[Row]]:
        """Reset the portal and take its batches until there are no more."""
        request.portal.document(self.reset_path, self.parameters)
        number = self.first_number
        while (batch := self._next_batch(request.portal, number)) is not None:
            rows = _with_row_ids(batch, number, request.columns)
            page = [row for row in rows if _is_within(row.get(request.columns.date), request.days)]
            check(page)
            yield page
            number += 1

    def days(self, request: Request) -> list[Row] | None:
        """These portals answer no questions."""
        return None

    def _next_batch(self, portal: SodaPortal, number: int) -> list[Row] | None:
        try:
            answer = portal.document(self.batch_path, self.parameters, fault=BusyPortalError)
        except RefusedError as error:
            if self.done.lower() in str(error).lower():
                return None
            raise
        except BusyPortalError:
            raise
        except TransientPortalError as error:
            # The portal may have counted the answer that got lost: the next one would be of the batch after it.
            raise WrongPageError(f"batch {number} was lost on the way: {error}") from error
        if not isinstance(answer, dict):
            raise WrongPageError(f"batch {number} is not an object with a number and rows.")
        if self.rows_field not in answer and self.done.lower() in str(answer).lower():
            return None
        if str(answer.get(self.number_field)) != str(number):
            raise WrongPageError(
                f"batch {answer.get(self.number_field)} came where batch {number} was due: "
                "one was lost, or somebody else collects from this portal too. Run it again."
            )
        return rows_of(answer.get(self.rows_field))


def _with_row_ids(batch: list[Row], number: int, columns: DatasetColumns) -> list[Row]:
    """Portals of this kind have no row ids: the inspection's key stands in, or the place where it has several rows."""
    return [
        {ROW_ID: " ".join(map(str, columns.key_of(row))) if columns.is_one_row_each else f"{number}-{place}", **row}
        for place, row in enumerate(batch)
    ]


def _is_within(day: object, days: Days) -> bool:
    """Rows without a usable date are kept, for ``check`` to refuse."""
    return not day or days.first.isoformat() <= str(day)[:10] <= days.last.isoformat()
