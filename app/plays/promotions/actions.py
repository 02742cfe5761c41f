"""What is done to promotions: made, changed, run, paused, ended; used by purchases, and given back.

A use is taken late in the transaction of its purchase, promotions in the order of their ids. What is left of a budget
lies in slots: a purchase takes from one that nobody else holds at the moment, and only where none has enough from
several. So a promotion that every purchase uses does not make them wait for each other (docs/decisions.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.core.caller import PERSON, Ref
from app.core.db import db
from app.core.errors import Refused, bad_field, said
from app.core.events import emit_all
from app.core.idempotency import made_by_another, one_at_a_time
from app.core.ids import new_id
from app.core.plain import array_of, prepared
from app.plays.offers.models import PLATFORM, SHOP, WHOLE, Deal, Found, Play, Used, Wished
from app.plays.offers.queries import play
from app.plays.promotions.events import PromotionReturned
from app.plays.promotions.kinds import KINDS
from app.plays.promotions.models import (
    DRAFT,
    ENDED,
    SLOTS,
    Promotion,
    PromotionLog,
    PromotionWanted,
    Rule,
    Scope,
    offer_gone,
)
from app.plays.promotions.queries import (
    SOURCE,
    brought_by,
    deal_of,
    may_use,
    promotion_or_missing,
    running_rules,
    uses_by,
)
from app.store.orders.models import Order

CHANGEABLE = {"name", "ends_at", "budget", "most_uses"}
"""What may still be changed once a promotion has run: what people were promised stays."""


@play(SOURCE)
class AutomaticPromotions(Play):
    """What applies without a code; there are none that begin with its prefix."""

    def deals(self, codes: Sequence[str], wished: Wished) -> Found:
        rules = running_rules({line.shop_id for line in wished.lines})
        uses = uses_by(wished.buyer, rules)
        return Found([deal_of(rule, wished.lines) for rule in rules if may_use(rule, wished.buyer, uses)])

    def owns(self, deal: Deal) -> bool:
        return isinstance(deal.about, Rule)

    def redeem(self, used: Sequence[Used], buyer: Ref, purchase_id: UUID) -> None:
        rules = [(one.deal.about, one) for one in used]
        take_uses([(rule, one) for rule, one in rules if isinstance(rule, Rule)], buyer, purchase_id)


def make_promotion(
    shop_id: UUID | None, by: UUID, wanted: PromotionWanted, promotion_id: UUID | None = None
) -> Promotion:
    """A new draft of a shop, of the platform for None; whether `by` may is the caller's to ask.

    `promotion_id` came with a form: sent again it answers what it made.
    Raises Refused 422 for a kind that is not there or not theirs, and for a share of shops that are not named;
    ValidationError for terms that do not fit the kind.
    """
    _check_owner(shop_id, wanted.kind, wanted.platform_share, wanted.scope)
    if promotion_id is not None:
        one_at_a_time(promotion_id)
        known = db.session.get(Promotion, promotion_id)
        if known is not None and (known.shop_id, known.is_coupon) == (shop_id, wanted.is_coupon):
            return known
        if known is not None:
            raise made_by_another()
    made = Promotion(
        **{name: value for name, value in asdict(wanted).items() if name not in {"terms", "scope"}},
        id=promotion_id or new_id(),
        shop_id=shop_id,
        made_by=by,
        terms=KINDS[wanted.kind].stored(wanted.terms),
        scope=wanted.scope.stored(),
        state=DRAFT,
    )
    db.session.add(made)
    db.session.flush()
    _fill_slots(made)
    _note(made, by, None, "made")
    return made


def change_promotion(
    shop_id: UUID | None, by: UUID, promotion_id: UUID, changes: Mapping[str, Any], is_coupon: bool = False
) -> Promotion:
    """Change columns by name, `state` among them. Raises Refused 404 for another's, 409 for a state that does not
    follow, or what is fixed once it has run ("fixed"), or a budget below what is spent ("spent")."""
    found = promotion_or_missing(shop_id, promotion_id, is_coupon, lock=True)
    given = dict(changes)
    state = given.pop("state", None)
    fixed = [name for name in given if name not in CHANGEABLE] if found.state != DRAFT else []
    if fixed or found.state == ENDED:
        zh, en = "已上线的优惠不能再改这些内容", "This cannot be changed once the promotion has run."
        raise Refused(409, "fixed", zh, en, errors={name: [said(zh, en)] for name in fixed or sorted(given)})
    if given:
        _edit(found, given)
        _note(found, by, found.state, "edited: " + ", ".join(sorted(given)))
    if state is not None and state != found.state:
        found.require_next(state)
        before, found.state = found.state, state
        _note(found, by, before, state)
    db.session.flush()
    return found


def take_uses(used: Sequence[tuple[Rule, Used]], buyer: Ref, purchase_id: UUID) -> None:
    """Write that a purchase uses these promotions. Raises Refused 409 "offer_gone" where one is used up."""
    for rule, use in sorted(used, key=lambda pair: pair[0].id):
        slot = _take(rule, use.amount)
        given = {"id": new_id(), "promotion": rule.id, "purchase": purchase_id, "kind": buyer.kind, "buyer": buyer.id}
        amounts = {"amount": use.amount, "revenue": use.revenue, "shops": array_of(use.shop_ids), "slot": slot}
        limits = {"per_person": rule.most_per_person, "per_day": rule.most_per_day}
        if rule.is_limited and buyer.kind != PERSON:
            raise offer_gone()
        if not _USE.changed(**given, **amounts, **limits, ahead=clock.ahead()):
            raise offer_gone()


def return_uses(purchase_id: UUID, shop_id: UUID | None = None) -> int:
    """Nothing is left of a purchase, or of a shop's order in it: what was used for it alone is free again.

    Answers how many uses; a use for orders of several shops is returned with the last of them. May be done again.
    """
    rows = _RETURN.rows(purchase=purchase_id, shop=shop_id, ahead=clock.ahead())
    for row in sorted(rows, key=lambda one: one.promotion_id):
        # A use from before the promotion had any end had no slot; if it has one now, its use was counted too.
        _PUT_BACK.changed(id=row.promotion_id, slot=row.slot or 0, amount=row.amount)
    emit_all([PromotionReturned(row.promotion_id, purchase_id) for row in rows])
    return len(rows)


def return_uses_of_order(order_id: UUID) -> int:
    """As return_uses, for the order of one shop of which nothing is left, cancelled or refunded to the last unit."""
    order = db.session.execute(select(Order.purchase_id, Order.shop_id).where(Order.id == order_id)).one()
    return return_uses(order.purchase_id, order.shop_id)


def _take(rule: Rule, amount: int) -> int | None:
    """Take a use and its amount from what is left; answers the slot to give it back to, None without any end."""
    if rule.budget_left is None and rule.uses_left is None:
        return None
    # The first slot is another each time, or all would try the same.
    free = _TAKE_ONE.row(id=rule.id, amount=amount, start=new_id().int % SLOTS, slots=SLOTS)
    if free is not None:
        return int(free.slot)
    rows = _LOCK_ALL.rows(id=rule.id)
    if _short(rows, amount):
        raise offer_gone()
    uses = 1
    for row in rows:
        part = min(amount, row.budget_left or 0)
        one = min(uses, row.uses_left or 0)
        if part or one:
            _TAKE_PART.changed(id=rule.id, slot=row.slot, amount=part, uses=one)
        amount, uses = amount - part, uses - one
    return int(rows[0].slot)


def _short(rows: Sequence[Any], amount: int) -> bool:
    budgets = [row.budget_left for row in rows if row.budget_left is not None]
    uses = [row.uses_left for row in rows if row.uses_left is not None]
    return not rows or (bool(budgets) and sum(budgets) < amount) or (bool(uses) and sum(uses) < 1)


def _check_owner(shop_id: UUID | None, kind: str, platform_share: int, scope: Scope) -> None:
    found = KINDS.get(kind)
    if found is None or (SHOP if shop_id else PLATFORM) not in found.owners:
        raise bad_field("kind", "没有这种优惠", "There is no such kind of promotion.")
    if shop_id is not None and (platform_share or scope.shops):
        raise bad_field("platform_share", "店铺优惠由店铺承担", "A shop bears its own promotions.")
    if shop_id is None and platform_share < WHOLE and not scope.shops:
        zh, en = "由店铺分担的优惠须写明参加的店铺", "Shops that bear a share of it must be named."
        raise bad_field("scope", zh, en)


def _edit(found: Promotion, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if name == "terms":
            found.terms = KINDS[found.kind].stored(value)
        elif name == "scope":
            found.scope = value.stored()
        else:
            setattr(found, name, value)
    if found.state == DRAFT:
        _check_owner(found.shop_id, found.kind, found.platform_share, Scope.of(found.scope))
    db.session.flush()
    if {"budget", "most_uses"} & given.keys():
        _fill_slots(found)


def _fill_slots(found: Promotion) -> None:
    """Put what is not spent yet into the slots anew. Raises Refused 409 for less than is spent already."""
    slots = _LOCK_ALL.rows(id=found.id)  # uses that are being taken come first, and are counted
    done = brought_by([found.id])[found.id]
    budget = None if found.budget is None else found.budget - done.spent
    uses = None if found.most_uses is None else found.most_uses - done.uses
    if (budget is not None and budget < 0) or (uses is not None and uses < 0):
        zh, en = "不能少于已用的", "It cannot be less than what is used already."
        raise Refused(409, "spent", zh, en, errors={"budget": [said(zh, en)]})
    if slots or budget is not None or uses is not None:
        _FILL.changed(id=found.id, budget=budget, uses=uses, slots=SLOTS)


def _note(found: Promotion, by: UUID | None, before: str | None, why: str) -> None:
    db.session.add(PromotionLog(promotion_id=found.id, who_id=by, before=before, after=found.state, why=why))


_TAKE_ONE = prepared(
    "WITH one AS (SELECT slot FROM promotions_slots WHERE promotion_id = :id"
    "  AND (budget_left IS NULL OR budget_left >= :amount) AND (uses_left IS NULL OR uses_left > 0)"
    "  ORDER BY (slot + :start) % :slots LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " UPDATE promotions_slots s SET budget_left = s.budget_left - :amount, uses_left = s.uses_left - 1 FROM one"
    " WHERE s.promotion_id = :id AND s.slot = one.slot RETURNING s.slot"
)
_LOCK_ALL = prepared(
    "SELECT slot, budget_left, uses_left FROM promotions_slots WHERE promotion_id = :id ORDER BY slot FOR UPDATE"
)
_TAKE_PART = prepared(
    "UPDATE promotions_slots SET budget_left = budget_left - :amount, uses_left = uses_left - :uses"
    " WHERE promotion_id = :id AND slot = :slot"
)
_PUT_BACK = prepared(
    "UPDATE promotions_slots SET budget_left = budget_left + :amount, uses_left = uses_left + 1"
    " WHERE promotion_id = :id AND slot = :slot"
)
# The whole is dealt out as evenly as whole numbers allow: slot n gets (n+1)/slots of it less n/slots.
_FILL = prepared(
    "INSERT INTO promotions_slots (promotion_id, slot, budget_left, uses_left)"
    " SELECT :id, n, CAST(:budget AS bigint) * (n + 1) / :slots - CAST(:budget AS bigint) * n / :slots,"
    "  CAST(:uses AS bigint) * (n + 1) / :slots - CAST(:uses AS bigint) * n / :slots"
    " FROM generate_series(0, :slots - 1) AS n"
    " ON CONFLICT (promotion_id, slot) DO UPDATE SET budget_left = excluded.budget_left, uses_left = excluded.uses_left"
)
# The numbers are the first that are free; where another took the same, its unique key refuses the later one. Without
# a limit there is no number, so that nobody is refused for nothing.
_TODAY = "CAST(timezone('Asia/Shanghai', now() + :ahead) AS date)"
_FREE = (
    "(SELECT min(n) FROM generate_series(1, CAST(:{most} AS integer)) AS n WHERE NOT EXISTS (SELECT FROM"
    " promotions_uses u WHERE u.promotion_id = :promotion AND u.buyer_id = :buyer AND u.{column} = n"
    " AND u.returned_at IS NULL{more}))"
)
_USE = prepared(
    "INSERT INTO promotions_uses (id, promotion_id, purchase_id, buyer_kind, buyer_id, amount, revenue, open_shops,"
    "  slot, number, day, day_number, at)"
    " SELECT :id, :promotion, :purchase, :kind, :buyer, :amount, :revenue, CAST(:shops AS uuid[]), :slot,"
    f"  f.number, {_TODAY}, f.day_number, now() + :ahead FROM (SELECT"
    f"   {_FREE.format(most='per_person', column='number', more='')} AS number,"
    f"   {_FREE.format(most='per_day', column='day_number', more=f' AND u.day = {_TODAY}')} AS day_number) AS f"
    " WHERE (CAST(:per_person AS integer) IS NULL OR f.number IS NOT NULL)"
    "  AND (CAST(:per_day AS integer) IS NULL OR f.day_number IS NOT NULL)"
)
_RETURN = prepared(
    "WITH mine AS (SELECT id, open_shops FROM promotions_uses WHERE purchase_id = :purchase AND returned_at IS NULL"
    "  AND (CAST(:shop AS uuid) IS NULL OR CAST(:shop AS uuid) = ANY(open_shops)) ORDER BY id FOR UPDATE),"
    " left_over AS (SELECT id, CASE WHEN CAST(:shop AS uuid) IS NULL THEN '{}'::uuid[]"
    "  ELSE array_remove(open_shops, CAST(:shop AS uuid)) END AS shops FROM mine),"
    " done AS (UPDATE promotions_uses u SET open_shops = l.shops,"
    "  returned_at = CASE WHEN cardinality(l.shops) = 0 THEN now() + :ahead END"
    "  FROM left_over l WHERE u.id = l.id RETURNING u.promotion_id, u.amount, u.slot, u.returned_at)"
    " SELECT promotion_id, amount, slot FROM done WHERE returned_at IS NOT NULL"
)
