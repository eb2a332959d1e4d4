"""The asset graph without Dagster: which weeks of which assets a week is made from.

The assets themselves are the one place where this is declared. Importing them takes
seconds, so what they declare is kept in the home folder under the hash of their
source: asking whether anything is out of date then costs one SQL query and no import.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from food_inspections.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

EVER = -5200
"""Offset that reaches every week so far: a hundred years, clipped by Dagster at the first partition."""


@dataclass(frozen=True)
class Dependency:
    """An upstream asset and the weeks of it that a week reaches, as offsets in weeks, both included."""

    asset: str
    start_offset: int
    end_offset: int

    def reached(self, week: date) -> tuple[date, date]:
        """First and last Monday that a week reaches."""
        first = date.min if self.start_offset <= EVER else week + timedelta(weeks=self.start_offset)
        return first, week + timedelta(weeks=self.end_offset)


@dataclass(frozen=True)
class Node:
    """What an asset declares about where it comes from."""

    asset: str
    group: str
    code_version: str
    dependencies: tuple[Dependency, ...]


@dataclass(frozen=True)
class Graph:
    """All assets, every one after those it is made from."""

    nodes: tuple[Node, ...]

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """The nodes by asset name."""
        return {node.asset: node for node in self.nodes}

    def in_group(self, *groups: str) -> list[Node]:
        """The assets of some groups, in order."""
        return [node for node in self.nodes if node.group in groups]


def node_of(spec: "dg.AssetSpec") -> Node:
    """What a spec declares.

    Raises:
        TypeError: A dependency has no time window mapping, so its weeks are unknown.
    """
    dependencies = []
    for dep in sorted(spec.deps, key=lambda dep: dep.asset_key):
        mapping = dep.partition_mapping
        start, end = getattr(mapping, "start_offset", None), getattr(mapping, "end_offset", None)
        if start is None or end is None:
            upstream = dep.asset_key.to_user_string()
            raise TypeError(f"{spec.key.to_user_string()} depends on {upstream} without a time window mapping.")
        dependencies.append(Dependency(dep.asset_key.to_user_string(), start, end))
    return Node(spec.key.to_user_string(), spec.group_name or "", spec.code_version or "", tuple(dependencies))


def graph_of(specs: Iterable["dg.AssetSpec"]) -> Graph:
    """The graph that specs declare, in an order in which it can be made."""
    waiting = {node.asset: node for node in sorted(map(node_of, specs), key=lambda node: node.asset)}
    ordered: list[Node] = []
    while waiting:
        ready = [
            node
            for node in waiting.values()
            if not any(dependency.asset in waiting for dependency in node.dependencies)
        ]
        ordered += ready
        for node in ready:
            del waiting[node.asset]
    return Graph(tuple(ordered))


def load_graph(settings: Settings) -> Graph:
    """The deployment's graph, from the home folder where the assets' source is unchanged."""
    path = settings.home / "cache" / "asset_graph.json"
    source = _source_hash()
    known = _read(path, source)
    if known is not None:
        return known
    # Imports Dagster and every asset, once per version of the program.
    from food_inspections.orchestration.build import asset_specs  # noqa: PLC0415

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
    return Graph(
        tuple(
            Node(
                node["asset"],
                node["group"],
                node["code_version"],
                tuple(Dependency(**dependency) for dependency in node["dependencies"]),
            )
            for node in kept["nodes"]
        )
    )


def _source_hash() -> str:
    """Of everything that can change what the assets declare."""
    package = Path(__file__).resolve().parents[1]
    files = sorted([*(package / "orchestration").rglob("*.py"), *(package / "planning").rglob("*.py")])
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
