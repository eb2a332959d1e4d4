"""What is cited under the code of law since 2018-07-01: the comment names the severity, and core none."""

from food_inspections.portal.sample_city.findings import Finding

FOOD_CODE = (
    Finding(
        6,
        "critical",
        1,
        "EATING, DRINKING & TASTING DONE PROPERLY",
        "OBSERVED EMPLOYEE EATING WHILE PREPARING FOOD IN {area}.",
    ),
    Finding(
        8,
        "critical",
        2,
        "HANDS CLEAN & WASHED PROPERLY",
        "OBSERVED FOOD HANDLER CHANGE TASKS IN {area} WITHOUT WASHING HANDS.",
    ),
    Finding(
        9,
        "critical",
        1,
        "NO BARE HAND CONTACT WITH READY-TO-EAT FOOD",
        "OBSERVED EMPLOYEE HANDLE BREAD WITH BARE HANDS IN {area}.",
    ),
    Finding(15, "critical", 1, "FOOD SEPARATED & PROTECTED", "RAW CHICKEN STORED ABOVE CUT VEGETABLES IN {area}."),
    Finding(
        16,
        "critical",
        2,
        "FOOD-CONTACT SURFACES CLEANED & SANITIZED",
        "NO SANITIZER IN FINAL RINSE OF DISH MACHINE AT {area}, MEASURED 0 PPM.",
    ),
    Finding(
        20,
        "critical",
        0.5,
        "PROPER COOLING TIME & TEMPERATURE",
        "SOUP IN {area} COOLED TO {warm}F ONLY AFTER SIX HOURS. {pounds} LBS DISCARDED.",
    ),
    Finding(
        21,
        "critical",
        1,
        "PROPER HOT HOLDING TEMPERATURES",
        "COOKED BEANS HELD AT 118F ON STEAM TABLE IN {area}. {pounds} LBS DISCARDED.",
    ),
    Finding(
        22,
        "critical",
        5,
        "PROPER COLD HOLDING TEMPERATURES",
        "SLICED TOMATOES AND CHEESE AT {warm}F IN COOLER OF {area}. {pounds} LBS DISCARDED.",
    ),
    Finding(38, "critical", 3, "INSECTS, RODENTS & ANIMALS ABSENT", "OBSERVED {many} LIVE ROACHES ON WALL OF {area}."),
    Finding(
        50,
        "critical",
        1,
        "HOT & COLD WATER AVAILABLE - ADEQUATE PRESSURE",
        "NO HOT WATER AT SINKS OF {area}, MEASURED 74F.",
    ),
    Finding(
        1,
        "serious",
        2,
        "PERSON IN CHARGE PRESENT & KNOWLEDGEABLE",
        "NO PERSON IN CHARGE WITH A MANAGER CERTIFICATE AT {area}.",
    ),
    Finding(
        2,
        "serious",
        3,
        "CERTIFIED FOOD PROTECTION MANAGER",
        "NO CERTIFIED MANAGER ON SITE WHILE FOOD IS PREPARED IN {area}.",
    ),
    Finding(
        3, "serious", 2, "STAFF KNOW THEIR DUTIES & REPORT ILLNESS", "NO SIGNED HEALTH POLICY FOR {many} EMPLOYEES."
    ),
    Finding(
        5,
        "serious",
        2,
        "PROCEDURES FOR VOMITING & DIARRHEA - ON SITE",
        "NO PROCEDURE AND NO SUPPLIES FOR CLEAN-UP AT {area}.",
    ),
    Finding(
        10,
        "serious",
        4,
        "HANDWASHING SINKS SUPPLIED & ACCESSIBLE",
        "HAND SINK AT {area} BLOCKED BY BUCKETS, NO PAPER TOWELS.",
    ),
    Finding(23, "serious", 1, "DATE MARKING & DISPOSITION", "{many} CONTAINERS OF COOKED FOOD IN {area} WITHOUT DATE."),
    Finding(
        25,
        "serious",
        0.7,
        "CONSUMER ADVISORY FOR RAW & UNDERCOOKED FOOD",
        "NO ADVISORY ON MENU FOR EGGS SERVED AT {area}.",
    ),
    Finding(
        28,
        "serious",
        0.7,
        "TOXIC SUBSTANCES IDENTIFIED, STORED & USED PROPERLY",
        "SPRAY BOTTLE WITHOUT LABEL IN {area}.",
    ),
    Finding(
        38, "serious", 3, "INSECTS, RODENTS & ANIMALS ABSENT", "FOUND {many} MICE DROPPINGS ALONG THE WALL OF {area}."
    ),
    Finding(48, "serious", 1, "WAREWASHING INSTALLED & USED - TEST STRIPS", "NO TEST STRIPS FOR SANITIZER AT {area}."),
    Finding(58, "serious", 1, "ALLERGEN TRAINING AS REQUIRED", "NO ALLERGEN TRAINING FOR MANAGER ON DUTY."),
    Finding(
        59,
        "serious",
        1,
        "EARLIER PRIORITY FOUNDATION VIOLATION CORRECTED",
        "VIOLATIONS OF THE LAST REPORT NOT CORRECTED AT {area}.",
    ),
    Finding(36, "minor", 2, "THERMOMETERS PROVIDED & ACCURATE", "NO THERMOMETER IN COOLER AT {area}."),
    Finding(
        37, "minor", 2, "FOOD PROPERLY LABELED - ORIGINAL CONTAINER", "BULK CONTAINERS IN {area} WITHOUT COMMON NAME."
    ),
    Finding(
        39,
        "minor",
        2,
        "CONTAMINATION PREVENTED IN PREPARATION, STORAGE & DISPLAY",
        "BOXES OF FOOD STORED ON THE FLOOR OF {area}.",
    ),
    Finding(40, "minor", 1, "PERSONAL CLEANLINESS", "COOK IN {area} WITHOUT HAIR RESTRAINT."),
    Finding(41, "minor", 1, "WIPING CLOTHS USED & STORED PROPERLY", "WET CLOTHS LEFT ON CUTTING BOARD AT {area}."),
    Finding(45, "minor", 1, "SINGLE-USE ARTICLES STORED & USED PROPERLY", "CUPS STORED ON THE FLOOR OF {area}."),
    Finding(
        47,
        "minor",
        4,
        "FOOD & NON-FOOD CONTACT SURFACES CLEANABLE, WELL MADE & USED",
        "TORN GASKETS AND WORN CUTTING BOARDS IN {area}.",
    ),
    Finding(49, "minor", 4, "NON-FOOD CONTACT SURFACES CLEAN", "GREASE AND DUST ON EQUIPMENT IN {area}."),
    Finding(51, "minor", 4, "PLUMBING INSTALLED - BACKFLOW PREVENTED", "FAUCET LEAKS AT SINK OF {area}."),
    Finding(
        53, "minor", 2, "TOILET ROOMS MADE, SUPPLIED & CLEANED PROPERLY", "NO COVERED BIN IN TOILET ROOM NEAR {area}."
    ),
    Finding(54, "minor", 1, "GARBAGE & REFUSE DISPOSED OF PROPERLY", "DUMPSTER LIDS OPEN BEHIND {area}."),
    Finding(
        55,
        "minor",
        9,
        "PHYSICAL FACILITIES INSTALLED, MAINTAINED & CLEAN",
        "{many} BROKEN FLOOR TILES AND DEBRIS ALONG WALLS OF {area}.",
    ),
    Finding(
        56,
        "minor",
        3,
        "VENTILATION & LIGHTING ADEQUATE - DESIGNATED AREAS USED",
        "HOOD FILTERS WITH GREASE BUILD-UP IN {area}.",
    ),
    Finding(57, "minor", 2, "FOOD HANDLERS TRAINED", "NO PROOF OF FOOD HANDLER TRAINING FOR {many} EMPLOYEES."),
    Finding(
        60, "minor", 1, "EARLIER CORE VIOLATION CORRECTED", "VIOLATIONS OF THE LAST REPORT NOT CORRECTED AT {area}."
    ),
    Finding(64, "minor", 0.5, "OTHER PUBLIC HEALTH MATTERS", "NO SMOKING SIGN MISSING AT ENTRANCE OF {area}."),
)
