"""make.promotion(kind, terms, shop=...): a running promotion; make.coupons(...): a running batch of coupons."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.db import in_transaction
from app.core.ids import new_id
from app.plays.coupons import actions as coupon_actions
from app.plays.coupons.models import BatchWanted
from app.plays.promotions import actions
from app.plays.promotions.models import PromotionWanted, Scope
from tests.make.shop import MadeShop

REDUCTION = {"tiers": [{"above": 0, "off": 1_000}]}
_BATCH = {"quantity", "per_person", "is_claimable", "claim_from", "claim_until", "valid_days", "code"}


def _wanted(kind: str, terms: Mapping[str, Any], **named: Any) -> PromotionWanted:
    now = clock.now()
    window = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(days=30)}
    return PromotionWanted(**{"kind": kind, "name": kind, "terms": terms, "scope": Scope(), **window, **named})


def promotion(
    kind: str, terms: Mapping[str, Any], shop: MadeShop | None = None, state: str = "running", **named: Any
) -> UUID:
    """The id of a promotion of `shop`, of the platform (which then bears all of it) for None."""
    named.setdefault("platform_share", 0 if shop else 10_000)
    shop_id, by = (shop.id, shop.owner.id) if shop else (None, new_id())

    def work() -> UUID:
        made = actions.make_promotion(shop_id, by, _wanted(kind, terms, **named)).id
        if state != "draft":
            actions.change_promotion(shop_id, by, made, {"state": state})
        return made

    return in_transaction(work)


def coupons(shop: MadeShop | None = None, terms: Mapping[str, Any] | None = None, **named: Any) -> UUID:
    """The id of a running batch of coupons, 10.00 off each, of `shop` or the platform."""
    batch = BatchWanted(**{"quantity": 100, **{name: named.pop(name) for name in _BATCH & named.keys()}})
    kind = named.pop("kind", "shop_reduction" if shop else "platform_reduction")
    named.setdefault("platform_share", 0 if shop else 10_000)
    shop_id, by = (shop.id, shop.owner.id) if shop else (None, new_id())
    wanted = _wanted(kind, terms or REDUCTION, is_coupon=True, **named)

    def work() -> UUID:
        made = coupon_actions.make_batch(shop_id, by, wanted, batch)[0].id
        actions.change_promotion(shop_id, by, made, {"state": "running"}, is_coupon=True)
        return made

    return in_transaction(work)


def coupon(batch_id: UUID, person_id: UUID) -> str:
    """A claimed coupon of this person, as a checkout takes it."""
    return f"coupon:{in_transaction(lambda: coupon_actions.claim_coupon(person_id, batch_id))}"
