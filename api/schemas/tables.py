"""Schemas made from the tables' own declaration.

``sql/`` says what a column is, whether it may be null and what it means; here only
the unit and an example are added.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import marshmallow as ma

from food_inspections.api.schemas.documented import described
from food_inspections.api.schemas.fields import Number
from food_inspections.api.schemas.vocabulary import EXAMPLES
from food_inspections.storage.postgres.schema import Column, describe_table

FieldMaker = Callable[..., ma.fields.Field[Any]]


class Shown(NamedTuple):
    """A column as the API shows it.

    Attributes:
        example: A value it may have.
        unit: Its unit, where it has one.
        make: Makes its field, where the column's type does not say enough.
    """

    example: Any
    unit: str = ""
    make: FieldMaker | None = None


_FIELDS: Mapping[str, FieldMaker] = {
    "text": ma.fields.String,
    "date": ma.fields.Date,
    "timestamptz": ma.fields.AwareDateTime,
    "boolean": ma.fields.Boolean,
    "smallint": ma.fields.Integer,
    "integer": ma.fields.Integer,
    "bigint": ma.fields.Integer,
    "double precision": Number,
}


def view(
    name: str, table: str, shown: Mapping[str, Shown], more: Mapping[str, ma.fields.Field[Any]] | None = None
) -> type[ma.Schema]:
    """A schema that shows some columns of a table.

    Args:
        name: Name of the schema in the specification.
        table: ``schema.table``.
        shown: The columns, in order.
        more: Fields beside them, or in place of some.

    Raises:
        KeyError: The table has no such column, or its type has no field.
    """
    columns = {column.name: column for column in describe_table(table)}
    fields = {column: _field(columns[column], how) for column, how in shown.items()}
    return ma.Schema.from_dict(fields | dict(more or {}), name=name)


def _field(column: Column, how: Shown) -> ma.fields.Field[Any]:
    make = how.make or _FIELDS[column.type]
    return make(
        required=True,
        allow_none=column.is_nullable,
        metadata=described(column.comment, EXAMPLES.get(column.name, how.example), how.unit),
    )
