"""How soon failures are found, by area and by kind, under a plan and under business as usual.

At a steady pace of finds a week, a stock of failures to be found lasts stock / finds weeks, and one of them waits half
of that on average. Business as usual deals the same number of visits as the year before did, place by place,
whatever the scores. So an area is served no later than without the program exactly where the plan finds at least as
many failures there as business as usual would: that is the floor.
"""

import numpy as np
import pandas as pd

from food_inspections.domain.inputs import FloatArray

TOLERANCE = 1e-9


def visit_shares(establishment_ids: pd.Series, visited: pd.Series) -> FloatArray:
    """Share of the usual visits that each place gets.

    Args:
        establishment_ids: The places.
        visited: Establishment of every visit of the year before; of the places alone those that are still there count.

    Returns:
        One per place, summing to 1; all alike where none was visited.
    """
    counts = establishment_ids.map(visited.value_counts()).fillna(0).to_numpy(dtype=np.float64)
    total = counts.sum()
    return counts / total if total > 0 else np.full(len(counts), 1 / max(1, len(counts)))


def usual_finds(scores: FloatArray, shares: FloatArray, groups: pd.Series, visits: float) -> pd.Series:
    """Failures that business as usual is expected to find in each group with so many visits."""
    return pd.Series(visits * shares * scores, index=groups.index).groupby(groups).sum()


def service_table(
    places: pd.DataFrame, planned: "np.ndarray[tuple[int], np.dtype[np.bool_]]", shares: FloatArray, floor: float
) -> pd.DataFrame:
    """What a plan means for areas and kinds.

    Args:
        places: The whole queue: score, area, facility_type.
        planned: Which of them the plan visits.
        shares: Share of the usual visits of each.
        floor: Share of the usual finds an area is to have.

    Returns:
        Columns of data.plan_service without week and version: ``all`` first, then areas and kinds by name.
    """
    score = places["score"].to_numpy(dtype=np.float64)
    visits = int(planned.sum())
    facts = pd.DataFrame(
        {
            "places": 1,
            "stock": score,
            "planned_visits": planned.astype(np.int64),
            "planned_finds": score * planned,
            "usual_visits": visits * shares,
            "usual_finds": visits * shares * score,
        },
        index=places.index,
    )
    attributes = {"all": pd.Series("all", index=places.index), "area": places["area"], "kind": places["facility_type"]}
    parts = []
    for attribute, values in attributes.items():
        sums = facts.groupby(values.to_numpy(), sort=True).sum().rename_axis("value").reset_index()
        parts.append(sums.assign(attribute=attribute, floor=floor if attribute == "area" else np.nan))
    table = pd.concat(parts, ignore_index=True)
    for pace in ("planned", "usual"):
        finds = table[f"{pace}_finds"]
        table[f"{pace}_days"] = (7 * table["stock"] / finds.where(finds > 0) / 2).round(6)
    is_short = table["planned_finds"] < table["floor"] * table["usual_finds"] - TOLERANCE
    columns = ["attribute", "value", "places", "stock", "planned_visits", "planned_finds", "planned_days"]
    table["is_kept"] = ~is_short
    return table[[*columns, "usual_visits", "usual_finds", "usual_days", "floor", "is_kept"]]
