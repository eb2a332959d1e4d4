"""Checks of candidates, of the selection and of the bias report."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pandas as pd

from food_inspections.domain.monitoring.disparities import LARGEST_DISPARITY, TAU
from food_inspections.domain.monitoring.fairness import (
    agreed_references,
    audited_attributes,
    unfair_groups,
)
from food_inspections.domain.recipes.registry import RECIPES, candidate_name
from food_inspections.errors import ModelError
from food_inspections.orchestration.checks.common import no_duplicates, row_count_as_recorded, some
from food_inspections.orchestration.checks.suite import (
    Check,
    Evaluate,
    Outcome,
    RunUnderTest,
    Suite,
    WeekUnderTest,
    per_week,
    table_weeks,
)
from food_inspections.orchestration.io.model_io_managers import LEFT_OUT
from food_inspections.storage.models import candidates
from food_inspections.storage.models.champions import logged_selection
from food_inspections.storage.records import materializations as records
from food_inspections.storage.warehouse import Warehouse
from food_inspections.tracking import experiments


def _read_candidate(warehouse: Warehouse, written: Sequence[records.Recorded]) -> list[WeekUnderTest]:
    weeks = []
    for row in written:
        if LEFT_OUT in row.parameters:
            weeks.append(WeekUnderTest(row.week, pd.DataFrame(), row.parameters))
            continue
        with warehouse.snapshot() as connection:
            stored = candidates.candidate_by_checksum(connection, row.content_hash)
            scores = candidates.validation_scores(connection, stored.model_id)
        facts: dict[str, Any] = {**row.parameters, "candidate": stored}
        weeks.append(WeekUnderTest(row.week, scores, facts, len(scores)))
    return weeks


def was_fitted(week: WeekUnderTest) -> Outcome:
    """The recipe could be fitted; one that could not is left out of the selection."""
    reason = week.facts.get(LEFT_OUT)
    return Outcome(reason is None, "a fitted candidate", reason or "fitted")


def of_a_candidate(evaluate: Callable[[WeekUnderTest], Outcome]) -> Evaluate:
    """A check of a candidate, where there is one; its absence is the finding of another."""

    def evaluate_all(run: RunUnderTest) -> dict[date, Outcome]:
        return {
            week.week: Outcome(True, "a fitted candidate", "none") if LEFT_OUT in week.facts else evaluate(week)
            for week in run.weeks
        }

    return evaluate_all


def beats_base_rate(week: WeekUnderTest) -> Outcome:
    """Ranking by score finds more than the base rate would."""
    stored = week.facts["candidate"]
    base, auc = stored.baseline_metrics["base_rate"], stored.metrics["roc_auc"]
    precision = stored.metrics["average_precision"]
    floor = base["average_precision"]
    return Outcome(
        auc > 0.5 and precision > floor,
        f"AUC over 0.500 and average precision over the base rate's {floor:.3f}",
        f"AUC {auc:.3f}, average precision {precision:.3f}",
    )


def validated_before_cutoff(week: WeekUnderTest) -> Outcome:
    """The validation weeks end before the cutoff and follow the weeks fitted on."""
    stored = week.facts["candidate"]
    days = week.frame["inspection_date"]
    ordered = stored.fit_from <= stored.calibrate_from <= stored.validate_from < stored.cutoff <= week.week
    inside = days.ge(pd.Timestamp(stored.validate_from)).all() and days.lt(pd.Timestamp(stored.cutoff)).all()
    return Outcome(
        bool(ordered and inside),
        "fit before calibrate before validate before the cutoff, which is not after the week",
        f"{stored.fit_from}, {stored.calibrate_from}, {stored.validate_from}, cutoff {stored.cutoff}; "
        f"scores of {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}",
    )


def scores_are_probabilities(week: WeekUnderTest) -> Outcome:
    """Every validation inspection has a score in [0, 1]; one for all is poor, and loses, but is a probability."""
    scores = week.frame["score"]
    bad = int((~scores.between(0, 1)).sum())
    return Outcome(
        bad == 0 and len(scores) == week.facts["candidate"].validate_rows,
        f"{week.facts['candidate'].validate_rows} scores in [0, 1]",
        f"{len(scores)} scores, {bad} outside",
    )


def loads_back(
    describe: Callable[[WeekUnderTest], tuple[str, str, float]],
) -> Callable[[RunUnderTest], dict[date, Outcome]]:
    """The stored file is a model that this program trusts, with the threshold its row names."""

    def evaluate(run: RunUnderTest) -> dict[date, Outcome]:
        outcomes = {}
        for week in run.weeks:
            if LEFT_OUT in week.facts:
                outcomes[week.week] = Outcome(True, "a fitted candidate", "none")
                continue
            key, checksum, threshold = describe(week)
            try:
                model = run.warehouse.load_model(key, checksum)
            except ModelError as error:
                outcomes[week.week] = Outcome(False, "a model that can be loaded", str(error))
                continue
            outcomes[week.week] = Outcome(
                model.threshold == threshold, f"threshold {threshold:.6f}", f"threshold {model.threshold:.6f}"
            )
        return outcomes

    return evaluate


def _candidate_file(week: WeekUnderTest) -> tuple[str, str, float]:
    stored = week.facts["candidate"]
    return stored.object_key, stored.checksum, stored.threshold


CANDIDATES = [
    Suite(
        asset=candidate_name(recipe),
        read=_read_candidate,
        is_dispensable=True,
        checks=[
            Check("was_fitted", "A recipe that fails is left out, and says why.", per_week(was_fitted)),
            Check(
                "validated_before_cutoff",
                "No model is judged on weeks it has seen.",
                of_a_candidate(validated_before_cutoff),
            ),
            Check(
                "scores_are_probabilities", "Validation scores are usable.", of_a_candidate(scores_are_probabilities)
            ),
            Check("loads_back", "The stored model can be loaded and trusted.", loads_back(_candidate_file)),
            Check(
                "beats_base_rate",
                "The candidate is worth something; a poor one only loses.",
                of_a_candidate(beats_base_rate),
                False,
            ),
        ],
        on_accepted=experiments.track_candidates,
    )
    for recipe in RECIPES
]


def _read_selection(warehouse: Warehouse, written: Sequence[records.Recorded]) -> list[WeekUnderTest]:
    weeks = []
    for row in written:
        with warehouse.snapshot() as connection:
            selection = logged_selection(connection, row.run_id, row.week)
            winner = candidates.candidate(connection, selection.candidate_id)
            scores = candidates.validation_scores(connection, winner.model_id)
        facts: dict[str, Any] = {**row.parameters, "selection": selection, "candidate": winner}
        weeks.append(WeekUnderTest(row.week, scores, facts, len(scores)))
    return weeks


def saw_only_the_past(week: WeekUnderTest) -> Outcome:
    """The model that serves from a week on has seen only days before it."""
    cutoff = week.facts["selection"].model_cutoff
    newest = date.fromisoformat(week.facts["newest_training_day"])
    return Outcome(
        newest < cutoff <= week.week,
        f"fitted on days before {cutoff}, which is not after {week.week}",
        f"newest day fitted on: {newest}",
    )


def _selected_file(week: WeekUnderTest) -> tuple[str, str, float]:
    selection = week.facts["selection"]
    return selection.object_key, selection.checksum, selection.threshold


SELECTED_MODEL = Suite(
    asset="selected_model",
    read=_read_selection,
    checks=[
        Check("beats_base_rate", "What serves beats the base rate.", per_week(beats_base_rate)),
        Check("saw_only_the_past", "What serves has not seen the weeks it will score.", per_week(saw_only_the_past)),
        Check("loads_back", "The stored model can be loaded and trusted.", loads_back(_selected_file)),
    ],
    on_accepted=lambda warehouse, _: experiments.track_champion(warehouse, warehouse.settings.label),
)


def groups_add_up(run: RunUnderTest) -> dict[date, Outcome]:
    """For each attribute that the city has the groups hold every validation inspection once."""
    attributes = audited_attributes(run.warehouse.profile)
    outcomes = {}
    for week in run.weeks:
        sizes = week.frame.groupby("attribute_name")["group_size"].sum()
        expected = dict.fromkeys(attributes, week.facts["validation_rows"])
        seen = ", ".join(f"{name} {size}" for name, size in sizes.items()) or "no groups"
        wanted = ", ".join(f"{name} {size}" for name, size in expected.items()) or "no groups"
        outcomes[week.week] = Outcome(sizes.to_dict() == expected, wanted, seen)
    return outcomes


def has_the_reference(run: RunUnderTest) -> dict[date, Outcome]:
    """Groups are compared with those that the city agreed on."""
    agreed = agreed_references(run.warehouse.profile)
    expected = f"reference {some(list(agreed.values())) if agreed else 'the largest groups'}"
    outcomes = {}
    for week in run.weeks:
        used = week.frame[week.frame["attribute_name"].isin(agreed)]
        references = used.groupby("attribute_name")["reference_value"].unique().to_dict()
        is_kept = all(list(references.get(name, [])) == [group] for name, group in agreed.items())
        seen = some([value for values in references.values() for value in values]) or "none"
        outcomes[week.week] = Outcome(is_kept, expected, seen)
    return outcomes


def within_tolerance(metric: str) -> Callable[[WeekUnderTest], Outcome]:
    """No group of some size is treated much worse, or much better, than the reference group."""

    def evaluate(week: WeekUnderTest) -> Outcome:
        found = unfair_groups(week.frame, (metric,))
        named = [f"{row['attribute']} {row['group']} {row['disparity']:.2f}" for row in found]
        expected = f"{metric} disparity from {TAU:.2f} to {LARGEST_DISPARITY:.2f} by the whole interval"
        return Outcome(not named, expected, some(named) if named else "all within")

    return evaluate


BIAS_REPORT = Suite(
    asset="bias_report",
    read=table_weeks("data.bias_report"),
    checks=[
        Check("groups_add_up", "No inspection is left out of the audit.", groups_add_up),
        no_duplicates("attribute_name", "attribute_value"),
        row_count_as_recorded(),
        Check("reference_group", "The audit compares with the group it is meant to.", has_the_reference, False),
        Check("fpr_parity", "Visits that find nothing are spread fairly.", per_week(within_tolerance("fpr")), False),
        Check("fdr_parity", "Alarms are equally right for every group.", per_week(within_tolerance("fdr")), False),
        Check("fnr_parity", "Failures are missed equally in every group.", per_week(within_tolerance("fnr")), False),
    ],
)
