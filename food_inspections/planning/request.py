"""What is wanted: by a person on the command line, or by the automation."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from food_inspections.domain.weeks import WEEK, week_range
from food_inspections.planning.state import (
    CLEAN,
    ESTABLISHMENTS,
    FEATURES,
    PREDICTIONS,
    PUBLISHED_QUEUE,
    QUEUE,
    State,
)

AUTOMATIC_WEEKS = 12
"""Complete weeks the automation forecasts by itself; also how far back a weekly tick asks for changes."""


@dataclass(frozen=True)
class Request:
    """Which weeks are wanted, and what may be done for them.

    Attributes:
        forecast_weeks: Complete weeks whose predictions, publication and monitoring are wanted.
        queue_weeks: Weeks whose queue is wanted.
        history_from: First week of the history.
        is_publishing: Whether queues are published as well.
        may_pull: Whether missing weeks are pulled.
        may_train: Whether a model is made where none serves or it is due.
        has_all_features: Whether the features of every week are wanted, not only of the forecast weeks.
        forced: Assets and weeks to make whatever their records say.
    """

    forecast_weeks: tuple[date, ...] = ()
    queue_weeks: tuple[date, ...] = ()
    history_from: date | None = None
    is_publishing: bool = True
    may_pull: bool = True
    may_train: bool = True
    has_all_features: bool = False
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
        forced = set()
        if is_forced:
            groups = ("ingestion", "preparation", "prediction", "monitoring")
            queue = (ESTABLISHMENTS, QUEUE, PUBLISHED_QUEUE)
            forced = {
                (node.asset, week)
                for node in state.graph.in_group(*groups)
                for week in (ordered if node.asset in queue else over)
            }
        return cls(over, ordered, history_from or state.first_week, forced=frozenset(forced))

    @classmethod
    def of_automation(cls, state: State) -> Self:
        """What follows from what the store holds: nothing is pulled, published or trained for it.

        That is the features of every complete week, the forecast and its monitoring where a
        week was forecast before or is one of the newest, and the coming week's queue.
        """
        recent = [state.newest_complete - WEEK * ago for ago in range(AUTOMATIC_WEEKS)]
        known = set(state.rows.get(PREDICTIONS, {})) | set(recent)
        forecast = tuple(sorted(week for week in known if week in state.champions and state.is_over(week)))
        queue = () if state.first_week is None else (state.coming,)
        return cls(
            forecast,
            queue,
            state.first_week,
            is_publishing=False,
            may_pull=False,
            may_train=False,
            has_all_features=True,
        )

    def without(self, assets: Collection[str], weeks: Collection[date]) -> Self:
        """The same once some assets and weeks were made: nothing is forced twice."""
        return replace(
            self, forced=frozenset(each for each in self.forced if each[0] not in assets or each[1] not in weeks)
        )

    def weeks_of(self, asset: str, group: str, state: State, cutoff: date | None) -> list[date]:
        """The weeks of an asset that are wanted, raw ones and models excepted.

        Args:
            asset: Asset name.
            group: Its group.
            state: The store.
            cutoff: Cutoff of a model that is due: its history is wanted as well.
        """
        if asset == CLEAN:
            return self.history(state)
        if asset == FEATURES:
            history = self.history(state) if self.has_all_features or cutoff is not None else []
            upto = [week for week in history if self.has_all_features or (cutoff is not None and week < cutoff)]
            return sorted({week for week in upto if state.is_over(week)} | set(self.forecast_weeks))
        if asset in (ESTABLISHMENTS, QUEUE, PUBLISHED_QUEUE):
            if asset == PUBLISHED_QUEUE and not self.is_publishing:
                return []
            return [week for week in self.queue_weeks if not state.is_frozen(week) or (asset, week) in self.forced]
        return list(self.forecast_weeks) if group in ("prediction", "monitoring") else []

    def history(self, state: State) -> list[date]:
        """The weeks whose inspections matter for what is wanted, the coming ones excepted."""
        queues = [week - WEEK for week in self.queue_weeks if not state.is_frozen(week) or (QUEUE, week) in self.forced]
        last = max([*self.forecast_weeks, *queues], default=None)
        if last is None or self.history_from is None:
            return []
        last = min(last, state.newest_complete + WEEK)
        return week_range(self.history_from, last)
