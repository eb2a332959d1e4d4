"""Predictions: scores of inspections as of the morning of the visit, and the newest one of a place."""

from typing import Any

import marshmallow as ma

from food_inspections.api.schemas import common
from food_inspections.api.schemas.documented import described
from food_inspections.api.schemas.fields import Choice, Day
from food_inspections.api.schemas.tables import Shown, view

LARGEST_PAGE = 5_000
DEFAULT_PAGE = 1_000
SORTS = ("-score", "score", "establishment_id", "inspection_date")


class ReasonSchema(ma.Schema):
    """A reason for a score."""

    feature = ma.fields.String(required=True, metadata=described("Column of the feature.", "days_since_last_visit"))
    text = ma.fields.String(required=True, metadata=described("The reason in words.", "Last visited 412 days ago"))
    value = ma.fields.Raw(
        required=True,
        allow_none=True,
        metadata=described("Value of the feature: a number, or a word of its vocabulary.", 412),
    )
    effect = ma.fields.Float(
        required=True,
        metadata=described("How much it moves the score; positive raises it.", 0.31, "log-odds"),
    )
    points = ma.fields.Float(
        metadata=described("By how much the score would be lower without it; absent in older rows.", 6.2, "%"),
    )


def reasons(**kwargs: Any) -> ma.fields.List[Any]:
    """The reasons of a score: what raises it, the place's own facts first, then what lowers it."""
    return ma.fields.List(ma.fields.Nested(ReasonSchema), **kwargs)


_REASON_EXAMPLE = [
    {
        "feature": "days_since_last_visit",
        "text": "Last visited 412 days ago",
        "value": 412,
        "effect": 0.31,
        "points": 6.2,
    }
]

_VISIT = {
    "establishment_id": Shown("1000001"),
    "score": Shown(0.42, "probability"),
    "score_low": Shown(0.34, "probability"),
    "score_high": Shown(0.5, "probability"),
    "net_score": Shown(0.38, "probability"),
    "label": Shown(1),
    "inspection_id": Shown("2609612"),
    "inspection_date": Shown("2025-01-07"),
    "week": Shown("2025-01-06"),
    "dba_name": Shown("CORNER BAKERY"),
    "address": Shown("100 W MAIN ST"),
    "zip": Shown("12345"),
    "facility_type": Shown("Restaurant"),
    "risk": Shown("High"),
    "threshold": Shown(0.35, "probability"),
    "model_id": Shown("xgboost-fail-2025-01-06-1a2b3c4d"),
    "model_cutoff": Shown("2025-01-06"),
    "published_at": Shown("2025-01-13T06:30:00+00:00"),
}

PredictionSchema = view("Prediction", "api.predictions", _VISIT)


NewestPredictionSchema = view(
    "NewestPrediction",
    "api.predictions",
    _VISIT | {"reasons": Shown(_REASON_EXAMPLE, make=reasons)},
    {
        "source": ma.fields.String(
            required=True,
            validate=ma.validate.OneOf(("predictions", "inspection_queue")),
            metadata=described(
                "inspection_queue: its forecast in the newest queue, which belongs to no inspection; predictions: the "
                "newest inspection scored.",
                "inspection_queue",
            ),
        ),
        "inspection_id": ma.fields.String(
            required=True, allow_none=True, metadata=described("The portal's id of the inspection scored.", "2609612")
        ),
        "inspection_date": ma.fields.Date(
            required=True, allow_none=True, metadata=described("Day of the inspection scored.", "2025-01-07")
        ),
    },
)


class NewestPredictionArguments(ma.Schema):
    """Arguments of one establishment's prediction."""

    min_score = common.min_score()


class PredictionsArguments(ma.Schema):
    """Arguments of the predictions of a day or a week."""

    date = Day(
        metadata=described("Only inspections of this day, which tells the week as well.", "2025-01-07"),
    )
    week = common.week()
    facility_type = common.facility_type()
    zip = common.zip_code()
    min_score = common.min_score()
    sort = Choice(
        SORTS,
        load_default=SORTS[0],
        metadata=described("Order of the rows: highest score first by default; ties by establishment.", "-score"),
    )
    format = common.format_of("csv")
    page = common.page()
    page_size = common.page_size(DEFAULT_PAGE, LARGEST_PAGE)
