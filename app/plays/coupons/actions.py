"""What is done to coupons: batches are made, coupons claimed, given, used with a purchase and given back."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.caller import Ref
from app.core.db import db
from app.core.errors import Refused, bad_field, missing
from app.core.events import emit_all
from app.core.ids import new_id
from app.core.plain import prepared
from app.plays.coupons.events import CouponGiven
from app.plays.coupons.models import (
    CLAIMED,
    GIVEN,
    MOST_CODES_AT_ONCE,
    PREFIX,
    BatchWanted,
    CouponBatch,
    CouponCode,
    Held,
    hashes_of,
    key_of,
    new_codes,
)
from app.plays.coupons.queries import found_for
from app.plays.offers.models import Deal, Found, Play, Used, Wished
from app.plays.offers.queries import play
from app.plays.promotions.actions import make_promotion, take_uses
from app.plays.promotions.models import Promotion, PromotionWanted, offer_gone
from app.plays.promotions.queries import promotion_or_missing


@play(PREFIX, last=True)
class Coupons(Play):
    """Coupons of one's own by their prefix, and every word that no other play knows."""

    def deals(self, codes: Sequence[str], wished: Wished) -> Found:
        return found_for(codes, wished)

    def owns(self, deal: Deal) -> bool:
        return isinstance(deal.about, Held)

    def redeem(self, used: Sequence[Used], buyer: Ref, purchase_id: UUID) -> None:
        held = [(one.deal.about, one) for one in used]
        mine = [(about, one) for about, one in held if isinstance(about, Held)]
        for about, _ in sorted(mine, key=lambda pair: pair[0].rule.id):
            if about.coupon_id is not None:
                given = {"id": about.coupon_id, "person": buyer.id, "ahead": clock.ahead()}
                done = _USE.changed(**given, purchase=purchase_id)
            else:
                done = 1 if about.code_hash is None else _USE_CODE.changed(hash=about.code_hash, purchase=purchase_id)
            if not done:
                raise offer_gone()
        take_uses([(about.rule, one) for about, one in mine], buyer, purchase_id)


def make_batch(
    shop_id: UUID | None, by: UUID, wanted: PromotionWanted, batch: BatchWanted, batch_id: UUID | None = None
) -> tuple[Promotion, CouponBatch]:
    """A new batch of coupons, a draft until its promotion runs. Raises Refused as make_promotion, 422 for a code that
    is taken or of no letters, or claimable coupons without a quantity."""
    key = None if batch.code is None else key_of(batch.code)
    if key is not None and not 4 <= len(key) <= 30:
        raise bad_field("code", "须为 4 到 30 个字母或数字", "Needs 4 to 30 letters or digits.")
    if batch.quantity is None and batch.is_claimable:
        raise bad_field("quantity", "可领取的券须有数量", "Coupons to be claimed need a quantity.")
    promotion = make_promotion(shop_id, by, wanted, batch_id)
    known = db.session.get(CouponBatch, promotion.id)
    if known is not None:
        return promotion, known  # its form was sent twice
    made = CouponBatch(id=promotion.id, shop_id=shop_id, code_key=key, claimed=0, **asdict(batch))
    db.session.add(made)
    db.session.flush()
    return promotion, made


def claim_coupon(person_id: UUID, batch_id: UUID) -> UUID:
    """A person takes a coupon; answers its id. One statement, and exact however many claim at once.

    Raises Refused 404 for what cannot be claimed (now), 409 "all_claimed" or "claimed_already".
    """
    return _got(batch_id, person_id, CLAIMED)


def give_coupons(shop_id: UUID | None, batch_id: UUID, person_ids: Collection[UUID]) -> list[UUID]:
    """A shop, or the platform for None, gives each of these people a coupon, in the order of their ids; claimable or
    not. Raises Refused as claim_coupon; then nobody has one."""
    promotion_or_missing(shop_id, batch_id, is_coupon=True)
    given = [_got(batch_id, one, GIVEN) for one in sorted(set(person_ids))]
    emit_all([CouponGiven(one) for one in given])
    return given


def make_codes(shop_id: UUID | None, batch_id: UUID, count: int) -> list[str]:
    """So many single-use codes of a batch. This is the only time that they are seen: their hashes are kept."""
    promotion_or_missing(shop_id, batch_id, is_coupon=True)
    made = new_codes(min(count, MOST_CODES_AT_ONCE))
    db.session.add_all([CouponCode(hash=one, batch_id=batch_id) for one in hashes_of(made)])
    db.session.flush()
    return made


def give_back(promotion_id: UUID, purchase_id: UUID) -> None:
    """Nothing is left of what a coupon was used for: it can be used again, as long as it holds."""
    _GIVE_BACK.changed(batch=promotion_id, purchase=purchase_id, ahead=clock.ahead())
    _FREE_CODE.changed(batch=promotion_id, purchase=purchase_id)


def _got(batch_id: UUID, person_id: UUID, how: str) -> UUID:
    given: dict[str, Any] = {"id": new_id(), "batch": batch_id, "person": person_id, "how": how}
    made = _CLAIM.row(**given, is_given=how == GIVEN, ahead=clock.ahead())
    if made is not None:
        found: UUID = made.id
        return found
    why = _WHY_NOT.row(batch=batch_id, person=person_id, is_given=how == GIVEN, ahead=clock.ahead())
    if why is None:
        raise missing("没有可领的券", "There is nothing to claim.")
    if why.had >= why.per_person:
        raise Refused(409, "claimed_already", "你已领过了", "You have it already.")
    raise Refused(409, "all_claimed", "已经领完了", "All of them are claimed.")


_OPEN = (
    "b.id = :batch AND p.state = 'running' AND p.ends_at > now() + :ahead AND (:is_given OR (b.is_claimable"
    " AND (b.claim_from IS NULL OR b.claim_from <= now() + :ahead)"
    " AND (b.claim_until IS NULL OR b.claim_until > now() + :ahead)))"
)
_HAD = "(SELECT count(*) FROM coupons_coupons c WHERE c.batch_id = b.id AND c.person_id = :person)"
# The count of a person's own may be a moment old where he claims twice at once: then both have one number, and its
# unique key refuses the second.
_CLAIM = prepared(
    f"WITH open AS (SELECT b.id, {_HAD} AS had, p.ends_at FROM coupons_batches b"
    f"  JOIN promotions_promotions p ON p.id = b.id WHERE {_OPEN} AND {_HAD} < b.per_person),"
    " taken AS (UPDATE coupons_batches t SET claimed = t.claimed + 1 FROM open"
    "  WHERE t.id = open.id AND (t.quantity IS NULL OR t.claimed < t.quantity)"
    "  RETURNING t.id, open.had, open.ends_at, t.valid_days),"
    " made AS (INSERT INTO coupons_coupons (id, batch_id, person_id, number, how, valid_until, at)"
    "  SELECT :id, id, :person, had + 1, :how,"
    "   least(ends_at, coalesce(now() + :ahead + valid_days * interval '1 day', ends_at)), now() + :ahead FROM taken"
    "  RETURNING id)"
    " INSERT INTO coupons_log (coupon_id, after, why) SELECT id, 'unused', :how FROM made RETURNING coupon_id AS id"
)
_WHY_NOT = prepared(
    f"SELECT {_HAD} AS had, b.per_person FROM coupons_batches b"
    f" JOIN promotions_promotions p ON p.id = b.id WHERE {_OPEN}"
)
_USE = prepared(
    "WITH used AS (UPDATE coupons_coupons SET state = 'used', purchase_id = :purchase WHERE id = :id"
    "  AND person_id = :person AND state = 'unused' AND valid_until > now() + :ahead RETURNING id)"
    " INSERT INTO coupons_log (coupon_id, before, after, why, purchase_id, at)"
    " SELECT id, 'unused', 'used', 'used', :purchase, now() + :ahead FROM used"
)
_USE_CODE = prepared("UPDATE coupons_codes SET purchase_id = :purchase WHERE hash = :hash AND purchase_id IS NULL")
_GIVE_BACK = prepared(
    "WITH back AS (UPDATE coupons_coupons SET state = 'unused', purchase_id = NULL"
    "  WHERE purchase_id = :purchase AND batch_id = :batch AND state = 'used' RETURNING id)"
    " INSERT INTO coupons_log (coupon_id, before, after, why, purchase_id, at)"
    " SELECT id, 'used', 'unused', 'given back', :purchase, now() + :ahead FROM back"
)
_FREE_CODE = prepared("UPDATE coupons_codes SET purchase_id = NULL WHERE purchase_id = :purchase AND batch_id = :batch")
