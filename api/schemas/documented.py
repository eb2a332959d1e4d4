"""How a field is described: in words, with its unit and an example."""

from typing import Any


def described(description: str, example: Any, unit: str = "") -> dict[str, Any]:
    """Metadata of a field for the specification.

    Args:
        description: What it is.
        example: A value it may have.
        unit: Unit of the value, where it has one.
    """
    metadata = {"description": f"{description} Unit: {unit}." if unit else description, "examples": [example]}
    return metadata | {"x-unit": unit} if unit else metadata
