"""Scores on demand: what may be asked, and what is answered."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from food_inspections.api.schemas.common import word_of
from food_inspections.api.schemas.documented import described
from food_inspections.api.schemas.fields import PLAIN, Matches, Number, Text, Whole
from food_inspections.api.schemas.predictions import reasons
from food_inspections.api.schemas.vocabulary import (
    ESTABLISHMENT_ID,
    EXAMPLES,
    FACILITY_TYPES,
    FIRST_LOOK,
    LATITUDES,
    LONGITUDES,
    PROFILE,
    RISKS,
    VISIT_TYPES,
    ZIP,
)

MOST_VISITS = 1_000


def _inspection_type() -> ma.fields.String:
    return word_of(
        VISIT_TYPES, load_default=FIRST_LOOK, metadata=described("Kind of visit, from the vocabulary.", FIRST_LOOK)
    )


def _weekday() -> Whole:
    return Whole(
        load_default=0,
        validate=ma.validate.Range(0, 6),
        metadata=described("Day of the visit within the week scored: 0 for Monday to 6 for Sunday.", 2),
    )


class KnownVisitSchema(ma.Schema):
    """A visit to an establishment in business."""

    class Meta:
        """Nothing unknown is let through."""

        unknown = ma.RAISE

    establishment_id = Text(
        required=True,
        validate=Matches(ESTABLISHMENT_ID, "Not an id of an establishment in this city."),
        metadata=described("The establishment; see `GET /api/v1/establishments`.", EXAMPLES["establishment_id"]),
    )
    inspection_type = _inspection_type()
    weekday = _weekday()


class HypotheticalVisitSchema(ma.Schema):
    """A visit to a place without a history, such as one about to open."""

    class Meta:
        """Nothing unknown is let through."""

        unknown = ma.RAISE

    if "facility_type" in PROFILE.provides:
        facility_type = word_of(
            FACILITY_TYPES,
            required=True,
            metadata=described("Kind of establishment, from the vocabulary.", EXAMPLES["facility_type"]),
        )
    if "risk" in PROFILE.provides:
        risk = word_of(RISKS, required=True, metadata=described("Risk class, from the vocabulary.", EXAMPLES["risk"]))
    if "zip" in PROFILE.provides:
        zip = Text(
            required=True,
            validate=Matches(ZIP, "Not a postal code of the city, nor unknown."),
            metadata=described("Postal code, or `unknown`.", EXAMPLES["zip"]),
        )
    if "coordinates" in PROFILE.provides:
        latitude = Number(
            required=True,
            validate=ma.validate.Range(*LATITUDES),
            metadata=described("How far north.", EXAMPLES["latitude"] or 0.0, "degrees"),
        )
        longitude = Number(
            required=True,
            validate=ma.validate.Range(*LONGITUDES),
            metadata=described("How far east.", EXAMPLES["longitude"] or 0.0, "degrees"),
        )
    dba_name = Text(
        validate=[ma.validate.Length(1, 200), PLAIN],
        metadata=described("Its name, if it belongs to a chain that others know already.", "CORNER BAKERY"),
    )
    inspection_type = _inspection_type()
    weekday = _weekday()


class VisitField(ma.fields.Field[dict[str, Any]]):
    """A visit of either kind: with ``establishment_id`` a known one, else a hypothetical one."""

    known = KnownVisitSchema()
    hypothetical = HypotheticalVisitSchema()

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ma.ValidationError("Not a JSON object.")
        schema: ma.Schema = self.known if "establishment_id" in value else self.hypothetical
        loaded: dict[str, Any] = schema.load(value)
        return loaded


def describe_visit(converter: Any, field: ma.fields.Field[Any], **_: Any) -> dict[str, Any]:
    """What the specification says of a :class:`VisitField`: an attribute function of apispec."""
    if not isinstance(field, VisitField):
        return {}
    return {"oneOf": [converter.resolve_nested_schema(schema) for schema in (field.known, field.hypothetical)]}


class ScoringSchema(ma.Schema):
    """Visits to be scored."""

    class Meta:
        """Nothing unknown is let through."""

        unknown = ma.RAISE

    visits = ma.fields.List(
        VisitField(),
        required=True,
        validate=ma.validate.Length(1, MOST_VISITS),
        metadata={
            "description": f"1 to {MOST_VISITS} visits, known and hypothetical ones in any mixture.",
            "examples": [[{"establishment_id": EXAMPLES["establishment_id"]}]],
        },
    )


class ScoreSchema(ma.Schema):
    """The score of one visit."""

    establishment_id = ma.fields.String(
        required=True,
        allow_none=True,
        metadata=described("Establishment; null for a hypothetical one.", EXAMPLES["establishment_id"]),
    )
    score = ma.fields.Float(
        required=True, metadata=described("Estimated probability of the label, calibrated.", 0.42, "probability")
    )
    score_low = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata=described("Lower bound of the score; null where the model was stored before bounds were kept.", 0.34),
    )
    score_high = ma.fields.Float(
        required=True, allow_none=True, metadata=described("Upper bound of the score, as the lower one.", 0.5)
    )
    net_score = ma.fields.Float(
        required=True,
        metadata=described("The score with an average inspector, without what was lately found in the area.", 0.38),
    )
    label = ma.fields.Integer(required=True, metadata=described("1 where the score reaches the threshold, else 0.", 1))
    inspection_type = ma.fields.String(required=True, metadata=described("Kind of visit scored.", FIRST_LOOK))
    inspection_date = ma.fields.Date(required=True, metadata=described("Day scored.", "2025-01-06"))
    reasons = reasons(
        required=True,
        metadata={"description": "What raises the score, the place's own facts first, then what lowers it."},
    )


class ScoresSchema(ma.Schema):
    """Scores, in the order of the visits asked for."""

    model_id = ma.fields.String(
        required=True, metadata=described("The model in use, which scored.", "xgboost-fail-2025-01-06-5e6f7a8b")
    )
    model_cutoff = ma.fields.Date(
        required=True, metadata=described("It has seen only inspections before this day.", "2025-01-06")
    )
    forecast = ma.fields.String(required=True, metadata=described("What it forecasts: fail or critical.", "fail"))
    threshold = ma.fields.Float(
        required=True, metadata=described("Score from which on the label is 1.", 0.35, "probability")
    )
    week = ma.fields.Date(
        required=True,
        metadata=described("The week scored; only days before its Monday are known.", "2025-01-06"),
    )
    scores = ma.fields.List(
        ma.fields.Nested(ScoreSchema), required=True, metadata={"description": "One per visit, in their order."}
    )
