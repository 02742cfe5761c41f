"""A merchant at his desk: a shop with orders, and browsers of those who work there."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from flask import Flask

from app.core.caller import PERSON, Caller, Ref
from app.core.db import in_transaction
from app.store.aftersales.actions import appeal, approve, enter_parcel, open_case, refuse
from app.store.aftersales.models import LineClaimed, Wish
from app.store.delivery.actions import receive, ship
from app.store.returns.actions import set_policy
from app.store.reviews.actions import review_line
from app.store.shops.models import OWNER
from tests import make as town
from tests.make import order as make
from tests.pages import Browser
from tests.portal import at_portal


class Merchant:
    """A shop; `at("/orders")` is its owner's browser there, `at("/orders", role)` that of somebody hired for it."""

    def __init__(self, app: Flask, shop: town.MadeShop | None = None, address: str = "杭州仓 1 号") -> None:
        self.app, self.shop = app, shop or town.shop()
        self.base = f"/portal/shops/{self.shop.id}"
        self.owner = Caller(person_id=self.shop.owner.id)
        in_transaction(lambda: set_policy(self.shop.id, address, False).shop_id)

    def at(self, path: str = "", role: str = OWNER) -> Browser:
        who = self.shop.owner if role == OWNER else town.worker(self.shop, role)
        return at_portal(self.app, who, path if path.startswith("/portal/") else self.base + path)

    def sold(self, *quantities: int, price: int = 1000, **named: Any) -> UUID:
        """The id of a paid order with a line for each quantity."""
        return make.paid(self.ordered(*quantities, price=price, **named)).placed.orders[0].id

    def ordered(self, *quantities: int, price: int = 1000, **named: Any) -> make.MadePurchase:
        """An order that is not paid."""
        goods = [make.line(make.sku(), price, one, self.shop.id) for one in quantities or (1,)]
        return make.purchase(goods, **({"address": town.ADDRESS} | named))

    def sent(self, *quantities: int, **named: Any) -> UUID:
        """The id of a paid order that is on its way."""
        order_id = self.sold(*quantities, **named)
        in_transaction(lambda: ship(self.owner, order_id, "sandbox", uuid4().hex))
        return order_id

    def case(self, kind: str = "return", quantity: int = 2, *, lines: int = 1, **more: Any) -> UUID:
        """The id of a case about one unit of each line of an order that is on its way, opened by a person."""
        who = town.person()
        order_id = self.sent(*([quantity] * lines), who=make.Buyer(who.token, Ref(PERSON, who.id)))
        claimed = [LineClaimed(one, 1) for one in make.line_ids(order_id)]
        uploads = [town.upload(who)] if more.pop("pictured", False) else []
        wish = Wish(kind, more.pop("reason", "damaged"), claimed, words="杯口有裂", uploads=uploads, **more)
        self.buyer = Caller(person_id=who.id)
        return in_transaction(lambda: open_case(self.buyer, order_id, wish).id)

    def case_sent_back(self, kind: str = "return") -> UUID:
        case_id = self.case(kind)
        in_transaction(lambda: approve(self.owner, case_id, ""))
        in_transaction(lambda: enter_parcel(self.buyer, case_id, "sandbox", uuid4().hex, 1000))
        return case_id

    def dispute(self, **more: Any) -> UUID:
        case_id = self.case("refund", **more)
        in_transaction(lambda: refuse(self.owner, case_id, "已使用"))
        in_transaction(lambda: appeal(self.buyer, case_id, "没有使用"))
        return case_id

    def reviewed(self, stars: int = 5, words: str = "很好", *, pictured: bool = False) -> UUID:
        """The id of a review by somebody who has received his goods."""
        goods, who = town.product(self.shop), town.person()
        line = make.line(goods.sku_id, 1000, 1, self.shop.id)
        line = replace(line, product_id=goods.id)
        order_id = make.paid(make.purchase([line], make.Buyer(who.token, Ref(PERSON, who.id)))).placed.orders[0].id
        buyer = Caller(person_id=who.id)
        in_transaction(lambda: ship(self.owner, order_id, "sandbox", uuid4().hex))
        in_transaction(lambda: receive(buyer, order_id))
        shown = [town.upload(who)] if pictured else []
        place = make.line_ids(order_id)[0]
        return in_transaction(lambda: review_line(buyer, order_id, place, stars, words, shown).id)
