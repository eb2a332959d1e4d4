"""Versions of data: what a forecast was made from, what every week held, and which objects nothing names.

The records are append-only and numbered in the order of writing, so that the versions in force when a forecast was
made can be told afterwards. Raw weeks are kept as objects under their content hash, and models under their
checksum, for ever; everything between is made from them by the program of the recorded code version.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, text

from food_inspections.errors import DataError, StorageError
from food_inspections.storage.city import OBJECT as CITY
from food_inspections.storage.models import candidates
from food_inspections.storage.models.champions import SelectionRow, log_selection
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.postgres.rows import insert_rows, select_rows
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records.materializations import Recorded

LOCK = 0x6F626A73
"""Number of the advisory lock on objects: shared by those who store them, exclusive for who deletes them."""

COMPUTE_LOGS = "compute_logs/"
"""What steps printed, kept beside the objects by Dagster; not ours to sweep."""


@dataclass(frozen=True)
class RawVersion:
    """The version of a raw week that a version of its clean rows was made from."""

    week: date
    object_key: str
    row_count: int
    raw_hash: str
    clean_hash: str


def written(connection: Connection, week: date, asset: str | None = None) -> list[Recorded]:
    """Every version ever written of a week, by asset and order of writing, the newest first.

    Args:
        connection: Transaction to read in.
        week: The week's Monday.
        asset: Only this asset's.
    """
    if asset is not None:
        return records.history(connection, asset, week)
    names = connection.execute(
        text("SELECT asset FROM metadata.materializations WHERE week = :week GROUP BY asset ORDER BY min(sequence)"),
        {"week": week},
    ).scalars()
    return [row for name in names for row in records.history(connection, name, week)]


def version_of(connection: Connection, asset: str, week: date, content_hash: str | None = None) -> Recorded:
    """The newest version of an asset's week, or the one with a content hash that starts so.

    Raises:
        DataError: There is none.
    """
    rows = [
        row
        for row in records.history(connection, asset, week)
        if row.status == "accepted" and row.content_hash.startswith(content_hash or "")
    ]
    if not rows:
        named = f" with a data version that starts with {content_hash!r}" if content_hash else ""
        raise DataError(
            f"{asset} of week {week} has no accepted version{named}: see food-inspections data history --week {week}."
        )
    return rows[0]


def raw_versions(connection: Connection, made: Recorded, before: date) -> list[RawVersion]:
    """The raw weeks behind a version, as they were when it was made.

    Args:
        connection: Transaction to read in.
        made: The version.
        before: Only weeks before this day.

    Raises:
        DataError: A clean week's raw version was not recorded.
    """
    found = []
    for clean in _in_force(connection, "clean_inspections", made.created_at, before):
        raw = version_behind(connection, "raw_inspections", clean.week, clean)
        if raw.object_key is None:
            raise DataError(f"The raw version behind clean_inspections of week {clean.week} names no object.")
        found.append(RawVersion(clean.week, raw.object_key, raw.row_count, raw.content_hash, clean.content_hash))
    return found


def version_behind(connection: Connection, asset: str, week: date, made: Recorded) -> Recorded:
    """The version of an upstream week that a version was made from: the newest accepted one written before it.

    Raises:
        DataError: It was not recorded.
    """
    for row in records.history(connection, asset, week):
        if row.created_at <= made.created_at and row.status == "accepted":
            return row
    raise DataError(f"{asset} of week {week}, behind {made.asset} of week {made.week}, is not on record.")


def keep_objects(connection: Connection) -> None:
    """Let nobody delete objects until the transaction ends, which may name one that was there before."""
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": LOCK})


def orphans(connection: Connection, store: ObjectStore, written_before: datetime) -> Iterator[str]:
    """Keys of objects that no record names: what a run left that ended between object and record.

    Args:
        connection: Transaction to read the records in.
        store: The object store.
        written_before: Younger objects are left alone, since their record may be about to come.
    """
    named = _named(connection)
    for key in store.keys(""):
        if key in named or key == CITY or key.startswith(COMPUTE_LOGS):
            continue
        modified = store.modified_at(key)
        if modified is not None and modified < written_before:
            yield key


def delete_orphans(connection: Connection, store: ObjectStore, keys: Sequence[str]) -> list[str]:
    """Delete objects found by :func:`orphans`, but for those that a record names by now.

    A run that brings the same content again stores no second object: it names the one it finds.

    Args:
        connection: A transaction of its own; whoever stores objects waits for its end.
        store: The object store.
        keys: Their keys.

    Returns:
        The keys of the objects deleted.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    named = _named(connection)
    deleted = [key for key in keys if key not in named]
    for key in deleted:
        store.delete(key)
    return deleted


def _named(connection: Connection) -> set[str]:
    """Keys that records name."""
    return set(
        connection.execute(
            text(
                r"""
                SELECT object_key FROM metadata.materializations WHERE object_key IS NOT NULL
                UNION SELECT object_key FROM models.candidates
                UNION SELECT object_key FROM models.selections
                UNION SELECT f.value
                FROM metadata.materializations, jsonb_each_text(parameters) AS f
                WHERE f.key LIKE '%\_key' AND f.value IS NOT NULL
                """
            )
        ).scalars()
    )


def copy_decision(source: Connection, target: Connection, model_id: str) -> str:
    """Carry a model's decision into another database, where it is in force for every week from its cutoff on.

    Args:
        source: Where the decision was made.
        target: Where it is to hold.
        model_id: The model decided for.

    Returns:
        The key of the model's object.

    Raises:
        StorageError: The decision is not in the log.
    """
    selections = select_rows(
        source,
        SelectionRow,
        "SELECT {columns} FROM models.selections WHERE model_id = :id ORDER BY selection_id DESC LIMIT 1",
        id=model_id,
    )
    if not selections:
        raise StorageError(f"The model {model_id} is not in the log of decisions: it was never selected here.")
    (selection,) = selections
    insert_rows(target, "models.candidates", [candidates.candidate(source, selection.candidate_id)])
    # By hand: the run that decided is not known there.
    log_selection(target, replace(selection, run_id=None, effective_week=selection.model_cutoff))
    return selection.object_key


def _in_force(connection: Connection, asset: str, moment: datetime, before: date) -> list[Recorded]:
    """Versions a reader found at a moment: the newest then written, where it was then accepted."""
    return select_rows(
        connection,
        Recorded,
        """
        WITH newest AS (
            SELECT DISTINCT ON (week) *
            FROM metadata.materializations
            WHERE asset = :asset AND week < :before AND created_at <= :moment
            ORDER BY week, sequence DESC
        )
        SELECT {columns} FROM newest WHERE status = 'accepted' AND decided_at <= :moment ORDER BY week
        """,
        asset=asset,
        before=before,
        moment=moment,
    )
