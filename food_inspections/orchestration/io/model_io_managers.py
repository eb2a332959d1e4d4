"""How models are kept: a skops file in the object store, named after its checksum, and rows that name it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd
from sqlalchemy import Connection

from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.learning.selection import Winner
from food_inspections.domain.learning.training import Candidate
from food_inspections.orchestration.io.io_managers import Stored, WeeklyIOManager
from food_inspections.orchestration.io.outputs import Output
from food_inspections.storage.models.candidates import CandidateRow, write_candidate, write_reference_scores
from food_inspections.storage.models.champions import SelectionRow, log_selection
from food_inspections.storage.models.files import checksum, dump_model, library_versions, model_id
from food_inspections.storage.warehouse import Warehouse

LEFT_OUT = "left_out"
"""Under this a week's record says why there is no candidate."""


@dataclass(frozen=True)
class CandidateOutput(Output):
    """A candidate of one cutoff; ``None`` where the recipe failed, which the facts of the week then explain."""

    candidate: Candidate | None


@dataclass(frozen=True)
class SelectionOutput(Output):
    """A decision and the winner refitted on everything before the cutoff.

    Attributes:
        winner: Who won, by which metric, why.
        model: The winner, refitted.
        reference: What its scores are compared with later, in the columns of models.reference_scores but model_id.
        metrics: Metrics of every contender, by model id.
        refitted_champion: The reigning champion's recipe fitted again on the fit weeks,
            where no candidate of the week is the same.
    """

    winner: Winner
    model: FittedModel
    reference: pd.DataFrame
    metrics: Mapping[str, Any]
    refitted_champion: Candidate | None = None


@dataclass(frozen=True)
class StoredModel:
    """A model as it lies in the object store."""

    model_id: str
    object_key: str
    checksum: str


def store_model(warehouse: Warehouse, model: FittedModel, folder: str) -> StoredModel:
    """Write a model under its checksum and name it after recipe, label, cutoff and content."""
    content = dump_model(model)
    key = f"{folder}/{model.cutoff}/{checksum(content)}.skops"
    if not warehouse.objects.exists(key):
        warehouse.objects.put(key, content)
    return StoredModel(model_id(model, content), key, checksum(content))


def candidate_row(stored: StoredModel, candidate: Candidate, week: date, run_id: str) -> CandidateRow:
    """The row of ``models.candidates`` for a stored candidate."""
    return CandidateRow(
        model_id=stored.model_id,
        week=week,
        run_id=run_id,
        recipe=candidate.model.recipe,
        label=candidate.model.label,
        cutoff=candidate.model.cutoff,
        fit_from=candidate.dates.fit_from,
        calibrate_from=candidate.dates.calibrate_from,
        validate_from=candidate.dates.validate_from,
        fit_rows=candidate.fit_rows,
        calibrate_rows=candidate.calibrate_rows,
        validate_rows=candidate.validate_rows,
        threshold=candidate.model.threshold,
        parameters=candidate.model.parameters,
        seed=candidate.model.seed,
        metrics=candidate.metrics,
        baseline_metrics=candidate.baseline_metrics,
        feature_columns=list(candidate.model.feature_columns),
        library_versions=library_versions(),
        object_key=stored.object_key,
        checksum=stored.checksum,
    )


class CandidateIOManager(WeeklyIOManager):
    """Keeps candidates and their validation scores."""

    def store(
        self, connection: Connection, context: dg.OutputContext, output: CandidateOutput, weeks: list[date]
    ) -> list[Stored]:
        """Write the model, its row and its validation scores; of a recipe that failed the record alone."""
        if output.candidate is None:
            reason = str(output.facts[weeks[0]][LEFT_OUT])
            return [Stored(weeks[0], 0, hashlib.sha256(reason.encode()).hexdigest())]
        stored = store_model(self.warehouse, output.candidate.model, context.asset_key.to_user_string())
        row = candidate_row(stored, output.candidate, weeks[0], context.run_id)
        write_candidate(connection, row, output.candidate.validation_scores)
        return [Stored(weeks[0], row.fit_rows, stored.checksum, stored.object_key)]


class SelectionIOManager(WeeklyIOManager):
    """Keeps the refitted winner and appends the decision to the log."""

    def store(
        self, connection: Connection, context: dg.OutputContext, output: SelectionOutput, weeks: list[date]
    ) -> list[Stored]:
        """Write the model and log the decision; it counts once the checks accepted it."""
        folder = context.asset_key.to_user_string()
        if output.refitted_champion is not None:
            champion = store_model(self.warehouse, output.refitted_champion.model, folder)
            row = candidate_row(champion, output.refitted_champion, weeks[0], context.run_id)
            write_candidate(connection, row, output.refitted_champion.validation_scores)
        stored = store_model(self.warehouse, output.model, folder)
        write_reference_scores(connection, stored.model_id, output.reference)
        log_selection(
            connection,
            SelectionRow(
                effective_week=weeks[0],
                label=output.model.label,
                model_id=stored.model_id,
                candidate_id=output.winner.model_id,
                recipe=output.model.recipe,
                model_cutoff=output.model.cutoff,
                threshold=output.model.threshold,
                metric=output.winner.metric,
                metrics=output.metrics,
                object_key=stored.object_key,
                checksum=stored.checksum,
                run_id=context.run_id,
                decided_by="selected_model",
                reason=output.winner.reason,
            ),
        )
        return [Stored(weeks[0], len(output.metrics), stored.checksum, stored.object_key)]
