"""Questions about coupons: who has which, what can be claimed, what a code stands for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import clock, paging
from app.core.caller import PERSON, Ref
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, bad_field
from app.core.plain import Row, array_of, prepared
from app.plays.coupons.models import EXPIRED, PREFIX, USABLE, USED, CouponBatch, Held, hashes_of, key_of
from app.plays.offers.models import Deal, Found, Wished
from app.plays.offers.queries import unknown_code
from app.plays.promotions.models import Promotion
from app.plays.promotions.queries import deal_of, may_use, rules_by_id, shown_promotions, uses_by


@dataclass(frozen=True, slots=True)
class Meant:
    """What a code of a buyer means: a batch, and his coupon or the single-use code."""

    code: str
    batch_id: UUID
    coupon_id: UUID | None = None
    code_hash: bytes | None = None


def found_for(codes: Sequence[str], wished: Wished) -> Found:
    """The deals of these codes, and why the others do nothing. At most five queries, none without a code."""
    if not codes:
        return Found()
    own = [code for code in codes if code.startswith(PREFIX)]
    meant, unfit = _own(own, wished.buyer)
    meant += _words([code for code in codes if not code.startswith(PREFIX)], wished)
    rules = rules_by_id({one.batch_id for one in meant})
    uses = uses_by(wished.buyer, list(rules.values()))
    deals: list[Deal] = []
    batches: set[UUID] = set()
    for one in meant:
        rule = rules.get(one.batch_id)
        if rule is None or not may_use(rule, wished.buyer, uses):
            unfit[one.code] = _over(rule is not None and rule.is_limited and wished.buyer.kind != PERSON)
        elif one.batch_id in batches:
            unfit[one.code] = bad_field("offers", "同一张优惠券每单限用一张", "One of a kind for an order.")
        else:
            batches.add(one.batch_id)
            source = one.code if one.coupon_id else f"{PREFIX}code:{one.batch_id}"
            deals.append(deal_of(rule, wished.lines, source, one.code, Held(rule, one.coupon_id, one.code_hash)))
    known = {one.code for one in meant} | unfit.keys()
    return Found(deals, {**{code: unknown_code() for code in codes if code not in known}, **unfit})


def _over(needs_person: bool) -> Refused:
    if needs_person:
        return bad_field("offers", "请登录后使用此优惠", "Sign in to use this offer.")
    return bad_field("offers", "此优惠已结束或已用完", "This offer is over or used up.")


def _own(codes: Sequence[str], buyer: Ref) -> tuple[list[Meant], dict[str, Refused]]:
    """A person's own coupons by their codes; another's are not there."""
    ids = {one: code for code in codes if (one := _id_of(code)) is not None}
    rows = _OWN.rows(ids=array_of(ids), person=buyer.id, ahead=clock.ahead()) if ids and buyer.kind == PERSON else ()
    meant, unfit = list[Meant](), dict[str, Refused]()
    for row in rows:
        code = ids[row.id]
        if row.state == USED:
            unfit[code] = bad_field("offers", "优惠券已用过", "This coupon has been used.")
        elif not row.holds:
            unfit[code] = bad_field("offers", "优惠券已过期", "This coupon has expired.")
        else:
            meant.append(Meant(code, row.batch_id, coupon_id=row.id))
    return meant, unfit


_OWN = prepared(
    "SELECT id, batch_id, state, valid_until > now() + :ahead AS holds FROM coupons_coupons"
    " WHERE id = ANY(CAST(:ids AS uuid[])) AND person_id = :person"
)


def _id_of(code: str) -> UUID | None:
    try:
        found = UUID(code.removeprefix(PREFIX))
    except ValueError:
        return None
    return found if code == f"{PREFIX}{found}" else None


def _words(codes: Sequence[str], wished: Wished) -> list[Meant]:
    """What words mean: the public code of a shop in the basket or of the platform, or one that works once."""
    if not codes:
        return []
    keys: dict[str, str] = {key_of(code): code for code in codes}
    shops = array_of({line.shop_id for line in wished.lines})
    public = [Meant(keys[row.code_key], row.id) for row in _PUBLIC.rows(keys=list(keys), shops=shops)]
    hashes = hashes_of(codes)
    single = _SINGLE.rows(hashes=list(hashes))
    return [*public, *(Meant(hashes[bytes(row.hash)], row.batch_id, None, bytes(row.hash)) for row in single)]


_PUBLIC = prepared(
    "SELECT id, code_key FROM coupons_batches WHERE code_key = ANY(CAST(:keys AS text[]))"
    " AND (shop_id IS NULL OR shop_id = ANY(CAST(:shops AS uuid[]))) ORDER BY id"
)
_SINGLE = prepared(
    "SELECT hash, batch_id FROM coupons_codes WHERE hash = ANY(CAST(:hashes AS bytea[])) AND purchase_id IS NULL"
)


def coupons_of(
    person_id: UUID, state: str | None, limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of a person's coupons, newest first: all of them, or those that he can use, has used, or that have
    expired. One query."""
    scope = f"me/coupons:{person_id}:{state or 'all'}"
    place = paging.values_of(scope, cursor) or ["infinity", str(UUID(int=2**128 - 1))]
    given = {"person": person_id, "ahead": clock.ahead(), "at": place[0], "before": place[1], "most": limit + 1}
    rows = _MINE[state].rows(**given)
    last = rows[limit - 1] if len(rows) > limit else None
    following = paging.cursor(scope, [iso(last.at), str(last.id)]) if last else None
    return [_shown(row) for row in rows[:limit]], following


_STANDS = {
    USABLE: "c.state = 'unused' AND c.valid_until > now() + :ahead AND p.state IN ('running', 'paused')",
    USED: "c.state = 'used'",
    EXPIRED: "c.state = 'unused' AND (c.valid_until <= now() + :ahead OR p.state = 'ended')",
}
_STATE = " ".join(f"WHEN {stands} THEN '{state}'" for state, stands in _STANDS.items())
_COLUMNS = (
    f"CASE {_STATE} ELSE '{EXPIRED}' END AS state, c.id, c.batch_id, c.how, c.at, c.valid_until, c.purchase_id,"
    " p.shop_id, p.kind AS promotion, p.name, p.terms, p.scope, p.min_spend, p.cap, p.starts_at"
)
_MINE = {
    state: prepared(
        f"SELECT {_COLUMNS} FROM coupons_coupons c JOIN promotions_promotions p ON p.id = c.batch_id"
        f" WHERE c.person_id = :person AND {stands}"
        "  AND (c.at, c.id) < (CAST(:at AS timestamptz), CAST(:before AS uuid))"
        " ORDER BY c.at DESC, c.id DESC LIMIT :most"
    )
    for state, stands in [*_STANDS.items(), (None, "true")]
}


def _shown(row: Row) -> dict[str, Any]:
    names = ("id", "batch_id", "how", "state", "purchase_id", "shop_id", "promotion", "name")
    own = {name: getattr(row, name) for name in names}
    rule = {name: getattr(row, name) for name in ("terms", "scope", "min_spend", "cap")}
    times = {"at": iso(row.at), "starts_at": iso(row.starts_at), "valid_until": iso(row.valid_until)}
    return {**own, **rule, **times, "kind": "coupon", "code": f"{PREFIX}{row.id}"}


def claimable(
    shop_ids: Collection[UUID], person_id: UUID | None, limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of batches that can be claimed now, of these shops and the platform, newest first; `mine`: how many of one
    this person has. One query."""
    scope = f"coupons:{','.join(sorted(map(str, shop_ids)))}:{person_id}"
    place = paging.values_of(scope, cursor) or [str(UUID(int=2**128 - 1))]
    given = {"shops": array_of(shop_ids), "person": person_id, "before": place[0], "most": limit + 1}
    rows = [row._asdict() for row in _CLAIMABLE.rows(**given, ahead=clock.ahead())]
    following = paging.cursor(scope, [str(rows[limit - 1]["id"])]) if len(rows) > limit else None
    return [{**row, "kind": "coupon_batch"} for row in rows[:limit]], following


_OPEN = (
    "b.is_claimable AND p.state = 'running' AND p.ends_at > now() + :ahead"
    " AND (b.claim_from IS NULL OR b.claim_from <= now() + :ahead)"
    " AND (b.claim_until IS NULL OR b.claim_until > now() + :ahead)"
)
_CLAIMABLE = prepared(
    "SELECT b.id, b.shop_id, p.kind AS promotion, p.name, p.terms, p.scope, p.min_spend, p.cap, b.per_person,"
    " b.quantity - b.claimed AS left, (SELECT count(*) FROM coupons_coupons c WHERE c.batch_id = b.id"
    "  AND c.person_id = CAST(:person AS uuid)) AS mine, p.starts_at, p.ends_at, b.valid_days"
    f" FROM coupons_batches b JOIN promotions_promotions p ON p.id = b.id WHERE {_OPEN}"
    " AND (b.shop_id IS NULL OR b.shop_id = ANY(CAST(:shops AS uuid[]))) AND b.id < CAST(:before AS uuid)"
    " ORDER BY b.id DESC LIMIT :most"
)


def batches_by_id(batch_ids: Collection[UUID]) -> dict[UUID, CouponBatch]:
    """These batches. One query."""
    wanted = select(CouponBatch).where(CouponBatch.id.in_(batch_ids))
    return {one.id: one for one in db.session.scalars(wanted)} if batch_ids else {}


def shown_batches(found: Sequence[Promotion]) -> list[dict[str, Any]]:
    """Batches with the figures of their promotions, as schemas.CouponBatchOut has them. Two queries."""
    batches = batches_by_id([one.id for one in found])
    return [{**one, "batch": batches[one["id"]]} for one in shown_promotions(found)]
