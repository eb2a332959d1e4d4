"""Who is counted, and how often they may guess."""

import pytest

from food_inspections.serving.wrong_keys import WRONG_KEYS, WrongKeys, counted_address


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("said: by a proxy", "said: by a proxy"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_is_one_caller(address: str, counted: str) -> None:
    assert counted_address(address) == counted


def test_another_address_of_the_same_network_has_no_further_guesses() -> None:
    wrong_keys = WrongKeys()
    for number in range(WRONG_KEYS.amount):
        assert wrong_keys.seconds_to_wait(f"2001:db8::{number:x}") == 0
        wrong_keys.count(f"2001:db8::{number:x}")
    assert 0 < wrong_keys.seconds_to_wait("2001:db8::ffff") <= 60
    assert wrong_keys.seconds_to_wait("2001:db8:0:1::1") == 0
