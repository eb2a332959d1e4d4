"""The one shape of an error, for the specification."""

import marshmallow as ma

from api.schemas.documented import described


class ErrorBodySchema(ma.Schema):
    """What went wrong."""

    code = ma.fields.String(
        required=True, metadata=described("Kind of error; stable, for programs.", "validation_failed")
    )
    message = ma.fields.String(
        required=True,
        metadata=described("What went wrong and what to do.", "The request was refused: query.week: Not a day."),
    )
    details = ma.fields.Raw(
        metadata=described(
            "What exactly: for a refused request the messages for each field, by place (query or json) and name.",
            {"query": {"week": ["Not a valid date: write it as YYYY-MM-DD."]}},
        )
    )
    request_id = ma.fields.String(
        required=True,
        metadata=described(
            "Id of the request, as in the header X-Request-ID; quote it in reports.", "9f86d081884c7d65"
        ),
    )


class ErrorSchema(ma.Schema):
    """Every error has this shape."""

    error = ma.fields.Nested(ErrorBodySchema, required=True, metadata={"description": "What went wrong."})
