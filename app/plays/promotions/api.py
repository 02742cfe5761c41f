"""Doors of promotions: those of a shop for who may make promotions there, the platform's for admins."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import ADMIN, PERSON, Door
from app.plays.promotions import actions, queries
from app.plays.promotions.models import Promotion, PromotionWanted
from app.plays.promotions.schemas import (
    PlatformPromotionChangeIn,
    PlatformPromotionIn,
    PromotionChangeIn,
    PromotionIn,
    PromotionPage,
    PromotionsQuery,
    WholePromotionOut,
)
from app.store.shops.models import PROMOTE
from app.store.shops.queries import require_right, require_staff

door = Door("promotions", for_keys=True)
OF_SHOP, OF_PLATFORM = "/shops/<uuid:shop_id>/promotions", "/desk/promotions"
ONE = "<uuid:promotion_id>"


@door.get(OF_SHOP, gives=PromotionPage, asks=PromotionsQuery, who=PERSON)
def list_promotions(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """A shop's promotions, newest first, with what they brought."""
    require_staff(shop_id, caller.person)
    return _listed(shop_id, asked)


@door.post(OF_SHOP, takes=PromotionIn, gives=WholePromotionOut)
def make_promotion(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """A new promotion, a draft until its state is changed to "running"."""
    require_right(shop_id, caller.person, PROMOTE)
    return _whole(actions.make_promotion(shop_id, caller.person, PromotionWanted(**given)))


@door.get(f"{OF_SHOP}/{ONE}", gives=WholePromotionOut, who=PERSON)
def show_promotion(caller: Caller, shop_id: UUID, promotion_id: UUID) -> dict[str, Any]:
    """One promotion with its log."""
    require_staff(shop_id, caller.person)
    return _whole(queries.promotion_or_missing(shop_id, promotion_id, is_coupon=False))


@door.patch(f"{OF_SHOP}/{ONE}", takes=PromotionChangeIn, gives=WholePromotionOut)
def change_promotion(caller: Caller, shop_id: UUID, promotion_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Change a promotion; run, pause or end it."""
    require_right(shop_id, caller.person, PROMOTE)
    return _whole(actions.change_promotion(shop_id, caller.person, promotion_id, given))


@door.get(OF_PLATFORM, gives=PromotionPage, asks=PromotionsQuery, who=ADMIN)
def list_platform_promotions(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The platform's promotions, newest first."""
    return _listed(None, asked)


@door.post(OF_PLATFORM, takes=PlatformPromotionIn, gives=WholePromotionOut, who=ADMIN)
def make_platform_promotion(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """A new promotion of the platform."""
    return _whole(actions.make_promotion(None, caller.person, PromotionWanted(**given)))


@door.get(f"{OF_PLATFORM}/{ONE}", gives=WholePromotionOut, who=ADMIN)
def show_platform_promotion(caller: Caller, promotion_id: UUID) -> dict[str, Any]:
    """One promotion of the platform with its log."""
    return _whole(queries.promotion_or_missing(None, promotion_id, is_coupon=False))


@door.patch(f"{OF_PLATFORM}/{ONE}", takes=PlatformPromotionChangeIn, gives=WholePromotionOut, who=ADMIN)
def change_platform_promotion(caller: Caller, promotion_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Change a promotion of the platform; run, pause or end it."""
    return _whole(actions.change_promotion(None, caller.person, promotion_id, given))


def _listed(shop_id: UUID | None, asked: dict[str, Any]) -> dict[str, Any]:
    found, following = queries.promotions_of(shop_id, is_coupon=False, **asked)
    return {"items": queries.shown_promotions(found), "next": following}


def _whole(found: Promotion) -> dict[str, Any]:
    return {**queries.shown_promotions([found])[0], "log": queries.log_of(found.id)}
