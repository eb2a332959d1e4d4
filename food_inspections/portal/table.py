"""The inspections a local portal serves: CSV files or frames in an in-memory SQLite table.

Files are looked at before every query and read again when they have changed, so that a
growing file is a portal where inspections arrive late and are revised.
"""

import sqlite3
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from food_inspections.errors import DataError
from food_inspections.portal.columns import COLUMNS, PORTAL_FIELDS, SYSTEM_COLUMNS
from food_inspections.portal.soql.expressions import timestamp
from food_inspections.portal.soql.functions import Type
from food_inspections.portal.soql.sql import ID_INDEX, Output, compile_query
from food_inspections.portal.soql.tree import Query, SoqlError

PUBLISHED_AT = "published_at"
"""Besides the portal's fields a source may say on which day it published the row."""

TYPES: dict[str, Type] = {column.name: column.kind for column in (*SYSTEM_COLUMNS, *COLUMNS)}
Source = Path | pd.DataFrame
Value = str | float | int | None


class InspectionTable:
    """The rows of several sources; of an inspection that is in more than one, the last counts.

    Args:
        sources: CSV files (plain or gzip) or frames with any of the portal's fields, and perhaps ``published_at``.
        as_of: Rows published after this day do not exist yet; ``None`` serves all.
    """

    def __init__(self, sources: Sequence[Source], as_of: date | None = None) -> None:
        self._lock = threading.Lock()
        self._sources = list(sources)
        self._as_of = as_of
        self._seen: list[tuple[int, int]] = []
        # Per inspection: hash of its content and when it was stamped; tells a revision from a repetition.
        self._stamps = pd.DataFrame({"content": pd.Series(dtype="uint64"), "stamp": pd.Series(dtype="datetime64[ms]")})
        self._database = _empty_database()
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
            self._seen = []
        self.refresh()

    def refresh(self) -> None:
        """Read the sources again where a file has changed.

        Raises:
            DataError: A file cannot be read, or has columns the portal does not know.
        """
        with self._lock:
            seen = [_version(source) for source in self._sources]
            if seen == self._seen:
                return
            rows = _read(self._sources, self._as_of)
            rows = _with_system_fields(rows, self._stamps)
            database = _database(rows)
            self._database.close()
            self._database = database
            self._stamps = rows.set_index(":id")[["content", "stamp"]]
            self._seen = seen

    def select(self, query: Query, has_system_fields: bool = False) -> tuple[list[Output], list[tuple[Value, ...]]]:
        """Answer a query.

        Raises:
            SoqlError: The query cannot be answered.
        """
        statement = compile_query(query, TYPES, "inspections", has_system_fields)
        with self._lock:
            try:
                rows = self._database.execute(statement.sql, statement.parameters).fetchall()
            except sqlite3.OperationalError as error:
                # What the types let through, such as an aggregate of an aggregate.
                raise SoqlError("query.soql.unsupported", f"This query cannot be answered: {error}") from error
        return statement.outputs, rows

    @property
    def row_count(self) -> int:
        """How many inspections the table holds."""
        return len(self._stamps)

    @property
    def newest_update(self) -> datetime | None:
        """When a row last changed."""
        stamps = self._stamps["stamp"]
        newest = stamps.max()
        return None if pd.isna(newest) else newest.to_pydatetime().replace(tzinfo=UTC)


def _version(source: Source) -> tuple[int, int]:
    if isinstance(source, pd.DataFrame):
        return id(source), 0
    try:
        status = source.stat()
    except OSError as error:
        raise DataError(f"{source} cannot be read ({error.strerror}): name an existing CSV file.") from error
    return status.st_mtime_ns, status.st_size


def _read(sources: Sequence[Source], as_of: date | None) -> pd.DataFrame:
    """All sources as text in the portal's fields and ``published_at``, nulls as ``None``, in their order."""
    frames = []
    for source in sources:
        frame, name = (source, "the frame") if isinstance(source, pd.DataFrame) else (_read_file(source), str(source))
        unknown = [column for column in frame.columns if column not in (*PORTAL_FIELDS, PUBLISHED_AT)]
        if unknown:
            raise DataError(
                f"{name} has the column {unknown[0]!r}, which the portal does not know: "
                f"use its field names {', '.join(PORTAL_FIELDS)}."
            )
        frame = frame.reindex(columns=[*PORTAL_FIELDS, PUBLISHED_AT]).astype(object)
        frame = frame.where(frame.notna() & (frame != ""), None)
        for column in ("inspection_date", PUBLISHED_AT):
            frame[column] = frame[column].map(_timestamps(frame[column], column, name))
        frames.append(frame)
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*PORTAL_FIELDS, PUBLISHED_AT])
    if as_of is not None:
        rows = rows[~(rows[PUBLISHED_AT].fillna("") > f"{as_of}T99")]
    return rows.reset_index(drop=True)


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
            forms[value] = timestamp(str(value), "calendar_date")
        except SoqlError as error:
            raise DataError(
                f"{source} has the {column} {value!r}, which is no date: write it like 2025-01-06T00:00:00.000."
            ) from error
    return forms


def _with_system_fields(rows: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Add ``:id``, ``:created_at`` and ``:updated_at``, one row an inspection, in the order of ``:id``.

    A row is stamped on the day it was published (else the day after the visit), at a time of day
    of its own and its content's. New content of a known inspection is stamped later than its old.
    """
    content = pd.util.hash_pandas_object(rows[list(PORTAL_FIELDS)].fillna(""), index=False).to_numpy()
    has_id = rows["inspection_id"].notna().to_numpy()
    identity = np.where(has_id, pd.util.hash_array(rows["inspection_id"].fillna("").to_numpy(dtype=object)), content)
    day = pd.to_datetime(rows[PUBLISHED_AT].str[:10]).fillna(
        pd.to_datetime(rows["inspection_date"].str[:10]) + pd.Timedelta(days=1)
    )
    seconds = pd.to_timedelta(identity % np.uint64(86_400), unit="s")
    milliseconds = pd.to_timedelta(content % np.uint64(1000), unit="ms")
    rows = rows.assign(
        content=content,
        identity=identity,
        stamp=(day.fillna(pd.Timestamp("2010-01-01")) + seconds + milliseconds).astype("datetime64[ms]"),
    )
    rows[":id"] = [f"row-{text[:4]}-{text[4:8]}-{text[8:]}" for text in (f"{number:016x}" for number in identity)]
    rows[":created_at"] = rows["stamp"]
    versions = rows.groupby("identity")["content"].transform("nunique")
    rows["stamp"] += pd.to_timedelta(versions.to_numpy() - 1, unit="D")
    rows = rows.drop_duplicates("identity", keep="last").sort_values(":id", ignore_index=True)
    place = before.index.get_indexer(pd.Index(rows[":id"]))
    known = np.flatnonzero(place >= 0)
    old = before.iloc[place[known]]
    is_revised = old["content"].to_numpy() != rows["content"].to_numpy()[known]
    now = np.datetime64(datetime.now(UTC).replace(tzinfo=None), "ms")
    later = np.maximum(old["stamp"].to_numpy() + np.timedelta64(1, "s"), now)
    stamps = rows["stamp"].to_numpy().copy()
    stamps[known] = np.where(is_revised, later, old["stamp"].to_numpy())
    rows["stamp"] = stamps
    rows[":updated_at"] = _utc(rows["stamp"])
    rows[":created_at"] = _utc(rows[":created_at"])
    return rows


def _utc(stamps: pd.Series) -> np.ndarray:
    return np.char.add(np.datetime_as_string(stamps.to_numpy().astype("datetime64[ms]")), "Z").astype(object)


def _empty_database() -> sqlite3.Connection:
    # Every use is under the table's lock.
    database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    # SoQL's LIKE tells upper from lower case.
    database.execute("PRAGMA case_sensitive_like = ON")
    columns = ", ".join(f'"{name}" TEXT' + (" NOT NULL" if name == ":id" else "") for name in TYPES)
    database.execute(f"CREATE TABLE inspections ({columns})")
    return database


def _database(rows: pd.DataFrame) -> sqlite3.Connection:
    database = _empty_database()
    marks = ", ".join("?" * len(TYPES))
    values = _with_location(rows)
    database.execute("BEGIN")
    database.executemany(
        f"INSERT INTO inspections VALUES ({marks})",  # noqa: S608 - question marks only
        zip(*(values[name].to_numpy() for name in TYPES), strict=True),
    )
    database.execute(f'CREATE UNIQUE INDEX {ID_INDEX} ON inspections (":id", inspection_date)')
    database.execute('CREATE INDEX by_date ON inspections (inspection_date, ":id", ":updated_at")')
    database.execute("COMMIT")
    database.execute("ANALYZE")
    return database


def _with_location(rows: pd.DataFrame) -> pd.DataFrame:
    """A location is made of the coordinates where the source leaves it out."""
    made = "(" + rows["latitude"] + ", " + rows["longitude"] + ")"
    location = rows["location"].where(rows["location"].notna(), made)
    return rows.assign(location=location.where(location.notna(), None))
