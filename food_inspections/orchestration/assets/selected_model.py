"""Training: which model serves from the week on, as a row in a log."""

from datetime import date
from typing import Literal, TypeAlias

import dagster as dg
import pandas as pd
from pydantic import Field

from food_inspections.domain.evaluation.metrics import METRICS
from food_inspections.domain.learning import selection, training
from food_inspections.domain.recipes.registry import candidate_name
from food_inspections.errors import ModelError
from food_inspections.orchestration.assets.candidates import CANDIDATES
from food_inspections.orchestration.assets.inspection_features import inspection_features
from food_inspections.orchestration.contest import Entrants, hold_contest
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.model_io_managers import LEFT_OUT, SelectionOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import BEFORE_THE_WEEK, SAME_WEEK, monday
from food_inspections.orchestration.weekly_asset import weekly_asset

# The names of the metrics are known when the definitions are loaded, so that an unknown one is refused at launch.
Metric: TypeAlias = Literal[tuple(METRICS)]  # type: ignore[valid-type]


class SelectionConfig(dg.Config):
    """How the winner is chosen."""

    metric: Metric = Field("roc_auc", description="Metric to decide by.")


@weekly_asset(
    group="training",
    io_manager="selections",
    deps={inspection_features: BEFORE_THE_WEEK, **dict.fromkeys(CANDIDATES, SAME_WEEK)},
)
def selected_model(context: dg.AssetExecutionContext, upstream: Upstream, config: SelectionConfig) -> SelectionOutput:
    """The winner among the candidates and the champion's recipe, refitted on everything before the week.

    The champion stays unless a challenger is better by the set margin. Where its own recipe could not be fitted,
    nothing is decided.
    """
    week = monday(context.partition_key)
    features = upstream.read(inspection_features)
    accepted = upstream.candidates(CANDIDATES, week)
    taking_part = {candidate_name(row.recipe) for row in accepted}
    absent = sorted({asset.key.to_user_string() for asset in CANDIDATES} - taking_part)
    if absent:
        context.log.warning(f"Selecting without {', '.join(absent)}: see their checks.")
    reigning = upstream.decision_before(week)
    if reigning is not None:
        _require_recipe_of_champion(upstream, reigning[1].recipe, week)
    entrants = Entrants(week, accepted, reigning, upstream.load_model)
    contest = hold_contest(entrants, features)
    winner = selection.select(contest.table(), config.metric, upstream.settings.selection_margin, contest.champion_id)
    contender = contest.contenders[winner.model_id]
    context.log.info(winner.reason)
    model = training.refit(
        features, contender.recipe, contender.label, week, parameters=contender.parameters, seed=contender.seed
    )
    unseen = features["inspection_date"] >= pd.Timestamp(contender.validate_from)
    reference = training.reference_scores(contender.model, model, features[unseen])
    pictures = previews.importance_plots(model, features)
    keys = {name: f"selected_model/{week}/{name}.png" for name in pictures}
    previews.add_selection(context, week, winner, pictures)
    facts = {
        "metric": config.metric,
        "reason": winner.reason,
        **({"selected_without": absent} if absent else {}),
        "newest_training_day": str(features["inspection_date"].max().date()),
        **{f"{name}_key": key for name, key in keys.items()},
    }
    return SelectionOutput(
        winner,
        model,
        reference,
        contest.metrics,
        contest.refitted_champion,
        facts={week: facts},
        side_objects={key: pictures[name] for name, key in keys.items()},
    )


def _require_recipe_of_champion(upstream: Upstream, recipe: str, week: date) -> None:
    """Refuse to decide where the recipe that serves now crashed: that is a fault to be mended, not a lost contest."""
    for asset in CANDIDATES:
        if asset.key.to_user_string() == candidate_name(recipe):
            reason = upstream.facts(asset, week).get(LEFT_OUT)
            if reason is not None:
                raise ModelError(
                    f"{candidate_name(recipe)} of {week}, the recipe of the model in use, could not be fitted "
                    f"({reason}): mend it and train again; the model in use goes on."
                )
