"""What inspectors of the sample city write down, under both codes of law.

The wording is made up in the manner of such reports; the numbers mean what they mean in
the codes, so that severities and topics can be read from them. How often something is
found belongs in ``hygiene``, putting it together in ``reports``.
"""

from typing import Literal, NamedTuple

Severity = Literal["critical", "serious", "minor"]


class Finding(NamedTuple):
    """One thing to find: the number and title it is cited under, how often, and what is written."""

    number: int
    severity: Severity
    weight: float
    title: str
    comment: str


AREAS = (
    "FRONT PREP AREA",
    "REAR PREP AREA",
    "MAIN KITCHEN",
    "BASEMENT STORAGE AREA",
    "DISH WASHING AREA",
    "FRONT COUNTER",
    "BAR AREA",
    "DRY STORAGE ROOM",
    "WALK-IN COOLER",
    "SERVICE LINE",
)

ARTICLES = {
    "critical": ("7-38-005", "7-38-030(C)", "7-38-020(A)", "7-38-010"),
    "serious": ("7-38-012", "7-38-005", "7-42-010(B)", "7-38-020"),
    "minor": ("",),
}
"""Articles of the municipal code that a citation names."""
