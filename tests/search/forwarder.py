"""A process between a client and a server, so that a test can freeze or end what the client sees, and harm no other.

`python -m tests.search.forwarder HOST PORT` prints the port it listens on, of 127.0.0.1, and forwards until ended.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit


@dataclass
class Forwarder:
    """One that runs: `url` leads to the server as long as `process` lives and is not stopped."""

    url: str
    process: "subprocess.Popen[str]"


@contextmanager
def forwarding(url: str) -> Iterator[Forwarder]:
    """A forwarder to the server at `url`."""
    parts = urlsplit(url)
    command = [sys.executable, "-m", "tests.search.forwarder", str(parts.hostname), str(parts.port)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Forwarder(f"http://127.0.0.1:{process.stdout.readline().strip()}", process)
        finally:
            process.kill()


def main(host: str, port: int) -> None:
    """Forwards every connection, each way in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        while True:
            near, _ = listening.accept()
            far = socket.create_connection((host, port))
            for source, target in ((near, far), (far, near)):
                Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        target.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
