import pytest

from food_inspections.domain.inspections import identity


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("SUBWAY 21649", "SUBWAY"),
        ("Subway #3", "SUBWAY"),
        ("SUBWAY SANDWICHES, INC.", "SUBWAY SANDWICHES"),
        ("7-ELEVEN #25841C", "7 ELEVEN"),
        ("McDonald's", "MCDONALDS"),
        ("THE A & B CO", "A AND B"),
        ("312", "312"),
        ("#1 CHOP SUEY", "1 CHOP SUEY"),
        ("THE CO", "THE CO"),
        ("unknown", "unknown"),
    ],
)
def test_chain_key(name, key):
    assert identity.chain_key(name) == key
