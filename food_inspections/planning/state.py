"""What the planner looks at: the records in force, who serves which week, and which runs are under way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy import Connection, text

from food_inspections.domain.weeks import TIME_ZONE, WEEK, is_complete, monday_of
from food_inspections.planning.graph import Graph
from food_inspections.planning.lineage import hash_weeks
from food_inspections.settings import Label, Settings
from food_inspections.storage.models import champions
from food_inspections.storage.records import active_runs
from food_inspections.storage.records.materializations import Status

RAW = "raw_inspections"
CLEAN = "clean_inspections"
FEATURES = "inspection_features"
ESTABLISHMENTS = "establishment_features"
PREDICTIONS = "predictions"
QUEUE = "inspection_queue"
PUBLISHED_QUEUE = "api_inspection_queue"

Weeks = Collection[date]


@dataclass(frozen=True)
class Row:
    """The record in force of one asset and week."""

    status: Status
    run_id: str
    code_version: str
    content_hash: str
    upstream_hash: str
    created_at: datetime
    moved_with: tuple[date, ...] = ()
    row_count: int = 0


@dataclass(frozen=True)
class State:
    """A snapshot of the store.

    Attributes:
        graph: The assets.
        rows: Records in force by asset and week.
        champions: Model and first week of the decision that serves each week; weeks without one are left out.
        active_runs: Runs that may still write.
        label: What the deployment forecasts.
        retraining_weeks: Weeks after which a model is due.
        today: Today in the city.
    """

    graph: Graph
    rows: Mapping[str, Mapping[date, Row]]
    champions: Mapping[date, champions.Champion]
    active_runs: frozenset[str]
    label: Label
    retraining_weeks: int
    today: date

    def row(self, asset: str, week: date) -> Row | None:
        """The record in force, if there is one."""
        return self.rows.get(asset, {}).get(week)

    def is_accepted(self, asset: str, week: date) -> bool:
        """Whether readers may use the week."""
        row = self.row(asset, week)
        return row is not None and row.status == "accepted"

    def is_under_way(self, row: Row) -> bool:
        """Whether the week was written by a run that has yet to give its verdict."""
        return row.status == "pending" and row.run_id in self.active_runs

    def is_frozen(self, week: date) -> bool:
        """Whether the week's queue is published, and so history."""
        return self.is_accepted(PUBLISHED_QUEUE, week)

    def is_over(self, week: date) -> bool:
        """Whether the week is complete."""
        return is_complete(week, self.today)

    def was_pulled_early(self, week: date) -> bool:
        """Whether a week that is over now was last pulled while it was under way."""
        row = self.row(RAW, week)
        end = datetime.combine(week + WEEK, datetime.min.time(), TIME_ZONE)
        return row is not None and self.is_over(week) and row.created_at < end

    @property
    def newest_complete(self) -> date:
        """Monday of the newest week that is over."""
        return monday_of(self.today) - WEEK

    @property
    def coming(self) -> date:
        """Monday of the coming week."""
        return monday_of(self.today) + WEEK

    @property
    def first_week(self) -> date | None:
        """The first week ever pulled; ``None`` for an empty store."""
        return min(self.rows.get(RAW, {}), default=None)

    @cached_property
    def contents(self) -> dict[str, dict[date, str]]:
        """Content hash of every accepted week, by asset."""
        return {
            asset: {week: row.content_hash for week, row in rows.items() if row.status == "accepted"}
            for asset, rows in self.rows.items()
        }

    def upstream_hashes(self, asset: str, weeks: Weeks) -> dict[date, str]:
        """What the asset would be made from if it were made now; see :func:`lineage.hash_weeks`."""
        served = {week: champion.model_id for week, champion in self.champions.items()}
        return hash_weeks(self.graph.by_name[asset], weeks, self.contents, served, self.label)


def load_state(connection: Connection, settings: Settings, graph: Graph, today: date, asked: Weeks = ()) -> State:
    """Read a snapshot.

    Args:
        connection: Transaction to read in; one that sees a single moment.
        settings: Label and retraining interval.
        graph: The assets.
        today: Today in the city.
        asked: Mondays that may have no record yet.
    """
    rows = _read_rows(connection)
    weeks = sorted({week for of_asset in rows.values() for week in of_asset} | set(_around(today)) | set(asked))
    return State(
        graph=graph,
        rows=rows,
        champions=champions.champions(connection, weeks, settings.label),
        active_runs=frozenset(active_runs.active_runs(connection)),
        label=settings.label,
        retraining_weeks=settings.retraining_weeks,
        today=today,
    )


def _around(today: date) -> list[date]:
    """The newest complete week, the one under way and the coming one: they may have no record yet."""
    return [monday_of(today) + timedelta(weeks=offset) for offset in (-1, 0, 1)]


def _read_rows(connection: Connection) -> dict[str, dict[date, Row]]:
    found = connection.execute(
        text(
            "SELECT asset, week, status, run_id, code_version, content_hash, upstream_hash, created_at, "
            "row_count, parameters -> 'moved_with' AS moved_with FROM metadata.latest_materializations"
        )
    )
    rows: dict[str, dict[date, Row]] = {}
    for row in found:
        rows.setdefault(row.asset, {})[row.week] = Row(
            row.status,
            row.run_id,
            row.code_version,
            row.content_hash,
            row.upstream_hash,
            row.created_at,
            tuple(date.fromisoformat(week) for week in row.moved_with or ()),
            row.row_count,
        )
    return rows
