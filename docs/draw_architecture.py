"""Draws docs/architecture.md from the code: which part stands on which, and which asset is made from which.

``make architecture`` writes it; a test fails where it is stale.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from food_inspections.orchestration.automation.store import asset_graph
from food_inspections.planning.graph import EVER, Dependency

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"

PARTS = {
    "domain": "domain<br>pure functions on frames and dates",
    "planning": "planning<br>what is missing or out of date",
    "portal": "portal<br>SODA client and server, sample city",
    "storage": "storage<br>PostgreSQL, objects, records",
    "tracking": "tracking<br>MLflow, where one is set",
    "orchestration": "orchestration<br>all of Dagster",
    "api": "api<br>Flask-Smorest, reads tables",
    "monitor": "monitor<br>Dash, reads tables",
    "cli": "cli<br>the command food-inspections",
}

_PAGE = """# Architecture

Made by `make architecture` from the code; edit that, not this page.

## What stands on what

An arrow goes from a part to what it imports; what it reaches through another part is left out. Tests hold the order
(`food_inspections_tests/test_architecture.py`): nothing imports from above, the domain knows neither Dagster nor a
database, and readers never import assets.

```mermaid
{parts}
```

## What is made from what

Every asset is made by week. A plain arrow: from the same week. A thick one: from this week and those before. A dotted
one: from the weeks before only. The champion is looked up in the log of decisions.

```mermaid
{assets}
```
"""


def imported_parts(part: str) -> set[str]:
    """The other parts that a part imports."""
    folder = ROOT / "food_inspections" / part
    found = set()
    for path in sorted(folder.resolve().rglob("*.py")):
        for module in _imports(path):
            room = module.split(".")[1] if module.startswith("food_inspections.") else ""
            found |= {room} & set(PARTS) - {part}
    return found


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def reduced(edges: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The edges that are no shortcut of a longer way."""

    def reached(start: str) -> set[str]:
        return {start}.union(*(reached(node) for node in edges[start]))

    return {
        node: sorted(
            target for target in targets if not any(target in reached(other) for other in set(targets) - {target})
        )
        for node, targets in edges.items()
    }


def parts_picture() -> str:
    """The parts of the program, in Mermaid's notation."""
    lines = ["flowchart TD", *(f'    {name}["{title}"]' for name, title in PARTS.items())]
    for name, targets in reduced({part: imported_parts(part) for part in PARTS}).items():
        lines += [f"    {name} --> {target}" for target in targets]
    return "\n".join(lines)


def assets_picture() -> str:
    """The asset graph by group, in Mermaid's notation."""
    nodes = asset_graph().nodes
    lines = ["flowchart LR"]
    for group in dict.fromkeys(node.group for node in nodes):
        lines.append(f"    subgraph {group}")
        lines += [f"        {node.asset}" for node in nodes if node.group == group]
        lines.append("    end")
    for node in nodes:
        lines += [f"    {each.asset} {_arrow(each)} {node.asset}" for each in node.dependencies]
    return "\n".join(lines)


def _arrow(dependency: Dependency) -> str:
    if dependency.end_offset < 0:
        return "-.->"
    return "==>" if dependency.start_offset <= EVER or dependency.start_offset < 0 else "-->"


def page() -> str:
    """The whole page."""
    return _PAGE.format(parts=parts_picture(), assets=assets_picture())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
