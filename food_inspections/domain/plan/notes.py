"""What was wrong with the input of a plan and what was done about it, a sentence each."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from food_inspections.domain.plan.inspectors import Inspector

SHOWN = 3
"""Examples that a note names."""


def notes_on(week: date, inspectors: Sequence[Inspector], places: pd.DataFrame, gone: Sequence[str]) -> list[str]:
    """Notes on a week.

    Args:
        week: The week's Monday.
        inspectors: Who visits.
        places: The queue: establishment_id, dba_name, zip, area, facility_type, latitude, longitude.
        gone: Establishments that were handed out and are not in the queue any more.
    """
    return [*_on_days(week, inspectors), *_on_places(places), *_on_districts(inspectors, places), *_on_gone(gone)]


def _on_days(week: date, inspectors: Sequence[Inspector]) -> list[str]:
    at_work = [inspector for inspector in inspectors if inspector.minutes and inspector.weekdays]
    if not at_work or any(inspector.days(week) for inspector in at_work):
        return []
    return [f"Everybody has the whole week of {week} off, so nothing is planned: see the days_off of the inspectors."]


def _on_places(places: pd.DataFrame) -> list[str]:
    without = places[places[["latitude", "longitude"]].isna().any(axis=1)]
    if without.empty:
        return []
    shown = _some([f"{row.dba_name} ({row.establishment_id})" for row in without.itertuples(index=False)], ", ")
    return [
        f"{len(without)} of {len(places)} places have no coordinates ({shown}): "
        "their ways are taken as twenty minutes, ten within a postal code; give better ones as a table of travel."
    ]


def _on_districts(inspectors: Sequence[Inspector], places: pd.DataFrame) -> list[str]:
    known = {"district": {*places["zip"], *places["area"]}, "kind": set(places["facility_type"])}
    notes = []
    for inspector in inspectors:
        for what, named in (("district", inspector.districts), ("kind", inspector.kinds)):
            unknown = sorted(named - known[what])
            if unknown:
                nobody = "; nothing else is named, so nothing is planned" if not named & known[what] else ""
                notes.append(
                    f"{inspector.name}: no place of the queue is in the {what} {'; '.join(unknown)}{nobody}. Known are "
                    f"{_some(sorted(known[what]), '; ')}"
                )
    return notes


def _on_gone(gone: Sequence[str]) -> list[str]:
    if not gone:
        return []
    return [
        f"{len(gone)} stops that were handed out are of places that the queue does not hold any more "
        f"({_some(gone, ', ')}): tell who was to visit them."
    ]


def _some(names: Sequence[str], separator: str) -> str:
    return separator.join([*names[:SHOWN], *(["..."] if len(names) > SHOWN else [])])
