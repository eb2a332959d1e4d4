"""Which weeks of which assets are missing or out of date, and why.

The rules of DESIGN, "Out of date": a changed week makes stale its own clean rows and the
features of that week and later ones, a prediction is stale when its features' content or
its champion changed; models and published queues never become stale.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from food_inspections.domain.weeks import monday_of
from food_inspections.planning.graph import Dependency, Node
from food_inspections.planning.learning import TOO_SHORT, can_learn
from food_inspections.planning.lineage import is_champion
from food_inspections.planning.request import Request
from food_inspections.planning.state import PREDICTIONS, QUEUE, RAW, Row, State

TRAINING = "training"

# A week whose queue was never published is judged by its predictions alone.
_WITHOUT = {("queue_performance", "api_inspection_queue")}


@dataclass(frozen=True)
class Reason:
    """Why a week is due.

    Attributes:
        text: In words.
        is_certain: False where something it is made from is due first, whose content may turn out the same.
    """

    text: str
    is_certain: bool = True


@dataclass
class Due:
    """What is due.

    Attributes:
        weeks: Reason by asset and week.
        cutoff: Cutoff of the model to be made first; ``None`` for no model.
        notes: What cannot be made, or waits, and why.
        is_waiting: Whether something waits for a run that is under way.
    """

    weeks: dict[str, dict[date, Reason]] = field(default_factory=dict)
    cutoff: date | None = None
    notes: list[str] = field(default_factory=list)
    is_waiting: bool = False

    def within(self, asset: str, first: date, last: date) -> list[date]:
        """The due weeks of an asset between two Mondays, both included."""
        return [week for week in self.weeks.get(asset, {}) if first <= week <= last]


def find_due(state: State, request: Request) -> Due:
    """Go through the assets in the order in which they can be made."""
    due = Due()
    due.cutoff, reason = _model_due(state, request)
    unusable: dict[str, dict[date, str]] = {}
    for node in state.graph.nodes:
        if node.asset == RAW:
            found, bad = _raw(state, request)
        elif node.group == TRAINING:
            found, bad = _training(state, due.cutoff, reason, node)
        else:
            weeks = request.weeks_of(node.asset, node.group, state, due.cutoff)
            found, bad = _Asset(state, request, due, unusable, node).examine(weeks)
        due.weeks[node.asset] = found
        unusable[node.asset] = bad
        _note(due, node.asset, bad)
    return due


def _raw(state: State, request: Request) -> tuple[dict[date, Reason], dict[date, str]]:
    due: dict[date, Reason] = {}
    bad: dict[date, str] = {}
    asked = set(request.forecast_weeks) | set(request.queue_weeks)
    weeks = request.history(state)
    for week in sorted({*weeks, *(week for asset, week in request.forced if asset == RAW)}):
        row = state.row(RAW, week)
        if row is not None and state.is_under_way(row):
            bad[week] = f"being pulled by run {row.run_id}"
            continue
        text = _raw_reason(state, request, week, row, is_asked=week in asked)
        if text is None:
            if row is not None and row.status == "rejected":
                bad[week] = "rejected by its checks"
        elif request.may_pull:
            due[week] = Reason(text)
        else:
            bad[week] = f"{text}, and is pulled by the schedule or the revisions sensor"
    return due, bad


def _raw_reason(state: State, request: Request, week: date, row: Row | None, *, is_asked: bool) -> str | None:
    if (RAW, week) in request.forced:
        return "forced"
    if row is None:
        return "never pulled"
    if row.status == "pending":
        return "left unfinished"
    if row.status == "rejected" and is_asked and request.may_pull:
        return "rejected before"
    return "pulled before the week was over" if state.was_pulled_early(week) else None


def _model_due(state: State, request: Request) -> tuple[date | None, str]:
    """Cutoff of the first model that has to be made, and why.

    A model is due where none serves, or where the last decision is older than the
    retraining interval and the week has not been forecast before. Weeks at the beginning of the
    history, which no model can be made for, are left out where a later one of those asked for has one.
    """
    if not request.may_train:
        return None, ""
    queues = [week for week in request.queue_weeks if not state.is_frozen(week)]
    asked = dict.fromkeys(request.forecast_weeks, PREDICTIONS) | {
        week: QUEUE for week in queues if week not in request.forecast_weeks
    }
    history = request.history(state)
    hopeless: tuple[date | None, str] = (None, "")
    for week, asset in sorted(asked.items()):
        champion = state.champions.get(week)
        cutoff = min(week, monday_of(state.today))
        if champion is None:
            due = cutoff, f"no model serves {week}"
            if can_learn(state, history, cutoff):
                return due
            hopeless = hopeless if hopeless[0] else due
            continue
        hopeless = None, ""
        age = (cutoff - champion.effective_week) // timedelta(weeks=1)
        if age >= state.retraining_weeks and state.row(asset, week) is None:
            return cutoff, f"the model of {champion.effective_week} is {age} weeks old"
    return hopeless


def _training(state: State, cutoff: date | None, reason: str, node: Node) -> tuple[dict[date, Reason], dict[date, str]]:
    if cutoff is None:
        return {}, {}
    under_way = [
        row.run_id
        for each in state.graph.in_group(TRAINING)
        if (row := state.row(each.asset, cutoff)) is not None and state.is_under_way(row)
    ]
    if under_way:
        return {}, {cutoff: f"being made by run {under_way[0]}"}
    return {cutoff: Reason(reason)}, {}


@dataclass(frozen=True)
class _Asset:
    """One asset under examination."""

    state: State
    request: Request
    due: Due
    unusable: dict[str, dict[date, str]]
    node: Node

    def examine(self, weeks: Iterable[date]) -> tuple[dict[date, Reason], dict[date, str]]:
        """Which of the weeks are due, and which cannot be used or made."""
        ordered = sorted(weeks)
        hashes = self.state.upstream_hashes(self.node.asset, ordered)
        due: dict[date, Reason] = {}
        bad: dict[date, str] = {}
        for week in ordered:
            row = self.state.row(self.node.asset, week)
            if row is not None and self.state.is_under_way(row):
                bad[week] = f"being made by run {row.run_id}"
                continue
            obstacle = self._obstacle(week)
            reason = self._reason(week, row, hashes[week])
            if obstacle is not None:
                bad[week] = obstacle
            elif reason is not None:
                due[week] = reason
            elif row is not None and row.status == "rejected":
                bad[week] = "rejected by its checks"
        return due, bad

    def _obstacle(self, week: date) -> str | None:
        """What keeps the week from being made, if anything does."""
        for dependency in self.node.dependencies:
            if is_champion(dependency):
                if week not in self.state.champions and (self.due.cutoff is None or self.due.cutoff > week):
                    history = self.request.history(self.state)
                    return "no model serves the week" if can_learn(self.state, history, week) else TOO_SHORT
            elif dependency.end_offset == 0 and not self._is_there(dependency, week):
                why = self.unusable.get(dependency.asset, {}).get(week, "missing")
                return why if why == TOO_SHORT else f"{dependency.asset} of the week is {why}"
        return None

    def _is_there(self, dependency: Dependency, week: date) -> bool:
        if (self.node.asset, dependency.asset) in _WITHOUT:
            return True
        if week in self.unusable.get(dependency.asset, {}):
            return False
        return self.state.is_accepted(dependency.asset, week) or week in self.due.weeks.get(dependency.asset, {})

    def _reason(self, week: date, row: Row | None, upstream: str) -> Reason | None:
        text = self._certain(week, row, upstream)
        if text is not None:
            return Reason(text)
        before = self._due_before(week)
        is_accepted = row is not None and row.status == "accepted"
        return Reason(f"{before} is made first", is_certain=False) if before and is_accepted else None

    def _certain(self, week: date, row: Row | None, upstream: str) -> str | None:
        """Why the week has to be made whatever comes of what else is due."""
        if row is None:
            return "missing"
        if (self.node.asset, week) in self.request.forced:
            return "forced"
        if row.status == "pending":
            return "left unfinished"
        is_asked = week in self.request.forecast_weeks or week in self.request.queue_weeks
        if row.status == "rejected" and self.request.may_train and is_asked:
            return "rejected before"
        if row.code_version != self.node.code_version:
            return f"made by version {row.code_version} of its code, now {self.node.code_version}"
        is_stale = row.upstream_hash != upstream and not self._is_unsettled(week, row)
        return "what it is made from has changed" if is_stale else None

    def _due_before(self, week: date) -> str | None:
        """An asset that is due and that the week is made from."""
        for dependency in self.node.dependencies:
            if is_champion(dependency):
                if self.due.cutoff is not None and self.due.cutoff <= week:
                    return dependency.asset
            elif self.due.within(dependency.asset, *dependency.reached(week)):
                return dependency.asset
        return None

    def _is_unsettled(self, week: date, row: Row) -> bool:
        """Whether an upstream week was written since and is not accepted: what it will hold is not known yet."""
        for dependency in self.node.dependencies:
            if is_champion(dependency):
                continue
            first, last = dependency.reached(week)
            upstream = self.state.rows.get(dependency.asset, {})
            if any(
                other.status != "accepted" and other.created_at > row.created_at
                for monday, other in upstream.items()
                if first <= monday <= last
            ):
                return True
        return False


def _note(due: Due, asset: str, bad: dict[date, str]) -> None:
    """Say it once per asset and cause."""
    for why in dict.fromkeys(bad.values()):
        weeks = [week for week, text in bad.items() if text == why]
        due.is_waiting = due.is_waiting or why.startswith("being ")
        named = str(weeks[0]) if len(weeks) == 1 else f"{weeks[0]} and {len(weeks) - 1} more up to {weeks[-1]}"
        note = f"no forecast of {named}: {why}" if why == TOO_SHORT else f"{asset} of {named}: {why}"
        # Everything a forecast consists of has the same cause.
        if note not in due.notes:
            due.notes.append(note)
