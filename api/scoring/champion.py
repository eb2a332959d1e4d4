"""The model in use, loaded once per worker and again after a new decision."""

import threading
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from food_inspections.api.http.errors import ApiError
from food_inspections.settings import Settings
from food_inspections.storage.models.champions import Champion, find_champion
from food_inspections.storage.objects import ObjectStore

if TYPE_CHECKING:
    from food_inspections.domain.learning.model import FittedModel


@dataclass(frozen=True)
class Serving:
    """A decision in force with its model."""

    decision: Champion
    model: "FittedModel"


class ChampionHolder:
    """Holds the model last loaded.

    Args:
        settings: Where the models are, and which label is served.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._held: tuple[str, FittedModel] | None = None

    def decision(self, connection: Connection, week: date) -> Champion:
        """The decision in force for a week.

        Raises:
            ApiError: No model was decided on by then.
        """
        decision = find_champion(connection, week, self._settings.label)
        if decision is None:
            raise ApiError(409, "no_champion", f"No model is in use in the week of {week}: train first.")
        return decision

    def load(self, decision: Champion) -> Serving:
        """The decision's model; read from the object store where another one is held.

        Raises:
            ModelError: The stored model was changed, or needs other library versions.
            StorageError: The object store cannot be read.
        """
        with self._lock:
            if self._held is None or self._held[0] != decision.checksum:
                self._held = (decision.checksum, self._read(decision))
            return Serving(decision, self._held[1])

    def _read(self, decision: Champion) -> "FittedModel":
        # scikit-learn and xgboost take seconds to import, and only scoring needs them.
        from food_inspections.storage.models.files import load_model  # noqa: PLC0415

        content = ObjectStore.from_url(self._settings.object_store).get(decision.object_key)
        return load_model(content, decision.checksum)
