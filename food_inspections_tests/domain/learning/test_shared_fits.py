"""Recipes that rest on the same fit share it, and nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from food_inspections.domain.inputs import ModelInputs
from food_inspections.domain.learning import shared_fits
from food_inspections.domain.learning.model import TrainingRows
from food_inspections.domain.learning.shared_fits import MOST_FITS, fitted_once, forget
from food_inspections.domain.learning.training import fit_candidate, refit
from food_inspections.domain.recipes import xgboost
from food_inspections.domain.recipes.logistic_regression import RidgeLogistic
from food_inspections.domain.recipes.registry import RECIPES
from food_inspections.storage.models.files import dump_model
from food_inspections_tests.domain.model_frames import FIRST_DAY, INPUTS, feature_rows, training_rows

CUTOFF = FIRST_DAY + timedelta(weeks=36)
QUICK = {"xgboost": {"rounds": 20}, "blend": {"rounds": 20}}


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was really fitted, in order."""
    made: list[str] = []
    for owner, name, word in ((RidgeLogistic, "_solve", "linear"), (xgboost.BoostedTrees, "_grow", "trees")):
        monkeypatch.setattr(owner, name, _told(getattr(owner, name), made, word))
    return made


def _told(function: Callable[..., object], made: list[str], word: str) -> Callable[..., object]:
    def told(*arguments: object) -> object:
        made.append(word)
        return function(*arguments)

    return told


def model(recipe: str, *, seed: int = 0, **parameters: object) -> bytes:
    """A candidate's file, made from rows of its own: other objects with the same values."""
    given = {**QUICK.get(recipe, {}), **parameters}
    rows = feature_rows().rename(columns=lambda name: "".join(list(name)))
    return dump_model(fit_candidate(rows, recipe, "fail", CUTOFF, given, seed=seed, inputs=INPUTS).model)


def test_the_four_candidates_of_a_cutoff_fit_one_linear_model_and_one_set_of_trees(solved: list[str]) -> None:
    for recipe in RECIPES:
        model(recipe)
    assert sorted(solved) == ["linear", "trees"]


def test_the_refit_of_the_winner_begins_with_what_its_candidate_was_fitted_on(solved: list[str]) -> None:
    rows = feature_rows()
    fit_candidate(rows, "logistic_regression", "fail", CUTOFF, inputs=INPUTS)
    refit(rows, "logistic_regression", "fail", CUTOFF, inputs=INPUTS)
    assert solved == ["linear"] * 3, "the candidate's, the second fold's and the one on all rows"


def test_files_are_the_same_to_the_byte_whoever_was_fitted_before() -> None:
    alone = {}
    for recipe in RECIPES:
        forget()
        alone[recipe] = model(recipe)
    forget()
    assert {recipe: model(recipe) for recipe in RECIPES} == alone
    assert {recipe: model(recipe) for recipe in reversed(RECIPES)} == alone


def test_a_candidate_with_settings_of_its_own_fits_for_itself(solved: list[str]) -> None:
    model("logistic_regression")
    model("xgboost")
    solved.clear()
    model("blend", penalty=300.0)
    assert solved == ["linear"]
    solved.clear()
    model("blend", seed=1)
    assert solved == ["trees"]


def changed(rows: TrainingRows, what: str) -> TrainingRows:
    """The same rows but for one thing."""
    inputs = rows.inputs.copy()
    match what:
        case "number":
            inputs.iloc[0, 0] += 1e-12
        case "category":
            inputs.iloc[0, inputs.columns.get_loc("risk")] = "Risk 3 (Low)"
        case "words":
            inputs["risk"] = inputs["risk"].map(
                {"Risk 1 (High)": "Risk 2 (Medium)", "Risk 2 (Medium)": "Risk 1 (High)"}
            )
        case "name":
            inputs = inputs.rename(columns={"noise": "sound"})
        case "order":
            return replace(rows, inputs=inputs.iloc[::-1])
        case _:
            return replace(rows, **{what: np.roll(getattr(rows, what), 1)})
    return replace(rows, inputs=inputs)


@pytest.mark.parametrize("what", ["number", "category", "words", "name", "order", "outcome", "age_days", "serious"])
def test_rows_that_differ_in_anything_are_other_rows(what: str) -> None:
    frame = feature_rows(200)
    rows, again = (training_rows(frame.copy(), np.arange(200.0)) for _ in range(2))
    assert rows.content == again.content
    assert changed(rows, what).content != rows.content


@pytest.mark.parametrize(
    "other",
    [
        {"recipe": "trees"},
        {"inputs": ModelInputs(INPUTS.numeric)},
        {"parameters": {"depth": 3.0}},
        {"parameters": {"depth": 3, "rate": 1}},
        {"seed": 1},
        {"seed": None},
    ],
)
def test_a_fit_is_another_one_where_anything_it_depends_on_differs(other: dict[str, object]) -> None:
    same = {"recipe": "linear", "inputs": INPUTS, "parameters": {"depth": 3}, "seed": 0}
    rows = training_rows(feature_rows(200))
    assert fitted_once(**same, rows=rows, fit=lambda: "first") == "first"  # type: ignore[arg-type]
    assert fitted_once(**same, rows=rows, fit=lambda: "second") == "first"  # type: ignore[arg-type]
    assert fitted_once(**(same | other), rows=rows, fit=lambda: "third") == "third"  # type: ignore[arg-type]


def test_the_fits_asked_for_longest_ago_are_forgotten() -> None:
    rows = training_rows(feature_rows(200))
    for seed in range(MOST_FITS + 1):
        fitted_once("linear", INPUTS, {}, seed, rows, lambda seed=seed: seed)
        assert fitted_once("linear", INPUTS, {}, 0, rows, lambda: -1) == 0, "asked for again and again"
    assert len(shared_fits._known) == MOST_FITS
    assert fitted_once("linear", INPUTS, {}, 1, rows, lambda: -1) == -1
