"""Which runs make what is due: as few as can be, each only of what is ready."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from food_inspections.domain.weeks import WEEK, week_range
from food_inspections.planning.due import TRAINING, Due
from food_inspections.planning.graph import Node
from food_inspections.planning.lineage import is_champion
from food_inspections.planning.state import CLEAN, ESTABLISHMENTS, RAW, State

LARGEST_RANGE = 208
"""Weeks in one run: what they bring must fit into memory, and progress should be seen."""


@dataclass(frozen=True)
class Task:
    """One run.

    Attributes:
        assets: Assets to make, in order.
        first: Monday of the first week.
        last: Monday of the last week.
        reason: Why, in words.
        state_key: The same for the same assets and weeks made from the same content.
    """

    assets: tuple[str, ...]
    first: date
    last: date
    reason: str
    state_key: str

    @property
    def weeks(self) -> list[date]:
        """The weeks of the run."""
        return week_range(self.first, self.last)

    @property
    def period(self) -> str:
        """The weeks in words."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


def find_tasks(state: State, due: Due) -> list[Task]:
    """The runs that can be launched now; what waits for them is found by planning again afterwards."""
    covered: set[tuple[str, date]] = set()
    tasks = []
    for node in state.graph.nodes:
        certain = [
            week
            for week, reason in sorted(due.weeks[node.asset].items())
            if reason.is_certain and (node.asset, week) not in covered
        ]
        for weeks in _ranges(certain, _moved_with(state, node)):
            span = week_range(weeks[0], weeks[-1])
            if not _is_ready(due, node, span, ()):
                continue
            assets = _group(state, due, node, weeks, span)
            covered |= {(asset, week) for asset in assets for week in weeks}
            reason = due.weeks[node.asset][weeks[0]].text
            tasks.append(Task(tuple(assets), weeks[0], weeks[-1], reason, _state_key(state, assets, weeks)))
    return tasks


def _group(state: State, due: Due, node: Node, weeks: Sequence[date], span: Sequence[date]) -> list[str]:
    """The assets that one run can make of these weeks, beginning with one of them."""
    assets = [node.asset]
    for other in state.graph.nodes[state.graph.nodes.index(node) + 1 :]:
        if (other.group == TRAINING) != (node.group == TRAINING):
            continue
        if len(span) > len(weeks) and other.group != "preparation":
            # Weeks in between are made again only as far as they have to be.
            continue
        reasons = [due.weeks[other.asset].get(week) for week in weeks]
        if any(reason is None for reason in reasons) or not _is_ready(due, other, span, assets):
            continue
        # Rows that changed change what is made of them; features of later weeks often come out the same.
        follows = CLEAN in assets
        if all(reason is not None and (reason.is_certain or follows) for reason in reasons):
            assets.append(other.asset)
    return assets


def _is_ready(due: Due, node: Node, span: Sequence[date], in_run: Iterable[str]) -> bool:
    """Whether nothing that is due has to be made in another run first."""
    for dependency in node.dependencies:
        if is_champion(dependency):
            if due.cutoff is not None and due.cutoff <= span[-1]:
                return False
            continue
        first, last = dependency.reached(span[0])[0], dependency.reached(span[-1])[1]
        others = due.within(dependency.asset, first, last)
        if dependency.asset in in_run:
            others = [week for week in others if not span[0] <= week <= span[-1]]
        if others:
            return False
    # Of use to the queue alone, with which it goes once there is a model.
    return node.asset != ESTABLISHMENTS or due.cutoff is None or due.cutoff > span[-1]


def _ranges(weeks: Sequence[date], together: Sequence[tuple[date, date]]) -> list[list[date]]:
    """Weeks in a row, and weeks that exchanged inspections, each as one range."""
    ranges: list[list[date]] = []
    for week in weeks:
        is_next = bool(ranges) and week - ranges[-1][-1] == WEEK and len(ranges[-1]) < LARGEST_RANGE
        is_linked = bool(ranges) and any(first <= ranges[-1][-1] and week <= last for first, last in together)
        if is_next or is_linked:
            ranges[-1].append(week)
        else:
            ranges.append([week])
    return ranges


def _moved_with(state: State, node: Node) -> list[tuple[date, date]]:
    """First and last week of every exchange of inspections, for what is made of raw weeks themselves."""
    if node.asset != CLEAN:
        return []
    rows = state.rows.get(RAW, {})
    return [(min(week, *row.moved_with), max(week, *row.moved_with)) for week, row in rows.items() if row.moved_with]


def _state_key(state: State, assets: Sequence[str], weeks: Sequence[date]) -> str:
    """Tells this need from an earlier one of the same weeks."""
    hashes = state.upstream_hashes(assets[0], weeks)
    rows = [state.row(assets[0], week) for week in weeks]
    # A week left unfinished by one run and by another are two needs.
    unfinished = sorted({row.run_id for row in rows if row is not None and row.status == "pending"})
    text = "".join(hashes[week] for week in weeks) + "".join(unfinished) + ",".join(assets)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
