"""What the planner looks at: the records in force, who serves which week, and which runs are under way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from food_inspections.domain.weeks import WEEK, Calendar, is_complete, monday_of
from food_inspections.planning.graph import Graph
from food_inspections.planning.lineage import hash_weeks

RAW = "raw_inspections"
CLEAN = "clean_inspections"
FEATURES = "inspection_features"
ESTABLISHMENTS = "establishment_features"
PREDICTIONS = "predictions"
QUEUE = "inspection_queue"
PUBLISHED_QUEUE = "api_inspection_queue"
PLAN = "inspection_plan"
TRAINING = "training"
REPORTS = "reports"


@dataclass(frozen=True)
class Record:
    """The record in force of one asset and week."""

    status: Literal["pending", "accepted", "rejected"]
    run_id: str
    code_version: str
    content_hash: str
    upstream_hash: str
    created_at: datetime
    moved_with: tuple[date, ...] = ()
    row_count: int = 0


@dataclass(frozen=True)
class ServingModel:
    """The model that serves a week, the first week of the decision for it, and the city's profile it was learnt by."""

    model_id: str
    effective_week: date
    profile: str | None = None


@dataclass(frozen=True)
class State:
    """A snapshot of the store.

    Attributes:
        graph: The assets.
        records: Records in force by asset and week.
        champions: Who serves each week; weeks without a model are left out.
        active_runs: Runs that may still write.
        settings: Settings of the deployment and parts of its profile, by name.
        retraining_weeks: Weeks after which a model is due.
        today: Today in the city.
    """

    graph: Graph
    records: Mapping[str, Mapping[date, Record]]
    champions: Mapping[date, ServingModel]
    active_runs: frozenset[str]
    settings: Mapping[str, object]
    retraining_weeks: int
    today: date
    calendar: Calendar

    def record(self, asset: str, week: date) -> Record | None:
        """The record in force, if there is one."""
        return self.records.get(asset, {}).get(week)

    def is_accepted(self, asset: str, week: date) -> bool:
        """Whether readers may use the week."""
        record = self.record(asset, week)
        return record is not None and record.status == "accepted"

    def is_of_other_code(self, asset: str, week: date) -> bool:
        """Whether the week was written by another version of the asset's code."""
        record = self.record(asset, week)
        return record is not None and record.code_version != self.graph.by_name[asset].code_version

    def run_at_work(self, asset: str, week: date) -> str | None:
        """The run that has written the week and has yet to give its verdict, if it lives."""
        record = self.record(asset, week)
        is_open = record is not None and record.status == "pending" and record.run_id in self.active_runs
        return record.run_id if record is not None and is_open else None

    def is_frozen(self, week: date) -> bool:
        """Whether the week's queue is published, and so history."""
        return self.is_accepted(PUBLISHED_QUEUE, week)

    def is_over(self, week: date) -> bool:
        """Whether the week is complete."""
        return is_complete(week, self.today)

    def has_old_profile(self, model: ServingModel) -> bool:
        """Whether the city's profile was changed since a model was learnt; no where that is not on record."""
        return model.profile is not None and model.profile != self.settings.get("profile")

    def was_pulled_early(self, week: date) -> bool:
        """Whether a week that is over now was last pulled while it was under way."""
        record = self.record(RAW, week)
        return record is not None and self.is_over(week) and record.created_at < self.calendar.end_of(week)

    @property
    def newest_complete(self) -> date:
        """Monday of the newest week that is over."""
        return monday_of(self.today) - WEEK

    @property
    def newest_inspections(self) -> date | None:
        """The newest week that holds inspections, as far as was pulled."""
        return max((week for week, record in self.records.get(RAW, {}).items() if record.row_count), default=None)

    @property
    def under_way(self) -> date:
        """Monday of the week that today lies in."""
        return monday_of(self.today)

    @property
    def coming(self) -> date:
        """Monday of the coming week."""
        return monday_of(self.today) + WEEK

    @property
    def first_week(self) -> date | None:
        """The first week ever pulled; ``None`` for an empty store."""
        return min(self.records.get(RAW, {}), default=None)

    @cached_property
    def contents(self) -> dict[str, dict[date, str]]:
        """Content hash of every accepted week, by asset."""
        return {
            asset: {week: record.content_hash for week, record in records.items() if record.status == "accepted"}
            for asset, records in self.records.items()
        }

    @cached_property
    def unsettled(self) -> dict[str, dict[date, Record]]:
        """Weeks written and not accepted: rejected, or without a verdict yet."""
        return {
            asset: {week: record for week, record in records.items() if record.status != "accepted"}
            for asset, records in self.records.items()
        }

    def upstream_hashes(self, asset: str, weeks: Collection[date]) -> dict[date, str]:
        """What the asset would be made from if it were made now; see :func:`lineage.hash_weeks`."""
        served = {week: champion.model_id for week, champion in self.champions.items()}
        return hash_weeks(self.graph.by_name[asset], weeks, self.contents, served, self.settings)
