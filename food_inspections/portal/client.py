"""Pulls inspections from the portal: every row of the days asked for, or an error that says why not.

How a request is sent belongs in ``soda``, how pages follow each other in ``paging``,
what a right row is in ``rows``.
"""

import difflib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from types import TracebackType
from typing import Self

import pandas as pd

from food_inspections.errors import DataError, PermanentPortalError, PortalError
from food_inspections.portal.columns import DatasetColumns
from food_inspections.portal.paging import BatchPaging, Days, OffsetPaging, Paging, Request
from food_inspections.portal.rows import RowCollector
from food_inspections.portal.soda import Patience, RefusedError, SodaPortal, UnreadableError, WrongPageError
from food_inspections.settings import Settings

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with the rows so far and how many there will be."""


class PortalClient:
    """Asks one portal for one data set of inspections.

    Args:
        url: Base address of the portal.
        dataset: The portal's id of the data set.
        columns: The data set's columns.
        app_token: Application token; ``None`` is throttled.
        paging: How this portal hands out many rows.
        patience: Time limits and retries.
    """

    def __init__(
        self,
        url: str,
        dataset: str,
        columns: DatasetColumns,
        *,
        app_token: str | None = None,
        paging: Paging | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._portal = SodaPortal(url, app_token, patience or Patience())
        self._dataset = dataset
        self.columns = columns
        self._paging = paging or OffsetPaging()
        self._is_metadata_checked = False

    @classmethod
    def from_settings(cls, settings: Settings, paging: Paging | None = None) -> "PortalClient":
        """The client of the portal and the city that the settings name."""
        columns = DatasetColumns.of(settings.profile, settings.city)
        paging = paging or _paging_of(settings)
        return cls(settings.portal_url, settings.dataset, columns, app_token=settings.app_token, paging=paging)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop the connection."""
        self._portal.close()

    def fetch(self, first_day: date, last_day: date, on_progress: Progress | None = None) -> pd.DataFrame:
        """All inspections of the days, whole, each once.

        The rows are counted by the portal before and, where the numbers differ, again after: rows
        may arrive or change while the pages come, and then the pull is made anew.

        Args:
            first_day: First day of the visits.
            last_day: Last day, included.
            on_progress: Told of every page.

        Returns:
            Text (or nothing), held by Arrow, in the columns ``DatasetColumns.raw``, sorted by day and key.

        Raises:
            PermanentPortalError: The portal will not answer otherwise by asking again.
            PortalError: The portal did not hand out the rows after all attempts.
            DataError: The days are in the wrong order.
        """
        days = Days(first_day, last_day)
        if last_day < first_day:
            raise DataError(f"No days between {first_day} and {last_day}: give the earlier day first.")
        with self._naming(_period(days)):
            self._check_metadata()
            return self._asking(lambda: self._pull(days, on_progress or _silent))

    def days(self, first_day: date | None = None, last_day: date | None = None) -> pd.DataFrame:
        """What the portal holds, by day: of a SODA portal in one grouped query.

        Args:
            first_day: First day; ``None`` for all there are.
            last_day: Last day, included; ``None`` for all there are.

        Returns:
            One row per day with inspections: ``inspection_date`` (datetime64, whatever the data set calls
            it), ``row_count`` (int64) and ``newest_updated_at`` (the portal's text, comparable with
            ``portal_updated_at``; null where the portal does not tell).

        Raises:
            PortalError: As for :meth:`fetch`.
        """
        days = Days(first_day or date(1900, 1, 1), last_day or date(2999, 12, 31))
        with self._naming(_period(days) if first_day and last_day else "all days"):
            frame = self._asking(lambda: self._count_by_day(days))
            try:
                frame["inspection_date"] = pd.to_datetime(frame["inspection_date"].astype(str).str[:10]).astype(
                    "datetime64[ns]"
                )
                frame["row_count"] = frame["row_count"].astype("int64")
            except (ValueError, TypeError) as error:
                raise PortalError(f"the counts by day cannot be read ({error}). Run it again.") from error
            # A day may be stored with more than one time of day.
            return frame.groupby("inspection_date", as_index=False).agg(
                {"row_count": "sum", "newest_updated_at": "max"}
            )

    def _asking(self, action: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Ask until the answer is right; of a query that is refused, look whether a column has gone since."""
        patience = self._portal.patience
        try:
            return patience.retry(action, patience.pulls, WrongPageError)
        except RefusedError:
            self._is_metadata_checked = False
            self._check_metadata()
            raise

    def _count_by_day(self, days: Days) -> pd.DataFrame:
        """As the portal counts, or with a line for every row where it cannot: then a look is a pull."""
        names = ["inspection_date", "row_count", "newest_updated_at"]
        counted = self._paging.days(Request(self._portal, self._dataset, days, self.columns))
        if counted is None:
            pulled = self._pull(days, _silent)
            return pulled.assign(row_count=1)[[self.columns.date, "row_count", "portal_updated_at"]].set_axis(
                names, axis=1
            )
        asked = (self.columns.date, "row_count", "newest_updated_at")
        return pd.DataFrame([[row.get(name) for name in asked] for row in counted], columns=names)

    def _pull(self, days: Days, on_progress: Progress) -> pd.DataFrame:
        collector = RowCollector(days, self.columns)
        request = Request(self._portal, self._dataset, days, self.columns)
        expected = self._paging.count(request)
        for page in self._paging.pages(request, expected, collector.check):
            collector.add(page)
            on_progress(collector.row_count, max(collector.row_count, expected or 0))
        if expected is not None and collector.row_count != expected:
            now = self._paging.count(request)
            if collector.row_count != now:
                raise WrongPageError(
                    f"{collector.row_count} rows came, but the portal counts {now}. "
                    "Its data may be changing: run it again."
                )
        return collector.frame()

    def _check_metadata(self) -> None:
        """Compare the data set's columns with ours; a portal without this page is believed row by row.

        Who may not read it, may not read the rows either, and is told so there.
        """
        if self._is_metadata_checked:
            return
        try:
            metadata = self._portal.document(f"/api/views/{self._dataset}.json")
        except (RefusedError, UnreadableError) as error:
            logger.info("%s describes no columns (%s): checking them in the rows only.", self._portal.url, error)
            metadata = None
        columns = metadata.get("columns") if isinstance(metadata, dict) else None
        if columns:
            self._require({str(column.get("fieldName")): str(column.get("dataTypeName")) for column in columns})
        self._is_metadata_checked = True

    def _require(self, published: Mapping[str, str]) -> None:
        """Refuse a data set that lacks a column, or whose days cannot be asked for.

        Args:
            published: Type of each column of the data set.
        """
        columns = self.columns
        for name in columns.fields:
            if name not in published:
                close = difflib.get_close_matches(name, published, 1)
                hint = f", but {close[0]!r}: was it renamed?" if close else "."
                raise PermanentPortalError(
                    f"the data set has no column {name!r}{hint} Correct {columns.named_in}, or check that "
                    f"FOOD_INSPECTIONS_DATASET names the food inspections. There are {', '.join(published)}."
                )
        if published[columns.date] == "text":
            raise PermanentPortalError(
                f"the days in {columns.date!r} are text on this portal, which cannot be asked for by day: export the "
                "data set as CSV, and serve it with `food-inspections portal --data FILE`."
            )

    @contextmanager
    def _naming(self, period: str) -> Iterator[None]:
        """Put the data set and the days before any error, so that it can be acted on where it surfaces."""
        try:
            yield
        except PortalError as error:
            kind = PermanentPortalError if isinstance(error, PermanentPortalError) else PortalError
            raise kind(f"Data set {self._dataset}, {period}: {error}") from error


def _paging_of(settings: Settings) -> Paging:
    """How the portal that the settings name hands out its rows."""
    if settings.portal_paging == "batches":
        return BatchPaging(settings.portal_batch_path, settings.portal_reset_path)
    return OffsetPaging()


def _silent(rows: int, total: int) -> None:
    """No progress wanted."""


def _period(days: Days) -> str:
    """The days in words; whole weeks by their Mondays, as everywhere else in the program."""
    if days.first.weekday() == 0 and days.last.weekday() == 6:
        last_week = days.last - timedelta(days=6)
        return f"week {days.first}" if days.first == last_week else f"weeks {days.first}...{last_week}"
    return f"day {days.first}" if days.first == days.last else f"days {days.first} to {days.last}"
