"""The asset graph as the planner sees it, made from what the assets declare."""

from collections.abc import Iterable

import dagster as dg

from food_inspections.planning.graph import Dependency, Graph, Node

SETTINGS = "settings"
"""Definition metadata: names of the settings that an asset's content depends on."""


def node_of(spec: dg.AssetSpec) -> Node:
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
    return Node(
        spec.key.to_user_string(),
        spec.group_name or "",
        spec.code_version or "",
        tuple(dependencies),
        tuple(spec.metadata.get(SETTINGS, ())),
    )


def graph_of(specs: Iterable[dg.AssetSpec]) -> Graph:
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
