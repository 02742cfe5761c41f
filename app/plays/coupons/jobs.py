"""What coupons hear: a use that is returned gives the coupon back, in the same transaction."""

from app.core.events import within
from app.plays.coupons.actions import give_back
from app.plays.promotions.events import PromotionReturned


@within(PromotionReturned)
def give_coupon_back(fact: PromotionReturned) -> None:
    give_back(fact.promotion_id, fact.purchase_id)
