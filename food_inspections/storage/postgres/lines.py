"""Frames as lines of PostgreSQL's text format, and back from its CSV: exact, and fast because Arrow does the work.

The same lines are what :func:`content_hash` hashes, so that a frame and what the database made of it hash alike.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from food_inspections.errors import DataError, StorageError

NULL = "\\N"
ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
SPECIAL = r"[\\\t\n\r\x00]"
ROWS_AT_ONCE = 50_000
BLOCK_BYTES = 64 * 1024 * 1024
"""A row longer than a block cannot be read."""

ARROW_TYPES: Mapping[str, pa.DataType] = {
    "int2": pa.int64(),
    "int4": pa.int64(),
    "int8": pa.int64(),
    "float4": pa.float64(),
    "float8": pa.float64(),
    "numeric": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}
"""How the values of PostgreSQL's types are held; whatever is not listed is text."""


def encode(frame: pd.DataFrame, types: Mapping[str, str]) -> Iterator[bytes]:
    """Write a frame as COPY's text format.

    Args:
        frame: Rows to write; missing values of any kind become NULL.
        types: PostgreSQL's type name of each column of the frame.

    Yields:
        Whole lines, many at once.

    Raises:
        DataError: A value does not fit its column's type.
        StorageError: A text has a NUL character, which PostgreSQL cannot hold.
    """
    for start in range(0, len(frame), ROWS_AT_ONCE):
        part = frame.iloc[start : start + ROWS_AT_ONCE]
        lines = _lines([_as_text(_to_arrow(part[name], types[name]), str(name)) for name in frame.columns])
        yield _content(lines)


def decode(csv: bytes | memoryview, columns: Sequence[str], types: Sequence[str]) -> pd.DataFrame:
    """Read COPY's CSV format, without a header, as a frame.

    Args:
        csv: What PostgreSQL wrote.
        columns: Names of the columns.
        types: PostgreSQL's type name of each column.
    """
    names = [str(position) for position in range(len(columns))]
    arrow_types = {name: ARROW_TYPES.get(type_, pa.string()) for name, type_ in zip(names, types, strict=True)}
    if len(csv):
        table = pyarrow.csv.read_csv(
            pa.BufferReader(csv),
            read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=arrow_types,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    else:
        table = pa.schema(list(arrow_types.items())).empty_table()
    return _to_pandas(table, types).set_axis(list(columns), axis="columns")


def with_json(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with dicts and lists as JSON, so that what is hashed and then stored is written out once."""
    nested = [name for name in frame.columns if frame[name].dtype == object and _is_nested(frame[name])]
    written = {name: frame[name].map(lambda value: _Json(_as_json(value)), na_action="ignore") for name in nested}
    return frame.assign(**written) if nested else frame


class _Json(str):
    """JSON, as distinct from a text that is to become JSON."""

    __slots__ = ()


def content_hash(frame: pd.DataFrame) -> str:
    """SHA-256 over a frame's columns and values.

    The order of rows and columns and the index do not matter, nor does how a value is held: an integer hashes as
    the same number in floating point does, a day as the midnight it begins with, and all missing values alike.

    Returns:
        Hex digest.
    """
    columns = sorted(frame.columns, key=str)
    return _hash(columns, _rendered(frame, columns) if len(frame) and columns else None)


def content_hashes(frame: pd.DataFrame, by: str) -> dict[Any, str]:
    """:func:`content_hash` of the rows of each value in a column, of hundreds of groups in one go.

    A group costs its lines, not a hundred small columns to be looked at.

    Args:
        frame: Rows.
        by: Column without missing values.

    Returns:
        Hex digest by value of the column.
    """
    columns = sorted(frame.columns, key=str)
    # A copy of a wide frame is worth avoiding: what is written by week is in order of weeks already.
    ordered = frame if frame[by].is_monotonic_increasing else frame.sort_values(by, kind="stable")
    sizes = ordered.groupby(by).size().rename("size").reset_index()
    sizes["end"] = sizes["size"].cumsum()
    hashes: dict[Any, str] = {}
    for _, part in sizes.groupby(sizes["end"] // ROWS_AT_ONCE):
        begin = part["end"].iloc[0] - part["size"].iloc[0]
        lines = _rendered(ordered.iloc[begin : part["end"].iloc[-1]], columns)
        for value, size, end in part.itertuples(index=False):
            hashes[value] = _hash(columns, lines.slice(end - size - begin, size))
    return hashes


def _rendered(frame: pd.DataFrame, columns: Sequence[Any]) -> pa.Array:
    return _lines([_as_text(_to_arrow(frame[name], None), str(name)) for name in columns])


def _hash(columns: Sequence[Any], lines: pa.Array | None) -> str:
    digest = hashlib.sha256(json.dumps([str(column) for column in columns]).encode())
    if lines is not None:
        digest.update(_content(lines.take(pc.sort_indices(lines))))
    return digest.hexdigest()


def _to_arrow(series: "pd.Series[Any]", type_: str | None) -> pa.Array:
    """Values of a column as Arrow holds them; the type is inferred where none is given."""
    if type_ in ("json", "jsonb") or (type_ is None and _is_nested(series)):
        series = series.map(_as_json, na_action="ignore")
    target = None if type_ is None else ARROW_TYPES.get(type_, pa.large_string())
    try:
        values = pa.Array.from_pandas(series, type=None if series.dtype.name == "category" else target)
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        return values if target is None else values.cast(target)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, UnicodeEncodeError) as error:
        raise DataError(f"Column {series.name} does not fit PostgreSQL's {type_ or 'types'}: {error}") from error


def _as_text(values: pa.Array, name: str) -> pa.Array:
    """Values as PostgreSQL reads them, NULL still missing."""
    if pa.types.is_timestamp(values.type):
        text = values.cast(pa.large_string())
        is_midnight = pc.equal(pc.floor_temporal(values, unit="day"), values)
        return pc.if_else(is_midnight, pc.utf8_slice_codeunits(text, 0, 10), text)
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return values.cast(pa.large_string())
    values = values.cast(pa.large_string())
    special = pc.match_substring_regex(values, SPECIAL)
    if not pc.any(special).as_py():
        return values
    nul = pc.index(pc.match_substring(values, "\0"), True).as_py()
    if nul >= 0:
        raise StorageError(f"Column {name}, row {nul}: the text has a NUL character, which PostgreSQL cannot hold.")
    for character, escape in ESCAPES:
        values = pc.replace_substring(values, character, escape)
    return values


def _lines(columns: Sequence[pa.Array]) -> pa.Array:
    newline, tab, nothing = (pa.scalar(text, pa.large_string()) for text in ("\n", "\t", ""))
    replace = {"null_handling": "replace", "null_replacement": NULL}
    last = pc.binary_join_element_wise(columns[-1], newline, nothing, **replace)
    return pc.binary_join_element_wise(*columns[:-1], last, tab, **replace)


def _content(lines: pa.Array) -> bytes:
    """The lines one after the other: what Arrow's buffer holds anyway."""
    if isinstance(lines, pa.ChunkedArray):
        lines = lines.combine_chunks()
    _, offsets, content = lines.buffers()
    positions = memoryview(offsets).cast("q")
    begin, end = positions[lines.offset], positions[lines.offset + len(lines)]
    return bytes(memoryview(content)[begin:end]) if content is not None else b""


def _to_pandas(table: pa.Table, types: Sequence[str]) -> pd.DataFrame:
    """All columns in one go: one by one, those of a single row take ten milliseconds."""
    objects: dict[int, Any] = {}
    for position, (name, type_) in enumerate(zip(table.column_names, types, strict=True)):
        values = table.column(position)
        if type_ == "date":
            table = table.set_column(position, name, values.cast(pa.timestamp("ns")))
        elif type_ not in ARROW_TYPES:
            objects[position] = _objects(values, type_)
            table = table.set_column(position, name, pa.nulls(len(table), pa.bool_()))
    # Columns of one type together are faster to work with, but copied for it.
    frame: pd.DataFrame = table.to_pandas(split_blocks=len(table) > ROWS_AT_ONCE)
    for position, series in objects.items():
        frame.isetitem(position, series)
    return frame


def _objects(values: pa.ChunkedArray, type_: str) -> "pd.Series[Any]":
    if type_ in ("json", "jsonb"):
        return pd.Series([None if text is None else json.loads(text) for text in values.to_pylist()], dtype=object)
    texts: pd.Series[Any] = values.to_pandas()
    return texts.astype(object)


def _is_nested(series: "pd.Series[Any]") -> bool:
    # Looking at every value in Python would cost more than hashing it.
    return pd.api.types.infer_dtype(series, skipna=True) == "mixed" and any(
        isinstance(value, dict | list) for value in series
    )


def _as_json(value: Any) -> str:
    """JSON that is the same before and after PostgreSQL has held it: it sorts keys and knows one kind of number."""
    if isinstance(value, _Json):
        return value
    try:
        return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise DataError(f"{value!r} cannot be held as JSON: {error}.") from error


def _plain(value: Any) -> Any:
    # Most of what there is first: a queue has half a million of these.
    if type(value) is str or type(value) is int:
        return value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.item() if hasattr(value, "item") else value
