"""Questions about promotions: which run, what they take off, what they brought."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_

from app.core import clock, paging
from app.core.caller import PERSON, Ref
from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.core.money import price, split
from app.core.plain import Row, array_of, prepared
from app.plays.offers.models import FREE_SHIPPING, NOTHING, PLATFORM_COUPON, SHOP_COUPON, STEPS, Cut, Deal, OfferLine
from app.plays.promotions.kinds import KINDS
from app.plays.promotions.kinds.base import Goods, Kind
from app.plays.promotions.models import Promotion, PromotionLog, Rule, Scope

SOURCE = "promotion:"
"""How the adjustments of a promotion that needs no code name it: this and its id."""


def running_rules(shop_ids: Collection[UUID]) -> list[Rule]:
    """The rules that run now and need no code, of these shops and the platform. One query.

    Asked anew for each quote, never kept: it takes less than looking whether what was kept still holds.
    """
    return [rule_of(row) for row in _RUNNING.rows(shops=array_of(shop_ids), ahead=clock.ahead())]


def rules_by_id(promotion_ids: Collection[UUID]) -> dict[UUID, Rule]:
    """These rules, those alone that run now. One query."""
    found = [rule_of(row) for row in _BY_ID.rows(ids=array_of(promotion_ids), ahead=clock.ahead())]
    return {rule.id: rule for rule in found}


_WHICH = (
    "SELECT p.id, p.shop_id, p.kind, p.name, p.terms, p.scope, p.stack_group, p.min_spend, p.cap, p.platform_share,"
    " p.most_per_person, p.most_per_day, s.budget_left, s.uses_left, p.is_coupon"
    " FROM promotions_promotions p LEFT JOIN LATERAL (SELECT CAST(sum(budget_left) AS bigint) AS budget_left,"
    "  CAST(sum(uses_left) AS bigint) AS uses_left FROM promotions_slots WHERE promotion_id = p.id) s ON true"
    " WHERE p.state = 'running' AND p.starts_at <= now() + :ahead AND p.ends_at > now() + :ahead AND "
)
_RUNNING = prepared(
    f"{_WHICH} NOT p.is_coupon AND p.shop_id = ANY(CAST(:shops AS uuid[]))"
    f" UNION ALL {_WHICH} NOT p.is_coupon AND p.shop_id IS NULL"
)
_BY_ID = prepared(f"{_WHICH} p.id = ANY(CAST(:ids AS uuid[]))")


def rule_of(row: Row) -> Rule:
    """The rule of a row of promotions and what is left of it."""
    values = row._asdict()
    return Rule(**{**values, "scope": Scope.of(values["scope"])})


def uses_by(buyer: Ref, rules: Sequence[Rule]) -> dict[UUID, tuple[int, int]]:
    """How often a person has used these already: in all, and today in China. One query, none without limits."""
    ids = [rule.id for rule in rules if rule.is_limited]
    if not ids:
        return {}
    rows = _USES.rows(ids=array_of(ids), buyer=buyer.id, ahead=clock.ahead())
    return {row.promotion_id: (row.uses, row.today) for row in rows}


_USES = prepared(
    "SELECT promotion_id, count(*) AS uses,"
    "  count(*) FILTER (WHERE day = CAST(timezone('Asia/Shanghai', now() + :ahead) AS date)) AS today"
    " FROM promotions_uses WHERE promotion_id = ANY(CAST(:ids AS uuid[])) AND buyer_id = :buyer"
    "  AND returned_at IS NULL GROUP BY promotion_id"
)


def may_use(rule: Rule, buyer: Ref, uses: Mapping[UUID, tuple[int, int]]) -> bool:
    """Whether there is any left, and this buyer has not had his share; what is counted by person is for people only,
    since a guest can be another at any moment."""
    if rule.is_used_up or (rule.is_limited and buyer.kind != PERSON):
        return False
    total, today = uses.get(rule.id, (0, 0))
    in_all = rule.most_per_person is None or total < rule.most_per_person
    return in_all and (rule.most_per_day is None or today < rule.most_per_day)


def deal_of(
    rule: Rule, lines: Sequence[OfferLine], source: str = "", code: str | None = None, about: object = None
) -> Deal:
    """The deal that a rule is for a basket; `source`, `code` and `about` are a coupon's."""
    covered = [place for place, line in enumerate(lines) if rule.covers(line)]
    owner = rule.shop_id or ""

    def off(left: Sequence[int], freight: Mapping[UUID, int]) -> Cut:
        counted = [place for place in covered if left[place] > 0]
        if sum(left[place] for place in counted) < rule.min_spend:
            return NOTHING
        if KINDS[rule.kind].on_freight:
            return _bounded(rule, _off_freight(rule, lines, counted, left, freight))
        return _bounded(rule, _off_lines(rule, lines, counted, left))

    return Deal(
        step=step_of(rule),
        source=source or f"{SOURCE}{rule.id}",
        name=rule.name,
        off=off,
        group=f"{owner}/{rule.stack_group}" if rule.stack_group else "",
        code=code,
        platform_share=rule.platform_share,
        why=_needs(rule),
        about=about or rule,
    )


def step_of(rule: Rule | Promotion) -> str:
    """Where a promotion stands in the order of stacking: a coupon with the coupons, whatever it takes off; what is off
    freight always last."""
    step = KINDS[rule.kind].step
    if step == FREE_SHIPPING or not rule.is_coupon:
        return step
    return SHOP_COUPON if rule.shop_id else PLATFORM_COUPON


def _off_lines(rule: Rule, lines: Sequence[OfferLine], counted: Sequence[int], left: Sequence[int]) -> Cut:
    goods = [_goods(lines[place], left[place]) for place in counted]
    taken = dict(zip(counted, KINDS[rule.kind].off(rule.terms, goods), strict=True))
    return Cut([taken.get(place, 0) for place in range(len(lines))], {}, frozenset(counted))


def _goods(line: OfferLine, left: int) -> Goods:
    room = max(0, left - line.floor * line.quantity)
    return Goods(str(line.sku_id), line.price, line.quantity, left, room)


def _off_freight(
    rule: Rule, lines: Sequence[OfferLine], counted: Sequence[int], left: Sequence[int], freight: Mapping[UUID, int]
) -> Cut:
    goods: dict[UUID, int] = defaultdict(int)
    for place in counted:
        goods[lines[place].shop_id] += left[place]
    kind = KINDS[rule.kind]
    off = {shop: kind.off_freight(rule.terms, freight[shop], goods[shop]) for shop in sorted(goods) if shop in freight}
    return Cut([0] * len(lines), off, frozenset(counted))


def _bounded(rule: Rule, cut: Cut) -> Cut:
    """Within the cap of one use, the parts in proportion; and nothing at all where the budget is short of it."""
    if rule.cap is not None and cut.total > rule.cap:
        shops = list(cut.freight)
        parts = split(rule.cap, [*cut.lines, *cut.freight.values()])
        here = len(cut.lines)
        cut = Cut(parts[:here], dict(zip(shops, parts[here:], strict=True)), cut.places)
    return NOTHING if rule.budget_left is not None and cut.total > rule.budget_left else cut


def _needs(rule: Rule) -> tuple[str, str]:
    """What a rule asks of a basket, for who wonders why it gives nothing."""
    least = max(rule.min_spend, min((tier["above"] for tier in rule.terms.get("tiers", ())), default=0))
    if not least:
        return "此优惠不适用于所选商品，或已有更优惠的同类优惠", "It does not fit these goods, or a better one is used."
    return f"适用商品满 {price(least)} 可用", f"The goods that it is for must come to {price(least)}."


def promotion_or_missing(shop_id: UUID | None, promotion_id: UUID, is_coupon: bool, lock: bool = False) -> Promotion:
    """A promotion of a shop, of the platform for None. Raises Refused 404 for any other's."""
    wanted = select(Promotion).where(
        Promotion.id == promotion_id, Promotion.shop_id.is_not_distinct_from(shop_id), Promotion.is_coupon == is_coupon
    )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(wanted)
    if found is None:
        raise missing("没有这个优惠", "There is no such promotion.")
    return found


@dataclass(frozen=True, slots=True)
class Brought:
    """What a promotion did: uses that stand, what they took off, and of the paid ones what was paid for their goods."""

    uses: int = 0
    spent: int = 0
    revenue: int = 0


def brought_by(promotion_ids: Collection[UUID]) -> dict[UUID, Brought]:
    """The figures of these promotions, of this moment; a purchase brings revenue once it is paid. One query."""
    rows = _BROUGHT.rows(ids=array_of(promotion_ids)) if promotion_ids else ()
    found = {row.promotion_id: Brought(row.uses, row.spent, row.revenue) for row in rows}
    return {one: found.get(one, Brought()) for one in promotion_ids}


_BROUGHT = prepared(
    "SELECT u.promotion_id, count(*) AS uses, CAST(sum(u.amount) AS bigint) AS spent,"
    "  CAST(coalesce(sum(u.revenue) FILTER (WHERE p.status = 'paid'), 0) AS bigint) AS revenue"
    " FROM promotions_uses u LEFT JOIN orders_purchases p ON p.id = u.purchase_id"
    " WHERE u.promotion_id = ANY(CAST(:ids AS uuid[])) AND u.returned_at IS NULL GROUP BY u.promotion_id"
)


def promotions_of(
    shop_id: UUID | None, is_coupon: bool, limit: int, cursor: str | None, state: str | None = None
) -> tuple[list[Promotion], str | None]:
    """A page of a shop's promotions (the platform's for None), newest first. One query."""
    scope = f"promotions:{shop_id}:{is_coupon}:{state}"
    wanted = _owned(shop_id, is_coupon)
    if state is not None:
        wanted = wanted.where(Promotion.state == state)
    place = paging.values_of(scope, cursor)
    if place is not None:
        before = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(Promotion.created_at, Promotion.id) < before)
    newest_first = wanted.order_by(Promotion.created_at.desc(), Promotion.id.desc()).limit(limit + 1)
    rows = list(db.session.scalars(newest_first))
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None


def _owned(shop_id: UUID | None, is_coupon: bool) -> Select[Promotion]:
    return select(Promotion).where(Promotion.shop_id.is_not_distinct_from(shop_id), Promotion.is_coupon == is_coupon)


def log_of(promotion_id: UUID) -> list[PromotionLog]:
    """What was done to a promotion, oldest first."""
    mine = select(PromotionLog).where(PromotionLog.promotion_id == promotion_id)
    return list(db.session.scalars(mine.order_by(PromotionLog.id)))


_SHOWN = (
    *("id", "shop_id", "name", "terms", "scope", "starts_at", "ends_at", "budget", "most_uses", "most_per_person"),
    *("most_per_day", "min_spend", "cap", "stack_group", "platform_share", "state", "created_at"),
)


def shown_promotions(found: Sequence[Promotion]) -> list[dict[str, Any]]:
    """Promotions with their figures, as schemas.PromotionOut has them. One query."""
    figures = brought_by([one.id for one in found])
    return [
        {
            **{name: getattr(one, name) for name in _SHOWN},
            "promotion": one.kind,
            "step": step_of(one),
            "figures": figures[one.id],
        }
        for one in found
    ]


def kinds_of(owner: str) -> list[Kind]:
    """The kinds that a shop or the platform may make, in the order of stacking."""
    return sorted((one for one in KINDS.values() if owner in one.owners), key=lambda one: STEPS.index(one.step))


def kind_of(owner: str, name: str) -> Kind:
    """The kind of this name that they may make; the first of them for any other."""
    kinds = kinds_of(owner)
    return next((one for one in kinds if one.name == name), kinds[0])
