"""Whether the history before a Monday is long enough for a model, from the records alone."""

import itertools
from datetime import date

from food_inspections.errors import DataError
from food_inspections.planning.state import FEATURES, State

TOO_SHORT = "too little history before it to learn a model from"


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
    # Imports pandas, which a plan without a model to be made does not need.
    from food_inspections.domain.learning.splits import MINIMUM_ROWS, split_dates  # noqa: PLC0415

    try:
        dates = split_dates(min(visited), cutoff)
    except DataError:
        return False
    edges = (dates.fit_from, dates.calibrate_from, dates.validate_from, dates.cutoff)
    parts = itertools.pairwise(edges)
    return all(
        sum(count for week, count in counts.items() if start <= week < end) >= MINIMUM_ROWS for start, end in parts
    )
