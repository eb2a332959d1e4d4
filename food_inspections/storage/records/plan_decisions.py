"""Decisions on the lines of a plan: kept for good, each once, with the record that lets assets read them.

Whoever decides, by the API or on the monitor, comes through :func:`decide`. Its transaction adds the rows and, where
something made from decisions comes out differently, a record of the asset ``plan_decisions``, as a run does with what
it writes: what is made from them is then out of date by the same hashes as everything else.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, text

from food_inspections.domain.decisions import (
    Asked,
    Line,
    Made,
    Standing,
    changes_what_follows,
    completed,
    require_no_refusals,
)
from food_inspections.storage.postgres import tables
from food_inspections.storage.records import materializations

ASSET = "plan_decisions"
TABLE = "api.plan_decisions"
CODE_VERSION = "1"

_COLUMNS = ", ".join(Made.__dataclass_fields__)
_OF_WEEK = text(f"SELECT {_COLUMNS} FROM api.plan_decisions WHERE week = :week ORDER BY decision_id")  # noqa: S608 - constants
_OF_KEYS = text(
    f"SELECT {_COLUMNS} FROM api.plan_decisions WHERE idempotency_key = ANY(:keys)"  # noqa: S608 - constants
)
_NEWEST = text("SELECT max(version) FROM api.published_plans WHERE week = :week")
_LINES = text(
    """
    SELECT DISTINCT ON (establishment_id) establishment_id, version, inspector_now, day
    FROM api.lines_of_all_versions
    WHERE week = :week
    ORDER BY establishment_id, version DESC
    """
)
_WORKING_DAYS = text("SELECT inspector, day FROM data.plan_days WHERE week = :week AND version = :version")
_INSERT = text(
    f"""
    INSERT INTO api.plan_decisions
           (week, establishment_id, planned_day, inspector, decision, reason, is_override, decided_by, idempotency_key)
    VALUES (:week, :establishment_id, :planned_day, :inspector, :decision, :reason, :is_override, :decided_by,
            :idempotency_key)
    RETURNING {_COLUMNS}
    """  # noqa: S608 - constants
)
_LAST = text(
    f"""
    SELECT DISTINCT ON (establishment_id) {_COLUMNS}
    FROM api.plan_decisions
    WHERE establishment_id = ANY(:establishments)
    ORDER BY establishment_id, decision_id DESC
    """  # noqa: S608 - constants
)
_RECORD = text(
    """
    INSERT INTO metadata.materializations
           (run_id, asset, week, status, row_count, code_version, content_hash, upstream_hash, decided_at)
    VALUES (:run_id, :asset, :week, 'accepted', :row_count, :code_version, :content_hash, '', clock_timestamp())
    """
)


def decide(connection: Connection, week: date, asked: Sequence[Asked], decided_by: str, today: date) -> list[Made]:
    """Keep decisions on a week's plan, all or none, on the caller's transaction.

    Args:
        connection: Transaction to write on.
        week: Monday of the plan.
        asked: The decisions; one whose key is kept already is answered with what is kept.
        decided_by: Name of the key they came with.
        today: Today in the city.

    Returns:
        What is kept of each, in their order.

    Raises:
        DecisionsRefusedError: At least one cannot be kept, so none is.
    """
    # Who decides on the same line at the same time is judged by what the other one decided, not beside it.
    connection.execute(text("LOCK TABLE api.plan_decisions IN SHARE ROW EXCLUSIVE MODE"))
    rows = connection.execute(_OF_KEYS, {"keys": [one.idempotency_key for one in asked]})
    kept = {row.idempotency_key: Made(**row._mapping) for row in rows}
    standing = standing_of(connection, week)
    require_no_refusals(week, asked, standing, kept, decided_by)
    lines = standing.lines or {}
    fresh = [one for one in asked if one.idempotency_key not in kept]
    before = _last_decisions(connection, [one.establishment_id for one in fresh])
    made = [_insert(connection, week, one, lines[one.establishment_id], decided_by) for one in fresh]
    if made and (changes_what_follows(week, made, before, today) or not _is_recorded(connection, week)):
        _record(connection, week, made[-1].decision_id)
    kept |= {one.idempotency_key: one for one in made}
    return [kept[one.idempotency_key] for one in asked]


def decisions_of(connection: Connection, week: date) -> list[Made]:
    """All decisions on a week's plan, in the order they were made."""
    return [Made(**row._mapping) for row in connection.execute(_OF_WEEK, {"week": week})]


def standing_of(connection: Connection, week: date) -> Standing:
    """What there is to decide on in a week: places of all accepted versions of its plan, and who works when.

    A place that a later version left out, because it was closed or postponed, keeps the inspector and the day it had.
    """
    newest = connection.execute(_NEWEST, {"week": week}).scalar_one()
    if newest is None:
        return Standing(None, {})
    last = {made.establishment_id: made for made in decisions_of(connection, week)}
    lines = {
        row.establishment_id: Line(row.inspector_now, row.day, last.get(row.establishment_id), row.version == newest)
        for row in connection.execute(_LINES, {"week": week})
    }
    days: dict[str, set[date]] = defaultdict(set)
    for row in connection.execute(_WORKING_DAYS, {"week": week, "version": newest}):
        days[row.inspector].add(row.day)
    return Standing(lines, dict(days))


def copy_decisions(source: Connection, target: Connection, before: datetime) -> None:
    """Copy the decisions made before a moment, with their records, into a deployment that has none.

    Args:
        source: Transaction to read in.
        target: Transaction to write on.
        before: What was decided from then on stays behind.
    """
    rows = source.execute(
        text(f"SELECT {_COLUMNS} FROM api.plan_decisions WHERE decided_at < :before ORDER BY decision_id"),  # noqa: S608 - constants
        {"before": before},
    )
    kept = [dict(row._mapping) for row in rows]
    if not kept:
        return
    places = ", ".join(f":{name}" for name in Made.__dataclass_fields__)
    target.execute(
        text(f"INSERT INTO api.plan_decisions ({_COLUMNS}) OVERRIDING SYSTEM VALUE VALUES ({places})"),  # noqa: S608 - constants
        kept,
    )
    for week in sorted({row["week"] for row in kept}):
        _record(target, week, max(row["decision_id"] for row in kept if row["week"] == week))


def _insert(connection: Connection, week: date, asked: Asked, line: Line, decided_by: str) -> Made:
    whole, is_override = completed(asked, line)
    row = connection.execute(
        _INSERT,
        {
            **vars(whole),
            "week": week,
            "planned_day": line.day,
            "is_override": is_override,
            "decided_by": decided_by,
        },
    ).one()
    return Made(**row._mapping)


def _last_decisions(connection: Connection, establishments: Sequence[str]) -> dict[str, Made]:
    rows = connection.execute(_LAST, {"establishments": list(establishments)})
    return {row.establishment_id: Made(**row._mapping) for row in rows}


def _is_recorded(connection: Connection, week: date) -> bool:
    return bool(materializations.latest(connection, ASSET, [week]))


def _record(connection: Connection, week: date, decision_id: int) -> None:
    rows = tables.read_weeks(connection, TABLE, [week])
    connection.execute(
        _RECORD,
        {
            "run_id": f"decision-{decision_id}",
            "asset": ASSET,
            "week": week,
            "row_count": len(rows),
            "code_version": CODE_VERSION,
            "content_hash": tables.content_hash(rows),
        },
    )
