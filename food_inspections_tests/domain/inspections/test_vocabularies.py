import pandas as pd
import pytest

from food_inspections.domain.inspections import vocabularies


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Restaurant", "Restaurant"),
        ("REATAURANT/BAR", "Restaurant"),
        ("RESTUARANT AND BAR", "Restaurant"),
        ("GROCERY/TAQUERIA", "Grocery Store"),
        ("Daycare Above and Under 2 Years", "Daycare"),
        ("DAYCARE (2 - 6 YEARS)", "Daycare"),
        ("1023 CHILDERN'S SERVICE S FACILITY", "Children's Services"),
        ("SENIOR DAY CARE", "Golden Diner"),
        ("PUBLIC SHCOOL", "School"),
        ("ASSISSTED LIVING", "Long Term Care"),
        ("RESTAURANT/HOSPITAL", "Hospital"),
        ("Mobile Food Dispenser", "Mobile Food"),
        ("Liquor", "Liquor"),
        ("CELL PHONE STORE", "other"),
        ("unknown", "unknown"),
    ],
)
def test_facility_types(text, word):
    assert vocabularies.FACILITY_TYPES.word(text) == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("CANVASS", "Canvass"),
        ("Canvass Re-Inspection", "Canvass Re-Inspection"),
        ("canvass re inspection of close up", "Canvass Re-Inspection"),
        ("Short Form Fire-Complaint", "Short Form Complaint"),
        ("Complaint-Fire Re-inspection", "Complaint Re-Inspection"),
        ("SFP/COMPLAINT", "Suspected Food Poisoning"),
        ("Suspected Food Poisoning Re-inspection", "Suspected Food Poisoning Re-Inspection"),
        ("LICENSE CONSULTATION", "Consultation"),
        ("License-Task Force", "Task Force"),
        ("LIQOUR TASK FORCE NOT READY", "Not Ready"),
        ("Package Liquor 1474", "Task Force"),
        ("License", "License"),
        ("Non-Inspection", "Non-Inspection"),
        ("Illegal Operation", "other"),
    ],
)
def test_inspection_types(text, word):
    assert vocabularies.INSPECTION_TYPES.word(text) == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Risk 1 (High)", "Risk 1 (High)"),
        ("RISK 3 (LOW)", "Risk 3 (Low)"),
        ("All", "All"),
        ("unknown", "unknown"),
        ("?", "other"),
    ],
)
def test_risks(text, word):
    assert vocabularies.RISKS.word(text) == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("chicago", "CHICAGO"),
        ("CCHICAGO", "CHICAGO"),
        ("CHCHICAGO", "CHICAGO"),
        ("CHICAGOCHICAGO", "CHICAGO"),
        ("CHICAGOH", "CHICAGO"),
        ("CHICAGO.", "CHICAGO"),
        ("312CHICAGO", "CHICAGO"),
        ("CHICAGO HEIGHTS", "CHICAGO HEIGHTS"),
        ("Skokie", "SKOKIE"),
        ("CHESTNUT STREET", "other"),
    ],
)
def test_cities(text, word):
    assert vocabularies.CITIES.word(text) == word


def test_every_word_maps_to_itself():
    for vocabulary in (vocabularies.FACILITY_TYPES, vocabularies.INSPECTION_TYPES, vocabularies.RISKS):
        for word in vocabulary.words:
            assert vocabulary.word(word) == word


def test_tidy_text_knows_the_words_for_nothing():
    tidied = vocabularies.tidy_text(pd.Series(["  A   B\n C ", "NIL", "", None, float("nan"), "n/a"], dtype=object))

    assert tidied.tolist() == ["A B C", "unknown", "unknown", "unknown", "unknown", "unknown"]


def test_tidy_text_of_an_empty_column_is_empty():
    assert vocabularies.tidy_text(pd.Series([], dtype=object)).tolist() == []


def test_postal_codes():
    codes = vocabularies.postal_codes(pd.Series(["60614", "60614-1234", "606141234", "60614.0", "6061", "unknown"]))

    assert codes.tolist() == ["60614", "60614", "60614", "60614", "unknown", "unknown"]
