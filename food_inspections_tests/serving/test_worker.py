import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from food_inspections.serving import worker

WAIT_SECONDS = 20.0
LONG = b"x" * 20_000_000
REQUEST = b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n"
Connect = Callable[[], socket.socket]


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """While it is not set, the application's only thread is busy."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, held: threading.Event) -> Iterator[Connect]:
    """Connects to a worker of one thread whose bounds are small."""
    monkeypatch.setattr(worker, "REQUEST_SECONDS", 1.0)
    monkeypatch.setattr(worker, "CONNECTIONS", 3)

    def application(environ: Any, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            held.wait(WAIT_SECONDS)
        answer = LONG if environ["PATH_INFO"] == "/long" else b"ok"
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(1)
    adjustments = Adjustments(sockets=[listening], connection_limit=100, channel_timeout=60, cleanup_interval=0)
    where = (listening.family, listening.type, listening.proto, listening.getsockname())
    listener = worker._Listener(
        application,
        frozenset({"/live"}),
        dispatcher=dispatcher,
        adj=adjustments,
        sockinfo=where,
        _sock=listening,
        bind_socket=False,
    )
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            listener.loop_once(0.05)

    thread = threading.Thread(target=run)
    thread.start()
    yield lambda: socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS)
    ended.set()
    held.set()
    thread.join()
    dispatcher.shutdown()
    # Those whose end the loop has not seen yet: what their clients have not read lies in files.
    for channel in list(listener.active_channels.values()):
        channel.handle_close()
    listener.asyncore.close_all(listener._map)


def test_liveness_is_answered_while_every_thread_is_busy(connect: Connect) -> None:
    with connect() as busy, connect() as probe:
        busy.sendall(REQUEST % b"/slow")
        time.sleep(0.1)
        probe.sendall(REQUEST % b"/live")
        assert probe.recv(100).startswith(b"HTTP/1.1 200")


def test_liveness_is_answered_after_another_request_on_the_same_connection(
    connect: Connect, held: threading.Event
) -> None:
    held.set()
    with connect() as client:
        client.sendall(REQUEST % b"/" + REQUEST % b"/live")
        received = b""
        while received.count(b"200 OK") < 2:
            received += client.recv(1000)
        assert received.count(b"200 OK") == 2


def test_who_asks_and_never_reads_holds_no_thread(connect: Connect) -> None:
    with connect() as deaf, connect() as client:
        deaf.sendall(3 * (REQUEST % b"/long"))
        time.sleep(0.2)
        client.sendall(REQUEST % b"/")
        assert client.recv(100).startswith(b"HTTP/1.1 200")


def test_what_was_asked_behind_an_unread_answer_gets_none(connect: Connect) -> None:
    with connect() as client:
        client.sendall(3 * (REQUEST % b"/long"))
        time.sleep(0.2)
        received = b"".join(iter(lambda: client.recv(1_000_000), b""))
    assert received.count(b"200 OK") == 1
    assert received.endswith(LONG)


def test_a_request_that_trickles_in_is_cut_in_time(connect: Connect) -> None:
    with connect() as client:
        begun = time.monotonic()
        client.sendall(b"GET / HTTP/1.1\r\nX: ")
        while time.monotonic() - begun < WAIT_SECONDS:
            client.settimeout(0.1)
            try:
                if client.recv(100) == b"":
                    break
            except TimeoutError:
                client.sendall(b"a")
            except ConnectionError:
                break
        taken = time.monotonic() - begun
    assert 1.0 <= taken < WAIT_SECONDS


def test_an_answer_that_takes_its_time_is_not_cut(connect: Connect, held: threading.Event) -> None:
    with connect() as client:
        client.sendall(REQUEST % b"/slow")
        time.sleep(1.5)
        held.set()
        assert client.recv(100).startswith(b"HTTP/1.1 200")


def test_the_oldest_unfinished_request_makes_room(connect: Connect, held: threading.Event) -> None:
    held.set()
    slow = [connect() for _ in range(3)]
    for client in slow:
        client.sendall(b"GET / HTTP")
    with connect() as newcomer:
        newcomer.sendall(REQUEST % b"/")
        assert newcomer.recv(100).startswith(b"HTTP/1.1 200")
    assert slow[0].recv(100) == b""
    for client in slow:
        client.close()
