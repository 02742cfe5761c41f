"""The people of the stories: each does over HTTP what a client of the app does."""

import hashlib
import hmac
import io
import itertools
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image

from tests.live import LiveTown, Visitor, talk

ADDRESS = {
    "name": "王小明",
    "phone": "13800000000",
    "province": "浙江",
    "city": "杭州",
    "district": "西湖",
    "street": "文三路 1 号",
}
SECRET = "a secret of the sandbox"
_numbers = itertools.count(1)


def picture(width: int = 640, height: int = 480) -> bytes:
    """A small JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 120, 90)).save(out, "JPEG")
    return out.getvalue()


def done(answer: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer that must have this status."""
    assert answer.status_code == status, (
        f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    )
    return answer.json() if answer.content else None


class Somebody(Visitor):
    """A person with an account, signed in."""

    def __init__(self, town: LiveTown, nickname: str = "小红") -> None:
        super().__init__(town)
        self.town = town
        self.username = f"user{next(_numbers)}x{uuid4().hex[:8]}"
        self.password = f"secret-{uuid4().hex}"
        body = {"username": self.username, "password": self.password, "nickname": nickname}
        signed = done(self.post("/accounts", body), 201)
        self.id = signed["person"]["id"]
        self.tokens = signed
        self.http.headers["Authorization"] = f"Bearer {signed['access_token']}"

    def opens_a_shop(self, name: str = "") -> str:
        shop = done(self.post("/shops", {"name": name or f"小店 {uuid4().hex[:8]}"}), 201)
        return str(shop["id"])

    def lists(self, shop_id: str, *, price: int = 9900, stock: int = 10, title: str = "冬季羊毛围巾") -> dict[str, Any]:
        category = done(self.get("/categories"))["items"][0]["id"]
        product = {
            "shop_id": shop_id,
            "title": title,
            "description": "柔软保暖",
            "category_id": category,
            "skus": [{"name": "红色", "price": price, "stock": stock, "attributes": {"颜色": "红"}}],
            "uploads": [],
        }
        found: dict[str, Any] = done(self.post("/products", product), 201)
        return found

    def uploads(self, data: bytes | None = None) -> str:
        sent = self.http.post("/uploads", files={"file": ("p.jpg", data or picture(), "image/jpeg")})
        return str(done(sent, 201)["id"])

    def publishes(self, *product_ids: str, title: str = "这条围巾太好看了", **more: Any) -> dict[str, Any]:
        body = {
            "kind": "note",
            "title": title,
            "body": "冬天出门都靠它 #穿搭",
            "uploads": [self.uploads()],
            "topics": ["冬日穿搭"],
            "tags": [{"product_id": one, "image": 0, "x": 0.4, "y": 0.6} for one in product_ids],
            "visibility": "public",
        }
        found: dict[str, Any] = done(self.post("/posts", {**body, **more}), 201)
        return found

    def buys(self, link: str, sku_id: str, *, quantity: int = 1, pay: bool = True) -> dict[str, Any]:
        """By a link, with an address, paid or not; answers the purchase as GET says."""
        opened = done(self.post(f"/links/{link}/checkout", {"sku_id": sku_id, "quantity": quantity}), 201)
        return self.orders(opened["id"], pay=pay)

    def orders(self, checkout_id: str, *, pay: bool = True) -> dict[str, Any]:
        done(self.patch(f"/checkouts/{checkout_id}", {"address": ADDRESS}))
        purchase = done(self.post(f"/checkouts/{checkout_id}/purchase", {}, key=uuid4().hex), 201)
        if pay:
            self.pays(purchase["id"])
        found: dict[str, Any] = done(self.get(f"/purchases/{purchase['id']}"))
        return found

    def pays(self, purchase_id: str) -> str:
        payment = done(self.post(f"/purchases/{purchase_id}/payments", {"gateway": "sandbox"}, key=uuid4().hex), 201)
        done(self.post(f"/sandbox/payments/{payment['id']}/outcome", {"outcome": "paid"}))
        return str(payment["id"])


def callback(
    town: LiveTown, payment_id: str, amount: int, *, outcome: str = "paid", event_id: str = "", at: float | None = None
) -> httpx.Response:
    """Send what the sandbox's provider sends, rightly signed."""
    event = {"event_id": event_id or uuid4().hex, "payment_id": payment_id, "outcome": outcome, "amount": amount}
    body = json.dumps(event)
    stamp = int(at or time.time())
    mac = hmac.new(SECRET.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"Sandbox-Signature": f"t={stamp},v1={mac}", "Content-Type": "application/json"}
    with talk(town.url) as provider:
        return provider.post("/api/v1/callbacks/sandbox", content=body, headers=headers)


def eventually(question: Callable[[], bool], seconds: float = 1.5) -> float:
    """Seconds until `question` holds; fails if that takes longer than `seconds`."""
    began = time.monotonic()
    while not question():
        assert time.monotonic() - began < seconds, f"did not come true within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began
