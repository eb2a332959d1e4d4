"""Training: one candidate per recipe of the registry, each with its cutoff.

The assets differ in their recipe only, so they are made by one function.
"""

from typing import Any

import dagster as dg
from pydantic import Field

from food_inspections.domain.learning import training
from food_inspections.domain.recipes.registry import RECIPES, Recipe, candidate_name
from food_inspections.errors import FoodInspectionsError
from food_inspections.orchestration.assets.inspection_features import inspection_features
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.model_io_managers import LEFT_OUT, CandidateOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import BEFORE_THE_WEEK, monday
from food_inspections.orchestration.policies import kinds_of_recipe
from food_inspections.orchestration.weekly_asset import weekly_asset


class CandidateConfig(dg.Config):
    """How a candidate is fitted."""

    seed: int = Field(0, description="Seed of everything drawn at random while fitting.")
    parameters: dict[str, Any] = Field({}, description="Hyperparameters that replace the recipe's defaults.")
    trials: int = Field(0, ge=0, description="Optuna trials over temporal folds; 0 searches nothing.")
    timeout_s: float | None = Field(None, gt=0, description="Seconds after which the search stops.")


def candidate_asset(recipe: Recipe) -> dg.AssetsDefinition:
    """Declare the asset ``<recipe>_model``."""

    def fit(context: dg.AssetExecutionContext, upstream: Upstream, config: CandidateConfig) -> CandidateOutput:
        cutoff = monday(context.partition_key)
        # All candidates, and the selection after them, learn from the same rows.
        features = upstream.read(inspection_features, is_kept=True)
        try:
            candidate = training.fit_candidate(
                features,
                recipe.name,
                upstream.settings.label,
                cutoff,
                parameters=config.parameters,
                seed=config.seed,
                trials=config.trials,
                timeout_s=config.timeout_s,
            )
        except (FoodInspectionsError, MemoryError):
            # Too short a history, an unknown parameter, too small a machine: no recipe would do better.
            raise
        except Exception as error:
            context.log.warning(f"{recipe.title} could not be fitted and is left out.", exc_info=True)
            return CandidateOutput(None, facts={cutoff: {LEFT_OUT: f"{type(error).__name__}: {error}"}})
        previews.add_candidate(context, cutoff, candidate)
        searched = {} if candidate.search is None else {"search": list(candidate.search.values)}
        return CandidateOutput(candidate, facts={cutoff: {"config": config.model_dump(exclude_none=True)} | searched})

    fit.__name__ = candidate_name(recipe.name)
    fit.__doc__ = f"{recipe.title}.\n\nFitted on weeks before the partition's Monday; judged on the newest of them."
    return weekly_asset(
        group="training",
        io_manager="candidates",
        deps={inspection_features: BEFORE_THE_WEEK},
        kinds=kinds_of_recipe(recipe.name),
    )(fit)


CANDIDATES = tuple(candidate_asset(recipe) for recipe in RECIPES.values())
