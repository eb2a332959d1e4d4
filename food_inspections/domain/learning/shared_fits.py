"""Fits that several recipes have in common, made once in a process.

The blend and the neighbours rest on the same linear model as the candidate beside them, and the blend on the same
trees: the same parameters and seed on the same rows give the same numbers. So what a fit finds is kept under the hash
of everything it depends on, and whoever asks for it again with all of that the same gets it. Nobody needs to know who
else fits what: with other parameters, in another order or in a process of its own a recipe makes its own fit.

Only numbers and bytes are kept, a few hundred kilobytes a fit, never rows.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from food_inspections.domain.inputs import ModelInputs
from food_inspections.domain.learning.model import TrainingRows

Found = TypeVar("Found")

MOST_FITS = 16
"""More than the candidates of one cutoff and the refit of its champion need."""

_known: OrderedDict[tuple[object, ...], Any] = OrderedDict()


def fitted_once(
    recipe: str,
    inputs: ModelInputs,
    parameters: Mapping[str, Any],
    seed: int | None,
    rows: TrainingRows,
    fit: Callable[[], Found],
) -> Found:
    """What a fit finds: known already, or found now.

    Args:
        recipe: What is fitted.
        inputs: The columns it takes.
        parameters: All of the parameters the fit depends on.
        seed: Seed of what it draws at random; ``None`` where it draws nothing.
        rows: What it is fitted on.
        fit: Makes the fit. Nobody may change what it returns.
    """
    key = (recipe, inputs, repr(sorted(parameters.items())), seed, rows.content)
    if key not in _known:
        _known[key] = fit()
    _known.move_to_end(key)
    while len(_known) > MOST_FITS:
        _known.popitem(last=False)
    found: Found = _known[key]
    return found


def forget() -> None:
    """Forget every fit: what is asked for next is fitted anew."""
    _known.clear()
