"""What the documentation tells people to type."""

import re
from pathlib import Path

import dagster as dg
import pytest

from food_inspections.definitions import defs

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SELECTIONS = sorted(
    {
        quoted or plain
        for page in PAGES
        for quoted, plain in re.findall(r"--select (?:'([^']+)'|(\S+))", page.read_text())
    }
)


def test_some_selections_are_documented() -> None:
    assert any("group:" in selection for selection in SELECTIONS)


@pytest.mark.parametrize("selection", SELECTIONS)
def test_a_documented_selection_names_assets(selection: str) -> None:
    # As `dagster asset materialize` reads it: by commas first.
    chosen = dg.AssetSelection.from_coercible(selection.split(","))

    assert chosen.resolve(defs.resolve_asset_graph())
