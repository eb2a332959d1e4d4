"""Every recipe by name. To add one: write its file, list its name here."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from food_inspections.domain.inputs import ModelInputs
from food_inspections.domain.learning.model import Estimator
from food_inspections.errors import ModelError

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class Recipe:
    """How one kind of model is made: what the file of this name in the package says.

    The file is imported once somebody fits or scores: scikit-learn, scipy and xgboost take a second and 100 MB,
    which whoever only reads the graph does without.

    Attributes:
        name: Key in the registry and in every stored model, and the name of the file.
        title: Name for people.
    """

    name: str
    title: str

    @property
    def build(self) -> Callable[[ModelInputs, Mapping[str, Any], int], Estimator]:
        """``ESTIMATOR``: makes an unfitted estimator from inputs, parameters and a seed."""
        return cast("Callable[[ModelInputs, Mapping[str, Any], int], Estimator]", self._of_file("ESTIMATOR"))

    @property
    def defaults(self) -> Mapping[str, Any]:
        """``DEFAULTS``: parameters used where none are given; also the list of those there are."""
        return cast("Mapping[str, Any]", self._of_file("DEFAULTS"))

    @property
    def search_space(self) -> Callable[["optuna.Trial"], dict[str, Any]]:
        """``search_space``: suggests parameters for one trial of a search."""
        return cast("Callable[[optuna.Trial], dict[str, Any]]", self._of_file("search_space"))

    @property
    def parts(self) -> tuple[type, ...]:
        """``PARTS``: classes of our own that a fitted estimator holds; a stored model is loaded with no others."""
        return cast("tuple[type, ...]", self._of_file("PARTS"))

    def _of_file(self, name: str) -> object:
        return getattr(importlib.import_module(f"food_inspections.domain.recipes.{self.name}"), name)

    def parameters(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """The defaults with the given values in their place.

        Raises:
            ModelError: A name is not one of the recipe's parameters.
        """
        unknown = sorted(set(given or {}) - set(self.defaults))
        if unknown:
            raise ModelError(
                f"The recipe {self.name!r} has no parameter {', '.join(unknown)}: "
                f"it takes {', '.join(sorted(self.defaults))}."
            )
        return {**self.defaults, **(given or {})}


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        recipe.name: recipe
        for recipe in (
            Recipe("xgboost", "XGBoost"),
            Recipe("knn", "K nearest neighbours"),
            Recipe("logistic_regression", "Logistic regression"),
            Recipe("blend", "Blend of linear and trees"),
        )
    }
)


def trusted_types() -> list[str]:
    """Our own classes that a stored model may hold, by the names under which they are stored."""
    held: set[Any] = {ModelInputs, *(kind for recipe in RECIPES.values() for kind in (recipe.build, *recipe.parts))}
    return sorted(f"{kind.__module__}.{kind.__qualname__}" for kind in held)


# The best over several periods, see docs/forecast.md.
DEFAULT_RECIPE = "blend"


def find_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        ModelError: There is none; the message lists those there are.
    """
    if name not in RECIPES:
        raise ModelError(f"There is no recipe {name!r}: choose one of {', '.join(sorted(RECIPES))}.")
    return RECIPES[name]


def candidate_name(recipe: str) -> str:
    """Name under which a recipe's candidates are made and on record."""
    return f"{recipe}_model"
