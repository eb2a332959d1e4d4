"""The two codes of law: which number is about what.

Titles are those of the city's inspection forms, shortened to the start that tells
them apart; they only decide whether ``| 5. ...`` inside a text starts a new entry.
"""

import re

TOPICS = (
    "temperature",
    "handwashing",
    "pests",
    "plumbing",
    "cleaning",
    "paperwork",
    "contamination",
    "equipment",
    "building",
    "other",
)

# Until 2018-06-30. What is not listed is "other".
OLDER_CODE_TOPICS: dict[str, tuple[int, ...]] = {
    "temperature": (2, 3, 17),
    "handwashing": (5, 6, 12, 42, 44),
    "pests": (13, 18),
    "plumbing": (9, 10, 11, 26, 27),
    "cleaning": (7, 8, 33),
    "paperwork": (21, 28, 45),
    "contamination": (1, 4, 15, 16, 25, 30, 31, 43),
    "equipment": (22, 24, 32, 39, 40),
    "building": (19, 20, 34, 35, 36, 37, 38, 41),
    "other": (14, 23, 29, 70),
}

# Since 2018-07-01: the FDA Food Code as the city numbers it.
FOOD_CODE_TOPICS: dict[str, tuple[int, ...]] = {
    "temperature": (12, 18, 19, 20, 21, 22, 23, 24, 33, 34, 35),
    "handwashing": (4, 6, 7, 8, 9, 10, 40, 46),
    "pests": (38,),
    "plumbing": (31, 50, 51, 52, 53),
    "cleaning": (16, 41, 49),
    "paperwork": (1, 2, 3, 5, 14, 25, 29, 32, 57, 58, 61),
    "contamination": (11, 13, 15, 17, 26, 27, 28, 30, 37, 39, 42),
    "equipment": (36, 43, 44, 45, 47, 48),
    "building": (54, 55, 56, 62),
    "other": (59, 60, 63, 64),
}

_OLDER_TITLES = {
    1: "SOURCE SOUND CONDITION",
    2: "FACILITIES TO MAINTAIN PROPER TEMPERATURE",
    3: "POTENTIALLY HAZARDOUS FOOD MEETS",
    4: "SOURCE OF CROSS CONTAMINATION",
    5: "PERSONNEL WITH INFECTIONS",
    6: "HANDS WASHED AND CLEANED",
    7: "WASH AND RINSE WATER",
    8: "SANITIZING RINSE",
    9: "WATER SOURCE",
    10: "SEWAGE AND WASTE WATER",
    11: "ADEQUATE NUMBER",
    12: "HAND WASHING FACILITIES",
    13: "NO EVIDENCE OF RODENT",
    14: "PREVIOUS SERIOUS VIOLATION",
    15: "UNWRAPPED AND POTENTIALLY",
    16: "FOOD PROTECTED DURING",
    17: "POTENTIALLY HAZARDOUS FOOD PROPERLY",
    18: "NO EVIDENCE OF RODENT",
    19: "OUTSIDE GARBAGE",
    20: "INSIDE CONTAINERS",
    21: "CERTIFIED FOOD MANAGER",
    22: "DISH MACHINES",
    23: "DISHES AND UTENSILS",
    24: "DISH WASHING FACILITIES",
    25: "TOXIC ITEMS",
    26: "ADEQUATE NUMBER",
    27: "TOILET ROOMS ENCLOSED",
    28: "INSPECTION REPORT SUMMARY",
    29: "PREVIOUS MINOR VIOLATION",
    30: "FOOD IN ORIGINAL CONTAINER",
    31: "CLEAN MULTI-USE UTENSILS",
    32: "FOOD AND NON-FOOD CONTACT SURFACES",
    33: "FOOD AND NON-FOOD CONTACT EQUIPMENT",
    34: "FLOORS",
    35: "WALLS, CEILINGS",
    36: "LIGHTING",
    37: "TOILET ROOM DOORS",
    38: "VENTILATION",
    39: "LINEN",
    40: "REFRIGERATION AND METAL STEM",
    41: "PREMISES MAINTAINED",
    42: "APPROPRIATE METHOD OF HANDLING",
    43: "FOOD (ICE) DISPENSING",
    44: "ONLY AUTHORIZED PERSONNEL",
    45: "FOOD HANDLER REQUIREMENTS",
    70: "NO SMOKING",
}

_FOOD_CODE_TITLES = {
    1: "PERSON IN CHARGE",
    2: "CITY OF CHICAGO FOOD SERVICE",
    3: "MANAGEMENT, FOOD EMPLOYEE",
    4: "PROPER USE OF RESTRICTION",
    5: "PROCEDURES FOR RESPONDING",
    6: "PROPER EATING",
    7: "NO DISCHARGE",
    8: "HANDS CLEAN",
    9: "NO BARE HAND",
    10: "ADEQUATE HANDWASHING",
    11: "FOOD OBTAINED",
    12: "FOOD RECEIVED",
    13: "FOOD IN GOOD CONDITION",
    14: "REQUIRED RECORDS",
    15: "FOOD SEPARATED",
    16: "FOOD-CONTACT SURFACES",
    17: "PROPER DISPOSITION",
    18: "PROPER COOKING",
    19: "PROPER REHEATING",
    20: "PROPER COOLING TIME",
    21: "PROPER HOT HOLDING",
    22: "PROPER COLD HOLDING",
    23: "PROPER DATE MARKING",
    24: "TIME AS A PUBLIC HEALTH",
    25: "CONSUMER ADVISORY",
    26: "PASTEURIZED FOODS",
    27: "FOOD ADDITIVES",
    28: "TOXIC SUBSTANCES",
    29: "COMPLIANCE WITH VARIANCE",
    30: "PASTEURIZED EGGS",
    31: "WATER & ICE",
    32: "VARIANCE OBTAINED",
    33: "PROPER COOLING METHODS",
    34: "PLANT FOOD",
    35: "APPROVED THAWING",
    36: "THERMOMETERS PROVIDED",
    37: "FOOD PROPERLY LABELED",
    38: "INSECTS, RODENTS",
    39: "CONTAMINATION PREVENTED",
    40: "PERSONAL CLEANLINESS",
    41: "WIPING CLOTHS",
    42: "WASHING FRUITS",
    43: "IN-USE UTENSILS",
    44: "UTENSILS, EQUIPMENT",
    45: "SINGLE-USE",
    46: "GLOVES USED",
    47: "FOOD & NON-FOOD CONTACT",
    48: "WAREWASHING FACILITIES",
    49: "NON-FOOD/FOOD CONTACT",
    50: "HOT & COLD WATER",
    51: "PLUMBING INSTALLED",
    52: "SEWAGE & WASTE WATER",
    53: "TOILET FACILITIES",
    54: "GARBAGE & REFUSE",
    55: "PHYSICAL FACILITIES",
    56: "ADEQUATE VENTILATION",
    57: "ALL FOOD EMPLOYEES",
    58: "ALLERGEN TRAINING",
    59: "PREVIOUS PRIORITY",
    60: "PREVIOUS CORE",
    61: "SUMMARY REPORT",
    62: "COMPLIANCE WITH CLEAN INDOOR",
    63: "REMOVAL OF SUSPENSION",
    64: "MISCELLANEOUS",
}

_NOT_LETTER = re.compile(r"[^A-Z]+")


def _letters(title: str) -> str:
    return _NOT_LETTER.sub("", title.upper())


def _starts_by_number() -> dict[int, tuple[str, ...]]:
    both = [*_OLDER_TITLES.items(), *_FOOD_CODE_TITLES.items()]
    return {number: tuple(_letters(title)[:10] for n, title in both if n == number) for number, _ in both}


_STARTS = _starts_by_number()


def is_official_title(number: int, title: str) -> bool:
    """Whether the text starts like a title that either code gives to the number."""
    return _letters(title).startswith(_STARTS.get(number, ()))
