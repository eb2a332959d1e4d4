"""What a plan is about: the weeks of a person on the command line, or whatever the automation keeps up to date."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Self

from food_inspections.domain.weeks import WEEK, week_range
from food_inspections.planning.state import (
    CLEAN,
    ESTABLISHMENTS,
    FEATURES,
    PLAN,
    PREDICTIONS,
    PUBLISHED_QUEUE,
    QUEUE,
    RAW,
    REPORTS,
    State,
)

AUTOMATIC_WEEKS = 12
"""Complete weeks the automation forecasts by itself; also how far back the daily pull looks for changes."""

LONGEST_SILENCE = 4 * WEEK
"""How old the newest inspections may be before somebody is told that the portal may have stopped."""

FIRST_MODEL_WEEKS = 32
"""Weeks of features before the newest complete one that the automation waits for before it makes a first model."""

QUEUE_ASSETS = (ESTABLISHMENTS, QUEUE, PUBLISHED_QUEUE, PLAN)


@dataclass(frozen=True)
class Target:
    """Which weeks are wanted, and for whom.

    Attributes:
        forecast_weeks: Complete weeks whose predictions, publication and monitoring are wanted.
        queue_weeks: Weeks whose queue is wanted.
        history_from: First week of the history.
        is_automatic: Nothing is pulled, no queue is published, no rejected week tried again and no model made
            anew; but the features of every week are wanted, not only those of the forecast weeks.
        forced: Assets and weeks to make whatever their records say.
    """

    forecast_weeks: tuple[date, ...] = ()
    queue_weeks: tuple[date, ...] = ()
    history_from: date | None = None
    is_automatic: bool = False
    forced: frozenset[tuple[str, date]] = frozenset()

    @classmethod
    def of_weeks(cls, state: State, weeks: Collection[date], *, is_forced: bool, history_from: date | None) -> Self:
        """Everything about some weeks, as a person asks for it.

        Args:
            state: The store.
            weeks: Mondays.
            is_forced: Whether to pull and make them again, publication included, whatever the records say.
            history_from: First week of the history where the store is empty or starts later.
        """
        ordered = tuple(sorted(weeks))
        over = tuple(week for week in ordered if state.is_over(week))
        forced = {
            (node.asset, week)
            for node in state.graph.in_group("ingestion", "preparation", "prediction", "monitoring")
            for week in (ordered if node.asset in QUEUE_ASSETS else over)
        }
        kept = frozenset(forced) if is_forced else frozenset()
        return cls(over, ordered, history_from or state.first_week, forced=kept)

    @classmethod
    def of_automation(cls, state: State) -> Self:
        """What follows from what the store holds.

        That is the features of every complete week, the forecast and its monitoring where a
        week was forecast before or is one of the newest, and the coming week's queue. Where there
        is no model yet, the newest complete week is forecast first, with the first model.
        """
        newest = state.newest_complete
        if state.coming in state.champions:
            known = {*state.records.get(PREDICTIONS, {}), *(newest - WEEK * ago for ago in range(AUTOMATIC_WEEKS))}
            weeks = sorted(week for week in known if week in state.champions and state.is_over(week))
        else:
            before = [week for week in state.contents.get(FEATURES, {}) if week < newest]
            has_history = state.is_accepted(FEATURES, newest) and len(before) >= FIRST_MODEL_WEEKS
            weeks = [newest] if has_history else []
        queue = () if state.first_week is None else (state.coming,)
        return cls(tuple(weeks), queue, state.first_week, is_automatic=True)

    def without(self, assets: Collection[str], weeks: Collection[date]) -> Self:
        """The same once some assets and weeks were made: nothing is forced twice."""
        forced = frozenset((asset, week) for asset, week in self.forced if asset not in assets or week not in weeks)
        return replace(self, forced=forced)

    def is_asked_for(self, week: date) -> bool:
        """Whether a person named the week, so that a rejected one is tried again."""
        return not self.is_automatic and (week in self.forecast_weeks or week in self.queue_weeks)

    def weeks_of(self, asset: str, group: str, state: State, cutoff: date | None) -> list[date]:
        """The weeks of an asset that are wanted.

        Args:
            asset: Asset name.
            group: Its group.
            state: The store.
            cutoff: Cutoff of a model that is due: its history is wanted as well.
        """
        if asset == RAW:
            return sorted({*self.history(state), *(week for name, week in self.forced if name == RAW)})
        if asset == CLEAN:
            return self.history(state)
        if asset == FEATURES:
            history = [week for week in self.history(state) if state.is_over(week)]
            learnt = [week for week in history if cutoff is not None and week < cutoff]
            # A column that a new version adds would be empty in the weeks that the next model learns from.
            outgrown = [week for week in history if state.is_of_other_code(asset, week)]
            return sorted({*(history if self.is_automatic else [*learnt, *outgrown]), *self.forecast_weeks})
        if asset in QUEUE_ASSETS:
            if asset in (PUBLISHED_QUEUE, PLAN) and self.is_automatic:
                return []
            # People work by a plan: it is made once, though its queue may have been published before.
            is_made = state.is_frozen if asset != PLAN else partial(state.is_accepted, PLAN)
            return [week for week in self.queue_weeks if not is_made(week) or (asset, week) in self.forced]
        # Pictures are of the newest week alone, and nobody on a command line waits for them.
        pictured = self.forecast_weeks[-1:] if self.is_automatic else ()
        wanted = {"prediction": self.forecast_weeks, "monitoring": self.forecast_weeks, REPORTS: pictured}
        return list(wanted.get(group, ()))

    def history(self, state: State) -> list[date]:
        """The weeks whose inspections matter for what is wanted, the coming ones excepted."""
        queues = [week - WEEK for week in self.queue_weeks if not state.is_frozen(week) or (QUEUE, week) in self.forced]
        last = max([*self.forecast_weeks, *queues], default=None)
        if last is None or self.history_from is None:
            return []
        return week_range(self.history_from, min(last, state.under_way))
