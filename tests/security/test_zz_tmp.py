import time, threading
import httpx
from tests.live import LiveTown


def test_speed(live: LiveTown) -> None:
    live.start()
    def work(n, fresh, out):
        client = httpx.Client(base_url=live.url + "/api/v1")
        for _ in range(n):
            if fresh:
                with httpx.Client(base_url=live.url + "/api/v1", verify=client._transport._pool._ssl_context) as c:
                    c.get("/categories")
            else:
                client.get("/categories")
        client.close()
    for fresh, n in ((False, 400), (True, 100), (False, 400), (True, 100)):
        t = [threading.Thread(target=work, args=(n, fresh, None)) for _ in range(4)]
        b = time.monotonic()
        [x.start() for x in t]; [x.join() for x in t]
        print("SPEED", "fresh" if fresh else "kept", round(4 * n / (time.monotonic() - b)), "req/s")
