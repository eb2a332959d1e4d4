"""The application factory."""

from collections.abc import Callable
from typing import Any

import flask_smorest
from flask import Flask
from flask_smorest import Api
from werkzeug.middleware.proxy_fix import ProxyFix

from food_inspections.api.database import Database
from food_inspections.api.http import caching, compression, documentation, errors, limits, metrics, security
from food_inspections.api.resources import establishments, health, models, monitoring, plan, predictions, queue
from food_inspections.api.schemas.errors import ErrorSchema
from food_inspections.api.schemas.scoring import describe_visit
from food_inspections.api.scoring.scorer import Scorer
from food_inspections.errors import SettingsError
from food_inspections.settings import Settings

VERSION = "1.0"


class _App(Flask):
    """Flask without asynchronous views, which every hook of every request is otherwise asked about."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: none here is a coroutine."""
        return func


class _Api(Api):  # type: ignore[misc]
    """flask-smorest's, with our shape of errors."""

    ERROR_SCHEMA = ErrorSchema

    def _register_error_handlers(self) -> None:
        """Ours are registered by :mod:`api.http.errors`, for more than HTTP's own."""


def create_app(settings: Settings) -> Flask:
    """Make the API's WSGI application.

    Neither the database nor the object store is touched before the first request that
    needs it: the API starts, and stays up, without them.

    Args:
        settings: Where everything is, and who may call.

    Raises:
        SettingsError: Reading needs a key, but none is set.
    """
    if settings.is_api_private and not (settings.api_keys or settings.api_writers):
        raise SettingsError(
            "FOOD_INSPECTIONS_API_PRIVATE=1 needs FOOD_INSPECTIONS_API_KEYS: list the keys that may call, "
            "or their SHA-256 digests, separated by commas."
        )
    app = _App("api", static_folder=None)
    app.config.update(
        API_TITLE="Food Inspections",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        IS_API_PRIVATE=settings.is_api_private,
        MAX_CONTENT_LENGTH=settings.api_max_body_bytes,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.merge_slashes = False  # an empty id is no other address
    app.json.sort_keys = False  # type: ignore[attr-defined]
    tables, allowed = Database(settings), limits.Limits(settings)
    app.extensions.update(
        {
            "food-inspections-settings": settings,
            "food-inspections-database": tables,
            "food-inspections-scorer": Scorer(settings, tables),
            "food-inspections-limits": allowed,
        }
    )
    metrics.register(app)
    security.register(app, settings, allowed)
    errors.register(app)
    _register_resources(app, settings)
    limits.register(app, allowed)
    caching.register(app)
    compression.register(app)
    if settings.api_proxy_hops:
        hops = settings.api_proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_port=hops, x_prefix=hops
        )
    return app


def _contact(text: str | None) -> dict[str, str]:
    """Who answers questions on the API, as OpenAPI has it: an address of mail or a page."""
    if text is None:
        return {}
    return {"email": text} if "@" in text and "://" not in text else {"url": text}


def _register_resources(app: Flask, settings: Settings) -> None:
    api = _Api(app, spec_kwargs={"servers": [{"url": "/"}]})
    api.spec.plugins[1].converter.add_attribute_function(describe_visit)
    resources: tuple[flask_smorest.Blueprint, ...] = (
        establishments.blueprint,
        predictions.blueprint,
        queue.blueprint,
        plan.blueprint,
        models.blueprint,
        monitoring.blueprint,
        health.blueprint,
    )
    for blueprint in resources:
        api.register_blueprint(blueprint)
    pages = documentation.blueprint(
        api,
        needs_key_to_read=settings.is_api_private,
        needs_key_to_score=bool(settings.api_keys),
        contact=_contact(settings.api_contact),
    )
    app.register_blueprint(pages)
    # Where probes of containers and of Prometheus look by habit.
    habits: dict[str, Any] = {"/health/live": health.live, "/health/ready": health.ready}
    for rule, view in habits.items():
        app.add_url_rule(rule, f"root_{rule.rsplit('/', 1)[1]}", view)
    app.add_url_rule("/metrics", "root_metrics", lambda: metrics.metrics_response(app))
