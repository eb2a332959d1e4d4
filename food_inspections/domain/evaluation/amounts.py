"""Amounts in words: counts with their nouns, spans of days, more and less than expected."""


def span(days: str) -> str:
    """A number of days as people call it."""
    return {"365": "a year", "1095": "three years"}.get(days, f"{days} days")


def compared(value: float, much: str, what: str = "") -> str:
    """``more visits than``, ``as often as``: how a number compares with what is to be expected."""
    noun = f" {what}" if what else ""
    if value == 0:
        return f"as {much}{noun} as"
    word = {"many": ("more", "fewer"), "often": ("more often", "less often")}[much][value < 0]
    return f"{word}{noun} than"


def counted(count: float, noun: str) -> str:
    """``no visits``, ``1 visit``, ``2 visits``."""
    amount = "no" if count == 0 else number(count)
    return f"{amount} {noun}" if count == 1 else f"{amount} {noun}s"


def number(value: float) -> str:
    """Whole numbers without a fraction, others with two digits of it."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
