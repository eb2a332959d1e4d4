"""The one order of inspections: by day, then by id, so that no result depends on the order they came in."""

import pandas as pd


def in_visit_order(inspections: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order (inspection_date, inspection_id), renumbered.

    Ids are compared by length first: so those that are numbers stand in the order of the numbers.
    """
    ids = inspections["inspection_id"].astype(str)
    keys = pd.DataFrame({"day": inspections["inspection_date"], "length": ids.str.len(), "id": ids})
    order = keys.reset_index(drop=True).sort_values(["day", "length", "id"], kind="stable").index
    return inspections.iloc[order].reset_index(drop=True)
