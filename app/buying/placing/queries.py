"""Questions about what was placed: how a person pays, what stands on a purchase's own page."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.buying.placing.models import PayWay, purchase_of_token
from app.core.caller import Ref
from app.core.config import settings
from app.core.db import db
from app.core.errors import missing
from app.store.orders.models import Purchase
from app.store.orders.queries import purchase_page

_SANDBOX = "sandbox"


def pay_way(person_id: UUID | None) -> str | None:
    """The gateway that a person named last; without one the sandbox, where it is open, else None."""
    found = db.session.scalar(select(PayWay.gateway).where(PayWay.person_id == person_id)) if person_id else None
    return found or (_SANDBOX if settings.sandbox_payments else None)


def open_purchase(token: str) -> tuple[Ref, dict[str, Any]]:
    """(buyer, purchase) behind the token of its page; who gets the address sees goods, sums and how it stands, names
    and numbers of people veiled. Raises Refused 404 for any other token."""
    purchase_id = purchase_of_token(token)
    found = db.session.execute(select(Purchase.buyer_kind, Purchase.buyer_id).where(Purchase.id == purchase_id)).first()
    if purchase_id is None or found is None:
        raise missing("没有这个订单", "There is no such purchase.")
    buyer = Ref(found.buyer_kind, found.buyer_id)
    whole = purchase_page(buyer, purchase_id)
    names = ("id", "kind", "status", "total", "currency", "pay_by", "created_at", "paid_at")
    orders = [_order(one) for one in whole["orders"]]
    shown = {**{name: whole[name] for name in names}, "orders": orders}
    return buyer, {**shown, "address": _veiled(whole["address"]) if whole["address"] else None}


def _order(order: Mapping[str, Any]) -> dict[str, Any]:
    names = ("product_id", "title", "sku_name", "price", "quantity")
    lines = [{name: line[name] for name in names} for line in order["lines"]]
    return {"id": order["id"], "shop": order["shop"]["name"], "total": order["total"], "lines": lines}


def _veiled(address: Mapping[str, str]) -> dict[str, str]:
    """Enough for who knows the address to see that it is right: 林**, 138****0000, no street."""
    phone = address["phone"]
    hidden = {"name": address["name"][:1] + "**", "phone": f"{phone[:-8][-3:]}****{phone[-4:]}", "street": "***"}
    return {**{name: address.get(name, "") for name in ("province", "city", "district")}, **hidden}
