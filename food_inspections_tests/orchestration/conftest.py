"""Fixtures for all tests of the graph."""

from food_inspections_tests.orchestration.shared_city import shared_city

__all__ = ["shared_city"]
