"""The rows a local portal serves, of any data set: CSV files or frames in an in-memory SQLite table.

Files are looked at before every query and read again when they have changed, so that a
growing file is a portal where inspections arrive late and are revised.
"""

import re
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.city.profile import Profile
from food_inspections.domain.city.texts import Texts as Column
from food_inspections.domain.city.texts import read_days, tidied
from food_inspections.errors import DataError
from food_inspections.portal.columns import CREATED_AT, ROW_ID, UPDATED_AT, DatasetColumns
from food_inspections.portal.csv_files import read_csv_file
from food_inspections.portal.query import ID_INDEX, QueryError, is_date, quoted, read_query, timestamp
from food_inspections.settings import DEFAULT_CITY

PUBLISHED_AT = "published_at"
"""Besides the portal's fields a source may say on which day it published the row."""

Source = Path | pd.DataFrame
UnsignedArray = npt.NDArray[np.unsignedinteger[Any]]
Value = str | float | int | None

_SYSTEM_KINDS = {ROW_ID: "row_identifier", CREATED_AT: "fixed_timestamp", UPDATED_AT: "fixed_timestamp"}
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
_NUMBER = r"-?\d+(?:\.\d+)?"
_PLACE = rf"\({_NUMBER}, {_NUMBER}\)"


class InspectionTable:
    """The rows of several sources; of a row that is in more than one, the last counts.

    What is the same row: one with the same ``:id``; else with the same inspection, where that has one row and an id
    of its own; else the first, second, ... of those with the same content. Columns that the profile does not name
    are served as they look.

    Args:
        sources: CSV files (plain or gzip) or frames under the portal's field names, perhaps with
            ``published_at``, ``:id`` and ``:updated_at``.
        profile: What the columns mean; those of the default city by default.
        as_of: Rows published after this day do not exist yet; ``None`` serves all.
    """

    def __init__(self, sources: Sequence[Source], profile: Profile | None = None, as_of: date | None = None) -> None:
        self._lock = threading.Lock()
        self._sources = list(sources)
        self._profile = profile or load_profile(DEFAULT_CITY)
        self._columns = DatasetColumns.of(self._profile)
        self._as_of = as_of
        self._seen: list[tuple[int, int]] | None = None
        # Per inspection: hash of its content and when it was stamped; tells a revision from a repetition.
        self._stamps = pd.DataFrame({"content": pd.Series(dtype="uint64"), "stamp": pd.Series(dtype="datetime64[ms]")})
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self.kinds: dict[str, str] = {}
        """SODA's kind of every column, system columns first."""
        self.newest_update: datetime | None = None
        """When a row last changed."""
        self.superseded_count = 0
        """How many rows of the sources are earlier versions of another one."""
        self.refresh()

    def close(self) -> None:
        """Let go of the table."""
        with self._lock:
            self._database.close()

    def replace(self, sources: Sequence[Source], as_of: date | None = None) -> None:
        """Serve these sources from now on; what differs from before is stamped as revised now."""
        with self._lock:
            self._sources = list(sources)
            self._as_of = as_of
            self._seen = None
        self.refresh()

    def refresh(self) -> None:
        """Read the sources again where a file has changed.

        Raises:
            DataError: A file cannot be read, or has a date that is none.
        """
        with self._lock:
            seen = [_version(source) for source in self._sources]
            if seen == self._seen:
                return
            rows = _with_location(_read(self._sources, self._profile, self._columns, self._as_of))
            kinds = _kinds(rows, self._columns.date)
            fields = [name for name in kinds if not name.startswith(":")]
            given = len(rows)
            rows = _with_system_fields(rows, fields, self._columns, self._stamps)
            self.superseded_count = given - len(rows)
            database = _database(rows, kinds)
            self._database.close()
            self._database = database
            self._stamps = rows.set_index(ROW_ID)[["content", "stamp"]]
            self.kinds = kinds
            self.newest_update = datetime.fromisoformat(rows[UPDATED_AT].max()) if len(rows) else None
            self._seen = seen

    def select(self, parameters: Mapping[str, str]) -> tuple[list[str], list[tuple[Value, ...]]]:
        """Answer the parameters of a request with the names of the columns and the rows.

        Raises:
            QueryError: The query cannot be answered.
        """
        with self._lock:
            statement = read_query(parameters, self.kinds)
            try:
                return statement.names, self._database.execute(statement.sql).fetchall()
            except sqlite3.OperationalError as error:
                raise QueryError(f"This query cannot be answered: {error}") from error

    @property
    def row_count(self) -> int:
        """How many inspections the table holds."""
        return len(self._stamps)


def _version(source: Source) -> tuple[int, int]:
    if isinstance(source, pd.DataFrame):
        return id(source), 0
    try:
        status = source.stat()
    except OSError as error:
        raise DataError(f"{source} cannot be read ({error.strerror}): name an existing CSV file.") from error
    return status.st_mtime_ns, status.st_size


def _read(sources: Sequence[Source], profile: Profile, columns: DatasetColumns, as_of: date | None) -> pd.DataFrame:
    """All sources as text under their own names and ``published_at``, nulls as ``None``, in their order.

    ``copy`` counts the rows of a source with the same content, from 0.
    """
    frames = []
    for source in sources:
        frame, name = (
            (source, "the frame") if isinstance(source, pd.DataFrame) else (read_csv_file(source), str(source))
        )
        # Files of food inspections may leave out what is empty; another data set has its own columns.
        own = columns.fields if {*frame.columns} <= {*columns.fields, PUBLISHED_AT} else frame.columns
        frame = frame.reindex(columns=list(dict.fromkeys([*own, PUBLISHED_AT]))).astype(object)
        frame = frame.where(frame.notna() & (frame != ""), None)
        if PUBLISHED_AT in frame.columns:
            frame[PUBLISHED_AT] = frame[PUBLISHED_AT].map(_timestamps(frame[PUBLISHED_AT], PUBLISHED_AT, name))
        if columns.date in frame.columns:
            frame[columns.date] = frame[columns.date].map(_days(frame[columns.date], profile, name))
        frames.append(frame.assign(copy=frame.groupby(_content(frame)).cumcount()))
    nothing = pd.DataFrame(columns=[*columns.fields, PUBLISHED_AT, "copy"])
    rows = pd.concat(frames, ignore_index=True) if frames else nothing
    rows = rows.astype(object).where(rows.notna(), None)
    if as_of is not None:
        rows = rows[~(rows[PUBLISHED_AT].fillna("") > f"{as_of}T99")]
    return rows.reset_index(drop=True)


def _content(frame: pd.DataFrame) -> UnsignedArray:
    """A hash of every row."""
    return np.asarray(pd.util.hash_pandas_object(frame.fillna(""), index=False), dtype=np.uint64)


def _kinds(rows: pd.DataFrame, date_field: str) -> dict[str, str]:
    """SODA's kind of every column that is served, as its values look; days get their one form."""
    kinds = dict(_SYSTEM_KINDS)
    for name in rows.columns.difference([PUBLISHED_AT, "copy", *_SYSTEM_KINDS], sort=False):
        kinds[name] = "calendar_date" if name == date_field else _kind(rows[name].dropna().astype(str))
        if name != date_field and kinds[name] == "calendar_date":
            rows[name] = rows[name].map(_timestamps(rows[name], name, "the data"))
    return kinds


def _kind(values: pd.Series) -> str:
    known = pd.Series(values.unique(), dtype=object)
    if known.empty:
        return "text"
    if known.map(is_date).all():
        return "calendar_date"
    if known.str.fullmatch(_PLACE).all():
        return "location"
    return "number" if known.str.fullmatch(_NUMBER).all() else "text"


def _timestamps(values: pd.Series, column: str, source: str) -> dict[str | None, str | None]:
    """The portal's form of every day that occurs."""
    forms: dict[str | None, str | None] = {None: None}
    for value in values.dropna().unique():
        try:
            forms[value] = timestamp(str(value))
        except ValueError as error:
            raise DataError(
                f"{source} has the {column} {value!r}, which is no date: write it like 2025-01-06T00:00:00.000."
            ) from error
    return forms


def _days(values: pd.Series, profile: Profile, source: str) -> dict[str | None, str | None]:
    """The portal's form of every day of a visit, however the source writes it; what stands for nothing is null.

    Raises:
        DataError: A value is no day.
    """
    column = profile.columns.date
    known = [str(value) for value in values.dropna().unique()]
    nothing = [*profile.missing.values, *profile.missing.columns.get(column, [])]
    is_nothing = tidied(Column.of(pd.Series(known, dtype=object)), nothing).is_missing
    days = read_days(pd.Series(known, dtype=object), profile.rows.date_format)
    forms: dict[str | None, str | None] = {None: None}
    for value, is_null, day in zip(known, is_nothing, days, strict=True):
        if profile.rows.date_format is None and _ISO_DAY.match(value):
            forms |= _timestamps(pd.Series([value]), column, source)
        elif is_null:
            forms[value] = None
        elif pd.isna(day):
            raise DataError(
                f"{source} has the {column} {value!r}, which is no date: write it like 2025-01-06T00:00:00.000, or let "
                "the profile say how days are written (rows.date_format), or what stands for none ([missing.columns])."
            )
        else:
            forms[value] = timestamp(str(day.date()))
    return forms


def _identity(rows: pd.DataFrame, columns: DatasetColumns) -> UnsignedArray:
    """A number for each row that its versions share."""
    content: UnsignedArray = pd.util.hash_array(rows["copy"].to_numpy(dtype=np.uint64)) ^ rows["content"].to_numpy()
    name = next((name for name in (ROW_ID, columns.key[0]) if name in rows), None)
    if name is None or (name != ROW_ID and not columns.is_one_row_each):
        return content
    of_name = pd.util.hash_array(rows[name].fillna("").to_numpy(dtype=object))
    identity: UnsignedArray = np.where(rows[name].notna(), of_name, content)
    return identity


def _with_system_fields(
    rows: pd.DataFrame, fields: Sequence[str], columns: DatasetColumns, before: pd.DataFrame
) -> pd.DataFrame:
    """Add the system columns that the source has not, keep one row an id, in the order of ``:id``.

    A row is stamped on the day it was published (else the day after the visit), at a time of day
    of its own and its content's. New content of a known inspection is stamped later than its old.
    """
    given = {*rows.columns} & {*_SYSTEM_KINDS}
    rows = rows.assign(content=_content(rows[list(fields)]))
    content, identity = rows["content"].to_numpy(), _identity(rows, columns)
    visited = rows[columns.date] if columns.date in rows else rows[PUBLISHED_AT]
    day = pd.to_datetime(rows[PUBLISHED_AT].str[:10]).fillna(pd.to_datetime(visited.str[:10]) + pd.Timedelta(days=1))
    seconds = pd.to_timedelta(identity % np.uint64(86_400), unit="s")
    milliseconds = pd.to_timedelta(content % np.uint64(1000), unit="ms")
    rows = rows.assign(
        identity=identity,
        stamp=(day.fillna(pd.Timestamp("2010-01-01")) + seconds + milliseconds).astype("datetime64[ms]"),
    )
    rows[ROW_ID] = (
        rows[ROW_ID]
        if ROW_ID in given
        else [f"row-{text[:4]}-{text[4:8]}-{text[8:]}" for text in (f"{number:016x}" for number in identity)]
    )
    rows["created"] = rows["stamp"]
    versions = rows.groupby("identity")["content"].transform("nunique")
    rows["stamp"] += pd.to_timedelta(versions.to_numpy() - 1, unit="D")
    rows = rows.drop_duplicates("identity", keep="last").sort_values(ROW_ID, ignore_index=True)
    place = before.index.get_indexer(pd.Index(rows[ROW_ID]))
    known = np.flatnonzero(place >= 0)
    old = before.iloc[place[known]]
    is_revised = old["content"].to_numpy() != rows["content"].to_numpy()[known]
    now = np.datetime64(datetime.now(UTC).replace(tzinfo=None), "ms")
    later = np.maximum(old["stamp"].to_numpy() + np.timedelta64(1, "s"), now)
    stamps = rows["stamp"].to_numpy().copy()
    stamps[known] = np.where(is_revised, later, old["stamp"].to_numpy())
    rows["stamp"] = stamps
    for name, made in ((CREATED_AT, rows["created"]), (UPDATED_AT, rows["stamp"])):
        if name not in given:
            rows[name] = _utc(made)
    return rows


def _utc(stamps: pd.Series) -> np.ndarray:
    return np.char.add(np.datetime_as_string(stamps.to_numpy().astype("datetime64[ms]")), "Z").astype(object)


def _database(rows: pd.DataFrame, kinds: Mapping[str, str]) -> sqlite3.Connection:
    # Every use is under the table's lock.
    database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    # SoQL's LIKE tells upper from lower case.
    database.execute("PRAGMA case_sensitive_like = ON")
    for name, length, rest in (("ymd", 10, ""), ("ym", 7, "-01"), ("y", 4, "-01-01")):
        database.create_function(f"date_trunc_{name}", 1, partial(_truncated, length, rest), deterministic=True)
    columns = ", ".join(f"{quoted(name)} TEXT" + (" NOT NULL" if name == ROW_ID else "") for name in kinds)
    days = [quoted(name) for name, kind in kinds.items() if kind == "calendar_date"]
    database.execute(f"CREATE TABLE inspections ({columns})")
    database.execute("BEGIN")
    database.executemany(
        f"INSERT INTO inspections VALUES ({', '.join('?' * len(kinds))})",  # noqa: S608 - question marks only
        zip(*(rows[name].to_numpy() for name in kinds), strict=True),
    )
    database.execute(f"CREATE UNIQUE INDEX {ID_INDEX} ON inspections ({', '.join([quoted(ROW_ID), *days])})")
    for number, day in enumerate(days):
        database.execute(f'CREATE INDEX by_day_{number} ON inspections ({day}, ":id", ":updated_at")')
    database.execute("COMMIT")
    database.execute("ANALYZE")
    database.execute("PRAGMA query_only = ON")
    return database


def _truncated(length: int, rest: str, moment: str | None) -> str | None:
    return moment and f"{moment[:length]}{rest}T00:00:00.000"


def _with_location(rows: pd.DataFrame) -> pd.DataFrame:
    """A location is made of the coordinates where the source leaves it out."""
    if not {"latitude", "longitude", "location"} <= {*rows.columns}:
        return rows
    made = "(" + rows["latitude"] + ", " + rows["longitude"] + ")"
    location = rows["location"].where(rows["location"].notna(), made)
    return rows.assign(location=location.where(location.notna(), None))
