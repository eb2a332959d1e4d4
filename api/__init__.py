"""The HTTP API: published forecasts, and scores on demand, over HTTP.

Reads the tables and calls ``food_inspections.domain``; imports no asset.
``create_app`` is the application factory.
"""

from api.application import create_app

__all__ = ["create_app"]
