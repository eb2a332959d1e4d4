"""docs/cities.md is all that somebody has who writes a profile: its example loads, and no key is left out."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from food_inspections.domain.city import profile as sections
from food_inspections.domain.city.laws import Finding, Law, SeverityRule, Violations
from food_inspections.domain.city.loading import read_profile
from food_inspections.domain.city.rules import Labels, Rule
from food_inspections.domain.city.words import Result, VisitType, Word

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "cities.md").read_text()
MODELS = (
    sections.City,
    sections.Portal,
    sections.Rows,
    sections.Columns,
    sections.Missing,
    sections.Points,
    sections.ReportNumbers,
    sections.Fairness,
    sections.Map,
    sections.Wording,
    sections.Profile,
    Violations,
    Law,
    Finding,
    SeverityRule,
    Labels,
    Rule,
    Word,
    VisitType,
    Result,
)


def test_the_whole_profile_of_the_page_can_be_loaded() -> None:
    whole = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]

    assert read_profile(whole, "docs/cities.md").city.name == "Springfield"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_explained(model: type[BaseModel]) -> None:
    keys = [field.alias or name for name, field in model.model_fields.items()]

    missing = [key for key in keys if f"`{key}`" not in PAGE and f"[{key}" not in PAGE and f"`{key}." not in PAGE]

    assert missing == []
