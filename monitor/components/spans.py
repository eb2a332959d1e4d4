"""How much time a chart shows."""

from datetime import date, timedelta

SPANS = {"26": "Half a year", "52": "A year", "156": "Three years", "all": "Everything"}


def since(week: date, span: str) -> date:
    """First week of a span that ends with a week.

    Args:
        week: Its last week.
        span: A key of :data:`SPANS`.
    """
    return date.min if span == "all" else week - timedelta(weeks=int(span) - 1)
