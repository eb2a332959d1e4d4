"""A plan as files that other programs open: calendars, satellite navigation, maps.

All take the lines of a plan as they stand (rows of ``api.plan_lines``) and leave out those that are no longer to be
visited. Times in a plan are minutes after midnight where the inspectors are.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pandas as pd

COLUMNS = (
    "week", "inspector_now", "day", "stop", "time", "arrival_minute", "visit_minutes", "travel_minutes", "travel_km",
    "establishment_id", "dba_name", "address", "zip", "facility_type", "why", "reason", "is_must", "expected_finding",
    "days_overdue", "decision", "decision_reason", "latitude", "longitude",
)  # fmt: skip
"""Columns of the CSV, in order: those of ``api.plan_lines``, and the time of day for people."""

_ICS_BYTES = 75
_GPX = "http://www.topografix.com/GPX/1/1"


def to_visit(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines still to be visited, in the order of the visits: undecided ones, and swapped ones with who has them."""
    is_open = lines["decision"].isna() | (lines["decision"] == "swapped")
    order = ["inspector_now", "day", "arrival_minute", "stop", "establishment_id"]
    return lines[is_open].sort_values(order, kind="stable")


def as_rows(lines: pd.DataFrame) -> pd.DataFrame:
    """All lines in :data:`COLUMNS`, decided ones among them; what is not known is ``None``."""
    rows = lines.assign(time=[clock(minute) for minute in lines["arrival_minute"]])[list(COLUMNS)].astype(object)
    return rows.where(rows.notna(), None)


def as_ics(lines: pd.DataFrame, zone: ZoneInfo, planned_at: datetime) -> str:
    """An iCalendar (RFC 5545) with one event a visit.

    Args:
        lines: Lines of the plan.
        zone: Where the inspectors are.
        planned_at: When the plan was made; the same plan gives the same file.
    """
    written = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Food Inspections//Plan//EN"]
    for line in _rows(to_visit(lines)):
        begin = _moment(line.day, line.arrival_minute, zone)
        written += [
            "BEGIN:VEVENT",
            f"UID:{line.week}-{line.establishment_id}@food-inspections",
            f"DTSTAMP:{_utc(planned_at)}",
            f"DTSTART:{_utc(begin)}",
            f"DTEND:{_utc(begin + timedelta(minutes=int(line.visit_minutes)))}",
            f"SUMMARY:{_ics_text(line.dba_name)}",
            f"LOCATION:{_ics_text(f'{line.address}, {line.zip}')}",
            f"DESCRIPTION:{_ics_text(f'{line.inspector_now}, stop {line.stop}. {line.reason}')}",
            *([f"GEO:{line.latitude:.6f};{line.longitude:.6f}"] if _is_placed(line) else []),
            "END:VEVENT",
        ]
    written.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in written for folded in _folded(line))


def as_gpx(lines: pd.DataFrame) -> str:
    """A GPX 1.1 file with one route for each inspector and day; visits without a position are left out."""
    ET.register_namespace("", _GPX)
    root = ET.Element(f"{{{_GPX}}}gpx", version="1.1", creator="Food Inspections")
    for (inspector, day), route in _routes(lines):
        written = ET.SubElement(root, f"{{{_GPX}}}rte")
        ET.SubElement(written, f"{{{_GPX}}}name").text = f"{inspector}, {day}"
        for line in _rows(route):
            point = ET.SubElement(written, f"{{{_GPX}}}rtept", lat=f"{line.latitude:.6f}", lon=f"{line.longitude:.6f}")
            ET.SubElement(point, f"{{{_GPX}}}name").text = f"{line.stop}. {line.dba_name}"
            ET.SubElement(point, f"{{{_GPX}}}desc").text = f"{line.address}, {line.zip}. {line.reason}"
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def as_geojson(lines: pd.DataFrame) -> str:
    """A GeoJSON (RFC 7946) with a point for each visit and a line for each inspector and day."""
    features: list[dict[str, Any]] = []
    for (inspector, day), route in _routes(lines):
        places = [[round(line.longitude, 6), round(line.latitude, 6)] for line in _rows(route)]
        if len(places) > 1:
            features.append(
                _feature("LineString", places, {"inspector": inspector, "day": str(day), "visits": len(places)})
            )
        for place, line in zip(places, _rows(route), strict=True):
            features.append(
                _feature(
                    "Point",
                    place,
                    {
                        "inspector": inspector,
                        "day": str(day),
                        "stop": int(line.stop),
                        "time": clock(line.arrival_minute),
                        "establishment_id": line.establishment_id,
                        "name": line.dba_name,
                        "address": line.address,
                        "why": line.why,
                        "reason": line.reason,
                    },
                )
            )
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def clock(minute: int) -> str:
    """``08:15`` from minutes after midnight."""
    return f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"


def _routes(lines: pd.DataFrame) -> Iterator[tuple[tuple[str, date], pd.DataFrame]]:
    """The visits with a position, by inspector and day."""
    visits = to_visit(lines)
    placed = visits[visits["latitude"].notna() & visits["longitude"].notna()]
    for (inspector, day), route in placed.groupby(["inspector_now", "day"], sort=True):
        yield (str(inspector), cast(date, day)), route


def _rows(lines: pd.DataFrame) -> Iterator[Any]:
    yield from lines.itertuples(index=False)


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def _is_placed(line: Any) -> bool:
    return not (pd.isna(line.latitude) or pd.isna(line.longitude))


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, int(minute) // 60, int(minute) % 60, tzinfo=zone)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _ics_text(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def _folded(line: str) -> Iterator[str]:
    """A line in parts of at most 75 bytes, each but the first behind a blank; no letter is cut."""
    part, room = "", _ICS_BYTES
    for letter in line:
        size = len(letter.encode())
        if size > room:
            yield part
            part, room = " ", _ICS_BYTES - 1
        part += letter
        room -= size
    yield part
