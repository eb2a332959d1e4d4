"""Attributes of HTML that Python has no names for."""

from typing import Any


def attributes(named: dict[str, str]) -> Any:
    """``aria-*`` and ``data-*`` attributes, for the double star of a component.

    Dash takes them, but its type hints know fixed names only.
    """
    return named
