"""Doors of vouchers: of those who have them, and of the counter."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import BUYER, PERSON, Door
from app.store.shops.queries import require_staff
from app.store.vouchers import actions, queries
from app.store.vouchers.models import Redemption, Voucher, VoucherTerms, allows
from app.store.vouchers.schemas import (
    AddedSlotsOut,
    BookingIn,
    RedemptionOut,
    RedemptionsOut,
    SlotsIn,
    SlotsOut,
    TermsIn,
    TermsOut,
    VoucherCodeIn,
    VoucherOut,
    VouchersOut,
)

door = Door("vouchers", for_keys=True)


@door.put("/skus/<uuid:sku_id>/voucher-terms", takes=TermsIn, gives=TermsOut)
def set_terms(caller: Caller, sku_id: UUID, given: dict[str, Any]) -> VoucherTerms:
    """Say when a service may be had, from now on."""
    return actions.set_terms(caller, sku_id, given)


@door.post("/skus/<uuid:sku_id>/slots", takes=SlotsIn, gives=AddedSlotsOut)
def add_slots(caller: Caller, sku_id: UUID, given: dict[str, Any]) -> dict[str, int]:
    """Times at which a service may be booked, and by how many."""
    return {"slots": actions.add_slots(caller, sku_id, given["starts"], given["capacity"])}


@door.get("/skus/<uuid:sku_id>/slots", gives=SlotsOut, who=None)
def list_slots(sku_id: UUID) -> dict[str, Any]:
    """The times that can be booked, the next first, how many places are left, and which the terms exclude by now."""
    terms = queries.terms_of(sku_id)
    items = [
        {
            "id": one.id,
            "starts_at": one.starts_at,
            "left": one.capacity - one.booked,
            "fits_terms": terms is None or allows(terms, one.starts_at),
        }
        for one in queries.slots_of([sku_id])
    ]
    return {"items": items, "next": None}


@door.get("/me/vouchers", asks=PageQuery, gives=VouchersOut, who=BUYER, for_keys=False)
def list_vouchers(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The caller's vouchers, the latest first."""
    items, following = queries.vouchers_of([caller.buyer], asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


@door.put("/me/vouchers/<uuid:voucher_id>/booking", takes=BookingIn, gives=VoucherOut, who=BUYER, for_keys=False)
def book(caller: Caller, voucher_id: UUID, given: dict[str, Any]) -> Voucher:
    """Come at that time, instead of any that was booked."""
    return actions.book(caller, voucher_id, given["slot_id"])


@door.delete("/me/vouchers/<uuid:voucher_id>/booking", who=BUYER, for_keys=False)
def cancel_booking(caller: Caller, voucher_id: UUID) -> None:
    """Come at no time that was booked."""
    actions.book(caller, voucher_id, None)


@door.get("/shops/<uuid:shop_id>/redemptions", asks=PageQuery, gives=RedemptionsOut, who=PERSON)
def list_redemptions(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """What was redeemed in a shop where the caller works, the latest first."""
    require_staff(shop_id, caller.person)
    rows, following = queries.redemptions_of(shop_id, asked["limit"], asked["cursor"])
    return {"items": [_shown(*row) for row in rows], "next": following}


@door.post("/shops/<uuid:shop_id>/redemptions", takes=VoucherCodeIn, gives=RedemptionOut, limit="order")
def redeem(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """A voucher is had at the counter."""
    return _shown(*actions.redeem(caller, shop_id, given["code"]))


@door.delete("/shops/<uuid:shop_id>/redemptions/<uuid:redemption_id>")
def undo_redemption(caller: Caller, shop_id: UUID, redemption_id: UUID) -> None:
    """It was not had after all; within ten minutes."""
    actions.undo_redemption(caller, shop_id, redemption_id)


def _shown(redemption: Redemption, voucher: Voucher) -> dict[str, Any]:
    of_it = {"voucher_id": voucher.id, "title": voucher.title, "sku_name": voucher.sku_name}
    when = {"by_id": redemption.by_id, "at": redemption.at, "undone_at": redemption.undone_at}
    return {"id": redemption.id, **of_it, **when}
