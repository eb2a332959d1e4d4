"""A gunicorn worker that answers with waitress.

gunicorn's own workers hand a connection to a thread as soon as its first byte is there:
a few clients that never end their requests hold all threads, and nobody is answered
any more. waitress reads requests in one loop and gives a thread only to those that
have arrived whole, headers and body. Three things it does not do are added: it only
closes connections that are silent, so a request that trickles in has a bound in time;
where connections are used up, the oldest unfinished request makes room for the next
caller; and the probe of liveness is answered by the loop itself, which no busy thread
delays. And one thing it does is left out: a thread does not wait until a long answer has
been read, which whoever asks and never reads would make it do for ever.
"""

import json
import logging
import os
import secrets
import sys
import time
from collections import deque
from typing import Any

from gunicorn.workers.base import Worker
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher

from food_inspections.serving.problems import PROBLEM_TYPE, REQUEST_ID_HEADER, problem, slug_of

REQUEST_SECONDS = 20.0
"""How long a request may take to arrive whole, and an idle connection is kept."""

CONNECTIONS = 1_000
"""Open connections of one worker."""

HEADER_BYTES = 16 * 1024

_TICK_SECONDS = 1.0
_DRAIN_TICK_SECONDS = 0.1

logger = logging.getLogger("food_inspections.serving")


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What cannot be read as a request, answered in the one shape of errors."""

    def execute(self) -> None:
        error = self.request.error
        request_id = secrets.token_hex(8)
        logger.warning("Request %s was refused with %d: %s", request_id, error.code, error.body)
        content = json.dumps(problem(error.code, slug_of(error.code), str(error.body), request_id)).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(
            [
                ("Content-Type", PROBLEM_TYPE),
                ("Cache-Control", "no-store"),
                (REQUEST_ID_HEADER, request_id),
                ("Connection", "close"),
            ]
        )
        self.set_close_on_finish()
        self.content_length = len(content)
        self.write(content)


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when its present request has been on its way."""

    error_task_class = _Refusal
    waits_since: float = 0.0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.waits_since = time.monotonic()
        return bool(super().received(data))

    @property
    def is_waiting(self) -> bool:
        """Whether it is the client's turn: no request has arrived whole and no answer is under way."""
        return not self.requests and not self.total_outbufs_len


class _Listener(TcpWSGIServer):  # type: ignore[misc]
    """waitress on a socket of gunicorn's, with our bounds."""

    channel_class = _Channel

    def __init__(self, application: Any, liveness_paths: frozenset[str], **options: Any) -> None:
        self.liveness_paths = liveness_paths
        self._at_once: deque[_Channel] = deque()
        super().__init__(application, **options)
        # What a client has yet to read lies in a file, beyond the first megabyte, not with a thread.
        self.adj.outbuf_high_watermark = sys.maxsize

    def maintenance(self, now: float) -> None:
        """Close what is silent, and what has not arrived in time."""
        super().maintenance(now)
        oldest = time.monotonic() - REQUEST_SECONDS
        for channel in self.active_channels.values():
            if channel.is_waiting and channel.request is not None and channel.waits_since < oldest:
                channel.will_close = True

    def handle_accept(self) -> None:
        """Take a connection; where there are too many, the longest waiting one goes."""
        if len(self.active_channels) >= CONNECTIONS:
            waiting = [channel for channel in self.active_channels.values() if channel.is_waiting]
            if waiting:
                min(waiting, key=lambda channel: channel.creation_time).handle_close()
        super().handle_accept()

    def add_task(self, task: _Channel) -> None:
        """Answer a whole request: by a thread, or by the loop where it asks for liveness.

        Requests sent behind an answer that the client has yet to read get none: answers would pile up. The connection
        ends after that answer, upon which a client sends the others again (RFC 9112, 9.3.2).
        """
        if task.total_outbufs_len:
            task.requests.clear()
            task.close_when_flushed = True
            self.pull_trigger()
        elif getattr(task.requests[0], "path", None) in self.liveness_paths:
            self._at_once.append(task)
            self.pull_trigger()
        else:
            super().add_task(task)

    def loop_once(self, seconds: float) -> None:
        """Wait for the network, at most so long, and do what it brings."""
        self.asyncore.loop(timeout=seconds, map=self._map, use_poll=True, count=1)
        while self._at_once:
            self._at_once.popleft().service()

    def drain(self, seconds: float) -> None:
        """Take no further connection, and answer what has arrived."""
        self.accepting = False
        deadline = time.monotonic() + seconds
        while self.active_channels and time.monotonic() < deadline:
            for channel in self.active_channels.values():
                channel.will_close |= channel.is_waiting
            self.loop_once(_DRAIN_TICK_SECONDS)


class BufferedWorker(Worker):  # type: ignore[misc]
    """A worker process; made for the ``Server`` of this package, which has one socket."""

    def run(self) -> None:
        """Answer until told to stop, then finish what has begun."""
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of each request that waits
        listening = self.sockets[0].sock
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self.cfg.threads)
        listener = _Listener(
            self.wsgi,
            self.app.liveness_paths,
            dispatcher=dispatcher,
            adj=Adjustments(
                sockets=[listening],
                connection_limit=2 * CONNECTIONS,
                channel_timeout=int(REQUEST_SECONDS),
                cleanup_interval=int(_TICK_SECONDS),
                max_request_header_size=HEADER_BYTES,
                max_request_body_size=self.app.largest_body_bytes,
                # Which proxies are believed is for the application to say.
                clear_untrusted_proxy_headers=False,
                ident=None,
            ),
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
            _sock=listening,
            bind_socket=False,
        )
        while self.alive and self.ppid == os.getppid():
            self.notify()
            listener.loop_once(_TICK_SECONDS)
        listener.drain(self.cfg.graceful_timeout)
        dispatcher.shutdown(timeout=0)
