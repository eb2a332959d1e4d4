"""Training: one candidate per recipe of the registry, each with its cutoff.

The assets differ in their recipe only, so they are made by one function.
"""

from typing import Any

import dagster as dg
import pandas as pd

from food_inspections.domain.learning import training
from food_inspections.domain.recipes.registry import RECIPES, Recipe
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.model_io_managers import CandidateOutput
from food_inspections.orchestration.partitions import BEFORE_THE_WEEK, monday
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.warehouse import Warehouse

CONFIG = {
    "seed": dg.Field(int, default_value=0, description="Seed of everything drawn at random while fitting."),
    "parameters": dg.Field(
        dg.Permissive(), default_value={}, description="Hyperparameters that replace the recipe's defaults."
    ),
    "trials": dg.Field(int, default_value=0, description="Optuna trials over temporal folds; 0 searches nothing."),
    "timeout_s": dg.Field(float, is_required=False, description="Seconds after which the search stops."),
}


def candidate_name(recipe: str) -> str:
    """The asset of a recipe's candidates."""
    return f"{recipe}_model"


def candidate_asset(recipe: Recipe) -> dg.AssetsDefinition:
    """Declare the asset ``<recipe>_model``."""

    def fit(
        context: dg.AssetExecutionContext, inspection_features: pd.DataFrame, warehouse: dg.ResourceParam[Warehouse]
    ) -> CandidateOutput:
        cutoff = monday(context.partition_key)
        config: dict[str, Any] = context.op_execution_context.op_config
        candidate = training.fit_candidate(
            inspection_features,
            recipe.name,
            warehouse.settings.label,
            cutoff,
            parameters=config["parameters"],
            seed=config["seed"],
            trials=config["trials"],
            timeout_s=config.get("timeout_s"),
        )
        previews.add_candidate(context, cutoff, candidate)
        searched = {} if candidate.search is None else {"search": list(candidate.search.values)}
        return CandidateOutput(candidate, {cutoff: {"config": config} | searched})

    fit.__name__ = candidate_name(recipe.name)
    fit.__doc__ = f"{recipe.title}.\n\nFitted on weeks before the partition's Monday; judged on the newest of them."
    return weekly_asset(
        group="training",
        io_manager="candidates",
        ins={"inspection_features": dg.AssetIn(partition_mapping=BEFORE_THE_WEEK)},
        config_schema=CONFIG,
    )(fit)


CANDIDATES = tuple(candidate_asset(recipe) for recipe in RECIPES.values())
