"""The dashboard: whether the list is good, and whether the forecast still holds.

It reads tables (accepted weeks only) and the object store, and never imports assets:

- ``queries``: SQL to frame,
- ``figures``: frame to figure, pure,
- ``pages``: one module a page, thin,
- ``components``: the parts pages are put together from.
"""

from monitor.app import create_app

__all__ = ["create_app"]
