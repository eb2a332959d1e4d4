import pandas as pd
import pytest

from food_inspections.domain.inspections.texts import is_missing, postal_codes


@pytest.mark.parametrize("text", ["NIL", "", "  ", None, float("nan"), "n/a", "Unknown"])
def test_words_for_nothing_are_missing(text):
    assert is_missing(text)


def test_other_words_are_not_missing():
    assert not is_missing("NADA")


def test_postal_codes():
    codes = postal_codes(pd.Series(["60614", "60614-1234", "606141234", "60614.0", "6061", "unknown"]))

    assert codes.tolist() == ["60614", "60614", "60614", "60614", "unknown", "unknown"]
