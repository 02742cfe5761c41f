"""Bytes that no honest client sends, over raw sockets to a live town: it answers 4xx or hangs up, and stays well."""

import itertools
import json
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.journeys.people import Somebody, done
from tests.live import LiveTown
from tests.services import Services

MOST_GROWTH = 10 << 20
"""What all web workers together may grow by, in bytes, from eighty megabytes of refused bodies to the next eighty."""
PATIENCE = 2.0
"""Another client's request takes no longer than this, in seconds."""


@pytest.fixture(scope="module")
def street(services: Services, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveTown]:
    """One town for all attacks of this file: it must outlive them anyway."""
    found = LiveTown(services, tmp_path_factory.mktemp("raw"), f"raw_{worker_id}")
    try:
        yield found.start()
    finally:
        found.close()


def talk(town: LiveTown, sent: bytes, seconds: float = 15) -> bytes:
    """What the town says to these bytes until it hangs up or is silent; empty if it only hangs up."""
    with socket.create_connection(("127.0.0.1", town.port), timeout=seconds) as wire:
        wire.settimeout(seconds)
        try:
            wire.sendall(sent)
            wire.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has hung up already; what it said may still be read
        return _heard(wire)


def _heard(wire: socket.socket) -> bytes:
    found = b""
    try:
        while more := wire.recv(65536):
            found += more
    except (TimeoutError, ConnectionError):
        pass
    return found


def statuses(heard: bytes) -> list[int]:
    """The status codes of all answers in what was heard."""
    lines = (part.split(b" ", 2) for part in heard.split(b"HTTP/1.1 ")[1:])
    return [int(line[0]) for line in lines]


def request(
    method: str, path: str, body: bytes = b"", token: str = "", kind: str = "application/json", head: bytes = b""
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: town", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join(lines).encode() + b"\r\n" + head + b"\r\n" + body


def only_refused(heard: bytes, what: object) -> None:
    found = statuses(heard)
    # 501 and 505 are the protocol's own words for a coding and a version that are not spoken here.
    assert all(400 <= status < 500 or status in {501, 505} for status in found), (what, heard[:500])
    assert b"Traceback" not in heard, what


def bad_bodies() -> Iterator[tuple[str, bytes, set[int]]]:
    """Name, body of POST /shops, and the answers that are right."""
    bad = {400}
    yield "bad UTF-8", b'{"name": "\xff\xfe\xfa"}', bad
    yield "overlong UTF-8", b'{"name": "\xc0\xaf"}', bad
    yield "a surrogate in UTF-8", b'{"name": "\xed\xa0\x80"}', bad
    yield "a lone surrogate, escaped", b'{"name": "\\ud800"}', {400, 422}
    yield "NUL in the text, escaped", b'{"name": "a\\u0000b"}', {422}
    yield "NUL in the text", b'{"name": "a\x00b"}', bad
    yield "NUL between", b'{"name"\x00: "a"}', bad
    yield "UTF-16", '{"name": "店"}'.encode("utf-16"), bad
    yield "a BOM", b'\xef\xbb\xbf{"name": "a"}', bad
    yield "NaN", b'{"name": NaN}', bad
    yield "Infinity", b'{"name": -Infinity}', bad
    yield "1e999", b'{"name": 1e999}', {400, 422}
    yield "a very long number", b'{"name": ' + b"9" * 5000 + b"}", {400, 422}
    yield "depth 10,000", b"[" * 10_000 + b"]" * 10_000, {400, 422}
    yield "objects, depth 10,000", b'{"name":' * 10_000 + b"1" + b"}" * 10_000, {400, 422}
    yield "10 MB", b'{"name": "' + b"a" * (10 << 20) + b'"}', {413}
    yield "a list", b"[]", {422}
    yield "a text", b'"name"', {422}
    yield "null", b"null", {422}
    yield "two texts", b'{"name": "a"} {"name": "b"}', bad
    yield "a comment", b'{"name": "a" /* b */}', bad
    yield "cut short", b'{"name": "a', bad
    yield "nothing but blanks", b"   ", bad
    yield "100,000 keys", json.dumps({f"k{number}": 1 for number in range(60_000)}).encode(), {422}


def test_bodies_that_are_no_json_are_refused(street: LiveTown) -> None:
    token = Somebody(street).tokens["access_token"]
    for name, body, right in bad_bodies():
        found = statuses(talk(street, request("POST", "/api/v1/shops", body, token)))
        # Of a body that is too large the town may hang up before it has read it all.
        assert set(found) <= right, (name, found)
        assert found or name == "10 MB", name
    _is_well(street)


def test_of_a_key_that_stands_twice_one_value_counts_everywhere(street: LiveTown) -> None:
    """The later one, for the door and for the idempotency key alike."""
    one = Somebody(street)
    shop = one.opens_a_shop()
    goods = one.lists(shop, price=5000)
    body = f'{{"sku_id": "{goods["skus"][0]["id"]}", "quantity": 99, "quantity": 1}}'.encode()
    body = b'{"lines": [' + body + b"]}"
    token = one.tokens["access_token"]
    sent = request("POST", "/api/v1/checkouts", body, token, head=b"Idempotency-Key: twice\r\n")
    heard = talk(street, sent)
    assert statuses(heard) == [201]
    assert b'"total":5000' in heard
    replayed = talk(street, sent)
    assert statuses(replayed) == [201]
    assert b"Idempotency-Replayed: true" in replayed


LIES = {
    "shorter than told": (b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                          b"Content-Length: 900\r\nConnection: close\r\n\r\n{}"),
    "not a number": b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Length: ten\r\n\r\n{}",
    "negative": b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n{}",
    "plus": b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Length: +2\r\n\r\n{}",
    "two lengths": b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nContent-Length: 7\r\n\r\n{}",
    "a huge length": b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
    "length and chunks": (b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/v1/me HTTP/1.1\r\nHost: t\r\n\r\n"),
    "chunk of another size": (b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n"
                              b"Content-Type: application/json\r\n\r\n5\r\n{}\r\n0\r\n\r\n"),
    "chunk without a size": (b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n"
                             b"Content-Type: application/json\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n"),
    "a chunk of petabytes": (b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n"
                             b"Content-Type: application/json\r\n\r\nffffffffffffff\r\n{}\r\n"),
    "unknown coding": b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n",
    "a blank before the colon": b"GET /api/v1/me HTTP/1.1\r\nHost : t\r\n\r\n",
    "a header on two lines": b"GET /api/v1/me HTTP/1.1\r\nHost: t\r\nX-A: b\r\n c\r\n\r\n",
    "NUL in a header": b"GET /api/v1/me HTTP/1.1\r\nHost: t\r\nX-A: b\x00c\r\n\r\n",
    "a bare CR in a header": b"GET /api/v1/me HTTP/1.1\r\nHost: t\r\nX-A: b\rX-B: c\r\n\r\n",
    "no version": b"GET /api/v1/me\r\n\r\n",
    "a version of its own": b"GET /api/v1/me HTTP/9.9\r\nHost: t\r\n\r\n",
    "a method of its own": b"BREW /api/v1/me HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no address": b"GET  HTTP/1.1\r\nHost: t\r\n\r\n",
    "NUL in the address": b"GET /api/v1/links/%00 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
    "bytes in the address": b"GET /api/v1/links/\xff\xfe HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
    "a way up": b"GET /media/../../../../etc/passwd HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
    "a way up, escaped": b"GET /static/%2e%2e/%2e%2e/api.py HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
    "a long address": b"GET /api/v1/links/" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: t\r\n\r\n",
    "a long header": b"GET /api/v1/me HTTP/1.1\r\nHost: t\r\nX-A: " + b"a" * 100_000 + b"\r\n\r\n",
    "1,000 headers": b"GET /api/v1/me HTTP/1.1\r\nHost: t\r\n" + b"X-A: b\r\n" * 1000 + b"\r\n",
    "headers without end": b"GET /api/v1/me HTTP/1.1\r\n" + b"X-A: b\r\n" * 100_000,
    "a cookie of 60 KB": b"GET /l/zz HTTP/1.1\r\nHost: t\r\nCookie: guest=" + b"g" * 60_000 + b"\r\n\r\n",
    "a parts form without end": request(
        "POST", "/api/v1/uploads", b'--x\r\nContent-Disposition: form-data; name="file',
        kind="multipart/form-data; boundary=x"),
    "a parts form of 5,000 parts": request(
        "POST", "/api/v1/uploads", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 5000 + b"--x--",
        kind="multipart/form-data; boundary=x"),
    "a long boundary": request("POST", "/api/v1/uploads", b"a", kind="multipart/form-data; boundary=" + "x" * 900),
}  # fmt: skip


def test_lies_about_length_and_form_are_refused(street: LiveTown) -> None:
    person = Somebody(street)
    done(person.get("/me"))
    for name, sent in LIES.items():
        began = time.monotonic()
        only_refused(talk(street, sent, 5), name)
        assert time.monotonic() - began < 5, name
    _is_well(street)
    for sent in (LIES["a parts form without end"], LIES["a parts form of 5,000 parts"]):
        token = f"Authorization: Bearer {person.tokens['access_token']}\r\n\r\n".encode()
        heard = talk(street, sent.replace(b"\r\n\r\n", b"\r\n" + token, 1))
        assert statuses(heard) in ([400], [413], [422]), heard[:300]


def test_one_request_is_never_taken_for_two(street: LiveTown) -> None:
    """Request smuggling: what follows a body of a doubtful length is not answered as a request of its own."""
    token = Somebody(street).tokens["access_token"]
    hidden = f"GET /api/v1/me HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    head = b"POST /api/v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
    for lie in (
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 0\r\nContent-Length: 400\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    ):
        found = statuses(talk(street, head + lie + hidden, 5))
        assert 200 not in found, (lie, found)
    _is_well(street)


def test_slow_clients_do_not_stop_the_others(street: LiveTown) -> None:
    """Four dozen connections that send a letter now and then, in the head or in the body, for three seconds."""
    person = Somebody(street)
    with _slow_clients(street, 48):
        took = [_seconds(person) for _ in range(40)]
    assert max(took) < PATIENCE, sorted(took)[-5:]
    assert statistics.median(took) < PATIENCE / 4
    _is_well(street)


@contextmanager
def _slow_clients(town: LiveTown, count: int) -> Iterator[None]:
    heads = (b"GET /api/v1/categories HTTP/1.1\r\nHost: t\r\nX-A: ", b"POST /api/v1/sessions HTTP/1.1\r\n")
    ended = threading.Event()
    with ExitStack() as stack:
        wires = [stack.enter_context(socket.create_connection(("127.0.0.1", town.port))) for _ in range(count)]
        for wire, head in zip(wires, itertools.cycle(heads), strict=False):
            wire.sendall(head)
        slow = threading.Thread(target=_drip, args=(wires, ended))
        slow.start()
        try:
            yield
        finally:
            ended.set()
            slow.join()


def _drip(wires: list[socket.socket], ended: threading.Event) -> None:
    while not ended.wait(0.3):
        for wire in wires:
            try:
                wire.send(b"a")
            except OSError:
                continue  # it was hung up on, which is right


def _seconds(person: Somebody) -> float:
    began = time.monotonic()
    done(person.get("/feed/explore"))
    time.sleep(0.05)
    return time.monotonic() - began


def test_the_workers_do_not_grow_with_what_they_refuse(street: LiveTown) -> None:
    person = Somebody(street)
    token = person.tokens["access_token"]
    large = request("POST", "/api/v1/shops", b'{"name": "' + b"a" * (10 << 20) + b'"}', token)
    many = request("POST", "/api/v1/shops", json.dumps({f"k{number}": [1] for number in range(60_000)}).encode(), token)
    deep = request("POST", "/api/v1/shops", b"[" * 10_000, token)
    workers, sizes = street.web_worker_pids(), []
    for _ in range(4):
        for sent in (large, many, deep) * 8:
            only_refused(talk(street, sent), len(sent))
        sizes.append(_resident(workers))
    assert street.web_worker_pids() == workers, "a worker died"
    # A thread that meets its first large body keeps some memory for the next one; what leaks grows each time.
    assert min(after - before for before, after in itertools.pairwise(sizes)) < MOST_GROWTH, sizes
    _is_well(street)


def _resident(pids: list[int]) -> int:
    """Bytes of memory that these processes hold."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
    return sum(pages) * 4096


def _is_well(town: LiveTown) -> None:
    assert town.is_healthy()
    assert len(town.web_worker_pids()) == town.web_workers
    log = town.log()
    assert "request_failed" not in log, log[-3000:]
    assert "Traceback" not in log, log[-3000:]
