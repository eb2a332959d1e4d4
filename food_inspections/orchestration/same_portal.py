"""One store holds the inspections of one portal: a pull from another one would mix two cities in silence."""

from collections.abc import Iterable
from datetime import date, timedelta

import pandas as pd

from food_inspections.errors import PortalError
from food_inspections.planning.portals import is_local, other_portal
from food_inspections.portal.client import PortalClient
from food_inspections.portal.columns import DatasetColumns
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import pulls
from food_inspections.storage.warehouse import Warehouse

LEAST_SHARE_IN_COMMON = 0.5
"""A portal corrects and drops a few inspections; another city's has none of them."""


def require_same_portal(warehouse: Warehouse, portal: str, dataset: str) -> None:
    """Refuse the address of another portal than the store's inspections came from.

    Raises:
        PortalError: It is another one.
    """
    settings = warehouse.settings
    with warehouse.snapshot() as connection:
        pulled_from = pulls.portals(connection)
    other = other_portal(pulled_from, portal, dataset)
    if other is not None:
        back = "set it to a local portal again (`food-inspections up` serves the demo's)"
        raise PortalError(
            f"{settings.home} holds inspections from {other}, but FOOD_INSPECTIONS_PORTAL_URL names {portal} "
            f"({dataset}): {back if is_local(pulled_from[0][0]) else 'set it back'}, "
            "or set FOOD_INSPECTIONS_HOME to a new folder."
        )


def require_same_inspections(warehouse: Warehouse, portal: PortalClient) -> None:
    """Refuse a portal on this machine that serves other inspections: its address says nothing.

    What was pulled of the newest week that has inspections must still be there, for the most part.

    Raises:
        PortalError: It serves other inspections, or does not answer.
    """
    settings = warehouse.settings
    if not is_local(settings.portal_url) or settings.portal_paging != "soda":
        return
    with warehouse.snapshot() as connection:
        known = [row for row in records.accepted_weeks(connection, "raw_inspections") if row.row_count]
    if not known or known[-1].object_key is None:
        return
    newest = known[-1]
    stored = _told_apart(warehouse.read_object(str(newest.object_key)), portal.columns)
    held = _told_apart(portal.fetch(newest.week, newest.week + timedelta(days=6)), portal.columns)
    if len(stored & held) < LEAST_SHARE_IN_COMMON * len(stored):
        raise PortalError(_mixed(warehouse, newest.week, len(stored & held), len(stored)))


def _told_apart(frame: pd.DataFrame, columns: DatasetColumns) -> set[tuple[str, ...]]:
    """Each inspection with its day: ids alone may be the same by chance, and what was found may be corrected."""
    names = dict.fromkeys((*columns.key, columns.date))
    rows: Iterable[tuple[str, ...]] = frame[list(names)].fillna("").itertuples(index=False, name=None)
    return set(rows)


def _mixed(warehouse: Warehouse, week: date, common: int, stored: int) -> str:
    settings = warehouse.settings
    return (
        f"{settings.home} holds {stored:,} inspections of week {week}, of which the portal at {settings.portal_url} "
        f"has {common:,}: it serves other data. Serve those it came from (`food-inspections portal --data FILE`), "
        "or set FOOD_INSPECTIONS_HOME to a new folder."
    )
