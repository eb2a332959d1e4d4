"""Who takes part in the selection of a week, and what each was worth on the same validation weeks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from food_inspections.domain.evaluation.metrics import evaluate, scored_from
from food_inspections.domain.learning import training
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.learning.selection import contender_rows
from food_inspections.domain.learning.training import Candidate
from food_inspections.domain.recipes.registry import find_recipe
from food_inspections.errors import ModelError
from food_inspections.settings import Label
from food_inspections.storage.models.candidates import CandidateRow, accepted_candidates, candidate
from food_inspections.storage.models.champions import Champion, find_champion
from food_inspections.storage.models.files import dump_model, model_id
from food_inspections.storage.warehouse import Warehouse


@dataclass(frozen=True)
class Contender:
    """A recipe with parameters, and its fit that was judged on the validation weeks without having seen them."""

    recipe: str
    label: Label
    parameters: Mapping[str, Any]
    seed: int
    metrics: Mapping[str, Any]
    model: FittedModel
    validate_from: date


@dataclass(frozen=True)
class Contest:
    """The contenders of one selection.

    Attributes:
        contenders: By model id.
        champion_id: Id under which the reigning champion takes part; ``None`` where nobody reigns.
        refitted_champion: Its recipe fitted again, where no candidate of the week is the same.
        stored_champion: Metrics of its stored model on the validation days since its own cutoff.
    """

    contenders: Mapping[str, Contender]
    champion_id: str | None
    refitted_champion: Candidate | None
    stored_champion: Mapping[str, Any]

    def table(self) -> pd.DataFrame:
        """One tidy row per contender and metric."""
        rows = [contender_rows(name, each.recipe, dict(each.metrics)) for name, each in self.contenders.items()]
        return pd.concat(rows, ignore_index=True)

    @property
    def metrics(self) -> dict[str, Any]:
        """What each contender reached, by model id, and the stored champion beside them."""
        return {name: dict(each.metrics) for name, each in self.contenders.items()} | dict(self.stored_champion)


def hold_contest(warehouse: Warehouse, features: pd.DataFrame, week: date) -> Contest:
    """Gather the accepted candidates of a cutoff and the reigning champion.

    A champion competes by its recipe and stored parameters, fitted again on the fit
    weeks like any candidate: its stored model may have seen the validation weeks.

    Args:
        warehouse: Where candidates and decisions are kept.
        features: Feature rows before the week.
        week: The week's Monday, the cutoff of the candidates.

    Raises:
        ModelError: No candidate of the week was accepted.
    """
    with warehouse.snapshot() as connection:
        rows = accepted_candidates(connection, week, warehouse.settings.label)
        reigning = find_champion(connection, week - timedelta(weeks=1), warehouse.settings.label)
        origin = None if reigning is None else candidate(connection, reigning.candidate_id)
    if not rows:
        raise ModelError(f"No accepted candidate with cutoff {week}: materialize the models of that week first.")
    contenders = {row.model_id: _contender(warehouse, row) for row in rows}
    if reigning is None or origin is None:
        return Contest(contenders, None, None, {})
    stored = _as_stored(warehouse, reigning, features, rows[0])
    same = [row.model_id for row in rows if _recipe_of(row) == _recipe_of(origin)]
    if same:
        return Contest(contenders, same[0], None, stored)
    try:
        find_recipe(origin.recipe).parameters(origin.parameters)
    except ModelError as error:
        # A recipe that a later version of the program dropped must not stop every later selection.
        return Contest(contenders, None, None, stored | {f"{reigning.model_id}, not fitted again: {error}": {}})
    again = training.fit_candidate(
        features, origin.recipe, origin.label, week, parameters=origin.parameters, seed=origin.seed
    )
    name = model_id(again.model, dump_model(again.model))
    contenders[name] = Contender(
        origin.recipe,
        origin.label,
        origin.parameters,
        origin.seed,
        again.metrics,
        again.model,
        again.dates.validate_from,
    )
    return Contest(contenders, name, again, stored)


def _contender(warehouse: Warehouse, row: CandidateRow) -> Contender:
    return Contender(
        row.recipe,
        row.label,
        row.parameters,
        row.seed,
        row.metrics,
        warehouse.load_model(row.object_key, row.checksum),
        row.validate_from,
    )


def _recipe_of(row: CandidateRow) -> tuple[str, dict[str, Any], int]:
    return row.recipe, dict(row.parameters), row.seed


def _as_stored(warehouse: Warehouse, reigning: Champion, features: pd.DataFrame, like: CandidateRow) -> dict[str, Any]:
    """Metrics of the model that serves now, on validation days it cannot have seen."""
    first = max(reigning.model_cutoff, like.validate_from)
    days = features["inspection_date"]
    unseen = features[(days >= pd.Timestamp(first)) & (days < pd.Timestamp(like.cutoff))]
    if unseen.empty:
        return {}
    try:
        model = warehouse.load_model(reigning.object_key, reigning.checksum)
    except ModelError as error:
        # "Train again" is what the error asks for, so it must not stop that; its recipe competes all the same.
        return {f"{reigning.model_id} as stored, not judged: {error}": {}}
    scores = training.validation_scores(model, unseen)
    name = f"{reigning.model_id} as stored, on {len(unseen)} visits from {first}"
    return {name: evaluate(scored_from(scores))}
