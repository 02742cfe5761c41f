"""A small HTTP client on a raw socket that is kept alive: it costs little beside what it measures."""

import socket
import time
from dataclasses import dataclass, replace
from typing import Any

import orjson

from bench.figures import BenchError

PATIENCE = 20.0
"""Seconds; an answer that takes longer is none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where buyers go: `address` is host:port, `below` stands before the doors' paths; the payment provider shares
    `secret` with it."""

    address: str
    below: str
    secret: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `path` with its query; `authorization` is the whole value of that header; `body` is JSON; `device` is
    what the client calls itself; `seal` signs a payment provider's callback."""

    method: str
    path: str
    authorization: str = ""
    body: bytes = b""
    key: str = ""
    device: str = ""
    seal: str = ""

    def below(self, prefix: str) -> "Asked":
        """The same under another path."""
        return replace(self, path=prefix + self.path)

    def bytes(self, address: str) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {address}"]
        if self.authorization:
            lines.append(f"Authorization: {self.authorization}")
        if self.key:
            lines.append(f"Idempotency-Key: {self.key}")
        if self.device:
            lines.append(f"Device-Id: {self.device}")
        if self.seal:
            lines.append(f"Sandbox-Signature: {self.seal}")
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """What came; `seconds` from the first byte sent to the last byte received."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    seconds: float

    def json(self) -> Any:
        return orjson.loads(self.body)


class Talk:
    """One connection to `address` ("host:port"); opened when first used, and again when the server has closed it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def send(self, asked: Asked) -> Answer:
        """Raises OSError and BenchError."""
        sent, began = asked.bytes(self._address), time.perf_counter()
        if self._socket is None:
            self._socket = self._connected()
        self._socket.sendall(sent)
        head, body = self._received(self._socket)
        took = time.perf_counter() - began
        status, _, fields = head.decode("latin-1").partition("\r\n")
        pairs = (line.partition(":") for line in fields.split("\r\n"))
        headers = [(name.strip(), value.strip()) for name, _, value in pairs]
        if ("connection", "close") in ((name.lower(), value.lower()) for name, value in headers):
            self.close()
        return Answer(int(status.split()[1]), headers, body, took)

    def expect(self, asked: Asked, status: int) -> Answer:
        """Raises BenchError for an answer of another status."""
        answer = self.send(asked)
        if answer.status != status:
            shown = answer.body[:500].decode(errors="replace")
            raise BenchError(f"{asked.method} {asked.path} answered {answer.status} instead of {status}: {shown}")
        return answer

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        host, _, port = self._address.rpartition(":")
        made = socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def _received(self, connection: socket.socket) -> tuple[bytes, bytes]:
        """The head and the body, whose length the head must say."""
        got = b""
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._more(connection)
        head, body = got[:end], got[end + 4 :]
        wanted = _length(head)
        while len(body) < wanted:
            body += self._more(connection)
        return head, body

    def _more(self, connection: socket.socket) -> bytes:
        part = connection.recv(1 << 16)
        if not part:
            raise BenchError(f"{self._address} hung up in the middle of an answer")
        return part


def _length(head: bytes) -> int:
    lowered = head.lower()
    place = lowered.find(b"\r\ncontent-length:")
    if place < 0:
        if b" 204 " in head.partition(b"\r\n")[0] + b" ":
            return 0
        raise BenchError("an answer does not say how long it is")
    return int(lowered[place + 17 :].partition(b"\r\n")[0])


def status_of(address: str, path: str) -> int:
    """The status of one GET, 0 where nobody answers."""
    talk = Talk(address)
    try:
        return talk.send(Asked("GET", path)).status
    except OSError:
        return 0
    finally:
        talk.close()
