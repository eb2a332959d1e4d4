"""Fixtures for all tests of the graph."""

from food_inspections_tests.orchestration.shared_city import prepared_city, shared_city, whole_city

__all__ = ["prepared_city", "shared_city", "whole_city"]
