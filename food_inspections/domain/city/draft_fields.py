"""Guesses which column of an unknown portal holds what, from names and values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from food_inspections.domain.city.texts import read_days

# From the most telling name to the least. A name is compared without capitals and marks.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "inspection_id": (r"(inspection|visit).*(id|no|num|number|serial.*)$", r"^(serial|report)_?(no|num|number|id)$"),
    "date": (
        r"^(inspection|activity|visit)_?date",
        r"date.*inspect",
        r"inspect.*date",
        r"(^|_)date$",
        r"date|dttm|_dt$",
        r"(inspected|visited)(_?(at|on))?$",
    ),
    "establishment_id": (
        r"(facility|establishment|business|restaurant|account|premise|site|est)_?(id|no|num|number)$",
        r"^(camis|licen[sc]e(_?(no|num|number|id))?_?|permit(_?(no|num|number|id))?)$",
        r"record_?id$",
        r"^(licen[sc]ed?|permit|premises?|unit|outlet|registration)_?(no|num|number|id|ref)?$",
    ),
    "name": (
        r"^dba(_?name)?$",
        r"(facility|establishment|business|restaurant|premise|program)_?name",
        r"^(trading_?(as|name)|name)$",
        r"name$",
        r"^(facility|establishment|business|restaurant|premises?|outlet|trader)$",
    ),
    "other_name": (r"^aka", r"legal_?name", r"owner"),
    "building": (r"^(building|house|street)_?(no|num|number)?$(?<!street)", r"street_?(no|num|number)"),
    "street": (r"^street(_?name)?$",),
    "address": (r"^(street_?|site_?|facility_?|full_?)?address(_?1|_?line_?1)?$", r"address|^where$"),
    "city": (r"^(site_?|facility_?)?city$", r"^(boro|borough|town|municipality)$"),
    "state": (r"^(site_?|facility_?)?state$", r"^province$"),
    "zip": (r"^(site_?|facility_?)?(zip|zip_?code|postal_?code|post_?code)$", r"zip|postal"),
    "area": (r"^(boro|borough|neighbou?rhood|district|ward)$", r"neighbou?rhood|council_district"),
    "latitude": (r"^(lat|latitude|y_?coord.*)$", r"latitude"),
    "longitude": (r"^(lon|lng|long|longitude|x_?coord.*)$", r"longitude"),
    "location": (r"^(location|location_1|geocoded_column|geolocation|the_geom|point|coordinates)$", r"geo|location"),
    "inspection_type": (
        r"inspection_?(type|purpose|reason)",
        r"process_?description",
        r"(visit|service|activity)_?(type|purpose|description)",
        r"(purpose|reason|type|kind)_(of|for)_(the_)?(visit|inspection|call)",
        r"^(purpose|reason|type)$",
    ),
    "result": (
        r"inspection_?(result|outcome|status)s?$",
        r"^(results?|outcome|action|disposition)$",
        r"(result|outcome|status)",
        r"(^|_)(grade|rating|mark|verdict|conclusion)s?(_|$)",
    ),
    "points": (
        r"inspection_?score",
        r"^(score|points|demerits|total_?(score|points|demerits))$",
        r"score|demerit|points|marks?$",
    ),
    "kind": (
        r"(facility|establishment|business|premise)_?(type|category|kind)",
        r"cuisine",
        r"^(category|descript(ion)?|license_?(type|cat).*|licensecat|trade|sector|sells)$",
    ),
    "risk": (r"^risk", r"risk"),
    "code": (
        r"violation_?(code|id|no|number|item)",
        r"^viol_?code$|^violation$",
        r"(finding|infraction|deficiency|offence|item)_?(code|id|no|number)$",
    ),
    "text": (
        r"violation_?(desc.*|text|comments?)$|violdesc",
        r"violation.*desc|^violations?$",
        r"infraction|deficien|observation|finding",
    ),
    "flag": (
        r"critical_?flag",
        r"violation_?(type|level|severity|class|category)|viollevel",
        r"severity|critical|gravity|seriousness",
    ),
}
_SAMPLE_VALUES = 2000
_DATE_FORMATS = (
    "%m/%d/%Y",
    "%Y%m%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%Y/%m/%d",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%m/%d/%y",
    "%b %d %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%B %d, %Y",
)
# A day may be written with its time.
_TIME_FORMATS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_READABLE = 0.9
_LEAST_PLACES = 20


@dataclass(frozen=True)
class Column:
    """A column as the portal describes it; the kind is empty where only a file is known."""

    name: str
    kind: str = ""


def guess_fields(columns: Iterable[Column], sample: pd.DataFrame) -> dict[str, str]:
    """Which column holds what, for every field that something fits; no column is taken twice."""
    named = [column for column in columns if column.name in sample.columns and not column.name.startswith(":")]
    taken: dict[str, str] = {}
    for field, patterns in _NAMES.items():
        fitting = (
            column.name
            for pattern in patterns
            for column in named
            if column.name not in taken.values()
            and re.search(pattern, column.name.lower())
            and _has_right_values(field, sample[column.name])
        )
        found = next(fitting, None)
        if found is not None:
            taken[field] = found
    if not is_place_named(taken):
        place = _place_by_values(sample, [column.name for column in named if column.name not in taken.values()])
        taken |= {} if place is None else {"establishment_id": place}
    if "date" not in taken:
        # Whatever its name, a column of days is most likely that of the visits.
        others = (column.name for column in named if column.name not in taken.values())
        days = next((name for name in others if _has_right_values("date", sample[name])), None)
        taken |= {} if days is None else {"date": days}
    return taken


def reason(field: str, column: str) -> str:
    """Why a column is taken for a field."""
    is_named = any(re.search(pattern, column.lower()) for pattern in _NAMES[field])
    return "from its name" if is_named else "from its values"


def is_place_named(fields: Mapping[str, str]) -> bool:
    """Whether there is something that tells places apart."""
    return "establishment_id" in fields or ("name" in fields and bool({"address", "street"} & fields.keys()))


def _place_by_values(sample: pd.DataFrame, columns: Iterable[str]) -> str | None:
    """Whatever its name, the column whose values come back most like places do: many, each some times."""
    counts = {name: int(sample[name].nunique()) for name in columns}
    likely = {name: count for name, count in counts.items() if _LEAST_PLACES <= count <= len(sample) / 2}
    return max(likely, key=lambda name: likely[name], default=None)


def guess_date_format(values: pd.Series) -> str | None:
    """The format that days are written in; ``None`` where they need none, or none is known."""
    known = values.dropna().astype(str).iloc[:_SAMPLE_VALUES]
    if read_days(known).notna().mean() > _READABLE:
        return None
    forms = (form + time for form in _DATE_FORMATS for time in _TIME_FORMATS)
    return next((form for form in forms if read_days(known, form).notna().mean() > _READABLE), None)


def _has_right_values(field: str, values: pd.Series) -> bool:
    """Whether values look like the field; a name alone deceives."""
    known = values.dropna().astype(str).iloc[:_SAMPLE_VALUES]
    if known.empty:
        return False
    numeric = pd.to_numeric(known, errors="coerce").notna().mean()
    if field == "date":
        return bool(read_days(known, guess_date_format(known)).notna().mean() > _READABLE)
    if field in ("points", "latitude", "longitude"):
        return bool(numeric > 0.9)
    if field == "location":
        return bool(known.str.contains(r"-?\d+\.\d+").mean() > 0.5)
    if field in ("name", "kind", "risk", "flag", "inspection_type", "result"):
        longest = {"name": 1.0, "flag": 0.05}.get(field, 0.3)
        return bool(known.nunique() <= max(12, longest * len(known)) and (numeric < 0.9 or field in ("risk", "flag")))
    return True
