"""The graph that the command line plans with: that of the assets, and of this very program."""

import json
import shutil
from pathlib import Path

import pytest

from food_inspections.cli import graph_cache
from food_inspections.orchestration.automation.store import asset_graph
from food_inspections.settings import Settings


def kept(settings: Settings) -> Path:
    return settings.home / "cache" / "asset_graph.json"


def test_it_is_what_the_assets_declare_and_is_kept(settings: Settings) -> None:
    assert graph_cache.load_graph(settings) == asset_graph()

    # What is kept is believed as long as the program is the same: importing the assets takes seconds.
    content = json.loads(kept(settings).read_text())
    kept(settings).write_text(json.dumps(content | {"nodes": content["nodes"][:1]}))
    assert graph_cache.load_graph(settings).nodes == asset_graph().nodes[:1]


def test_what_another_program_kept_is_made_anew(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recipe is a file of the domain, and its candidate an asset: one that was added was left out of plans once."""
    program = shutil.copytree(graph_cache.PACKAGE, tmp_path / "program", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(graph_cache, "PACKAGE", program)
    graph_cache.load_graph(settings)
    content = json.loads(kept(settings).read_text())
    kept(settings).write_text(json.dumps(content | {"nodes": []}))
    assert graph_cache.load_graph(settings).nodes == ()

    (program / "domain" / "recipes" / "another.py").write_text("")
    assert graph_cache.load_graph(settings) == asset_graph()


@pytest.mark.parametrize("content", ["", "[]", '{"source": "of another program", "nodes": []}'])
def test_what_cannot_be_used_is_made_anew(content: str, settings: Settings) -> None:
    kept(settings).parent.mkdir(parents=True)
    kept(settings).write_text(content)

    assert graph_cache.load_graph(settings) == asset_graph()
