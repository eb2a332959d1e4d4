"""Fairness audit: do the forecast's errors, and the order of visits it makes, fall on one group more than on another?

Rates, disparities and parities are aequitas's (Saleiro et al. 2018). Beside them
stands the effect of the queue: who is visited earlier when visits go by score.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.domain.city.profile import Profile
from food_inspections.domain.evaluation.metrics import days, new_days, share_in_first_half
from food_inspections.domain.inputs import require_columns
from food_inspections.domain.monitoring.disparities import disparities

ATTRIBUTES = ("facility_type", "zip", "risk")
RATES = ("tpr", "tnr", "fpr", "fnr", "fdr", "for_", "npv", "precision_", "ppr", "pprev", "prev")
DISPARITIES = (
    "tpr_disparity",
    "tnr_disparity",
    "fpr_disparity",
    "fnr_disparity",
    "fdr_disparity",
    "for_disparity",
    "npv_disparity",
    "precision_disparity",
    "ppr_disparity",
    "pprev_disparity",
)
PARITIES = tuple(f"is_{rate.rstrip('_')}_parity" for rate in RATES if rate != "prev")
KEYS = ("attribute_name", "attribute_value", "reference_value", "group_size", "group_positives")
QUEUE_EFFECT = ("mean_score", "queue_share", "mean_days_earlier")
COLUMNS = (*KEYS, *RATES, *DISPARITIES, *PARITIES, *QUEUE_EFFECT)


@dataclass(frozen=True)
class Reference:
    """The group others are compared with, and why it is this one."""

    value: str
    reason: str


def reference_group(groups: pd.Series, attribute: str, preferred: str | None = None) -> Reference:
    """The agreed reference where it is present, else the largest group, ties broken by name.

    Args:
        groups: The group of every inspection.
        attribute: Name of the attribute.
        preferred: The reference that was agreed on, where one was.
    """
    sizes = groups.value_counts()
    if preferred is not None and preferred in sizes.index:
        return Reference(preferred, f"{preferred} is the agreed reference for {attribute}")
    largest = min(sizes[sizes == sizes.max()].index)
    count = f"{largest} is the largest group with {sizes.max()} inspections"
    if preferred is None:
        return Reference(largest, count)
    return Reference(largest, f"{count}; the agreed reference {preferred} has none")


def audited_attributes(profile: Profile) -> tuple[str, ...]:
    """The groups that a city tells apart."""
    return tuple(name for name in ATTRIBUTES if name in profile.provides)


def agreed_references(profile: Profile) -> dict[str, str]:
    """The reference groups that a city agreed on, by attribute."""
    agreed = {"facility_type": profile.fairness.kind, "zip": profile.fairness.zip, "risk": profile.fairness.risk}
    return {name: group for name, group in agreed.items() if group is not None}


def references_of(
    scores: pd.DataFrame, attributes: Sequence[str] = ATTRIBUTES, agreed: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """The reference group of each attribute: the agreed one, or the largest."""
    return {name: reference_group(scores[name], name, agreed.get(name)).value for name in attributes}


def bias_report(
    validation_scores: pd.DataFrame,
    attributes: Sequence[str] = ATTRIBUTES,
    agreed: Mapping[str, str] = MappingProxyType({}),
) -> pd.DataFrame:
    """Audit scored inspections whose outcome is known.

    Args:
        validation_scores: inspection_date, score, label, outcome and a column per attribute.
        attributes: Columns with the groups.
        agreed: The reference group that was agreed on, by attribute; elsewhere it is the largest.

    Returns:
        One row per attribute value, in the columns of data.bias_report but for week, model_id
        and label. A rate without a denominator is NaN, as is a disparity without one. A parity is true or false
        where the whole interval of the disparity says so (:mod:`.disparities`), and empty where it cannot be told.
    """
    require_columns(
        validation_scores, ("inspection_date", "score", "label", "outcome", *attributes), "The table of scores"
    )
    # A city may tell no groups apart.
    if validation_scores.empty or not attributes:
        return pd.DataFrame(columns=list(COLUMNS))
    references = references_of(validation_scores, attributes, agreed)
    table = disparities(validation_scores, references)
    audited = _with_parities(_audit(validation_scores, references), table, references)
    report = audited.merge(_queue_effect(validation_scores, attributes), on=["attribute_name", "attribute_value"])
    report["reference_value"] = report["attribute_name"].map(references)
    report = report.rename(columns={"for": "for_", "precision": "precision_", "group_label_pos": "group_positives"})
    numbers = [*RATES, *DISPARITIES]
    report[numbers] = report[numbers].astype(np.float64).replace([np.inf, -np.inf], np.nan)
    return report[list(COLUMNS)]


def _audit(scores: pd.DataFrame, references: dict[str, str]) -> pd.DataFrame:
    with warnings.catch_warnings():
        # aequitas 1.1 writes regular expressions as plain strings and warns about itself on import.
        warnings.simplefilter("ignore")
        # Importing aequitas takes seconds.
        from aequitas.bias import Bias  # noqa: PLC0415
        from aequitas.group import Group  # noqa: PLC0415

        frame = scores[list(references)].astype(str)
        frame = frame.assign(score=scores["label"].astype(int), label_value=scores["outcome"].astype(int))
        groups, _ = Group().get_crosstabs(frame, attr_cols=list(references))
        audited = Bias().get_disparity_predefined_groups(
            groups, original_df=frame, ref_groups_dict=references, check_significance=False, mask_significance=False
        )
    references_of_rows = audited["attribute_value"].eq(audited["attribute_name"].map(references))
    for column in PARITIES:
        rate = column.removeprefix("is_").removesuffix("_parity")
        reference_rates = audited[references_of_rows].set_index("attribute_name")[rate].astype(np.float64)
        # Where the reference's rate is zero aequitas puts 10 for the ratio, which is a guess.
        is_defined = audited["attribute_name"].map(reference_rates).gt(0) & audited[rate].notna()
        audited[f"{rate}_disparity"] = audited[f"{rate}_disparity"].astype(np.float64).where(is_defined)
    result: pd.DataFrame = audited
    return result.sort_values(["attribute_name", "attribute_value"], kind="stable", ignore_index=True)


def _queue_effect(scores: pd.DataFrame, attributes: Sequence[str]) -> pd.DataFrame:
    score, day = scores["score"].to_numpy().astype(np.float64), days(scores["inspection_date"])
    effect = scores[list(attributes)].astype(str)
    effect = effect.assign(
        mean_score=score, queue_share=share_in_first_half(score), mean_days_earlier=day - new_days(score, day)
    )
    tables = []
    for name in attributes:
        table = effect.groupby(name, sort=True)[list(QUEUE_EFFECT)].mean().rename_axis("attribute_value").reset_index()
        tables.append(table.assign(attribute_name=name))
    return pd.concat(tables, ignore_index=True)


def _with_parities(audited: pd.DataFrame, table: pd.DataFrame, references: Mapping[str, str]) -> pd.DataFrame:
    """The audit with what the intervals say of each disparity; the reference is even with itself."""
    keys = ["attribute_name", "attribute_value"]
    answers = table.pivot_table(index=keys, columns="rate", values="answer", aggfunc="first").reset_index()
    merged = audited[keys].merge(answers, on=keys, how="left")
    result = audited.copy()
    is_reference = audited["attribute_value"].eq(audited["attribute_name"].map(references))
    for column in PARITIES:
        rate = column.removeprefix("is_").removesuffix("_parity")
        said = merged.get(rate, pd.Series(None, index=merged.index, dtype="object"))
        parity = said.map({"even": True, "uneven": False}).astype("boolean")
        result[column] = parity.mask(is_reference & (rate != "ppr"), True).array
    return result


def unfair_groups(report: pd.DataFrame, metrics: Sequence[str] = ("fpr", "fdr")) -> list[dict[str, Any]]:
    """Groups whose disparity in a metric lies outside the tolerance, for a check to name.

    Returns:
        One dictionary per group and metric: attribute, group, metric, disparity, group_size.
    """
    found = []
    for metric in metrics:
        column = f"is_{metric}_parity"
        rows = report[report[column].eq(False).fillna(False).astype(bool)]
        found += [
            {
                "attribute": row["attribute_name"],
                "group": row["attribute_value"],
                "metric": metric,
                "disparity": float(row[f"{metric}_disparity"]),
                "group_size": int(row["group_size"]),
            }
            for _, row in rows.iterrows()
        ]
    return found
