"""How strict, and strict about what, those are who lately inspect in the postal code.

Who is sent where is not published, but an inspector works in the same few postal codes
for months: what their recent reports found beyond the usual tells about the next one.
"""

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Array, Columns, numeric
from food_inspections.domain.features.surprise import MEASURES, NEEDS, SCALE

FAMILY = "inspector"
STRICTNESS_WINDOWS = (15, 30)
STYLE_WINDOW = 60

_STRICTNESS_WEIGHT = 0.5
_STYLE_WEIGHT = 3
_STYLES = {
    "conditions": "Passes with conditions",
    "critical_violations": "Critical violations",
    "serious_violations": "Serious violations",
    "minor_violations": "Minor violations",
}

_POSITIONS = {measure: place for place, measure in enumerate(MEASURES)}
_STRICTNESS = {"critical": "Share of visits with a critical violation", "failure": "Share of failures"}

DESCRIPTIONS = {
    **{
        f"inspector_{outcome}_{window}": f"{words} beyond the usual, in all earlier reports of the inspectors who were "
        f"in the postal code in the last {window} days."
        for window in STRICTNESS_WINDOWS
        for outcome, words in _STRICTNESS.items()
    },
    **{
        f"inspector_style_{measure}": f"{words} a visit beyond the usual for such places, in the postal code in the "
        f"last {STYLE_WINDOW} days."
        for measure, words in _STYLES.items()
    },
}

FEATURES = numeric(
    FAMILY,
    DESCRIPTIONS,
    ("zip",),
    {
        r"inspector_(critical|failure)_\d+": "report_books",
        r"inspector_critical_\d+": "is_critical",
        **{f"inspector_style_{measure}": NEEDS[measure] for measure in _STYLES},
    },
)


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    zips = context.full_visits("zip")
    columns: dict[str, Array] = {}
    for window in STRICTNESS_WINDOWS:
        sums, counts = zips.sums(context.surprises.strictness, window) / SCALE, context.surprises.counts(zips, window)
        means = sums / (counts + _STRICTNESS_WEIGHT)
        columns |= {f"inspector_{outcome}_{window}": means[:, _POSITIONS[outcome]] for outcome in _STRICTNESS}
    sums = zips.sums(context.surprises.beyond_kind, STYLE_WINDOW) / SCALE
    means = sums / (context.surprises.counts(zips, STYLE_WINDOW) + _STYLE_WEIGHT)
    columns |= {f"inspector_style_{measure}": means[:, _POSITIONS[measure]] for measure in _STYLES}
    return columns
