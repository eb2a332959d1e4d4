"""Scoring the visits of a request with the model in use, and writing it down."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from food_inspections.api.database import Database
from food_inspections.api.http.errors import ApiError
from food_inspections.api.queries import scoring as queries
from food_inspections.api.queries.accepted import find_accepted
from food_inspections.api.queries.establishments import inspections_version
from food_inspections.api.scoring.champion import ChampionHolder, Serving
from food_inspections.api.scoring.visits import (
    CityHistory,
    Visit,
    adjusted_rows,
    hypothetical_rows,
    is_as_stored,
    stored_rows,
)
from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.city.profile import Wording
from food_inspections.settings import Settings
from food_inspections.storage.models.champions import Champion

REASONS_SHOWN = 5
PRUNE_EVERY_SECONDS = 3_600.0
"""What is older than the log keeps goes with the next entry after this time."""


@dataclass(frozen=True)
class Caller:
    """Who asked, for the log."""

    request_id: str
    name: str
    may_be_logged: bool = True


@dataclass(frozen=True)
class _Known:
    """What the tables say of the visits asked for.

    Attributes:
        week: Newest accepted week of features.
        decision: The model in use.
        stored: Feature rows of the establishments among them; ``None`` where there are none.
        are_as_stored: Whether these rows describe the visits to them as asked for.
        history: The city's inspections, where a visit is another one than is stored.
    """

    week: date
    decision: Champion
    stored: pd.DataFrame | None
    are_as_stored: bool
    history: pd.DataFrame | None


class Scorer:
    """Scores visits; one per worker.

    Args:
        settings: What is served.
        database: Where the features are.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._lag_days = settings.knowledge_lag_days
        self._profile = load_profile(settings.city)
        self._database = database
        self._champion = ChampionHolder(settings)
        self._city = CityHistory()
        self._log_days = settings.api_log_days
        self._pruned_at = -math.inf

    def score(self, visits: Sequence[Visit], inputs: Sequence[Any], caller: Caller) -> dict[str, Any]:
        """Scores of visits, in their order, as :class:`api.schemas.scoring.ScoresSchema` describes them.

        Args:
            visits: The visits, validated and with defaults.
            inputs: The same as received, for the log.
            caller: Who asked.

        Raises:
            ApiError: There are no features or no model yet, or an establishment is not in business.
            ModelError: The stored model cannot be used.
        """
        known = self._database.snapshot(lambda connection: self._read(connection, visits))
        week, decision = known.week, known.decision
        # Not on the connection, which a request may hold for a short while only.
        rows = self._rows(known, visits)
        answer = _answer(self._champion.load(decision), rows, visits, week, self._profile.wording)
        if caller.may_be_logged:
            self._log(decision, inputs, answer["scores"], caller)
        return answer

    def _read(self, connection: Connection, visits: Sequence[Visit]) -> _Known:
        week = _newest_week(connection)
        decision = self._champion.decision(connection, week)
        positions = [position for position, visit in enumerate(visits) if "establishment_id" in visit]
        asked = [visits[position] for position in positions]
        stored = stored_rows(connection, week, asked, positions) if asked else None
        are_as_stored = all(is_as_stored(visit, self._profile) for visit in asked)
        needs_history = not are_as_stored or len(asked) < len(visits)
        history = self._history(connection, week) if needs_history else None
        return _Known(week, decision, stored, are_as_stored, history)

    def _rows(self, known: _Known, visits: Sequence[Visit]) -> pd.DataFrame:
        """Feature rows of the visits, in their order."""
        places = [position for position, visit in enumerate(visits) if "establishment_id" in visit]
        others = [position for position, visit in enumerate(visits) if "establishment_id" not in visit]
        parts = []
        if known.stored is not None:
            asked, rows = [visits[position] for position in places], known.stored
            if known.history is not None and not known.are_as_stored:
                rows = adjusted_rows(rows, asked, known.history, known.week, self._profile, self._lag_days)
            parts.append(rows)
        if known.history is not None and others:
            asked = [visits[position] for position in others]
            parts.append(hypothetical_rows(asked, known.history, known.week, self._profile, self._lag_days))
        together = pd.concat(parts, ignore_index=True)
        together.index = pd.Index([*places, *others])
        return together.sort_index()

    def _history(self, connection: Connection, week: date) -> pd.DataFrame:
        return self._city.of(connection, inspections_version(connection), week)

    def _log(
        self, decision: Champion, inputs: Sequence[Any], scores: Sequence[Mapping[str, Any]], caller: Caller
    ) -> None:
        pairs = [
            {"input": asked, "output": dict(score) | {"threshold": decision.threshold}}
            for asked, score in zip(inputs, scores, strict=True)
        ]
        self._database.write(
            lambda connection: queries.log_inferences(
                connection, caller.request_id, caller.name, decision.model_id, pairs
            )
        )
        if time.monotonic() >= self._pruned_at + PRUNE_EVERY_SECONDS:
            self._pruned_at = time.monotonic()
            self._database.write(lambda connection: queries.prune_log(connection, self._log_days))


def _newest_week(connection: Connection) -> date:
    accepted = find_accepted(connection, queries.FEATURES_ASSET, None)
    if accepted is None:
        raise ApiError(
            409, "no_features", "No accepted week of establishment_features is there yet: materialize that asset first."
        )
    week: date = accepted.facts["week"]
    return week


def _answer(
    serving: Serving, rows: pd.DataFrame, visits: Sequence[Visit], week: date, words: Wording
) -> dict[str, Any]:
    from food_inspections.domain.learning.explanations import effects, explain, net_scores  # noqa: PLC0415 - see api.scoring.champion

    values = serving.model.score(rows)
    labels = serving.model.labels(values)
    table = effects(serving.model, rows)
    net_values = net_scores(values, table)
    low, high = serving.model.bounds(values, pd.Series(pd.Timestamp(week), index=rows.index))
    reasons = explain(serving.model, rows, values, table, top=REASONS_SHOWN, words=words)
    return {
        "model_id": serving.decision.model_id,
        "model_cutoff": serving.decision.model_cutoff.isoformat(),
        "forecast": serving.decision.label,
        "threshold": serving.model.threshold,
        "week": week.isoformat(),
        "scores": [
            {
                "establishment_id": visit.get("establishment_id"),
                "score": float(values[position]),
                "score_low": None if math.isnan(low[position]) else float(low[position]),
                "score_high": None if math.isnan(high[position]) else float(high[position]),
                "net_score": float(net_values[position]),
                "label": int(labels[position]),
                "inspection_type": visit["inspection_type"],
                "inspection_date": (week + timedelta(visit["weekday"])).isoformat(),
                "reasons": reasons[position],
            }
            for position, visit in enumerate(visits)
        ],
    }
