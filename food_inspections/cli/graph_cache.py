"""The asset graph for the command line, without importing Dagster.

The assets themselves are the one place where it is declared. Importing them takes seconds, so what they declare is
kept in the home folder under the hash of their source: asking whether anything is out of date then costs one SQL
query and no import.
"""

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from food_inspections.planning.graph import Dependency, Graph, Node
from food_inspections.settings import Settings


def load_graph(settings: Settings) -> Graph:
    """The deployment's graph, from the home folder where the assets' source is unchanged."""
    path = settings.home / "cache" / "asset_graph.json"
    source = _source_hash()
    known = _read(path, source)
    if known is not None:
        return known
    # Imports Dagster and every asset, once per version of the program.
    from food_inspections.orchestration.build import asset_specs  # noqa: PLC0415
    from food_inspections.orchestration.graph import graph_of  # noqa: PLC0415

    graph = graph_of(asset_specs())
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
            Node(**node | {"dependencies": tuple(Dependency(**each) for each in node["dependencies"])})
            for node in nodes
        )
    )


def _source_hash() -> str:
    """Of everything that can change what the assets declare."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for file in sorted([*(package / "orchestration").rglob("*.py"), *(package / "planning").rglob("*.py")]):
        digest.update(str(file).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
