import json

import pytest

from food_inspections.portal.texts import is_suspect, storable


@pytest.mark.parametrize(
    ("spelt", "kept"),
    [
        (r'"A\u0000B"', "AB"),
        (r'"A\ud83dB"', "A\ufffdB"),
        (r'"A\uDE00"', "A\ufffd"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'[{"a\u0000": ["\u0000", 1, null]}]', [{"a": ["", 1, None]}]),
    ],
)
def test_what_nothing_can_store_is_taken_out(spelt: str, kept: object) -> None:
    assert is_suspect(spelt.encode())
    assert storable(json.loads(spelt)) == kept


@pytest.mark.parametrize("spelt", ["[]", '"caf\\u00e9"', '"😀"', '"\\\\n u0000"'])
def test_everyday_text_is_not_looked_at_twice(spelt: str) -> None:
    assert not is_suspect(spelt.encode())
