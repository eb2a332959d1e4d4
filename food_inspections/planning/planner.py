"""From a snapshot of the store to the runs that are needed.

One idea: what an asset is made from reaches back in time, so a changed week concerns itself and what comes
after it. Each asset is therefore made from its first stale week to its last, cut at weeks that are not wanted or
cannot be made. Assets with the same range share a run. Whether what follows has to be made as well is found by
planning again after the run: where its content came out the same, the hashes agree and nothing does.
"""

import hashlib
import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from food_inspections.domain.weeks import WEEK, week_range
from food_inspections.planning.due_model import can_learn, due_model
from food_inspections.planning.graph import CHAMPION_ASSET, Node
from food_inspections.planning.state import CLEAN, ESTABLISHMENTS, RAW, TRAINING, Record, State
from food_inspections.planning.target import LONGEST_SILENCE, Target

LARGEST_RANGE = 208
"""Weeks in one run: what they bring must fit into memory, and progress should be seen."""

BRIDGED_WEEKS = 4
"""Forecasts are made along with stale neighbours over gaps this short; clean rows and features over any gap."""

# A week whose queue was never published is judged by its predictions alone, one without decisions as it is.
OPTIONAL = {
    ("queue_performance", "api_inspection_queue"),
    ("queue_performance", "establishment_features"),
    ("queue_performance", "plan_decisions"),
}


class Cause(Enum):
    """Why a week cannot be made now, as far as it matters for what is said and done about it."""

    AT_WORK = "a run is making it"
    TOO_SHORT = "no model can be learnt from the history before it"
    OTHER = "something else"


@dataclass(frozen=True)
class Obstacle:
    """What keeps a week from being made, in words."""

    text: str
    cause: Cause = Cause.OTHER


_TOO_SHORT = Obstacle("too little history before it to learn a model from", Cause.TOO_SHORT)


@dataclass(frozen=True)
class PlannedRun:
    """One run.

    Attributes:
        assets: Assets to make, in order.
        first: Monday of the first week.
        last: Monday of the last week.
        reason: Why, in words.
        need: The same for the same assets made from the same content.
    """

    assets: tuple[str, ...]
    first: date
    last: date
    reason: str
    need: str

    @property
    def weeks(self) -> list[date]:
        """The weeks of the run."""
        return week_range(self.first, self.last)

    @property
    def period(self) -> str:
        """The weeks in words."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


@dataclass
class RunPlan:
    """What to do.

    Attributes:
        cutoff: Cutoff of the model that has to be made first; ``None`` for no model.
        stale: Everything to be made: reason by asset and week.
        runs: Runs that can be launched now, in order; planning again after each finds what follows.
        cautions: What a forecast is made with although it is old.
        notes: What cannot be made, or waits, and why; the cautions first.
        is_waiting: Whether something waits for a run that is under way.
    """

    cutoff: date | None
    stale: dict[str, dict[date, str]] = field(default_factory=dict)
    runs: list[PlannedRun] = field(default_factory=list)
    cautions: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    is_waiting: bool = False

    @property
    def is_up_to_date(self) -> bool:
        """Whether nothing is missing or out of date."""
        return not any(self.stale.values()) and not self.is_waiting


def make_plan(state: State, target: Target) -> RunPlan:
    """RunPlan what a target needs: the stale weeks asset by asset, then the runs that make them."""
    cutoff, reason = due_model(state, target)
    cautions = _stale(state, target, "" if cutoff else reason)
    planner = _Planner(state, target, RunPlan(cutoff, cautions=tuple(cautions), notes=cautions), reason)
    for node in state.graph.nodes:
        planner.examine(node)
    planner.plan.runs = planner.runs()
    return planner.plan


def _stale(state: State, target: Target, old_model: str) -> list[str]:
    """What a forecast will be made with although it is old: the inspections of a portal that has stopped, a model."""
    newest = state.newest_inspections
    asked = max([*target.forecast_weeks, *target.queue_weeks], default=None)
    notes = [old_model] if old_model else []
    if newest is not None and asked is not None and min(asked, state.under_way) - newest > LONGEST_SILENCE:
        notes.append(
            f"the newest inspections are of the week of {newest}: the portal may have stopped. What is made for "
            "later weeks rests on what was known then"
        )
    return notes


@dataclass
class _Planner:
    """Goes through the assets in the order in which they can be made."""

    state: State
    target: Target
    plan: RunPlan
    training_reason: str
    blocked: dict[str, dict[date, Obstacle]] = field(default_factory=dict)

    def examine(self, node: Node) -> None:
        """Which weeks of an asset are to be made, and which cannot be."""
        reasons: dict[date, str | None] = {}
        blocked: dict[date, Obstacle] = {}
        weeks = self._weeks(node)
        hashes = self.state.upstream_hashes(node.asset, weeks)
        for week in weeks:
            record = self.state.record(node.asset, week)
            obstacle = self._obstacle(node, week)
            reason = self._reason(node, week, record, hashes[week])
            if obstacle is not None:
                blocked[week] = obstacle
            elif reason is None and record is not None and record.status == "rejected":
                blocked[week] = Obstacle("rejected by its checks")
            elif reason is not None and node.asset == RAW and self.target.is_automatic:
                blocked[week] = Obstacle(f"{reason}, and is pulled by the schedule or the revisions sensor")
            elif reason is not None or not self._waits_for_upstream(node, week, record, hashes[week]):
                reasons[week] = reason
        self.blocked[node.asset] = blocked
        self.plan.stale[node.asset] = _with_weeks_between(node, reasons)
        self._note(node.asset, blocked)

    def _weeks(self, node: Node) -> list[date]:
        if node.group == TRAINING:
            return self._unaudited(node) if self.plan.cutoff is None else [self.plan.cutoff]
        return self.target.weeks_of(node.asset, node.group, self.state, self.plan.cutoff)

    def _unaudited(self, node: Node) -> list[date]:
        """The week of the newest selection, where what follows from it was not made: its run died in between."""
        selected = max(self.state.contents.get(CHAMPION_ASSET, {}), default=None)
        follows = any(dependency.asset == CHAMPION_ASSET for dependency in node.dependencies)
        if selected is None or not follows:
            return []
        record = self.state.record(node.asset, selected)
        return [selected] if record is None or record.status == "pending" else []

    def _obstacle(self, node: Node, week: date) -> Obstacle | None:
        """What keeps the week from being made, if anything does."""
        together = self.state.graph.in_group(TRAINING) if node.group == TRAINING else [node]
        for other in together:
            run_id = self.state.run_at_work(other.asset, week)
            if run_id is not None:
                return Obstacle(f"being made by run {run_id}", Cause.AT_WORK)
        if node.group == TRAINING:
            return None
        for dependency in node.dependencies:
            if dependency.is_champion:
                if week not in self.state.champions and (self.plan.cutoff is None or self.plan.cutoff > week):
                    is_long_enough = can_learn(self.state, self.target.history(self.state), week)
                    return Obstacle("no model serves the week") if is_long_enough else _TOO_SHORT
            elif dependency.end_offset == 0 and (node.asset, dependency.asset) not in OPTIONAL:
                upstream, known = dependency.asset, self.blocked.get(dependency.asset, {})
                is_there = self.state.is_accepted(upstream, week) or week in self.plan.stale.get(upstream, {})
                if week in known or not is_there:
                    known_obstacle = known.get(week, Obstacle("missing"))
                    if known_obstacle.cause is Cause.TOO_SHORT:
                        return known_obstacle
                    return Obstacle(f"{upstream} of the week is {known_obstacle.text}")
        return None

    def _reason(self, node: Node, week: date, record: Record | None, upstream_hash: str) -> str | None:
        """Why the week has to be made, if it has to."""
        if node.group == TRAINING and self.plan.cutoff is not None:
            return self.training_reason
        if (node.asset, week) in self.target.forced:
            return "forced"
        if record is None:
            return "never pulled" if node.asset == RAW else "missing"
        return self._reason_of_record(node, week, record, upstream_hash)

    def _reason_of_record(self, node: Node, week: date, record: Record, upstream_hash: str) -> str | None:
        """Why a week that was written has to be made again, if it has to."""
        if record.status == "pending":
            return "left unfinished"
        if record.status == "rejected" and self.target.is_asked_for(week):
            return "rejected before"
        if node.asset == RAW:
            return "pulled before the week was over" if self.state.was_pulled_early(week) else None
        if record.code_version != node.code_version:
            return f"made by version {record.code_version} of its code, now {node.code_version}"
        if record.upstream_hash != upstream_hash and not self._waits_for_upstream(node, week, record, upstream_hash):
            return "what it is made from has changed"
        first = next(iter(self._stale_upstream(node, week, week)), None)
        return f"{first} is made first" if first is not None and record.status == "accepted" else None

    def _stale_upstream(self, node: Node, first: date, last: date) -> dict[str, list[date]]:
        """What is to be made of the upstream weeks that a range reaches, by asset."""
        found: dict[str, list[date]] = {}
        for dependency in node.dependencies:
            start, end = dependency.reached(first, last)
            stale = self.plan.stale.get(dependency.asset, {})
            weeks = [week for week in stale if start <= week <= end]
            if weeks:
                found[dependency.asset] = weeks
        return found

    def _waits_for_upstream(self, node: Node, week: date, record: Record | None, upstream_hash: str) -> bool:
        """Whether an upstream week was written since and is not accepted: what it will hold is not known yet."""
        if record is None or record.upstream_hash == upstream_hash:
            return False
        reaches = [(each, *each.reached(week)) for each in node.dependencies if not each.is_champion]
        return any(
            first <= monday <= last and other.created_at > record.created_at
            for dependency, first, last in reaches
            for monday, other in self.state.unsettled.get(dependency.asset, {}).items()
        )

    def _note(self, asset: str, blocked: dict[date, Obstacle]) -> None:
        """Say it once per asset and obstacle."""
        for obstacle in dict.fromkeys(blocked.values()):
            weeks = [week for week, other in blocked.items() if other == obstacle]
            self.plan.is_waiting = self.plan.is_waiting or obstacle.cause is Cause.AT_WORK
            period = str(weeks[0]) if len(weeks) == 1 else f"{weeks[0]} and {len(weeks) - 1} more up to {weeks[-1]}"
            what = "no forecast" if obstacle.cause is Cause.TOO_SHORT else asset
            note = f"{what} of {period}: {obstacle.text}"
            # Everything a forecast consists of has the same cause.
            if note not in self.plan.notes:
                self.plan.notes.append(note)

    def runs(self) -> list[PlannedRun]:
        """The runs that can be launched now, a model first: what waits for it can then go together."""
        ranges = {node.asset: _ranges(self.state, node, self.plan.stale[node.asset]) for node in self.state.graph.nodes}
        planned: set[tuple[str, date]] = set()
        runs = []
        for node in self.state.graph.nodes:
            for weeks in ranges[node.asset]:
                if (node.asset, weeks[0]) in planned or not self._is_ready(node, weeks, ()):
                    continue
                assets = [node.asset]
                later = self.state.graph.nodes[self.state.graph.nodes.index(node) + 1 :]
                for other in () if self._is_pulled_again(node, weeks) else later:
                    is_alike = weeks in ranges[other.asset] and (other.group == TRAINING) == (node.group == TRAINING)
                    if is_alike and self._is_ready(other, weeks, assets):
                        assets.append(other.asset)
                planned |= {(asset, weeks[0]) for asset in assets}
                reason = self.plan.stale[node.asset][weeks[0]]
                runs.append(PlannedRun(tuple(assets), weeks[0], weeks[-1], reason, self._need(assets, weeks)))
        return sorted(runs, key=lambda run: self.state.graph.by_name[run.assets[0]].group != TRAINING)

    def _is_ready(self, node: Node, weeks: Sequence[date], in_run: Collection[str]) -> bool:
        """Whether nothing has to be made in another run first."""
        upstream = self._stale_upstream(node, weeks[0], weeks[-1])
        is_ready = all(
            asset in in_run and weeks[0] <= week <= weeks[-1] for asset, others in upstream.items() for week in others
        )
        # Of use to the queue alone, with which it goes once there is a model.
        waits = node.asset == ESTABLISHMENTS and self.plan.cutoff is not None and self.plan.cutoff <= weeks[-1]
        return is_ready and not waits

    def _is_pulled_again(self, node: Node, weeks: Sequence[date]) -> bool:
        """Whether weeks that are there are pulled once more: mostly nothing has changed, and nothing follows."""
        again = [week for week in weeks if self.state.is_accepted(RAW, week) and (RAW, week) not in self.target.forced]
        return node.asset == RAW and bool(again)

    def _need(self, assets: Sequence[str], weeks: Sequence[date]) -> str:
        """Tells this need from an earlier one of the same weeks."""
        hashes = self.state.upstream_hashes(assets[0], weeks)
        records = [self.state.record(assets[0], week) for week in weeks]
        # A week left unfinished by one run and by another are two needs.
        unfinished = sorted({record.run_id for record in records if record is not None and record.status == "pending"})
        text = ",".join([*assets, *(hashes[week] for week in weeks), *unfinished])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _with_weeks_between(node: Node, reasons: dict[date, str | None]) -> dict[date, str]:
    """The stale weeks, and those between them that are made along: one longer range is quicker than many short ones."""
    stale = {week: reason for week, reason in sorted(reasons.items()) if reason is not None}
    if node.asset == RAW or not stale:
        return stale
    weeks = sorted(stale)
    widest = weeks[-1] - weeks[0] if node.group == "preparation" else BRIDGED_WEEKS * WEEK
    between = {
        week: "made along with its neighbours"
        for before, after in itertools.pairwise(weeks)
        if after - before <= widest
        for week in reasons
        if before < week < after
    }
    return dict(sorted((stale | between).items()))


def _ranges(state: State, node: Node, stale: Collection[date]) -> list[list[date]]:
    """Weeks in a row; of clean rows also those that exchanged inspections, for these move in one commit."""
    exchanged = [
        (min(week, *record.moved_with), max(week, *record.moved_with))
        for week, record in state.records.get(RAW, {}).items()
        if record.moved_with and node.asset == CLEAN
    ]
    ranges: list[list[date]] = []
    for week in sorted(stale):
        is_next = bool(ranges) and week - ranges[-1][-1] == WEEK and len(ranges[-1]) < LARGEST_RANGE
        if is_next or (ranges and any(first <= ranges[-1][-1] and week <= last for first, last in exchanged)):
            ranges[-1].append(week)
        else:
            ranges.append([week])
    return ranges
