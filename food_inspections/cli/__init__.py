"""The ``food-inspections`` command: one module per command, loaded when it is called."""

from food_inspections.cli.main import main

__all__ = ["main"]
