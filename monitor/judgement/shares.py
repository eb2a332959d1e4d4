"""How sure a share of few can be."""

from math import sqrt

# 90%, as for the other intervals of the dashboard.
_Z = 1.6449


def interval(count: int, total: int) -> tuple[float, float]:
    """Wilson's score interval of a share, 90%.

    Args:
        count: How many of them.
        total: How many in all, at least 1.

    Returns:
        Lower and upper end, within 0 and 1.
    """
    share, spread = count / total, _Z**2 / total
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * sqrt(share * (1 - share) / total + spread / (4 * total))
    return max(middle - half, 0.0), min(middle + half, 1.0)
