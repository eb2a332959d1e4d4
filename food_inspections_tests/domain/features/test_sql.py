import re
from pathlib import Path

import pytest

import food_inspections
from food_inspections.domain import features
from food_inspections.domain.features import build_features
from food_inspections_tests.domain.histories import random_inspections

SQL = (Path(food_inspections.__file__).parents[1] / "sql" / "0004_features.sql").read_text(encoding="utf-8")


def columns_of(table):
    body = re.search(rf"CREATE TABLE data\.{table} \((.*?)\n\);", SQL, re.DOTALL)[1]
    columns = re.findall(r"^    ([a-z_0-9]+) +(double precision|[a-z]+) NOT NULL", body, re.MULTILINE)
    return {name: kind for name, kind in columns if name != "PRIMARY"}


def comments_of(table):
    found = re.findall(rf"COMMENT ON COLUMN data\.{table}\.(\w+) IS '((?:[^']|'')*)';", SQL)
    return {name: text.replace("''", "'") for name, text in found}


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("inspection_features", features.INSPECTION_COLUMNS),
        ("establishment_features", features.ESTABLISHMENT_COLUMNS),
    ],
)
def test_tables_hold_the_features_in_order_with_their_descriptions(table, columns):
    assert tuple(columns_of(table)) == columns
    comments = comments_of(table)
    assert tuple(comments) == columns
    assert {name: comments[name] for name in comments} == {
        **comments,
        **{feature.name: feature.description for feature in features.FEATURES},
    }


def test_types_are_those_of_the_computed_columns():
    history = random_inspections(5, seed=3)
    built = build_features(history, history)
    sql_types = columns_of("inspection_features")

    for feature in features.FEATURES:
        expected = {"i": "integer", "f": "double precision", "O": "text"}[built[feature.name].dtype.kind]
        assert sql_types[feature.name] == expected, feature.name
