"""Ends waits for an answer that will not come, by cutting the connection on this side.

A bound on statements is the server's to keep, so it does not hold where the server is frozen or the network swallows
what is sent: the caller would wait for ever in the driver, on a socket of the same machine without any timeout. Cutting
the socket ends that wait with the error of a lost connection.
"""

import math
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(eq=False)
class Wait:
    """One wait for an answer.

    Attributes:
        descriptor: A copy of the connection's: it stays that of this socket even where the driver closes its own.
        due_at: When it is looked at next, by the monotonic clock.
        begun_at: When it began.
        is_cut: Whether it was ended.
    """

    descriptor: int
    due_at: float
    begun_at: float = field(default_factory=time.monotonic)
    is_cut: bool = False

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return time.monotonic() - self.begun_at


class Watch:
    """Looks at waits that last, in a thread of its own.

    Args:
        seconds: How long a wait lasts before it is looked at, and between two looks.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._waits: dict[Wait, Callable[[Wait], bool]] = {}
        self._thread: threading.Thread | None = None
        self._sleeps_until = math.inf

    @contextmanager
    def over(
        self, descriptor: int, may_go_on: Callable[[Wait], bool] = lambda _: False, begun_at: float | None = None
    ) -> Iterator[Wait]:
        """Watch what is done in the ``with``.

        Args:
            descriptor: Of the connection's socket.
            may_go_on: Asked at each look, may take its time; by default the wait is cut at the first look.
            begun_at: Since when it is waited for, by the monotonic clock; now by default.
        """
        if self._process != os.getpid():  # a thread does not come along when a process forks
            self._begin()
        begun_at = time.monotonic() if begun_at is None else begun_at
        wait = Wait(os.dup(descriptor), begun_at + self.seconds, begun_at)
        with self._changed:
            self._waits[wait] = may_go_on
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="database watch", daemon=True)
                self._thread.start()
            elif self._sleeps_until > wait.due_at:
                self._changed.notify()
        try:
            yield wait
        finally:
            with self._changed:
                del self._waits[wait]
                os.close(wait.descriptor)

    def _run(self) -> None:
        while True:
            for wait, may_go_on in self._due():
                is_over = not may_go_on(wait)
                with self._changed:
                    wait.due_at = math.inf if is_over else time.monotonic() + self.seconds
                    if is_over and wait in self._waits:
                        wait.is_cut = True
                        # One that the other side has ended meanwhile cannot be cut, and needs not to be.
                        with suppress(OSError), socket.socket(fileno=os.dup(wait.descriptor)) as held:
                            held.shutdown(socket.SHUT_RDWR)

    def _due(self) -> list[tuple[Wait, Callable[[Wait], bool]]]:
        with self._changed:
            self._sleeps_until = min((wait.due_at for wait in self._waits), default=math.inf)
            seconds = self._sleeps_until - time.monotonic()
            if seconds > 0:
                self._changed.wait(None if math.isinf(seconds) else seconds)
            self._sleeps_until = -math.inf
            return [(wait, ask) for wait, ask in self._waits.items() if wait.due_at <= time.monotonic()]
