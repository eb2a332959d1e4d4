import pandas as pd
import pytest

from food_inspections.domain.inspections import identity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2534783", 2534783),
        (" 0020608 ", 20608),
        ("20608.0", 20608),
        ("0", 0),
        (None, 0),
        ("", 0),
        ("-5", 0),
        ("12AB", 0),
        ("1e7", 0),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", 0),
    ],
)
def test_licence_numbers(text, number):
    found = identity.licence_numbers(pd.Series([text], dtype=object))

    assert found.tolist() == [number]
    assert found.dtype == "int64"


def ids(*rows):
    licences, names, addresses = (pd.Series(column) for column in zip(*rows, strict=True))
    return identity.establishment_ids(licences, names, addresses).tolist()


def test_a_licence_is_the_identity():
    assert ids((77, "A", "1 X ST"), (77, "B", "2 Y ST")) == ["77", "77"]


def test_without_a_licence_name_and_address_are():
    first, same, other = ids(
        (0, "TASTE OF CHICAGO", "500 S COLUMBUS DR"),
        (0, "Taste of  Chicago.", "500 S. COLUMBUS DR "),
        (0, "TASTE OF CHICAGO", "501 S COLUMBUS DR"),
    )

    assert first == same != other
    assert first.startswith("n-")


def test_ids_from_names_do_not_change_between_versions():
    assert ids((0, "CAFE", "1 MAIN ST")) == ["n-282c97cd01fe0250"]


def test_neither_licence_nor_name_and_address_is_no_identity():
    assert ids((0, "unknown", "1 MAIN ST"), (0, "CAFE", "unknown")) == [None, None]


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
