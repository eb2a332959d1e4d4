"""What the city calls things, on every page."""

from food_inspections.settings import Settings


def title_of(settings: Settings, column: str) -> str:
    """What a column that groups places is called, as a heading."""
    wording = settings.profile.wording
    words = {"facility_type": wording.kind, "risk": wording.risk, "zip": "postal code", "area": wording.area}
    return words[column][:1].upper() + words[column][1:]


def shown(*values: object) -> str:
    """The values one after the other, without those that the city does not publish."""
    return " \u00b7 ".join(str(value) for value in values if value is not None and value != "unknown")
