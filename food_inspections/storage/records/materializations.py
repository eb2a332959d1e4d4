"""The records: which run wrote which week of which asset, and whether its checks accepted it.

The row of a week is the commit. Readers take a week only where the newest row of the asset and week is accepted.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, text

from food_inspections.storage.postgres.rows import insert_rows, select_rows

Status = Literal["pending", "accepted", "rejected"]


@dataclass(frozen=True)
class Materialization:
    """A week as a run wrote it; the columns of ``metadata.materializations`` of these names."""

    run_id: str
    asset: str
    week: date
    row_count: int
    code_version: str
    content_hash: str
    upstream_hash: str
    object_key: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded(Materialization):
    """A row of ``metadata.materializations``.

    Attributes:
        sequence: Order of writing; the highest of an asset and week is in force.
        status: Whether the checks of the week accepted it.
        created_at: When it was written.
        decided_at: When the last blocking check gave its verdict.
    """

    sequence: int = 0
    status: Status = "pending"
    created_at: datetime = datetime.min  # noqa: DTZ901 - rows always bring their own
    decided_at: datetime | None = None


@dataclass(frozen=True)
class CheckResult:
    """A row of ``test.check_results``."""

    run_id: str
    asset: str
    check_name: str
    week: date
    is_blocking: bool
    severity: Literal["ERROR", "WARN"]
    passed: bool
    expected: str
    seen: str


def write(connection: Connection, materializations: Sequence[Materialization]) -> None:
    """Record weeks as written and pending; on the transaction that writes them.

    A step tried again within its run replaces its own rows, and they become the newest.
    """
    insert_rows(
        connection,
        "metadata.materializations",
        materializations,
        """
        ON CONFLICT (run_id, asset, week) DO UPDATE
        SET sequence = DEFAULT, status = 'pending', row_count = excluded.row_count,
            code_version = excluded.code_version, content_hash = excluded.content_hash,
            upstream_hash = excluded.upstream_hash, object_key = excluded.object_key, parameters = excluded.parameters,
            created_at = clock_timestamp(), decided_at = NULL
        """,
    )


def latest(connection: Connection, asset: str, weeks: Collection[date] | None = None) -> list[Recorded]:
    """The rows in force, whatever their status, ordered by week.

    Args:
        connection: Transaction to read in.
        asset: Asset name.
        weeks: Mondays; all by default.
    """
    return select_rows(
        connection,
        Recorded,
        """
        SELECT {columns}
        FROM metadata.latest_materializations
        WHERE asset = :asset AND (CAST(:weeks AS date[]) IS NULL OR week = ANY(CAST(:weeks AS date[])))
        ORDER BY week
        """,
        asset=asset,
        weeks=None if weeks is None else list(weeks),
    )


def accepted_weeks(connection: Connection, asset: str, before: date | None = None) -> list[Recorded]:
    """The rows in force that are accepted, ordered by week.

    Args:
        connection: Transaction to read in.
        asset: Asset name.
        before: Only weeks before this day.
    """
    return select_rows(
        connection,
        Recorded,
        """
        SELECT {columns}
        FROM metadata.accepted_weeks
        WHERE asset = :asset AND (CAST(:before AS date) IS NULL OR week < :before)
        ORDER BY week
        """,
        asset=asset,
        before=before,
    )


def weeks_of_run(connection: Connection, run_id: str, asset: str) -> list[date]:
    """The weeks of an asset that a run has written, in order."""
    rows = connection.execute(
        text("SELECT week FROM metadata.materializations WHERE run_id = :run_id AND asset = :asset ORDER BY week"),
        {"run_id": run_id, "asset": asset},
    )
    return list(rows.scalars())


def history(connection: Connection, asset: str, week: date) -> list[Recorded]:
    """Every row ever written of an asset and week, the newest first."""
    return select_rows(
        connection,
        Recorded,
        """
        SELECT {columns}
        FROM metadata.materializations
        WHERE asset = :asset AND week = :week
        ORDER BY sequence DESC
        """,
        asset=asset,
        week=week,
    )


def write_check_results(connection: Connection, results: Sequence[CheckResult]) -> None:
    """Record what checks found; a check tried again within its run replaces its own rows."""
    insert_rows(
        connection,
        "test.check_results",
        results,
        """
        ON CONFLICT (run_id, asset, check_name, week) DO UPDATE
        SET is_blocking = excluded.is_blocking, severity = excluded.severity, passed = excluded.passed,
            expected = excluded.expected, seen = excluded.seen, created_at = clock_timestamp()
        """,
    )


def decide(
    connection: Connection, asset: str, written: Collection[Recorded], blocking: Collection[str]
) -> dict[date, Status]:
    """Give the verdict on weeks, from the results of their checks so far.

    A week is rejected where a blocking check failed, accepted where all have passed, and pending where one has yet
    to report. Only results as new as the week count, and only rows still in force are decided: a week written
    again while it was being checked stays pending.

    Args:
        connection: Transaction to read and write in.
        asset: Asset name.
        written: Rows that were checked.
        blocking: Names of the asset's blocking checks.

    Returns:
        The verdict on each week decided or pending; weeks written again meanwhile are left out.
    """
    rows = connection.execute(
        text(
            """
            UPDATE metadata.materializations AS m
            SET status = v.status,
                decided_at = CASE WHEN v.status = 'pending' THEN NULL ELSE clock_timestamp() END
            FROM (
                SELECT w.run_id, w.week,
                    CASE
                        WHEN bool_or(NOT r.passed AND r.is_blocking) THEN 'rejected'
                        WHEN count(r.check_name) = cardinality(CAST(:blocking AS text[])) THEN 'accepted'
                        ELSE 'pending'
                    END AS status
                FROM unnest(CAST(:sequences AS bigint[])) AS s(number)
                JOIN metadata.latest_materializations AS w ON w.sequence = s.number AND w.asset = :asset
                LEFT JOIN LATERAL (
                    SELECT DISTINCT ON (check_name) check_name, passed, is_blocking
                    FROM test.check_results AS c
                    WHERE c.asset = w.asset AND c.week = w.week AND c.created_at >= w.created_at
                      AND c.check_name = ANY(CAST(:blocking AS text[]))
                    ORDER BY check_name, created_at DESC
                ) AS r ON true
                GROUP BY w.run_id, w.week
            ) AS v
            WHERE m.run_id = v.run_id AND m.asset = :asset AND m.week = v.week
            RETURNING m.week, m.status
            """
        ),
        {"asset": asset, "sequences": [row.sequence for row in written], "blocking": sorted(blocking)},
    )
    return {row.week: row.status for row in sorted(rows, key=lambda row: row.week)}


def combined_hash(hashes: Iterable[str]) -> str:
    """SHA-256 over hashes, in their order: the hash of what consists of several parts."""
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()
