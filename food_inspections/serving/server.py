"""gunicorn's arbiter, configured from here alone: it starts the workers, and starts dead ones again."""

from collections.abc import Callable, Mapping
from typing import Any

from gunicorn.app.base import BaseApplication


class Server(BaseApplication):  # type: ignore[misc]
    """An application with its workers.

    Args:
        make: Makes the WSGI application; called in each worker, so that they share no connection, or once before
            them with ``preload_app``.
        address: ``host:port`` to listen on.
        workers: Processes that answer.
        threads: Requests that one of them works on at once.
        largest_body_bytes: Size from which the body of a request is refused.
        liveness_paths: Answered even while all threads are busy.
        options: Further settings of gunicorn, by its names.
    """

    def __init__(
        self,
        make: Callable[[], Any],
        address: str,
        *,
        workers: int,
        threads: int,
        largest_body_bytes: int,
        liveness_paths: frozenset[str] = frozenset(),
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._make = make
        self.largest_body_bytes = largest_body_bytes
        self.liveness_paths = liveness_paths
        self._options = {
            "bind": address,
            "workers": workers,
            "threads": threads,
            "worker_class": "food_inspections.serving.worker.BufferedWorker",
            "timeout": 60,
            "graceful_timeout": 10,
            "loglevel": "warning",
            # It would be made in the user's home folder, outside of FOOD_INSPECTIONS_HOME.
            "control_socket_disable": True,
            **(options or {}),
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn its settings."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application."""
        return self._make()


def address_of(host: str, port: int) -> str:
    """``host:port``, with the brackets that an IPv6 address needs."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
