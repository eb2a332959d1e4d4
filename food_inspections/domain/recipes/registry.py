"""Every recipe by name. To add one: write its file, list it here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from food_inspections.domain.inputs import ModelInputs
from food_inspections.domain.learning.model import Estimator
from food_inspections.domain.recipes import blend, knn, logistic_regression, xgboost
from food_inspections.domain.recipes.preprocessing import SkewScaler
from food_inspections.errors import ModelError

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class Recipe:
    """How one kind of model is made.

    Attributes:
        name: Key in the registry and in every stored model.
        title: Name for people.
        build: Makes an unfitted estimator from inputs, parameters and a seed.
        defaults: Parameters used where none are given; also the list of those there are.
        search_space: Suggests parameters for one trial of a search.
        parts: Further classes of our own that a fitted estimator holds; a stored model is loaded with no others.
    """

    name: str
    title: str
    build: Callable[[ModelInputs, Mapping[str, Any], int], Estimator]
    defaults: Mapping[str, Any]
    search_space: Callable[["optuna.Trial"], dict[str, Any]]
    parts: tuple[type, ...] = ()

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
            Recipe("xgboost", "XGBoost", xgboost.BoostedTrees, xgboost.DEFAULTS, xgboost.search_space),
            Recipe("knn", "K nearest neighbours", knn.NearestVisits, knn.DEFAULTS, knn.search_space, (SkewScaler,)),
            Recipe(
                "logistic_regression",
                "Logistic regression",
                logistic_regression.RidgeLogistic,
                logistic_regression.DEFAULTS,
                logistic_regression.search_space,
                (SkewScaler,),
            ),
            Recipe(
                "blend",
                "Blend of linear and trees",
                blend.LogOddsBlend,
                blend.DEFAULTS,
                blend.search_space,
                (logistic_regression.RidgeLogistic, xgboost.BoostedTrees, SkewScaler),
            ),
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
