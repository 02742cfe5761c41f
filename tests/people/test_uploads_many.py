"""Many large pictures at once, sent to a real server: some are taken, some told to come again, all else goes on."""

import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import httpx
from PIL import Image

from tests.live import LiveTown, Visitor


def _large() -> bytes:
    """A PNG of 49 megapixels with transparency: over a second of decoding, few bytes to send."""
    out = BytesIO()
    Image.linear_gradient("L").resize((7000, 7000)).convert("LA").save(out, "PNG", compress_level=1)
    return out.getvalue()


def _signed_up(town: LiveTown, name: str) -> Visitor:
    body = {"username": name, "password": "correct horse", "nickname": name}
    return town.person(town.person().post("/accounts", body).json()["access_token"])


def test_many_large_pictures_at_once_leave_the_server_to_others(live: LiveTown) -> None:
    live.web_workers, live.env["WEB_THREADS"] = 1, "4"
    live.start()
    senders = [_signed_up(live, f"sender{number}") for number in range(10)]
    reader, body = live.person(), _large()

    def send(sender: Visitor) -> httpx.Response:
        return sender.http.post("/uploads", files={"file": ("x.png", body)})

    slowest = 0.0
    with ThreadPoolExecutor(len(senders)) as pool:
        sent = [pool.submit(send, one) for one in senders]
        while not all(one.done() for one in sent):
            began = time.monotonic()
            assert reader.get("/categories").status_code == 200
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.02)
    answers = [one.result() for one in sent]
    refused = [one for one in answers if one.status_code == 503]
    taken = [one for one in answers if one.status_code == 201]
    print(f"{len(taken)} taken, {len(refused)} told to come again; slowest read {slowest:.2f} s")
    assert taken and refused and len(taken) + len(refused) == len(senders)
    assert {one.headers.get("Retry-After") for one in refused} == {"2"}
    assert slowest < 2
