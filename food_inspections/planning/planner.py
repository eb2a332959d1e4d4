"""From a snapshot of the store to the runs that are needed."""

from dataclasses import dataclass

from food_inspections.planning.due import Due, find_due
from food_inspections.planning.request import Request
from food_inspections.planning.state import State
from food_inspections.planning.tasks import Task, find_tasks


@dataclass(frozen=True)
class Plan:
    """What to do.

    Attributes:
        tasks: Runs that can be launched now, in order; planning again after each finds what follows.
        due: Everything that is due, with reasons.
    """

    tasks: tuple[Task, ...]
    due: Due

    @property
    def notes(self) -> list[str]:
        """What cannot be made, or waits, and why."""
        return self.due.notes

    @property
    def is_up_to_date(self) -> bool:
        """Whether nothing is missing or out of date."""
        return not any(self.due.weeks.values()) and not self.due.is_waiting


def make_plan(state: State, request: Request) -> Plan:
    """Plan what a request needs."""
    due = find_due(state, request)
    return Plan(tuple(find_tasks(state, due)), due)
