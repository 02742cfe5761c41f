"""A TCP proxy between the town and one of its servers, in this process: what the server answers may be held back."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread


class Between(ThreadingTCPServer):
    """Listens on a port of 127.0.0.1. `target` is the server's: (host, port), or the path of a unix socket."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, target: tuple[str, int] | str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.target = target
        self.delay = 0.0
        """Seconds that each piece of an answer is held back; may be changed at any moment."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def connected(self) -> socket.socket:
        if not isinstance(self.target, str):
            return socket.create_connection(self.target)
        far = socket.socket(socket.AF_UNIX)
        far.connect(self.target)
        return far


class _Passing(BaseRequestHandler):
    """One connection: each way in a thread of its own."""

    server: Between
    request: socket.socket

    def handle(self) -> None:
        with suppress(OSError), self.server.connected() as far:
            there = Thread(target=_pump, args=(self.request, far), daemon=True)
            there.start()
            _pump(far, self.request, self.server)
            there.join()


def _pump(source: socket.socket, target: socket.socket, slow: Between | None = None) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            if slow and slow.delay:
                time.sleep(slow.delay)
            target.sendall(piece)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def between(target: tuple[str, int] | str) -> Iterator[Between]:
    """A proxy that forwards at once, until its `delay` is set."""
    with Between(target) as proxy:
        Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield proxy
        proxy.shutdown()
