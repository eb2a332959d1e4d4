import pytest

from food_inspections.domain import features
from food_inspections.storage.postgres.schema import describe_table
from food_inspections_tests.domain.first_city import CITY, build_features
from food_inspections_tests.domain.histories import random_inspections


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("inspection_features", features.INSPECTION_COLUMNS),
        ("establishment_features", features.ESTABLISHMENT_COLUMNS),
    ],
)
def test_tables_hold_the_features_in_order_with_their_descriptions(table, columns):
    comments = {column.name: column.comment for column in describe_table(f"data.{table}")}

    assert tuple(comments) == columns
    assert {feature.name: comments[feature.name] for feature in features.FEATURES} == {
        feature.name: feature.description for feature in features.FEATURES
    }


def test_types_are_those_of_the_computed_columns():
    history = random_inspections(5, seed=3)
    own = features.features_of(CITY)
    built = build_features(history, history)
    types = {column.name: column.type for column in describe_table("data.inspection_features")}

    for feature in own:
        expected = {"i": "integer", "f": "double precision", "O": "text"}[built[feature.name].dtype.kind]
        assert types[feature.name] == expected, feature.name
