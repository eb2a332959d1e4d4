"""The HTTP API: published forecasts, and scores on demand, over HTTP.

Reads the tables and calls ``food_inspections.domain``; imports no asset.

- ``application``: ``create_app``, the application factory,
- ``resources``: the routes, one module a resource; ``schemas``: what goes in and out of them,
- ``queries``: their SQL; ``database``: the connections it runs on,
- ``scoring``: scores on demand,
- ``http``: what all routes have in common.
"""

from food_inspections.api.application import create_app

__all__ = ["create_app"]
