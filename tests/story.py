"""A story of tests: goods that somebody at a browser has bought, and what their shop does."""

from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select

from app.core.caller import PERSON, Ref
from app.core.db import db, in_transaction
from app.store.delivery.actions import ship
from app.store.delivery.models import Package
from app.store.orders.models import Order, OrderLine
from app.store.orders.queries import buyer_of
from app.store.returns.actions import set_policy
from tests import make
from tests.make import ADDRESS, MadePerson
from tests.pages import Browser, signed_in


def at_checkout(browser: Browser, goods: make.MadeProduct, quantity: int = 1) -> Browser:
    """At the checkout of these goods, by way of the cart."""
    token = browser.open("/sign-in").forms[-1].fields["form_token"]
    line = {"sku_id": str(goods.sku_id), "quantity": str(quantity)}
    cart = browser.post("/cart/lines", **line, form_token=token).follow()
    form = next(one for one in cart.forms if one.action == "/cart")
    return cart.post("/cart/checkout", **form.fields).follow()


class Bought:
    """A paid order of `quantity` units, by a person or a guest, in a browser of theirs."""

    def __init__(self, app: Flask, who: MadePerson | None = None, quantity: int = 2, **goods: Any) -> None:
        self.goods = make.product(**{"price": 1000, "title": "手工杯", **goods})
        self.browser = at_checkout(signed_in(app, who) if who else Browser(app), self.goods, quantity)
        self.browser.send(**ADDRESS, gateway="sandbox").follow().send(outcome="paid").follow()
        self.purchase = self.browser.path
        in_transaction(lambda: set_policy(self.goods.shop.id, "杭州市文一路 1 号 退货组", False).shop_id)
        found = select(Order.id).order_by(Order.created_at.desc(), Order.id.desc()).limit(1)
        self.id: UUID = db.session.scalars(found).one()
        self.line = db.session.scalars(select(OrderLine.id).where(OrderLine.order_id == self.id)).one()
        assert (buyer_of(self.id).kind == PERSON) == (who is not None)

    @property
    def page(self) -> str:
        return f"/orders/{self.id}"

    @property
    def buyer(self) -> Ref:
        return buyer_of(self.id)

    def sent(self, units: int | None = None) -> "Bought":
        wanted = None if units is None else {self.line: units}
        seller = make.as_staff(self.goods.shop)
        in_transaction(lambda: ship(seller, self.id, "sandbox", uuid4().hex, wanted))
        return self

    def received(self) -> "Bought":
        self.sent()
        assert self.browser.open(self.page).send("/receipt").status == 303
        return self

    @property
    def package_id(self) -> UUID:
        return db.session.scalars(select(Package.id).where(Package.order_id == self.id)).one()
