"""Whether the API is up and ready."""

import marshmallow as ma

from food_inspections.api.schemas.documented import described


class LiveSchema(ma.Schema):
    """The process answers."""

    status = ma.fields.String(required=True, metadata=described("Always `live`.", "live"))


class ReadySchema(ma.Schema):
    """Requests can be answered."""

    status = ma.fields.String(required=True, metadata=described("Always `ready`.", "ready"))
    database = ma.fields.String(required=True, metadata=described("Always `reachable`.", "reachable"))
    champion = ma.fields.String(
        required=True, metadata=described("Id of the model in use.", "xgboost-fail-2025-01-06-5e6f7a8b")
    )
