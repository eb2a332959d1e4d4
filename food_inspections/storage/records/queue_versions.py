"""Published queues are history: a re-computed week adds a version, none is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection, text

from food_inspections.storage.postgres import tables
from food_inspections.storage.postgres.rows import select_rows
from food_inspections.storage.records.week_versions import version_of


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A row of ``api.published_queues``."""

    week: date
    version: int
    published_at: datetime
    model_id: str
    row_count: int

    @property
    def name(self) -> str:
        """Names it among all publications."""
        return f"{self.week}/{self.version}"


def published_since(connection: Connection, moment: datetime) -> Sequence[Publication]:
    """The versions published, and accepted, since a moment, the oldest first."""
    query = (
        "SELECT {columns} FROM api.published_queues WHERE published_at >= :moment ORDER BY published_at, week, version"
    )
    return select_rows(connection, Publication, query, moment=moment)


def publish_queue(connection: Connection, queue: pd.DataFrame, week: date, run_id: str, content_hash: str) -> int:
    """Publish a week's queue, on the caller's transaction.

    Args:
        connection: Transaction to write on.
        queue: Rows in the columns of ``data.inspection_queue``, one week.
        week: The week's Monday.
        run_id: Run that publishes.
        content_hash: Content hash of the rows.

    Returns:
        The version in force afterwards: the newest one when its content is the same, else a new one.
    """
    version, is_new = version_of(connection, "api.queue_publications", week, content_hash)
    if not is_new:
        return version
    published_at = connection.execute(
        text(
            """
            INSERT INTO api.queue_publications (week, version, run_id, content_hash, model_id, row_count)
            VALUES (:week, :version, :run_id, :content_hash, :model_id, :row_count)
            RETURNING published_at
            """
        ),
        {
            "week": week,
            "version": version,
            "run_id": run_id,
            "content_hash": content_hash,
            "model_id": queue["model_id"].iloc[0] if len(queue) else "",
            "row_count": len(queue),
        },
    ).scalar_one()
    tables.append_rows(connection, "api.inspection_queue", queue.assign(version=version, published_at=published_at))
    return version


def first_published(connection: Connection, week: date) -> pd.DataFrame | None:
    """The first version published and accepted for a week, in the order of its ranks; ``None`` where none was.

    Returns:
        establishment_id, score, label, is_on_list, is_random_draw.
    """
    version = connection.execute(
        text("SELECT min(version) FROM api.published_queues WHERE week = :week"), {"week": week}
    ).scalar_one()
    if version is None:
        return None
    return tables.read_query(
        connection,
        """
        SELECT establishment_id, score, label, is_on_list, is_random_draw
        FROM api.inspection_queue
        WHERE week = :week AND version = :version
        ORDER BY rank
        """,
        {"week": week, "version": version},
    )
