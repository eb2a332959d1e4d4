"""What keeps chosen weeks of chosen assets from being made, before anything of them runs."""

from collections.abc import Collection
from datetime import date

from food_inspections.planning.graph import Node
from food_inspections.planning.planner import OPTIONAL
from food_inspections.planning.state import TRAINING, State

NO_MODEL = "no model serves them"


def what_lacks(state: State, assets: Collection[str], weeks: Collection[date]) -> dict[str, dict[str, list[date]]]:
    """What is neither there nor chosen as well, but needed.

    Args:
        state: The store.
        assets: Names of the chosen assets.
        weeks: Mondays chosen of each of them.

    Returns:
        By asset: what lacks, in words, and for which weeks. Assets that can be made for all weeks are left out.
    """
    lacks: dict[str, dict[str, list[date]]] = {}
    for node in state.graph.nodes:
        if node.asset in assets:
            for week in sorted(weeks):
                for reason in _reasons(state, node, week, assets):
                    lacks.setdefault(node.asset, {}).setdefault(reason, []).append(week)
    return lacks


def _reasons(state: State, node: Node, week: date, assets: Collection[str]) -> list[str]:
    are_models_made = any(other.asset in assets for other in state.graph.in_group(TRAINING))
    reasons = []
    for dependency in node.dependencies:
        if dependency.is_champion:
            if week not in state.champions and not are_models_made:
                reasons.append(NO_MODEL)
        elif dependency.asset not in assets and dependency.end_offset == 0:
            is_needed = (node.asset, dependency.asset) not in OPTIONAL and dependency.asset in state.graph.by_name
            if is_needed and not state.is_accepted(dependency.asset, week):
                reasons.append(f"they have no accepted {dependency.asset}")
    return reasons
