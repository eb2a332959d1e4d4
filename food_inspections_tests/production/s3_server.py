"""An S3 server on this machine, spoken to over real HTTP, that can be told to misbehave."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

KEYS = {
    "AWS_ACCESS_KEY_ID": "planted-access-key",
    "AWS_SECRET_ACCESS_KEY": "planted-secret-key",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@dataclass
class Fault:
    """What the server does to some requests instead of, or before, answering them.

    Attributes:
        method: HTTP method that is hit.
        remaining: How many further requests are hit.
        status: Answer with this status; 0 answers as usual, late.
        delay_s: Wait so long first.
    """

    method: str
    remaining: int
    status: int = 500
    delay_s: float = 0.0


@dataclass
class S3Server:
    """A running server.

    Attributes:
        port: Where it listens on 127.0.0.1.
        faults: Faults in force.
        requests: Method and path of every request so far.
    """

    port: int = 0
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Address for AWS_ENDPOINT_URL; a name, not a number, as servers in containers have."""
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which every AWS program finds the server."""
        return KEYS | {"AWS_ENDPOINT_URL": self.url}

    def middleware(self, application: Callable[..., Any]) -> Callable[..., Any]:
        """The application with the faults before it."""

        def respond(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            with self._lock:
                self.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
                fault = next((f for f in self.faults if f.remaining and f.method == environ["REQUEST_METHOD"]), None)
                if fault is not None:
                    fault.remaining -= 1
            if fault is not None:
                # The delay is the fault itself, not a wait for something.
                time.sleep(fault.delay_s)
                if fault.status:
                    start_response(f"{fault.status} Planted fault", [("Content-Length", "0"), ("Connection", "close")])
                    return [b""]
            return application(environ, start_response)

        return respond


class _QuietHandler(MotoRequestHandler):
    def log_request(self, *_: Any) -> None:
        """Print nothing: what was asked is in ``requests``."""


@contextmanager
def running_s3_server() -> Iterator[S3Server]:
    """Start a server with a bucket ``bucket``, and stop it at the end."""
    import boto3  # noqa: PLC0415 - takes a second, and not every test needs it

    state = S3Server()
    application = state.middleware(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_QuietHandler)
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        client = boto3.client(
            "s3",
            endpoint_url=state.url,
            region_name=KEYS["AWS_DEFAULT_REGION"],
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_bucket(Bucket="bucket")
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
