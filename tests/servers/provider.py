"""A payment provider on a port of this machine: real HTTP, signed as the providers' public documents say.

What it answers is decided by a subclass or a test; it keeps what it was asked, and can be slow, broken or silent.
"""

import time
from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

RSA = rsa.RSAPrivateKey


@cache
def key(name: str) -> RSA:
    """A private key for this run of the tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(of: RSA) -> str:
    form = serialization.PrivateFormat.PKCS8
    return of.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def public_pem(of: RSA) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return of.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def signature(of: RSA, text: str) -> str:
    """SHA256 with RSA (PKCS1 v1.5), in base64."""
    return b64encode(of.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(of: RSA, text: str, given: str) -> bool:
    try:
        of.public_key().verify(b64decode(given), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Asked:
    """A request as it came in; `path` with its query."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Reply:
    """An answer; `headers` beside the usual ones."""

    status: int
    body: str
    headers: dict[str, str]


class Provider(ThreadingHTTPServer, ABC):
    """Answers for itself, as one provider. `fault`: None, or what happens to each answer: "500", "garbage", "cut" off,
    "changed" after it was signed, "unsigned" (by nobody we know), or seconds to wait."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.asked: list[Asked] = []
        self.fault: str | float | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @abstractmethod
    def answer(self, asked: Asked) -> Reply:
        """What this provider says to it."""

    def spoiled(self, reply: Reply) -> Reply:
        """The answer after the fault."""
        if isinstance(self.fault, float):
            time.sleep(self.fault)
        if self.fault == "500":
            return Reply(500, "<html>Internal error</html>", {})
        if self.fault == "garbage":
            return Reply(200, '{"half": ', {"Content-Type": "application/json"})
        if self.fault == "changed":
            return Reply(reply.status, reply.body.replace("p", "q"), reply.headers)
        return reply


class _Talk(BaseHTTPRequestHandler):
    server: Provider

    def _do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(self.command, self.path, dict(self.headers.items()), self.rfile.read(length).decode())
        self.server.asked.append(asked)
        reply = self.server.spoiled(self.server.answer(asked))
        body = reply.body.encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:5] if self.server.fault == "cut" else body)

    do_GET = do_POST = _do

    def log_message(self, format: str, *arguments: object) -> None:
        return


@contextmanager
def running(provider: Provider) -> Iterator[None]:
    with provider:
        Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield
        provider.shutdown()
