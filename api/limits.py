"""How often one caller may ask.

A caller is an API key where one was accepted, else an address. Without a shared
storage each worker counts by itself, so a limit then holds per worker.
"""

from typing import Any

from flask import Flask, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from api.security import ANONYMOUS, OPEN_ENDPOINTS
from food_inspections.settings import Settings

SCORING_ENDPOINT = "predictions.Predictions"


def register(app: Flask, settings: Settings) -> None:
    """Count requests, and refuse those over the limit with 429 and ``Retry-After``."""
    limits = settings.api_rate_limit
    limiter = Limiter(
        _caller,
        default_limits=[limits] if limits else [],
        storage_uri=settings.api_rate_limit_storage,
        strategy="fixed-window",
        headers_enabled=False,
        # Counting must not take the API down with it.
        in_memory_fallback_enabled=not settings.api_rate_limit_storage.startswith("memory:"),
    )
    limiter.request_filter(lambda: request.endpoint in OPEN_ENDPOINTS)
    limiter.init_app(app)
    scoring = settings.api_scoring_rate_limit
    if scoring:
        decorate: Any = limiter.limit(scoring, methods=["POST"], override_defaults=False)
        app.view_functions[SCORING_ENDPOINT] = decorate(app.view_functions[SCORING_ENDPOINT])


def _caller() -> str:
    caller: str = g.get("caller", ANONYMOUS)
    return get_remote_address() if caller == ANONYMOUS else caller
