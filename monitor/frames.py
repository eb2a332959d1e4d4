"""Frames row by row."""

from collections.abc import Iterator
from typing import Any

import pandas as pd


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows as named tuples; what type a column holds is for the query to say."""
    yield from frame.itertuples(index=False)
