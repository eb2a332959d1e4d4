"""Brings weeks up to date from the command line: plan, run, plan again, until nothing is due."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date

import dagster as dg

from food_inspections import home_record
from food_inspections.domain.weeks import WEEK, monday_of, week_range
from food_inspections.errors import DataError, FoodInspectionsError, PortalError
from food_inspections.orchestration.automation.store import asset_graph
from food_inspections.orchestration.instance.launch import definitions_of, open_instance, run_job
from food_inspections.orchestration.same_portal import require_same_portal
from food_inspections.planning import PlannedRun, RunPlan, State, Target, make_plan
from food_inspections.planning.state import RAW, TRAINING
from food_inspections.portal.client import PortalClient
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database
from food_inspections.storage.postgres.turns import Turn
from food_inspections.storage.records import active_runs
from food_inspections.storage.records.planning_state import load_state
from food_inspections.storage.room import lack_of_room, lack_of_room_to_begin
from food_inspections.storage.warehouse import Warehouse

Say = Callable[[str], None]


class CatchUp:
    """One request of a person.

    Args:
        settings: The deployment.
        say: Takes lines of progress.
        today: Today in the city; by the clock by default.
        defs: Definitions to run; those of the settings by default.
        instance: Where runs are recorded; that of DAGSTER_HOME by default.
    """

    def __init__(
        self,
        settings: Settings,
        say: Say,
        *,
        today: date | None = None,
        defs: dg.Definitions | None = None,
        instance: AbstractContextManager[dg.DagsterInstance] | None = None,
    ) -> None:
        self.settings = settings
        self.today = today or settings.calendar.today()
        self._say = say
        self._defs = defs
        self._instance = instance
        self._graph = asset_graph()
        self._first_pull: date | None = None
        self._noted: set[str] = set()

    @property
    def newest_complete(self) -> date:
        """Monday of the newest week that is over."""
        return monday_of(self.today) - WEEK

    def run(self, first: date, last: date, *, is_forced: bool = False, is_dry: bool = False) -> int:
        """Make what is missing or out of date of some weeks, alone: of two such requests the second waits.

        Args:
            first: Monday of the first week.
            last: Monday of the last week.
            is_forced: Make everything again.
            is_dry: Only say what is due.

        Returns:
            The number of runs.

        Raises:
            DataError: The weeks are in the wrong order, or have not begun.
            FoodInspectionsError: Another run is at work, one failed, or something cannot be made.
        """
        weeks = self._weeks(first, last)
        named = str(first) if first == last else f"{first} to {last}"
        self._note([lack_of_room_to_begin(self.settings)])
        database.upgrade(self.settings)
        if is_dry:
            return self._conclude(self._plan(weeks, is_forced=is_forced)[1], named, 0)
        with Turn(self.settings, "run", self._say) as turn:
            self._require_nobody_at_work()
            # Only now: what is due is not known while another is at work.
            target, plan = self._plan(weeks, is_forced=is_forced)
            if not plan.runs:
                return self._conclude(plan, named, 0)
            return self._work(turn, target, plan, weeks, named)

    def _require_nobody_at_work(self) -> None:
        """Refuse to begin beside a run of the automation, or of Dagster's own command: both would make the same weeks.

        Raises:
            FoodInspectionsError: A run is under way; the message names it.
        """
        with database.engine(self.settings).connect() as connection:
            runs = active_runs.runs_under_way(connection)
        if runs:
            raise FoodInspectionsError(
                f"Run {', '.join(sorted(runs))} is at work on this deployment: wait for it, then run this again."
            )

    def _plan(self, weeks: list[date], *, is_forced: bool) -> tuple[Target, RunPlan]:
        state = self._state(weeks)
        target = Target.of_weeks(state, weeks, is_forced=is_forced, history_from=self._history_from(state, weeks))
        return target, make_plan(state, target)

    def _work(self, turn: Turn, target: Target, plan: RunPlan, weeks: list[date], named: str) -> int:
        """Run after run."""
        self._note([lack_of_room(self.settings, len({week for known in plan.stale.values() for week in known}))])
        if self._first_pull is not None:
            home_record.remember_first_week(self.settings.home, self._first_pull)
        # Once everything is made nothing tells any more by what.
        self._note(plan.cautions)
        done: set[tuple[date, date, str]] = set()
        with self._launcher() as launch:
            while plan.runs:
                run = plan.runs[0]
                key = (run.first, run.last, run.need)
                if key in done:
                    raise FoodInspectionsError(
                        f"{', '.join(run.assets)} of {run.period} were made and are still due ({run.reason}): "
                        "see the run in the Dagster UI."
                    )
                done.add(key)
                self._say(f"{run.period}: {', '.join(run.assets)} ({run.reason})")
                started = time.monotonic()
                turn.keep()
                launch(run)
                self._say(f"  done in {time.monotonic() - started:.0f} s")
                target = target.without(run.assets, run.weeks)
                plan = make_plan(self._state(weeks), target)
        return self._conclude(plan, named, len(done))

    def _conclude(self, plan: RunPlan, named: str, runs: int) -> int:
        self._note(plan.notes)
        for asset, weeks in plan.stale.items():
            for reason in dict.fromkeys(weeks.values()):
                of_reason = [week for week, other in weeks.items() if other == reason]
                self._say(f"Due: {asset}, {_named(of_reason)}: {reason}")
        if plan.is_waiting:
            raise FoodInspectionsError(f"{named}: another run is at work on it. Wait for it, then run this again.")
        if plan.is_up_to_date:
            self._say(f"{named}: up to date." if runs == 0 else f"{named}: done, {runs} runs.")
        elif runs:
            raise FoodInspectionsError(f"{named}: not everything could be made, see above.")
        return runs

    def _note(self, notes: Iterable[str | None]) -> None:
        """Say each once."""
        for note in notes:
            if note is not None and note not in self._noted:
                self._say(f"Note: {note}")
                self._noted.add(note)

    def _weeks(self, first: date, last: date) -> list[date]:
        if last < first:
            raise DataError(f"No weeks from {first} to {last}: give the earlier Monday first.")
        coming = monday_of(self.today) + WEEK
        if last > coming:
            raise DataError(f"Week {last} is too far ahead: the last one with a queue is {coming}.")
        return week_range(first, last)

    def _state(self, weeks: list[date]) -> State:
        with (
            database.engine(self.settings).connect().execution_options(isolation_level="REPEATABLE READ") as connection
        ):
            return load_state(connection, self.settings, self._graph, self.today, weeks)

    def _history_from(self, state: State, weeks: list[date]) -> date:
        """The first week to be whole from: the store's own, an earlier one asked for, or the portal's first."""
        if state.first_week is not None:
            if weeks[0] < state.first_week:
                self._say(
                    f"Note: nothing before {state.first_week} was ever pulled. "
                    f"What happened before {weeks[0]} stays unknown to the features."
                )
            return min(state.first_week, weeks[0])
        with PortalClient.from_settings(self.settings) as portal:
            days = portal.days()["inspection_date"]
        if days.empty:
            raise PortalError(f"{self.settings.portal_url} holds no inspections: check FOOD_INSPECTIONS_PORTAL_URL.")
        first: date = max(monday_of(days.min().date()), self.settings.calendar.first_week)
        self._say(f"The store is empty: the history from {first} on is pulled first.")
        self._first_pull = min(first, weeks[0])
        return self._first_pull

    @contextmanager
    def _launcher(self) -> Iterator[Callable[[PlannedRun], None]]:
        """Launches runs in this process."""
        defs, warehouse = self._defs or definitions_of(self.settings), Warehouse(self.settings)
        # Pull, preparation and forecast of a week go together: more than any one of the named jobs has.
        every_asset = defs.resolve_implicit_global_asset_job_def().name
        with self._instance or open_instance() as instance:

            def launch(run: PlannedRun) -> None:
                if RAW in run.assets:
                    require_same_portal(warehouse, self.settings.portal_url, self.settings.dataset)
                is_training = self._graph.by_name[run.assets[0]].group == TRAINING
                job = TRAINING if is_training else every_asset
                tags = {"food_inspections/reason": run.reason}
                run_job(defs, instance, job, run.first, run.last, tags=tags, assets=run.assets)

            yield launch


def _named(weeks: list[date]) -> str:
    first, last = min(weeks), max(weeks)
    if first == last:
        return str(first)
    whole = (last - first) // WEEK + 1 == len(weeks)
    return f"{first} to {last}" if whole else f"{len(weeks)} weeks from {first} to {last}"
