"""The asset graph for the command line, without importing Dagster.

The assets themselves are the one place where it is declared. Importing them takes seconds, so what they declare is
kept in the home folder under the hash of the program's source: asking whether anything is out of date then costs one
SQL query and no import.
"""

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from food_inspections.planning.graph import Dependency, Graph, Node
from food_inspections.settings import Settings

PACKAGE = Path(__file__).resolve().parents[1]


def load_graph(settings: Settings) -> Graph:
    """The deployment's graph, from the home folder where the program is unchanged."""
    path = settings.home / "cache" / "asset_graph.json"
    source = _source_hash()
    known = _read(path, source)
    if known is not None:
        return known
    # Imports Dagster and every asset, once per version of the program.
    from food_inspections.orchestration.automation.store import asset_graph  # noqa: PLC0415

    graph = asset_graph()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps({"source": source, "nodes": [asdict(node) for node in graph.nodes]}))
    part.replace(path)
    return graph


def _read(path: Path, source: str) -> Graph | None:
    """The graph kept, if it is of this source; what cannot be read is made anew."""
    try:
        kept = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(kept, dict) or kept.get("source") != source:
        return None
    nodes = kept["nodes"]
    return Graph(
        tuple(
            Node(
                **node
                | {
                    "dependencies": tuple(Dependency(**each) for each in node["dependencies"]),
                    "settings": tuple(node["settings"]),
                }
            )
            for node in nodes
        )
    )


def _source_hash() -> str:
    """Of the whole program: a recipe in the domain makes an asset, too, and no list has to be kept up."""
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*.py")):
        digest.update(str(file.relative_to(PACKAGE)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
