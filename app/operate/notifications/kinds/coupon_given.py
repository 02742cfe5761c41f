"""A shop, or the platform, has given me a coupon."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.caller import Ref
from app.core.db import db
from app.operate.notifications.kinds.base import Happening, Key, Kind, Seen, told_by
from app.operate.notifications.models import SYSTEM
from app.plays.coupons.events import CouponGiven
from app.plays.coupons.models import Coupon
from app.plays.promotions.models import Promotion


def coupons_seen(viewer_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Seen]:
    """One's own coupons. One query."""
    asked = select(Coupon.id, Promotion.name).join(Promotion, Promotion.id == Coupon.batch_id)
    rows = db.session.execute(asked.where(Coupon.id.in_(ids), Coupon.person_id == viewer_id))
    return {row.id: Seen(Ref("coupon", row.id), row.name) for row in rows}


class CouponGivenKind(Kind):
    name = "coupon_given"
    tab = SYSTEM
    called = {"zh": "优惠券到账", "en": "Coupons"}
    zh = "你收到一张优惠券「{title}」"
    en = "You were given a coupon: {title}"
    is_undone = False
    facts = (CouponGiven,)
    look = staticmethod(coupons_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.coupon_id, None) for one in facts}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Coupon.person_id, Coupon.id, Coupon.id, Coupon.at)
        return told_by(asked.where(Coupon.id.in_([one.target_id for one in keys])))


kind = CouponGivenKind()
