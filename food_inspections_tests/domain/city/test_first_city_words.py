"""What spellings of the first city's portal become, by its profile."""

import pytest

from food_inspections.domain.city.words import word_of
from food_inspections_tests.domain.first_city import CITY


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
    ],
)
def test_facility_types(text, word):
    assert word_of(text, CITY.kinds) == word


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
    assert word_of(text, CITY.inspection_types) == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Risk 1 (High)", "Risk 1 (High)"),
        ("RISK 3 (LOW)", "Risk 3 (Low)"),
        ("All", "All"),
        ("?", "other"),
    ],
)
def test_risks(text, word):
    assert word_of(text, CITY.risks) == word


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
    assert word_of(text, CITY.towns) == word


def test_every_word_maps_to_itself():
    for vocabulary in (CITY.kinds, CITY.inspection_types, CITY.risks, CITY.results):
        for word in vocabulary:
            assert word_of(word.word, vocabulary) == word.word
