"""The small vocabularies that free text of the portal is normalised to.

Each vocabulary is an ordered list of rules: the first pattern found in the
upper-case text names the word. What no rule knows becomes ``other`` (and is
counted by the caller), what is missing ``unknown``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from food_inspections.domain.inspections.identity import UNKNOWN

OTHER = "other"

# Words by which people who filled in the portal say that there is nothing.
_MISSING = frozenset({"", "NIL", "NULL", "NONE", "NAN", "N/A", "NA", "UNKNOWN"})


def tidy_text(values: pd.Series) -> pd.Series:
    """Text with outer blanks removed and inner ones single; ``unknown`` where there is nothing.

    Args:
        values: Text, None or NaN.
    """
    words = {value: _tidy(value) for value in values.unique()}
    return values.map(words).astype(object)


def is_missing(value: object) -> bool:
    """Whether a value is empty or one of the words for nothing."""
    # No word for nothing is longer; long texts are not worth a look.
    return not isinstance(value, str) or (len(value) < 20 and value.strip().upper() in _MISSING)


def _tidy(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return UNKNOWN if is_missing(text) else text


@dataclass(frozen=True)
class Vocabulary:
    """Ordered rules from spellings to words.

    Attributes:
        column: Portal column the vocabulary is for.
        rules: Pairs of word and regular expression, searched in the upper-case tidy text.
    """

    column: str
    rules: Sequence[tuple[str, str]]

    @cached_property
    def _compiled(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(word, re.compile(pattern)) for word, pattern in self.rules]

    @property
    def words(self) -> tuple[str, ...]:
        """Every word a value can become, in the order of the rules."""
        return (*dict.fromkeys(word for word, _ in self.rules), OTHER, UNKNOWN)

    def word(self, text: str) -> str:
        """The word of one tidy text."""
        if text == UNKNOWN:
            return UNKNOWN
        upper = text.upper()
        return next((word for word, pattern in self._compiled if pattern.search(upper)), OTHER)

    def apply(self, values: pd.Series) -> pd.Series:
        """The words of a column of tidy text, worked out once per distinct value."""
        return values.map({value: self.word(value) for value in values.unique()}).astype(object)


# Mixed businesses go to what is most inspected in them: a grocery with a taqueria is a
# grocery, a restaurant with a bar a restaurant. Order matters from the special to the general.
FACILITY_TYPES = Vocabulary(
    "facility_type",
    (
        ("Children's Services", r"CHILD\w*'?S? SERVICE|^1023\b"),
        ("Daycare", r"DAY ?CARE(?!.*SENIOR)(?<!SENIOR DAY CARE)|BEFORE AND AFTER SCHOOL|AFTER SCHOOL|YOUTH HOUSING"),
        ("Shared Kitchen", r"SHARED KITCHEN|INCUBATOR|POP-?UP"),
        ("Golden Diner", r"GOLDEN DINER|SENIOR DAY"),
        ("Long Term Care", r"LONG.?TERM|NURSING|ASSIS+TED|SUPPORTI\w+ LIVING|REHAB|DRUG TREATMENT"),
        ("Hospital", r"HOSPITAL"),
        ("School", r"SCHOOL|SHCOOL|COLLEGE|UNIVERSITY|CULINARY|TEACHING|CHEF TRAINING"),
        ("Rooftop", r"ROOF ?TOP"),
        ("Mobile Food", r"MOBILE|PUSH ?CART|FOOD TRUCK|TRUCK|COFFEE CART"),
        ("Gas Station", r"GAS STATION|SERVICE STATION|MINI ?MART"),
        ("Poultry and Meat", r"POULTRY|SLAUGHTER|BUTCHER|MEAT|FISH MARKET|SMOKEHOUSE"),
        ("Grocery Store", r"GROCERY|DRUG|DOLLAR STORE|PHARMACY"),
        ("Convenience Store", r"CONV\w*NIEN\w*|^STORE$"),
        ("Catering", r"CATER"),
        ("Banquet Hall", r"BANQUET"),
        ("Restaurant", r"R\w*T\w*RANT|^REST\b|^REST/|DINER|GRILL|CAFE\b|CAFE/|FAST FOOD|HOT DOG"),
        ("Bakery", r"BAKERY|PASTRY|DONUT"),
        ("Cafeteria", r"CAFETERIA|EMPLOYEE KITCHEN|COMMISS?ARY|SOUP KITCHEN|CHARITY|CHURCH|ROOM SERVICE"),
        ("Liquor", r"LIQUOR|WINE SHOP|PACKAGE GOODS"),
        ("Coffee and Sweets", r"COFFEE|TEA\b|JUICE|SMOOTHIE|ICE CREAM|GELATO|CANDY|PALETERIA|SNACK|DELI\b|CHOCOLATE"),
        ("Tavern", r"TAVERN|\bBAR\b|NIGHT CLUB|LOUNGE|TAP ROOM|BREWERY|SOCIAL CLUB|BREWPUB"),
        ("Special Event", r"SPECIAL EVENT|FESTIVAL|STADIUM|THEAT|MUSIC VENUE|NAVY PIER|MUSEUM|GALLERY|RIVERWALK"),
        ("Kiosk", r"KIOSK|VENDING"),
        ("Shelter", r"SHELTER|HOMELESS"),
        ("Wholesale", r"WHOLESALE|WAREHOUSE|DISTRIBUT|STORAGE|REPACK|PLANT\b"),
        ("Health and Fitness", r"HERB|FITNESS|GYM|WEIGHT LOSS|HEALTH|SPA\b|NUTRITION"),
    ),
)

# A re-inspection answers an earlier visit and is another thing than the first look.
INSPECTION_TYPES = Vocabulary(
    "inspection_type",
    (
        ("Non-Inspection", r"NON.?INSPECTION"),
        ("Out of Business", r"OUT OF BUSINESS"),
        ("Not Ready", r"NOT READY"),
        ("No Entry", r"NO ENTRY"),
        ("Canvass Re-Inspection", r"CANVAS+.*RE.?INSP"),
        ("Canvass", r"CANVAS"),
        ("Suspected Food Poisoning Re-Inspection", r"(?:SUSPECTED|FOOD POISON|SFP).*RE.?INSP"),
        ("Suspected Food Poisoning", r"FOOD POISON|SUSPECTED|SFP"),
        ("Short Form Complaint", r"SHORT FORM"),
        ("Complaint Re-Inspection", r"COMPLAINT.*RE.?INSP"),
        ("Complaint", r"COMPLAINT"),
        ("Consultation", r"CONSULT"),
        ("Task Force", r"TASK.?FORCE|LI[QC]\w*OU?R|147\d|PACKAGE"),
        ("License Re-Inspection", r"LICEN[SC]E.*RE.?INSP"),
        ("License", r"LICEN[SC]E"),
        ("Tag Removal", r"TAG REMOVAL"),
        ("Recent Inspection", r"RECENT INSP"),
        ("Special Event", r"SPECIAL EVENT|FESTIVAL"),
        ("Re-Inspection", r"RE.?INSP|REINSP"),
    ),
)

RISKS = Vocabulary(
    "risk",
    (
        ("Risk 1 (High)", r"RISK 1|^1$|HIGH"),
        ("Risk 2 (Medium)", r"RISK 2|^2$|MEDIUM"),
        ("Risk 3 (Low)", r"RISK 3|^3$|LOW"),
        ("All", r"^ALL$"),
    ),
)

RESULTS = Vocabulary(
    "results",
    (
        ("Out of Business", r"^OUT OF BUSINESS$"),
        ("Business Not Located", r"^BUSINESS NOT LOCATED$"),
        ("No Entry", r"^NO ENTRY$"),
        ("Not Ready", r"^NOT READY$"),
        ("Pass w/ Conditions", r"^PASS W(?:/|ITH) ?CONDITIONS?$"),
        ("Pass", r"^PASS$"),
        ("Fail", r"^FAIL$"),
    ),
)

# The city's inspectors also visit a few kitchens in the suburbs.
_SUBURBS = (
    "BEDFORD PARK",
    "BERWYN",
    "BLUE ISLAND",
    "BRIDGEVIEW",
    "BURBANK",
    "CALUMET CITY",
    "CHICAGO HEIGHTS",
    "CICERO",
    "DES PLAINES",
    "EAST CHICAGO",
    "ELK GROVE VILLAGE",
    "ELMHURST",
    "ELMWOOD PARK",
    "EVANSTON",
    "EVERGREEN PARK",
    "HARWOOD HEIGHTS",
    "LINCOLNWOOD",
    "MAYWOOD",
    "NILES",
    "NORRIDGE",
    "OAK LAWN",
    "OAK PARK",
    "OLYMPIA FIELDS",
    "ROSEMONT",
    "SCHILLER PARK",
    "SKOKIE",
    "SUMMIT",
)

CITIES = Vocabulary(
    "city",
    (*((name, f"^{name}$") for name in _SUBURBS), ("CHICAGO", r"^\W*\d*C*H*CHICAGO\W*\w?$|^(?:CHICAGO)+$|^CHI$")),
)


_POSTAL_CODE = re.compile(r"(\d{5})(?:-?\d{4})?(?:\.0)?")


def postal_codes(values: pd.Series) -> pd.Series:
    """Five-digit postal codes from tidy text (``60614-1234`` counts); ``unknown`` where malformed."""
    found = {value: _POSTAL_CODE.fullmatch(value) for value in values.unique()}
    return values.map({value: match[1] if match else UNKNOWN for value, match in found.items()}).astype(object)
