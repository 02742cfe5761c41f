"""Doors of coupons: people claim them; shops make and give theirs, admins the platform's."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import ADMIN, ANYONE, PERSON, Door
from app.plays.coupons import actions, queries
from app.plays.coupons.models import PREFIX, BatchWanted
from app.plays.coupons.schemas import (
    BATCH,
    ClaimablePage,
    ClaimableQuery,
    ClaimedOut,
    CouponBatchIn,
    CouponBatchOut,
    CouponBatchPage,
    CouponCodesIn,
    CouponCodesOut,
    GiveCouponsIn,
    GivenCouponsOut,
    MyCouponPage,
    MyCouponsQuery,
    PlatformCouponBatchIn,
)
from app.plays.promotions.actions import change_promotion
from app.plays.promotions.models import PromotionWanted
from app.plays.promotions.queries import promotions_of
from app.plays.promotions.schemas import PlatformPromotionChangeIn, PromotionChangeIn, PromotionsQuery
from app.store.shops.models import PROMOTE
from app.store.shops.queries import require_right, require_staff

door = Door("coupons", for_keys=True)
OF_SHOP, OF_PLATFORM = "/shops/<uuid:shop_id>/coupons", "/desk/coupons"
ONE = "<uuid:batch_id>"


@door.get("/coupons", gives=ClaimablePage, asks=ClaimableQuery, who=ANYONE)
def list_claimable(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """What can be claimed now: the platform's coupons, and those of a shop, if one is named."""
    shops = [asked["shop_id"]] if asked["shop_id"] else []
    items, following = queries.claimable(shops, caller.person_id, asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


@door.post(f"/coupons/{ONE}/claim", gives=ClaimedOut, who=PERSON, for_keys=False)
def claim(caller: Caller, batch_id: UUID) -> dict[str, Any]:
    """Take a coupon; `code` is what a checkout takes in `offers`."""
    made = actions.claim_coupon(caller.person, batch_id)
    return {"id": made, "code": f"{PREFIX}{made}"}


@door.get("/me/coupons", gives=MyCouponPage, asks=MyCouponsQuery, who=PERSON, for_keys=False)
def list_my_coupons(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The caller's coupons, newest first: all, or those that stand so.

    What each would save in a checkout says GET /checkouts/{id}/coupons.
    """
    items, following = queries.coupons_of(caller.person, asked["state"], asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


@door.get(OF_SHOP, gives=CouponBatchPage, asks=PromotionsQuery, who=PERSON)
def list_batches(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """A shop's batches of coupons, newest first, with what they brought."""
    require_staff(shop_id, caller.person)
    return _listed(shop_id, asked)


@door.post(OF_SHOP, takes=CouponBatchIn, gives=CouponBatchOut)
def make_batch(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """A new batch of coupons, a draft until its state is changed to "running"."""
    require_right(shop_id, caller.person, PROMOTE)
    return _made(shop_id, caller, given)


@door.patch(f"{OF_SHOP}/{ONE}", takes=PromotionChangeIn, gives=CouponBatchOut)
def change_batch(caller: Caller, shop_id: UUID, batch_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Change a batch's promotion; run, pause or end it."""
    require_right(shop_id, caller.person, PROMOTE)
    return queries.shown_batches([change_promotion(shop_id, caller.person, batch_id, given, is_coupon=True)])[0]


@door.post(f"{OF_SHOP}/{ONE}/gifts", takes=GiveCouponsIn, gives=GivenCouponsOut)
def give(caller: Caller, shop_id: UUID, batch_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Give each of these people a coupon."""
    require_right(shop_id, caller.person, PROMOTE)
    return {"given": len(actions.give_coupons(shop_id, batch_id, given["people"]))}


@door.post(f"{OF_SHOP}/{ONE}/codes", takes=CouponCodesIn, gives=CouponCodesOut, key="none")
def make_codes(caller: Caller, shop_id: UUID, batch_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Codes that work once; they are shown here and never again."""
    require_right(shop_id, caller.person, PROMOTE)
    return {"codes": actions.make_codes(shop_id, batch_id, given["count"])}


@door.get(OF_PLATFORM, gives=CouponBatchPage, asks=PromotionsQuery, who=ADMIN)
def list_platform_batches(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The platform's batches of coupons, newest first."""
    return _listed(None, asked)


@door.post(OF_PLATFORM, takes=PlatformCouponBatchIn, gives=CouponBatchOut, who=ADMIN)
def make_platform_batch(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """A new batch of the platform's coupons."""
    return _made(None, caller, given)


@door.patch(f"{OF_PLATFORM}/{ONE}", takes=PlatformPromotionChangeIn, gives=CouponBatchOut, who=ADMIN)
def change_platform_batch(caller: Caller, batch_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Change a batch's promotion; run, pause or end it."""
    return queries.shown_batches([change_promotion(None, caller.person, batch_id, given, is_coupon=True)])[0]


@door.post(f"{OF_PLATFORM}/{ONE}/gifts", takes=GiveCouponsIn, gives=GivenCouponsOut, who=ADMIN)
def give_platform_coupons(caller: Caller, batch_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Give each of these people a coupon of the platform."""
    return {"given": len(actions.give_coupons(None, batch_id, given["people"]))}


@door.post(f"{OF_PLATFORM}/{ONE}/codes", takes=CouponCodesIn, gives=CouponCodesOut, who=ADMIN, key="none")
def make_platform_codes(caller: Caller, batch_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Codes of the platform that work once; they are shown here and never again."""
    return {"codes": actions.make_codes(None, batch_id, given["count"])}


def _made(shop_id: UUID | None, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    batch = BatchWanted(**{name: given.pop(name) for name in BATCH})
    wanted = PromotionWanted(**given, is_coupon=True)
    promotion, _ = actions.make_batch(shop_id, caller.person, wanted, batch)
    return queries.shown_batches([promotion])[0]


def _listed(shop_id: UUID | None, asked: dict[str, Any]) -> dict[str, Any]:
    found, following = promotions_of(shop_id, is_coupon=True, **asked)
    return {"items": queries.shown_batches(found), "next": following}
