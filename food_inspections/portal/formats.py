"""Rows of the local portal as the bytes Socrata would send: JSON and CSV."""

import csv
import io
import json
from collections.abc import Sequence

from food_inspections.portal.soql.sql import Output
from food_inspections.portal.table import Value


def as_json(outputs: Sequence[Output], rows: Sequence[tuple[Value, ...]]) -> bytes:
    """Socrata's JSON: numbers as text, locations as objects, nulls left out."""
    objects = [
        {
            output.name: _json_value(output, value)
            for output, value in zip(outputs, row, strict=True)
            if value is not None
        }
        for row in rows
    ]
    return json.dumps(objects, ensure_ascii=False, separators=(",", ":")).encode()


def _json_value(output: Output, value: Value) -> object:
    if output.type == "boolean":
        return bool(value)
    if output.type == "location":
        latitude, _, longitude = str(value).strip("()").partition(",")
        return {"latitude": latitude.strip(), "longitude": longitude.strip()}
    return _text(value)


def _text(value: Value) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def as_csv(outputs: Sequence[Output], rows: Sequence[tuple[Value, ...]]) -> bytes:
    """Socrata's CSV: API field names, everything quoted, nulls empty."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(output.name for output in outputs)
    writer.writerows(["" if value is None else _text(value) for value in row] for row in rows)
    return text.getvalue().encode()
