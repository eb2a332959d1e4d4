"""The one shape of an error, for the specification."""

import marshmallow as ma

from food_inspections.api.schemas.documented import described


class ErrorSchema(ma.Schema):
    """Every error has this shape: the problem details of RFC 9457."""

    type = ma.fields.String(
        required=True, metadata=described("Always about:blank: `code` tells kinds of errors apart.", "about:blank")
    )
    title = ma.fields.String(required=True, metadata=described("The status in words.", "Unprocessable Entity"))
    status = ma.fields.Integer(required=True, metadata=described("The HTTP status.", 422))
    detail = ma.fields.String(
        required=True,
        metadata=described("What went wrong and what to do.", "The request was refused: query.week: Not a day."),
    )
    code = ma.fields.String(
        required=True, metadata=described("Kind of error; stable, for programs.", "validation_failed")
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
