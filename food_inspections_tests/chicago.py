"""The default city's data set, as tests speak of it."""

from food_inspections.domain.city.loading import load_profile
from food_inspections.portal.columns import DatasetColumns

DATASET = "4ijn-s7e5"
COLUMNS = DatasetColumns.of(load_profile("chicago"), "chicago")
PORTAL_FIELDS = COLUMNS.fields
RAW_COLUMNS = COLUMNS.raw
CALENDAR = load_profile("chicago").city.calendar
