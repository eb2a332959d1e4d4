"""The rows a local portal serves, of any data set: CSV files or frames in an in-memory SQLite table.

Files are looked at before every query and read again when they have changed, so that a
growing file is a portal where inspections arrive late and are revised.
"""

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from food_inspections.errors import DataError
from food_inspections.portal.columns import (
    COLUMNS,
    DATE_FIELD,
    ID_FIELD,
    PORTAL_FIELDS,
    ROW_ID,
    SYSTEM_COLUMNS,
    UPDATED_AT,
)
from food_inspections.portal.query import ID_INDEX, QueryError, is_date, quoted, read_query, timestamp

PUBLISHED_AT = "published_at"
"""Besides the portal's fields a source may say on which day it published the row."""

Source = Path | pd.DataFrame
Value = str | float | int | None

_KINDS: dict[str, str] = {column.name: column.kind for column in (*SYSTEM_COLUMNS, *COLUMNS)}
_SYSTEM_NAMES = tuple(column.name for column in SYSTEM_COLUMNS)
_NUMBER = r"-?\d+(?:\.\d+)?"


class InspectionTable:
    """The rows of several sources; of an inspection that is in more than one, the last counts.

    Args:
        sources: CSV files (plain or gzip) or frames under the portal's field names, perhaps with
            ``published_at``, ``:id`` and ``:updated_at``.
        as_of: Rows published after this day do not exist yet; ``None`` serves all.
    """

    def __init__(self, sources: Sequence[Source], as_of: date | None = None) -> None:
        self._lock = threading.Lock()
        self._sources = list(sources)
        self._as_of = as_of
        self._seen: list[tuple[int, int]] | None = None
        # Per inspection: hash of its content and when it was stamped; tells a revision from a repetition.
        self._stamps = pd.DataFrame({"content": pd.Series(dtype="uint64"), "stamp": pd.Series(dtype="datetime64[ms]")})
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self.kinds: dict[str, str] = {}
        """SODA's kind of every column, system columns first."""
        self.newest_update: datetime | None = None
        """When a row last changed."""
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
            rows = _read(self._sources, self._as_of)
            kinds = _kinds(rows)
            rows = _with_system_fields(rows, [name for name in kinds if not name.startswith(":")], self._stamps)
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


def _read(sources: Sequence[Source], as_of: date | None) -> pd.DataFrame:
    """All sources as text under their own names and ``published_at``, nulls as ``None``, in their order."""
    frames = []
    for source in sources:
        frame, name = (source, "the frame") if isinstance(source, pd.DataFrame) else (_read_file(source), str(source))
        # Files of food inspections may leave out what is empty; another data set has its own columns.
        own = PORTAL_FIELDS if {*frame.columns} <= {*PORTAL_FIELDS, PUBLISHED_AT} else frame.columns
        frame = frame.reindex(columns=list(dict.fromkeys([*own, PUBLISHED_AT]))).astype(object)
        frame = frame.where(frame.notna() & (frame != ""), None)
        for column in frame.columns.intersection([DATE_FIELD, PUBLISHED_AT]):
            frame[column] = frame[column].map(_timestamps(frame[column], column, name))
        frames.append(frame)
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*PORTAL_FIELDS, PUBLISHED_AT])
    rows = rows.astype(object).where(rows.notna(), None)
    if as_of is not None:
        rows = rows[~(rows[PUBLISHED_AT].fillna("") > f"{as_of}T99")]
    return rows.reset_index(drop=True)


def _kinds(rows: pd.DataFrame) -> dict[str, str]:
    """SODA's kind of every column that is served: as published, else as its values look; days get their one form."""
    kinds = {name: _KINDS[name] for name in _SYSTEM_NAMES}
    for name in rows.columns.difference([PUBLISHED_AT, *_SYSTEM_NAMES], sort=False):
        kinds[name] = _KINDS.get(name) or _kind(rows[name].dropna().astype(str))
        if name not in _KINDS and kinds[name] == "calendar_date":
            rows[name] = rows[name].map(_timestamps(rows[name], name, "the data"))
    return kinds


def _kind(values: pd.Series) -> str:
    known = pd.Series(values.unique(), dtype=object)
    if known.empty:
        return "text"
    if known.map(is_date).all():
        return "calendar_date"
    return "number" if known.str.fullmatch(_NUMBER).all() else "text"


def _read_file(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path} cannot be read as CSV ({error}): check the file.") from error


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


def _with_system_fields(rows: pd.DataFrame, fields: Sequence[str], before: pd.DataFrame) -> pd.DataFrame:
    """Add the system columns that the source has not, keep one row an id, in the order of ``:id``.

    A row is stamped on the day it was published (else the day after the visit), at a time of day
    of its own and its content's. New content of a known inspection is stamped later than its old.
    """
    given = {*rows.columns} & {*_SYSTEM_NAMES}
    content = pd.util.hash_pandas_object(rows[list(fields)].fillna(""), index=False).to_numpy()
    keys = next((rows[name] for name in (ROW_ID, ID_FIELD) if name in rows), pd.Series(None, rows.index, dtype=object))
    identity = np.where(keys.notna(), pd.util.hash_array(keys.fillna("").to_numpy(dtype=object)), content)
    visited = rows[DATE_FIELD] if DATE_FIELD in rows else rows[PUBLISHED_AT]
    day = pd.to_datetime(rows[PUBLISHED_AT].str[:10]).fillna(pd.to_datetime(visited.str[:10]) + pd.Timedelta(days=1))
    seconds = pd.to_timedelta(identity % np.uint64(86_400), unit="s")
    milliseconds = pd.to_timedelta(content % np.uint64(1000), unit="ms")
    rows = rows.assign(
        content=content,
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
    for name, made in ((":created_at", rows["created"]), (UPDATED_AT, rows["stamp"])):
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
    values = _with_location(rows)
    database.execute(f"CREATE TABLE inspections ({columns})")
    database.execute("BEGIN")
    database.executemany(
        f"INSERT INTO inspections VALUES ({', '.join('?' * len(kinds))})",  # noqa: S608 - question marks only
        zip(*(values[name].to_numpy() for name in kinds), strict=True),
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
