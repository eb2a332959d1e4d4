"""Who takes part in the selection of a week, and what each was worth on the same validation weeks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
from food_inspections.storage.models.candidates import CandidateRow
from food_inspections.storage.models.champions import Champion
from food_inspections.storage.models.files import dump_model, model_id


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
        rows = [
            contender_rows(name, contender.recipe, dict(contender.metrics))
            for name, contender in self.contenders.items()
        ]
        return pd.concat(rows, ignore_index=True)

    @property
    def metrics(self) -> dict[str, Any]:
        """What each contender reached, by model id, and the stored champion beside them."""
        return {name: dict(contender.metrics) for name, contender in self.contenders.items()} | dict(
            self.stored_champion
        )


@dataclass(frozen=True)
class Entrants:
    """Who may take part in the selection of a week.

    Attributes:
        week: The week's Monday, the cutoff of the candidates.
        candidates: The accepted candidates of that cutoff.
        reigning: The decision in force before the week and the candidate it chose; ``None`` where nobody reigns.
        load_model: Loads the model of a candidate or of a decision.
    """

    week: date
    candidates: Sequence[CandidateRow]
    reigning: tuple[Champion, CandidateRow] | None
    load_model: Callable[[Champion | CandidateRow], FittedModel]


def hold_contest(entrants: Entrants, features: pd.DataFrame) -> Contest:
    """Judge the candidates of a cutoff and the reigning champion on the same weeks.

    A champion competes by its recipe and stored parameters, fitted again on the fit
    weeks like any candidate: its stored model may have seen the validation weeks.

    Args:
        entrants: Who takes part.
        features: Feature rows before the week.

    Raises:
        ModelError: No candidate of the week was accepted.
    """
    week, rows = entrants.week, entrants.candidates
    if not rows:
        raise ModelError(f"No accepted candidate with cutoff {week}: materialize the models of that week first.")
    contenders = {row.model_id: _contender(row, entrants.load_model(row)) for row in rows}
    if entrants.reigning is None:
        return Contest(contenders, None, None, {})
    reigning, origin = entrants.reigning
    stored = _as_stored(entrants, reigning, features)
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


def _contender(row: CandidateRow, model: FittedModel) -> Contender:
    return Contender(row.recipe, row.label, row.parameters, row.seed, row.metrics, model, row.validate_from)


def _recipe_of(row: CandidateRow) -> tuple[str, dict[str, Any], int]:
    return row.recipe, dict(row.parameters), row.seed


def _as_stored(entrants: Entrants, reigning: Champion, features: pd.DataFrame) -> dict[str, Any]:
    """Metrics of the model that serves now, on validation days it cannot have seen."""
    like = entrants.candidates[0]
    first = max(reigning.model_cutoff, like.validate_from)
    days = features["inspection_date"]
    unseen = features[(days >= pd.Timestamp(first)) & (days < pd.Timestamp(like.cutoff))]
    if unseen.empty:
        return {}
    try:
        model = entrants.load_model(reigning)
    except ModelError as error:
        # "Train again" is what the error asks for, so it must not stop that; its recipe competes all the same.
        return {f"{reigning.model_id} as stored, not judged: {error}": {}}
    scores = training.validation_scores(model, unseen)
    name = f"{reigning.model_id} as stored, on {len(unseen)} visits from {first}"
    return {name: evaluate(scored_from(scores))}
