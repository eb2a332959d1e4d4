"""Names for the sample city: made-up businesses, plain street names, no real ones."""

OWNERS = (
    "ALMA", "BENNY", "CARLA", "DELIA", "EDDIE", "FATIMA", "GIORGIO", "HANNA", "IGNACIO", "JOSIE", "KENJI", "LUPE",
    "MARTA", "NINA", "OSCAR", "PETRA", "QUINN", "ROSA", "SAMIR", "TESS", "UMA", "VERA", "WANDA", "YUSUF", "ZORA",
)  # fmt: skip
KITCHENS = (
    "GARDEN", "CORNER", "GOLDEN", "LITTLE", "NORTHSIDE", "OLD TOWN", "PARKSIDE", "RED LANTERN", "SILVER SPOON",
    "SUNNY", "TWO BROTHERS", "VILLAGE", "BLUE DOOR", "HARVEST", "RIVERSIDE", "STATION", "CRESCENT", "LUCKY",
)  # fmt: skip
ENDINGS = {
    "Restaurant": ("GRILL", "TAQUERIA", "PIZZERIA", "NOODLE HOUSE", "KITCHEN", "CAFE", "BBQ & CHICKEN", "SUSHI"),
    "Grocery Store": ("FOOD MARKET", "GROCERY & DELI", "SUPERMERCADO", "FOODS", "MINI MARKET"),
    "School": ("ELEMENTARY SCHOOL", "ACADEMY", "HIGH SCHOOL"),
    "Bakery": ("BAKERY", "PANADERIA", "DONUTS"),
    "Daycare Above and Under 2 Years": ("DAY CARE", "LEARNING CENTER"),
    "Children's Services Facility": ("EARLY LEARNING", "CHILD CENTER"),
    "Long Term Care": ("NURSING HOME", "SENIOR RESIDENCE"),
    "Hospital": ("HOSPITAL", "MEDICAL CENTER"),
    "Liquor": ("LIQUORS", "WINE & SPIRITS"),
    "Catering": ("CATERING", "EVENTS"),
    "Mobile Food Preparer": ("FOOD TRUCK", "TAMALES"),
    "TAVERN": ("TAP", "PUB", "LOUNGE"),
    "GAS STATION": ("GAS & GO", "FUEL MART"),
    "Special Event": ("LEMONADE STAND", "FESTIVAL GRILL", "KETTLE CORN"),
}  # fmt: skip
CHAINS = tuple(
    f"{first} {second}"
    for first in ("BURGER", "CITY", "PRAIRIE", "METRO", "LAKE", "UNCLE TEO'S", "PRONTO", "FRESH")
    for second in ("BARN", "BEAN COFFEE", "SUBS", "TACO", "WINGS")
)
STREETS = (
    "MAPLE", "OAK", "WALNUT", "CEDAR", "ELM", "BIRCH", "WILLOW", "LAKE", "RIVER", "PRAIRIE", "MILL", "MARKET",
    "CHURCH", "SCHOOL", "STATION", "GARDEN", "ORCHARD", "MEADOW", "SPRING", "SUMMIT", "FOUNDRY", "CANAL", "HARBOR",
    "FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH", "TENTH", "UNION",
)  # fmt: skip
STREET_KINDS = ("ST", "AVE", "BLVD", "RD", "PL")

FACILITY_TYPES = {
    # share of establishments, effect on the logarithm of the violation rate, shares of risk 1, 2, 3
    "Restaurant": (0.66, 0.10, (0.85, 0.12, 0.03)),
    "Grocery Store": (0.12, 0.15, (0.25, 0.40, 0.35)),
    "School": (0.07, -0.35, (0.95, 0.04, 0.01)),
    "Bakery": (0.03, 0.05, (0.35, 0.60, 0.05)),
    "Daycare Above and Under 2 Years": (0.02, -0.05, (0.97, 0.02, 0.01)),
    "Children's Services Facility": (0.02, -0.15, (0.97, 0.02, 0.01)),
    "Long Term Care": (0.01, -0.30, (0.98, 0.01, 0.01)),
    "Hospital": (0.005, -0.20, (0.98, 0.01, 0.01)),
    "Liquor": (0.02, -0.20, (0.02, 0.18, 0.80)),
    "Catering": (0.015, -0.10, (0.90, 0.08, 0.02)),
    "Mobile Food Preparer": (0.01, 0.20, (0.20, 0.60, 0.20)),
    "TAVERN": (0.01, -0.10, (0.05, 0.25, 0.70)),
    "GAS STATION": (0.01, 0.20, (0.05, 0.30, 0.65)),
}

SPELLINGS = {
    "Restaurant": ("RESTAURANT", "restaurant", "RESTUARANT", "Restaurant ", "REST/CAFE", "Restaurant/Bar"),
    "Grocery Store": ("GROCERY", "Grocery", "GROCERY STORE/DELI", "grocery store", "Grocery & Restaurant"),
    "School": ("SCHOOL", "Private School", "CHARTER SCHOOL", "PUBLIC SHCOOL"),
    "Bakery": ("BAKERY", "Bakery/Cafe"),
    "Daycare Above and Under 2 Years": ("DAYCARE", "Daycare (2 - 6 Years)", "DAY CARE 2-14"),
    "Children's Services Facility": ("CHILDRENS SERVICES FACILITY", "1023 CHILDERN'S SERVICE FACILITY"),
    "Long Term Care": ("LONG TERM CARE FACILITY", "NURSING HOME", "Assisted Living"),
    "Hospital": ("HOSPITAL",),
    "Liquor": ("LIQUOR STORE", "Liquor/Package Goods"),
    "Catering": ("CATERING", "Catered Liquor"),
    "Mobile Food Preparer": ("MOBILE FOOD TRUCK", "Mobile Frozen Desserts Vendor"),
    "TAVERN": ("Tavern", "BAR", "tavern/restaurant"),
    "GAS STATION": ("Gas Station", "GAS STATION STORE", "GAS STATION/MINI MART"),
}
"""How else a facility type is written; some of it means two things at once."""
