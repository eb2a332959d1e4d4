import re

import pytest

from food_inspections.errors import StorageError
from food_inspections.storage.postgres.schema import Column, describe_table, tables


def test_every_table_and_column_has_a_comment() -> None:
    assert [name for name, table in tables().items() if not table.comment] == []
    assert [
        f"{name}.{column.name}" for name, table in tables().items() for column in table.columns if not column.comment
    ] == []


def test_columns_keep_order_type_null_and_comment() -> None:
    assert describe_table("metadata.pulls")[5:] == (
        Column("row_count", "bigint", False, "Rows received for the week."),
        Column(
            "newest_updated_at",
            "timestamptz",
            True,
            "Newest :updated_at among the week's rows; null for an empty week.",
        ),
        Column("requested_at", "timestamptz", False, "When the week was requested."),
    )


def test_a_table_like_another_has_its_columns_and_its_own_words() -> None:
    published = {column.name: column for column in describe_table("api.inspection_queue")}
    version, published_at = published.pop("version"), published.pop("published_at")

    assert tuple(published.values()) == describe_table("data.inspection_queue")
    assert version == Column("version", "integer", False, "Version of the week's queue; see api.queue_publications.")
    assert published_at.comment == "When this version was published."


def test_a_view_is_no_table() -> None:
    assert "metadata.materializations" in tables()
    assert "metadata.accepted_weeks" not in tables()


def test_an_undeclared_table_is_an_error() -> None:
    with pytest.raises(StorageError, match=re.escape("No table 'data.nothing' in schema.csv: declare it in sql/")):
        describe_table("data.nothing")
