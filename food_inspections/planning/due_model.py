"""When a model is due, and whether the history before it is long enough, from the records alone."""

import itertools
from datetime import date

from food_inspections.domain.learning.splits import MINIMUM_ROWS, split_dates
from food_inspections.domain.weeks import WEEK
from food_inspections.errors import DataError
from food_inspections.planning.state import FEATURES, PREDICTIONS, QUEUE, ServingModel, State
from food_inspections.planning.target import LONGEST_SILENCE, Target


def due_model(state: State, target: Target) -> tuple[date | None, str]:
    """Cutoff of the first model that has to be made, and why.

    A model is due where none serves, or, for a person, where the city's profile was changed since it was learnt, or
    where the last decision is older than the retraining interval and the week has not been forecast before. Weeks at
    the beginning of the history, which no model can be made for, are left out where a later one of those asked for
    has one. Where the last weeks are empty, as those of a portal that has stopped, the model in force serves on.

    Returns:
        The cutoff; without one, why the model in force serves on although it is old, if it does.
    """
    wanted = dict.fromkeys(target.forecast_weeks, PREDICTIONS)
    if not target.is_automatic:
        wanted = {week: QUEUE for week in target.queue_weeks if not state.is_frozen(week)} | wanted
    history = target.history(state)
    hopeless: tuple[date | None, str] = (None, "")
    kept = ""
    for week, asset in sorted(wanted.items()):
        champion = state.champions.get(week)
        cutoff = min(week, state.under_way)
        if champion is None:
            due = cutoff, f"no model serves {week}"
            if can_learn(state, history, cutoff):
                return due
            hopeless = hopeless if hopeless[0] or target.is_automatic else due
            continue
        hopeless = None, ""
        old = "" if target.is_automatic else _why_old(state, champion, asset, week)
        if old:
            if state.newest_inspections is None or cutoff - state.newest_inspections <= LONGEST_SILENCE:
                return cutoff, old
            kept = f"{old} and serves on: there are no inspections of the weeks before {cutoff} to judge another one by"
    return hopeless if hopeless[0] else (None, kept)


def _why_old(state: State, champion: ServingModel, asset: str, week: date) -> str:
    """Why another model is due for a week that one serves; empty where none is."""
    if state.has_old_profile(champion):
        return f"the model of {champion.effective_week} was learnt before the city's profile was changed"
    age = (min(week, state.under_way) - champion.effective_week) // WEEK
    if age >= state.retraining_weeks and state.record(asset, week) is None:
        return f"the model of {champion.effective_week} is {age} weeks old"
    return ""


def can_learn(state: State, history: list[date], cutoff: date) -> bool:
    """Whether a model can be made on a Monday; yes as long as the features before it are not all there.

    Args:
        state: The store.
        history: Mondays of the whole history.
        cutoff: Monday on which the model would be made.
    """
    before = [week for week in history if week < cutoff]
    if not all(state.is_accepted(FEATURES, week) for week in before):
        return True
    counts = {week: state.records[FEATURES][week].row_count for week in before}
    visited = [week for week, count in counts.items() if count]
    if not visited:
        return False
    try:
        dates = split_dates(min(visited), cutoff)
    except DataError:
        return False
    edges = (dates.fit_from, dates.calibrate_from, dates.validate_from, dates.cutoff)
    parts = itertools.pairwise(edges)
    return all(
        sum(count for week, count in counts.items() if start <= week < end) >= MINIMUM_ROWS for start, end in parts
    )
