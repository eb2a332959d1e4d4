"""The dashboard: whether the list is good, and whether the forecast still holds.

It reads tables (accepted weeks only) and the object store, and never imports assets:

- ``queries``: SQL to frame,
- ``judgement``: frame to verdict, and ``figures``: frame to figure, both pure,
- ``pages``: one module a page, thin; ``components``: the parts they are put together from,
- ``wording``: how numbers are written and what terms mean,
- ``routing``: from an address to a page; ``serving``: all else that the web server does.
"""

from food_inspections.monitor.app import create_app

__all__ = ["create_app"]
