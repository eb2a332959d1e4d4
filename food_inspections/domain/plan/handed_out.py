"""What people decided about a plan, before it is made again: what stays, with whom, and what is taken off."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, tzinfo

import pandas as pd

STOP_COLUMNS = ("establishment_id", "inspector", "day", "stop", "why")
TAKEN_OFF = ("postponed", "skipped", "closed", "wrong_address")


@dataclass(frozen=True)
class HandedOut:
    """What a new version of a plan has to keep.

    Attributes:
        stops: establishment_id, inspector, day (datetime64), stop, why, in the order of the way.
        left_out: Establishments that the week is not to visit (again).
        from_day: First day on which something new may be planned; ``None`` for the whole week.
        version: Version that was handed out; ``None`` where none was.
    """

    stops: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(STOP_COLUMNS)))
    left_out: Collection[str] = frozenset()
    from_day: date | None = None
    version: int | None = None


def handed_out(stops: pd.DataFrame, decisions: pd.DataFrame, today: date, time_zone: tzinfo) -> HandedOut:
    """What a plan that decisions were made on has to keep.

    Until the first decision a plan is a draft and is made anew. From then on its stops keep inspector and day, but for
    those that were swapped, which are the other inspector's on the same day, and those that were taken off.
    Nothing new is planned on days that are over, nor on those before the last decision.

    Args:
        stops: Newest version of the week's plan: version and :data:`STOP_COLUMNS`.
        decisions: In the order they were made: establishment_id, inspector, decision, decided_at (aware). Of several
            about one place the last counts, and the last swap says who has it.
        today: Today where the inspectors are.
        time_zone: Where the inspectors are.
    """
    if stops.empty or decisions.empty:
        return HandedOut()
    last = decisions.groupby("establishment_id")["decision"].last()
    swaps = decisions[decisions["decision"] == "swapped"].groupby("establishment_id")["inspector"].last()
    is_left_out = last.isin(TAKEN_OFF) | ((last == "done") & ~last.index.isin(stops["establishment_id"]))
    left_out = frozenset(last[is_left_out].index)
    kept = stops[~stops["establishment_id"].isin(left_out)]
    kept = kept.assign(inspector=kept["establishment_id"].map(swaps).fillna(kept["inspector"]))
    kept = kept.sort_values(["inspector", "day", "stop", "establishment_id"], kind="stable", ignore_index=True)
    decided = decisions["decided_at"].max().astimezone(time_zone).date()
    return HandedOut(kept[list(STOP_COLUMNS)], left_out, max(decided, today), int(stops["version"].iloc[0]))
