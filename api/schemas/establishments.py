"""Establishments and their inspections."""

from typing import Any

import marshmallow as ma

from food_inspections.api.schemas import common
from food_inspections.api.schemas.documented import described
from food_inspections.api.schemas.fields import PLAIN, Text
from food_inspections.api.schemas.tables import Shown, view
from food_inspections.api.schemas.vocabulary import EXAMPLES

DEFAULT_PAGE = 50
LARGEST_PAGE = 500

_PLACE = {
    "establishment_id": Shown("1000001"),
    "dba_name": Shown("CORNER BAKERY"),
    "aka_name": Shown("CORNER BAKERY"),
    "address": Shown("100 W MAIN ST"),
    "zip": Shown("12345"),
    "facility_type": Shown("Restaurant"),
    "risk": Shown("High"),
}

_LAST_VISIT: dict[str, ma.fields.Field[Any]] = {
    "last_visit": ma.fields.Date(required=True, metadata=described("Day of its last visit.", "2025-01-07")),
    "last_result": ma.fields.String(
        required=True, metadata=described("Result of its last visit.", EXAMPLES["last_result"])
    ),
}

EstablishmentSchema = view("Establishment", "data.clean_inspections", _PLACE, _LAST_VISIT)

PlaceSchema = view(
    "Place",
    "data.clean_inspections",
    _PLACE | {"latitude": Shown(0.5, "degrees"), "longitude": Shown(0.5, "degrees")},
    _LAST_VISIT,
)


class EstablishmentsArguments(ma.Schema):
    """Arguments of the search."""

    q = Text(
        validate=[ma.validate.Length(2, 100), PLAIN],
        metadata=described(
            "Words to look for in name and address; each must occur, in any order, large or small letters.",
            "bakery main st",
        ),
    )
    zip = common.zip_code()
    facility_type = common.facility_type()
    format = common.format_of("csv")
    page = common.page()
    page_size = common.page_size(DEFAULT_PAGE, LARGEST_PAGE)


InspectionSchema = view(
    "Inspection",
    "data.clean_inspections",
    {
        "inspection_id": Shown("2609612"),
        "inspection_date": Shown("2025-01-07"),
        "week": Shown("2025-01-06"),
        "inspection_type": Shown(None),
        "results": Shown("Fail"),
        "is_failure": Shown(True),
        "is_critical": Shown(True),
        "dba_name": Shown("CORNER BAKERY"),
        "facility_type": Shown("Restaurant"),
        "risk": Shown("High"),
        "violation_count": Shown(5, "violations"),
        "critical_violations": Shown(1, "violations"),
        "serious_violations": Shown(2, "violations"),
        "minor_violations": Shown(2, "violations"),
        "topic_temperature": Shown(1, "violations"),
        "topic_handwashing": Shown(1, "violations"),
        "topic_pests": Shown(0, "violations"),
        "topic_plumbing": Shown(0, "violations"),
        "topic_cleaning": Shown(2, "violations"),
        "topic_paperwork": Shown(1, "violations"),
        "topic_contamination": Shown(0, "violations"),
        "topic_equipment": Shown(0, "violations"),
        "topic_building": Shown(0, "violations"),
        "topic_other": Shown(0, "violations"),
    },
)

ClosureSchema = view(
    "Closure",
    "data.closures",
    {
        "inspection_id": Shown("2609612"),
        "inspection_date": Shown("2025-01-07"),
        "week": Shown("2025-01-06"),
        "results": Shown("Out of Business"),
    },
)


class HistorySchema(ma.Schema):
    """What the city found at an establishment."""

    establishment_id = ma.fields.String(
        required=True, metadata=described("Establishment.", EXAMPLES["establishment_id"])
    )
    inspections = ma.fields.List(
        ma.fields.Nested(InspectionSchema),
        required=True,
        metadata={"description": "Its inspections, newest first, with violations by severity and by topic."},
    )
    closures = ma.fields.List(
        ma.fields.Nested(ClosureSchema),
        required=True,
        metadata={"description": "Visits that found it closed, newest first."},
    )
