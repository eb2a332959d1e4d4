"""The published queue: every establishment in business, ranked."""

from datetime import UTC

import marshmallow as ma

from food_inspections.api.schemas import common
from food_inspections.api.schemas.documented import described
from food_inspections.api.schemas.fields import Box, Choice, QueryWhole
from food_inspections.api.schemas.predictions import reasons
from food_inspections.api.schemas.tables import Shown, view
from food_inspections.api.schemas.vocabulary import BOX

LARGEST_PAGE = 20_000
DEFAULT_PAGE = 1_000
SCOPES = ("list", "all")
SORTS = ("rank", "-score", "score", "last_visit")
PUBLICATIONS_A_PAGE = 100

_REASONS = [{"feature": "past_failures", "text": "Failed 3 of its last 5 visits", "value": 3, "effect": 0.52}]

QueuedSchema = view(
    "QueuedEstablishment",
    "api.inspection_queue",
    {
        "rank": Shown(1),
        "establishment_id": Shown("1000001"),
        "score": Shown(0.61, "probability"),
        "score_low": Shown(0.53, "probability"),
        "score_high": Shown(0.69, "probability"),
        "net_score": Shown(0.54, "probability"),
        "label": Shown(1),
        "reasons": Shown(_REASONS, make=reasons),
        "dba_name": Shown("CORNER BAKERY"),
        "address": Shown("100 W MAIN ST"),
        "zip": Shown("12345"),
        "facility_type": Shown("Restaurant"),
        "risk": Shown("High"),
        "latitude": Shown(0.5, "degrees"),
        "longitude": Shown(0.5, "degrees"),
        "last_visit": Shown("2023-11-20"),
        "days_since_last_visit": Shown(413, "days"),
        "last_result": Shown("Pass w/ Conditions"),
        "is_reinspection_open": Shown(False),
        "is_on_list": Shown(True),
        "is_random_draw": Shown(False),
        "threshold": Shown(0.35, "probability"),
        "model_id": Shown("xgboost-fail-2025-01-06-1a2b3c4d"),
        "model_cutoff": Shown("2025-01-06"),
        "week": Shown("2025-01-06"),
        "version": Shown(1),
        "published_at": Shown("2025-01-06T06:30:00+00:00"),
    },
)


class QueueArguments(ma.Schema):
    """Arguments of the queue."""

    week = common.week()
    version = QueryWhole(
        validate=ma.validate.Range(1, 1_000_000),
        metadata=described(
            "A published version. By default the first one for past weeks (the one the forecast is judged by), the "
            "newest one for the week under way and later ones.",
            1,
        ),
    )
    scope = Choice(
        SCOPES,
        load_default=SCOPES[0],
        metadata=described(
            "list: the visits the week has room for; all: every establishment in business, ranked.", "list"
        ),
    )
    zip = common.zip_code()
    facility_type = common.facility_type()
    min_score = common.min_score()
    bbox = Box(metadata=described("Only places within: west, south, east, north in degrees.", BOX))
    sort = Choice(SORTS, load_default=SORTS[0], metadata=described("Order of the rows; ties by rank.", "rank"))
    format = common.format_of("csv", "geojson")
    page = common.page()
    page_size = common.page_size(DEFAULT_PAGE, LARGEST_PAGE)


PublicationSchema = view(
    "Publication",
    "api.queue_publications",
    {
        "week": Shown("2025-01-06"),
        "version": Shown(1),
        "published_at": Shown("2025-01-06T06:30:00+00:00"),
        "model_id": Shown("xgboost-fail-2025-01-06-1a2b3c4d"),
        "row_count": Shown(14_210, "establishments"),
    },
)


class PublicationsArguments(ma.Schema):
    """Arguments of the list of publications."""

    since = ma.fields.AwareDateTime(
        default_timezone=UTC,
        metadata=described("Only what was published then or later.", "2025-01-06T00:00:00+00:00"),
    )
    format = common.format_of("csv")
    page = common.page()
    page_size = common.page_size(PUBLICATIONS_A_PAGE, DEFAULT_PAGE)
