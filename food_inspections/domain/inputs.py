"""What a model takes in: the feature columns by kind, and the outcome column of each label."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.features import FEATURES
from food_inspections.domain.inspections.identity import UNKNOWN
from food_inspections.errors import DataError
from food_inspections.settings import Label

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ModelInputs:
    """Names of the feature columns a model is fitted on, in the order it takes them.

    Attributes:
        numeric: Columns of finite numbers.
        categorical: Columns of text; values never seen while fitting are allowed later.
    """

    numeric: tuple[str, ...]
    categorical: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, numeric first."""
        return self.numeric + self.categorical

    def frame(self, features: pd.DataFrame) -> pd.DataFrame:
        """The input columns alone, numbers as float64 and categories as text, in a fixed order.

        Raises:
            DataError: Columns are missing, or a number is not finite.
        """
        missing = [column for column in self.columns if column not in features.columns]
        if missing:
            raise DataError(f"The features lack {', '.join(missing)}: compute them again with this version.")
        numbers = features[list(self.numeric)].to_numpy(dtype=np.float64)
        finite = np.isfinite(numbers)
        if not finite.all():
            broken = [name for name, is_fine in zip(self.numeric, finite.all(axis=0), strict=True) if not is_fine]
            raise DataError(f"The features {', '.join(broken)} hold values that are not finite numbers.")
        words = {name: features[name].astype(str) for name in self.categorical}
        return pd.DataFrame(numbers, index=features.index, columns=list(self.numeric)).assign(**words)


def inputs_in(features: pd.DataFrame) -> ModelInputs:
    """The features of the registry that the rows hold: those that a city lacks are missing in every row."""
    return ModelInputs(
        numeric=tuple(
            feature.name for feature in FEATURES if feature.kind == "numeric" and features[feature.name].notna().any()
        ),
        categorical=tuple(
            feature.name
            for feature in FEATURES
            if feature.kind == "categorical" and features[feature.name].ne(UNKNOWN).any()
        ),
    )


def outcome_column(label: Label) -> str:
    """Column of the feature tables that holds what was found."""
    return f"label_{label}"


def outcomes(features: pd.DataFrame, label: Label) -> IntArray:
    """What was found, 0 or 1 per row.

    Raises:
        DataError: The column is missing or holds something else.
    """
    column = outcome_column(label)
    if column not in features.columns:
        raise DataError(f"The features lack the outcome {column}: only rows of past inspections can be learned from.")
    if features[column].isna().any():
        raise DataError(f"The outcome {column} is not known of all rows: leave those out.")
    values = features[column].to_numpy().astype(np.int64)
    if not np.isin(values, (0, 1)).all():
        raise DataError(f"The outcome {column} holds values other than 0 and 1.")
    return values


def with_known_outcome(features: pd.DataFrame, label: Label) -> pd.DataFrame:
    """The rows whose outcome is known: where violations were not published, nobody knows whether one was critical."""
    column = outcome_column(label)
    if column not in features.columns or features[column].notna().all():
        return features
    return features[features[column].notna()]


def require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Refuse a frame without the given columns.

    Raises:
        DataError: Columns are missing.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise DataError(f"{what} lacks the columns {', '.join(missing)}.")
