"""gunicorn's threaded worker, with three changes.

A thread gets a request only once it has arrived.

gunicorn 27 hands each new connection to a thread, which then waits for its bytes; as many slow clients (or a browser's
idle connections) as there are threads stop the server. Here a connection waits in the poller until the head of its
request, and a body that is not large, lie in the socket. Looking (MSG_PEEK) takes nothing out; SO_RCVLOWAT keeps the
poller asleep until more has come. Only of large bodies does a thread read the rest, so a proxy in front is still good.

Connections are spread over the workers. The first worker to wake takes all that come at once, and those that are kept
alive stay with it: measured with 8, half the throughput, since one process has one processor. So a worker that has more
connections than another waits a moment before it takes one more.

Idle connections keep nobody out. gunicorn holds each for its 75 s and takes no more than `worker_connections`: with so
many people who have just read something, the next request waited 2 s, and a crowd 40 s. So where there is little room
left those that have been idle the longest are closed, as HTTP lets a server do at any time.

Nor does a lack of file descriptors end a worker, as an error in gunicorn's `accept` would.
"""

import errno
import mmap
import re
import selectors
import socket
import struct
import time
from contextlib import suppress
from functools import partial

from gunicorn.workers.gthread import TConn, ThreadWorker

MOST = 64 << 10
"""A request of so many bytes, head and body, is waited for; of a larger one, for so much."""
SECONDS = 10.0
"""A request, or so much of it, must have arrived this long after its connection, or after its first byte."""
ROOM = 0.1
"""Of the connections of a worker so many stay free for new ones, as long as others are idle."""
FULL_SECONDS = 0.05
"""So long a worker that can open no more files waits before it tries again."""
MOMENT = 0.001
"""So many seconds a worker with more connections than another leaves a new one to the others."""
FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""Errors of a machine or process that can take no more connections at the moment (accept(2))."""
_SLOTS = 64
_counts = memoryview(mmap.mmap(-1, 4 * _SLOTS)).cast("i")
"""The connections of each worker by its age, shared with all that are forked after this was imported; -1: no worker."""
_counts[:] = memoryview(struct.pack(f"{_SLOTS}i", *[-1] * _SLOTS)).cast("i")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked[ \t]*\r\n", re.IGNORECASE)
_LAST_CHUNK = b"\r\n0\r\n\r\n"


class PatientWorker(ThreadWorker):
    """Used by `worker_class` in gunicorn_conf."""

    @property
    def nr_conns(self) -> int:
        """How many connections are open here; gunicorn counts them."""
        return self._connections

    @nr_conns.setter
    def nr_conns(self, count: int) -> None:
        self._connections = _counts[self.age % _SLOTS] = count

    def accept(self, listener: socket.socket) -> None:
        if self.nr_conns > min((count for count in _counts if count >= 0), default=0):
            time.sleep(MOMENT)
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # another worker was quicker, or the client has gone
        except OSError as error:
            if error.errno not in FULL:
                raise
            time.sleep(FULL_SECONDS)  # who is served meanwhile makes room; the client waits in the queue
            return
        self.nr_conns += 1
        self._wait_for(TConn(self.cfg, client, address, listener.getsockname()))

    def murder_keepalived(self, force: bool = False) -> None:
        """Called after each batch of events, never amid one: none is closed whose event still waits for its turn. Nor
        one whose next request came meanwhile: closed with that unread it would be reset, and the request lost."""
        super().murder_keepalived(force)
        most = self.max_keepalived - ROOM * self.worker_connections  # above the first it keeps no new one alive
        while self.keepalived_conns and self.nr_conns > most:
            idle = self.keepalived_conns[0]  # in the order of their timeouts, as murder_keepalived expects
            if _has_sent(idle.sock):
                self.on_client_socket_readable(idle, idle.sock)
                continue
            self.keepalived_conns.popleft()
            with suppress(OSError, KeyError, ValueError):  # one that could not be registered
                self.poller.unregister(idle.sock)
            self.nr_conns -= 1
            idle.close()

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """The next request on a connection that was kept alive begins to arrive."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._wait_for(conn)

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        if not self._has_arrived(conn):
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self._hand_over(conn)

    def _wait_for(self, conn: TConn) -> None:
        if self._has_arrived(conn):
            self._hand_over(conn)
            return
        conn.timeout = time.monotonic() + SECONDS
        self.pending_conns.append(conn)  # in the order of their timeouts, as murder_pending expects
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _hand_over(self, conn: TConn) -> None:
        conn.data_ready = True
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        self.enqueue_req(conn)

    def _has_arrived(self, conn: TConn) -> bool:
        """Whether a thread can go on without waiting; also if the client has closed or reset the connection."""
        try:
            seen = conn.sock.recv(MOST, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        known = getattr(conn, "seen", -1)
        conn.seen = -1 if is_whole(seen) else len(seen)
        if conn.seen in {-1, known, 0}:
            return True  # of the last two: woken without more to read, so nothing more will come
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, len(seen) + 1)
        return False


def _has_sent(client: socket.socket) -> bool:
    """Whether bytes of a client's, or its farewell, wait to be read."""
    try:
        client.recv(1, socket.MSG_PEEK)
    except OSError:
        return False  # nothing has come, or it is closed already
    return True


def forget(age: int) -> None:
    """The worker of this age has ended; called in gunicorn's master."""
    _counts[age % _SLOTS] = -1


def is_whole(seen: bytes) -> bool:
    """Whether these first bytes of a connection hold a request, or so much of it that no more is waited for."""
    if len(seen) >= MOST:
        return True
    head, blank, body = seen.partition(b"\r\n\r\n")
    if not blank:
        return False
    if _CHUNKED.search(head + b"\r\n"):
        return body.endswith(_LAST_CHUNK) or body == _LAST_CHUNK[2:]
    length = _LENGTH.search(head + b"\r\n")
    return length is None or len(body) >= int(length[1])
