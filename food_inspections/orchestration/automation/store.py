"""What ticks look at: the store as the planner sees it, and whether the portal is the one it was pulled from."""

from datetime import date
from functools import cache

from sqlalchemy import Connection

from food_inspections.orchestration.assets import ALL_ASSETS
from food_inspections.orchestration.graph import graph_of
from food_inspections.planning.graph import Graph
from food_inspections.planning.portals import other_portal
from food_inspections.planning.state import State
from food_inspections.settings import Settings
from food_inspections.storage.records import planning_state, pulls


@cache
def asset_graph() -> Graph:
    """The graph that the assets declare."""
    return graph_of(spec for asset in ALL_ASSETS for spec in asset.specs)


def load_state(connection: Connection, settings: Settings, today: date) -> State:
    """A snapshot of the store."""
    return planning_state.load_state(connection, settings, asset_graph(), today)


def why_not_to_pull(connection: Connection, settings: Settings) -> str | None:
    """Why a pull would mix two cities, if it would."""
    other = other_portal(pulls.portals(connection), settings.portal_url, settings.dataset)
    return (
        None if other is None else f"The store's inspections came from {other}: not mixing them with another portal's."
    )
