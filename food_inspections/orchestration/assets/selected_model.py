"""Training: which model serves from the week on, as a row in a log."""

import dagster as dg
import pandas as pd

from food_inspections.domain.learning import selection, training
from food_inspections.orchestration.assets.candidates import CANDIDATES
from food_inspections.orchestration.contest import hold_contest
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.model_io_managers import SelectionOutput
from food_inspections.orchestration.partitions import BEFORE_THE_WEEK, SAME_WEEK, monday
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.warehouse import Warehouse


@weekly_asset(
    group="training",
    io_manager="selections",
    ins={"inspection_features": dg.AssetIn(partition_mapping=BEFORE_THE_WEEK)},
    deps=[dg.AssetDep(candidate, partition_mapping=SAME_WEEK) for candidate in CANDIDATES],
    config_schema={
        "metric": dg.Field(
            str,
            default_value="roc_auc",
            description=f"Metric to decide by: {', '.join(sorted(selection.METRICS))}.",
        )
    },
)
def selected_model(
    context: dg.AssetExecutionContext, inspection_features: pd.DataFrame, warehouse: dg.ResourceParam[Warehouse]
) -> SelectionOutput:
    """The winner among the candidates and the champion's recipe, refitted on everything before the week.

    The champion stays unless a challenger is better by the set margin.
    """
    week = monday(context.partition_key)
    metric = context.op_execution_context.op_config["metric"]
    contest = hold_contest(warehouse, inspection_features, week)
    decision = selection.select(contest.table(), metric, warehouse.settings.selection_margin, contest.champion_id)
    winner = contest.contenders[decision.model_id]
    context.log.info(decision.reason)
    model = training.refit(
        inspection_features, winner.recipe, winner.label, week, parameters=winner.parameters, seed=winner.seed
    )
    unseen = inspection_features["inspection_date"] >= pd.Timestamp(winner.validate_from)
    reference = training.reference_scores(winner.model, model, inspection_features[unseen])
    pictures = previews.importance_plots(model, inspection_features)
    keys = {f"{name}_key": f"selected_model/{week}/{name}.png" for name in pictures}
    for name, content in pictures.items():
        warehouse.objects.put(keys[f"{name}_key"], content)
    previews.add_selection(context, week, decision, pictures)
    newest = inspection_features["inspection_date"].max().date()
    facts = {week: {"metric": metric, "reason": decision.reason, "newest_training_day": str(newest), **keys}}
    return SelectionOutput(decision, model, reference, contest.metrics, contest.refitted_champion, facts)
