"""The queue: every establishment in business, ranked by score, and the list the week's capacity allows."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.inputs import require_columns
from food_inspections.errors import DataError

ESTABLISHMENT_COLUMNS = (
    "establishment_id",
    "dba_name",
    "address",
    "zip",
    "facility_type",
    "risk",
    "latitude",
    "longitude",
    "last_visit",
    "days_since_last_visit",
    "last_result",
    "is_reinspection_open",
)
SCORE_COLUMNS = (
    "score",
    "score_low",
    "score_high",
    "net_score",
    "label",
    "threshold",
    "model_id",
    "model_cutoff",
    "reasons",
)


def weekly_capacity(visits_per_week: Sequence[int]) -> int:
    """Length of the list where none is set: the median visits of the weeks given, at least 1.

    Args:
        visits_per_week: Visits in each of the last eight complete weeks; empty for a city just started.
    """
    return max(1, int(np.median(visits_per_week))) if len(visits_per_week) else 1


def week_seed(week: date, seed: int = 0) -> int:
    """Seed of a week's random draw: another one every week, the same whenever the week is computed."""
    return week.toordinal() + 10_000_019 * seed


def rank_queue(
    establishments: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    week: date,
    capacity: int,
    random_share: float,
    seed: int = 0,
) -> pd.DataFrame:
    """Rank establishments and mark the week's list.

    The list is the top of the ranking plus a share drawn at random from those below it:
    only visited places yield outcomes, so without the draw the forecast would be
    judged on its own choices alone.

    Args:
        establishments: Columns of data.establishment_features, one row per establishment.
        scores: :data:`SCORE_COLUMNS` of each, in the same order.
        week: Monday the queue is for; the draw is another one every week.
        capacity: Length of the list.
        random_share: Share of the list drawn at random, in [0, 1).
        seed: Seed of the draw, beside the week.

    Returns:
        Columns of data.inspection_queue, by rank.

    Raises:
        DataError: An establishment appears twice, or scores are missing.
    """
    require_columns(establishments, ESTABLISHMENT_COLUMNS, "The table of establishments")
    require_columns(scores, SCORE_COLUMNS, "The table of scores")
    if len(establishments) != len(scores):
        raise DataError(
            f"There are {len(establishments)} establishments and {len(scores)} scores: each establishment needs one."
        )
    ids = establishments["establishment_id"]
    if ids.duplicated().any():
        raise DataError(f"The establishment {ids[ids.duplicated()].iloc[0]} appears twice in the queue of {week}.")
    queue = pd.concat(
        [
            establishments[list(ESTABLISHMENT_COLUMNS)].reset_index(drop=True),
            scores[list(SCORE_COLUMNS)].reset_index(drop=True),
        ],
        axis=1,
    )
    # Sorting by id before the stable sort by score breaks ties by id.
    queue = queue.sort_values("establishment_id", kind="stable").sort_values("score", ascending=False, kind="stable")
    queue = queue.reset_index(drop=True)
    drawn = random_rows(len(queue), capacity, random_share, week_seed(week, seed))
    is_top = np.arange(len(queue)) < capacity - random_draws(capacity, random_share)
    return queue.assign(
        week=pd.Timestamp(week),
        rank=np.arange(1, len(queue) + 1),
        is_on_list=is_top | drawn,
        is_random_draw=drawn,
    )


def random_rows(row_count: int, capacity: int, random_share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Which of the ranked rows are drawn at random from those below the top."""
    draws = random_draws(capacity, random_share)
    top = min(row_count, capacity - draws)
    drawn = np.zeros(row_count, dtype=np.bool_)
    below = np.random.default_rng(seed).permutation(row_count - top)[:draws]
    drawn[top + below] = True
    return drawn


def random_draws(capacity: int, random_share: float) -> int:
    """How many places of the list are drawn at random: the share of its length, rounded half up."""
    return int(capacity * random_share + 0.5)
