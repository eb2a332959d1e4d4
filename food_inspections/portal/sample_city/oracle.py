"""The ceiling of any forecast in the sample city: how well its own hidden chances tell failures."""

import pandas as pd

from food_inspections.errors import DataError

OUTCOMES = {"fail": ("is_failure", "probability"), "critical": ("is_critical", "critical_probability")}


def oracle_auc(truth: pd.DataFrame, label: str = "fail", inspection_type: str | None = "Canvass") -> float:
    """Area under the ROC curve of the hidden chance, over visits that came to an inspection.

    Args:
        truth: The columns of ``City.truth``; rows of one's choice.
        label: ``fail`` or ``critical``.
        inspection_type: Kind of visit; ``None`` for all.

    Raises:
        DataError: There are not both outcomes among the rows.
    """
    outcome, chance = OUTCOMES[label]
    rows = truth if inspection_type is None else truth[truth["inspection_type"] == inspection_type]
    positive = rows[outcome].to_numpy(dtype=bool)
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        raise DataError(f"{len(rows)} inspections with one outcome of {label!r} have no AUC: give a longer period.")
    # The rank sum of Mann and Whitney, ties by their mean rank.
    ranks = rows[chance].rank().to_numpy()
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))
