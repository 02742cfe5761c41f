"""The web worker where it has little room left: by itself, with real sockets."""

import errno
import logging
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from app.core.server import gunicorn_conf
from app.core.server.patient_worker import PatientWorker

ASKED = b"POST /purchase HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


class Bench:
    """A worker with room for `most` connections, and clients whose connections it keeps alive."""

    def __init__(self, most: int, sockets: ExitStack) -> None:
        config = Config()
        config.set("worker_connections", most)
        config.set("threads", 2)
        self.worker = PatientWorker(1, 0, [], None, 30, config, logging.getLogger())
        self.worker.tpool, self.worker.poller = self.worker.get_thread_pool(), selectors.DefaultSelector()
        self.worker.method_queue.init()
        self.handed: list[TConn] = []
        self.worker.enqueue_req = self.handed.append
        self._sockets = sockets
        sockets.callback(self.worker.tmp.close)
        sockets.callback(self.worker.tpool.shutdown)
        sockets.callback(self.worker.method_queue.close)
        sockets.callback(self.worker.poller.close)
        self.listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0)))

    def keep(self, count: int) -> list[socket.socket]:
        """So many clients whose connections are idle here."""
        return [self._kept() for _ in range(count)]

    def client(self) -> socket.socket:
        made = self._sockets.enter_context(socket.create_connection(self.listener.getsockname()))
        made.settimeout(3)
        return made

    def _kept(self) -> socket.socket:
        client = self.client()
        server, address = self.listener.accept()
        self._sockets.callback(server.close)
        server.setblocking(False)
        conn = TConn(self.worker.cfg, server, address, self.listener.getsockname())
        conn.set_timeout()
        self.worker.nr_conns += 1
        self.worker.keepalived_conns.append(conn)
        readable = partial(self.worker.on_client_socket_readable, conn)
        self.worker.poller.register(server, selectors.EVENT_READ, readable)
        return client


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_where_there_is_little_room_those_idle_longest_are_closed(sockets: ExitStack) -> None:
    bench = Bench(20, sockets)
    clients = bench.keep(18)
    bench.worker.murder_keepalived()
    assert [one.recv(1) for one in clients[:2]] == [b"", b""], "told to close"
    assert (bench.worker.nr_conns, len(bench.worker.keepalived_conns)) == (16, 16)


def test_a_request_that_came_while_others_were_served_is_served_and_not_reset(sockets: ExitStack) -> None:
    bench = Bench(20, sockets)
    clients = bench.keep(18)
    clients[0].sendall(ASKED)
    clients[1].sendall(ASKED[:20])
    time.sleep(0.05)
    bench.worker.murder_keepalived()
    assert [one.sock.getpeername() for one in bench.handed] == [clients[0].getsockname()]
    assert [one.sock.getpeername() for one in bench.worker.pending_conns] == [clients[1].getsockname()]
    assert [one.recv(1) for one in clients[2:4]] == [b"", b""]
    assert bench.worker.nr_conns == 16


def test_a_connection_that_could_not_be_watched_is_closed_like_others(sockets: ExitStack) -> None:
    bench = Bench(20, sockets)
    bench.keep(18)
    first = bench.worker.keepalived_conns[0]
    bench.worker.poller.unregister(first.sock)
    first.close()
    bench.worker.murder_keepalived()
    assert bench.worker.nr_conns == 16


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_a_worker_that_can_open_no_more_files_waits(sockets: ExitStack, number: int) -> None:
    bench = Bench(20, sockets)

    class Full:
        def accept(self) -> None:
            raise OSError(number, "too many open files")

    bench.worker.accept(Full())
    assert bench.worker.nr_conns == 0
    client = bench.client()
    bench.worker.accept(bench.listener)
    client.sendall(ASKED)
    assert bench.worker.nr_conns == 1
    for conn in bench.worker.pending_conns:
        sockets.callback(conn.sock.close)


def test_an_error_of_the_program_is_not_taken_for_a_lack_of_files(sockets: ExitStack) -> None:
    bench = Bench(20, sockets)

    class Closed:
        def accept(self) -> None:
            raise OSError(errno.EBADF, "bad file descriptor")

    with pytest.raises(OSError, match="bad file"):
        bench.worker.accept(Closed())


def test_a_process_may_open_a_file_for_each_connection() -> None:
    assert gunicorn_conf.files_wanted(1024, -1) == 4 * gunicorn_conf.worker_connections + 1024
    assert gunicorn_conf.files_wanted(1024, 2000) == 2000
    assert gunicorn_conf.files_wanted(1_000_000, -1) == 1_000_000
    assert gunicorn_conf.files_wanted(-1, -1) == -1
