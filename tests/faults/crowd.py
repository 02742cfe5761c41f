"""Many at once: a crowd of guests, each on a connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import uuid4

import httpx

from tests.journeys.people import ADDRESS, Somebody
from tests.live import LiveTown, Visitor

T = TypeVar("T")


def all_at_once(calls: Sequence[Callable[[], T]], hands: int = 32) -> list[T]:
    """Run the calls in up to `hands` threads; answers in the order of the calls, raising what any of them raised."""
    with ThreadPoolExecutor(max_workers=hands) as pool:
        return [one.result(timeout=240) for one in [pool.submit(call) for call in calls]]


class GuestBuyer(Visitor):
    """A guest who insists: every step is sent again, with the same key, until there is an answer."""

    def __init__(self, town: LiveTown, seconds: float = 40) -> None:
        super().__init__(town)
        self.seconds = seconds
        self.refused: httpx.Response | None = None

    def buys(self, sku_id: str, quantity: int = 1) -> str | None:
        """The id of a paid purchase; None if the shop refused (see `refused`)."""
        purchase_id = self.places(sku_id, quantity)
        if purchase_id is None:
            return None
        path, key = f"/purchases/{purchase_id}/payments", uuid4().hex
        paying = self.insist("POST", path, {"gateway": "sandbox"}, key, self.seconds)
        assert paying.status_code == 201, paying.text
        outcome = f"/sandbox/payments/{paying.json()['id']}/outcome"
        played = self.insist("POST", outcome, {"outcome": "paid"}, seconds=self.seconds)
        assert played.status_code < 300, played.text
        return purchase_id

    def buys_for_many(self, sku_id: str, guests: int) -> int:
        """So many guests, one after the other on this one connection; answers how many of them got one."""
        bought = 0
        for _ in range(guests):
            self.http.headers.pop("Authorization", None)
            self.http.headers["Device-Id"] = uuid4().hex
            bought += self.buys(sku_id) is not None
        return bought

    def places(self, sku_id: str, quantity: int = 1) -> str | None:
        """The id of an unpaid purchase; None if the shop refused."""
        lines = [{"sku_id": sku_id, "quantity": quantity}]
        opened = self.insist("POST", "/checkouts", {"lines": lines}, seconds=self.seconds)
        if opened.status_code != 201:
            self.refused = opened
            return None
        token = opened.json().get("guest_token")
        if token:
            self.http.headers["Authorization"] = f"Bearer {token}"
        checkout = f"/checkouts/{opened.json()['id']}"
        addressed = self.insist("PATCH", checkout, {"address": ADDRESS}, seconds=self.seconds)
        assert addressed.status_code == 200, addressed.text
        placed = self.insist("POST", f"{checkout}/purchase", {}, uuid4().hex, self.seconds)
        if placed.status_code != 201:
            self.refused = placed
            return None
        return str(placed.json()["id"])


def shop_with(town: LiveTown, stock: int, price: int = 1000) -> str:
    """The id of a SKU that is on sale."""
    merchant = Somebody(town, "店主")
    return str(merchant.lists(merchant.opens_a_shop(), price=price, stock=stock)["skus"][0]["id"])
