"""Questions about after-sales cases: what a buyer may ask for, whose a case is, and how it is shown."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, cast, func, select, tuple_

from app.core import clock, paging
from app.core.caller import Caller, Ref
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, missing
from app.people.uploads.models import Upload
from app.people.uploads.queries import picture
from app.store.aftersales.models import (
    DESK,
    ENDS,
    FAULT_DAYS,
    NO_REASON,
    PRICE,
    PRICE_DAYS,
    REFUND,
    Case,
    CaseLine,
    CaseLog,
    CasePicture,
    Wish,
)
from app.store.fulfilment.models import LineProgress, OrderProgress
from app.store.orders.models import PHYSICAL, OrderLine
from app.store.orders.queries import is_buyer
from app.store.refunds.queries import fallen_since, refund_of
from app.store.returns.queries import return_addresses
from app.store.shops.queries import check_right, require_staff, roles_in

Lines = Mapping[UUID, LineProgress]


def require_allowed(order: OrderProgress, lines: Lines, wish: Wish) -> bool:
    """Whether the wish is about goods that were not sent (True), all of them, or about goods that were (False).

    Raises Refused 404 for a line of another order; 409 "wrong_quantity", "not_sent" for what cannot
    go back since it never came, "mixed" for sent and unsent goods in one case,
    "too_late" after the days of the line's category or of the law; 422 for goods that cannot be sent back.
    """
    _require_lines(lines, wish)
    unsent = [_is_unsent(lines[one.line_id], one.units, wish.kind) for one in wish.lines]
    if len(set(unsent)) > 1:
        zh, en = "已发货和未发货的商品请分开申请", "Ask for what was sent and for what was not in two cases."
        raise Refused(409, "mixed", zh, en)
    if not unsent[0]:
        _require_in_time(order, wish)
    return unsent[0]


def fallen_price(order: OrderProgress, lines: Lines, wish: Wish) -> dict[UUID, int]:
    """For each line of the wish that costs less now than was paid what its units cost less, in 分, less what that
    brought before. A line counts as a whole, as on other platforms: the price of all its units fell.

    Raises Refused 404 for a line of another order; 409 "too_late" PRICE_DAYS after payment, "price_not_lower" where
    nothing is left to give; 422 for other units than all that are free, and for an amount that is not the difference.
    """
    _require_lines(lines, wish)
    if _now() > order.began_at + timedelta(days=PRICE_DAYS):
        raise _too_late()
    found = fallen_since(order, lines, [one.line_id for one in wish.lines])
    if not found:
        zh, en = "现在的价格并没有更低", "The price is not lower now than what you paid."
        raise Refused(409, "price_not_lower", zh, en)
    wish.require_whole({one.line_id: lines[one.line_id].free for one in wish.lines}, sum(found.values()))
    return found


def case_of_buyer(buyer: Ref, case_id: UUID) -> Case:
    """A buyer's own case. Raises Refused 404 for another's."""
    found = db.session.get(Case, case_id, populate_existing=True)
    if found is None or found.buyer != buyer:
        raise missing("没有这个售后单", "There is no such case.")
    return found


def case_of_shop(caller: Caller, case_id: UUID, right: str) -> Case:
    """A case of a shop where the caller works. Raises Refused 404 for others', 403 without the right."""
    found = db.session.get(Case, case_id, populate_existing=True)
    roles = roles_in([found.shop_id], caller.person_id) if found is not None and caller.person_id is not None else {}
    if found is None or not roles:
        raise missing("没有这个售后单", "There is no such case.")
    check_right(roles[found.shop_id], right)
    return found


def case_or_missing(case_id: UUID) -> Case:
    """Any case, for moderators. Raises Refused 404."""
    found = db.session.get(Case, case_id, populate_existing=True)
    if found is None:
        raise missing("没有这个售后单", "There is no such case.")
    return found


def case_page(caller: Caller, case_id: UUID) -> dict[str, Any]:
    """One case for its buyer and for the staff of its shop. Raises Refused 404 for everybody else."""
    found = case_or_missing(case_id)
    mine = caller.ref is not None and found.buyer == caller.ref
    if not mine and not (caller.person_id and roles_in([found.shop_id], caller.person_id)):
        raise missing("没有这个售后单", "There is no such case.")
    return shown([found])[0]


def cases_of_order(caller: Caller, order_id: UUID) -> dict[str, Any]:
    """All cases of an order, oldest first, for its buyer and its shop. Raises Refused 404 for everybody else."""
    order = db.session.get(OrderProgress, order_id)
    staff = order is not None and caller.person_id is not None and roles_in([order.shop_id], caller.person_id)
    if not staff and not (caller.ref is not None and is_buyer(caller.ref, order_id)):
        raise missing("没有这个订单", "There is no such order.")
    return {"items": shown(cases_about(order_id)), "next": None}


def cases_about(order_id: UUID) -> Sequence[Case]:
    """All cases of an order, oldest first, for who has asked whether he may see them. One query."""
    return db.session.scalars(select(Case).where(Case.order_id == order_id).order_by(Case.id)).all()


def cases_of_buyer(buyer: Ref, state: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of a buyer's cases."""
    mine = (Case.buyer_kind == buyer.kind, Case.buyer_id == buyer.id)
    return _page(f"me/aftersales:{buyer.id}", mine, _only(state), limit, cursor)


def cases_of_shop(shop_id: UUID, person_id: UUID, state: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of a shop's cases for its staff. Raises Refused 404 for who does not work there."""
    require_staff(shop_id, person_id)
    return _page(f"shops/aftersales:{shop_id}", (Case.shop_id == shop_id,), _only(state), limit, cursor)


def all_cases(state: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the cases of all shops, for moderators."""
    return _page("desk/aftersales", (), _only(state), limit, cursor)


def desk_cases(shop_id: UUID | None, part: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of one part of the desk (models.DESK) of a shop, or (None) of all shops: what waits longest first, of what
    is over the latest. Each line with its `title` and `sku_name`. Six queries for any number."""
    mine = (Case.shop_id == shop_id,) if shop_id is not None else ()
    found = _page(f"desk/cases:{shop_id}:{part}", mine, DESK[part], limit, cursor, latest_first=part == "ended")
    return found | {"items": with_goods(found["items"])}


def with_goods(cases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Shown cases, and what the goods of each line are called. One query."""
    agreed = _agreed({line["line_id"] for one in cases for line in one["lines"]})
    named = {one.id: {"title": one.title, "sku_name": one.sku_name} for one in agreed.values()}
    return [one | {"lines": [line | named[line["line_id"]] for line in one["lines"]]} for one in cases]


def waiting_cases(shop_id: UUID | None) -> dict[str, int]:
    """How many cases each part of a desk has, but for what is over; of a shop, or (None) of all shops. One query."""
    mine = (Case.shop_id == shop_id,) if shop_id is not None else ()
    wanted = select(Case.state, func.count()).where(Case.state.not_in(ENDS), *mine).group_by(Case.state)
    counts = {row[0]: row[1] for row in db.session.execute(wanted)}
    return {part: sum(counts.get(one, 0) for one in states) for part, states in DESK.items() if part != "ended"}


def _page(
    scope: str,
    which: Sequence[ColumnElement[bool]],
    states: Sequence[str],
    limit: int,
    cursor: str | None,
    *,
    latest_first: bool = False,
) -> dict[str, Any]:
    """A page of cases, the oldest first unless told otherwise, of some states or (none) of all."""
    wanted = select(Case).where(*which, *([Case.state.in_(states)] if states else []))
    scope, key = f"{scope}:{','.join(states)}", tuple_(Case.opened_at, Case.id)
    place = paging.values_of(scope, cursor)
    if place is not None:
        here = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(key < here if latest_first else key > here)
    order = [one.desc() if latest_first else one for one in (Case.opened_at, Case.id)]
    found = db.session.scalars(wanted.order_by(*order).limit(limit + 1)).all()
    last = found[limit - 1] if len(found) > limit else None
    following = paging.cursor(scope, [iso(last.opened_at), str(last.id)]) if last else None
    return {"items": shown(found[:limit]), "next": following}


def due_cases(most: int) -> Sequence[Case]:
    """Cases whose deadline has passed, locked; those that somebody is changing now are left out."""
    due = select(Case).where(Case.due_at <= clock.db_now()).order_by(Case.due_at).limit(most)
    return db.session.scalars(due.with_for_update(skip_locked=True)).all()


def lines_of_case(case_id: UUID) -> Sequence[CaseLine]:
    """What a case is about, in the order of lines."""
    return db.session.scalars(select(CaseLine).where(CaseLine.case_id == case_id).order_by(CaseLine.line_id)).all()


def skus_of_case(case_id: UUID) -> dict[UUID, int]:
    """How many units of which SKUs a case is about."""
    wanted = select(LineProgress.sku_id, cast(func.sum(CaseLine.units), BigInteger))
    mine = wanted.join(CaseLine, CaseLine.line_id == LineProgress.line_id).where(CaseLine.case_id == case_id)
    return {row[0]: row[1] for row in db.session.execute(mine.group_by(LineProgress.sku_id))}


def shown(found: Sequence[Case]) -> list[dict[str, Any]]:
    """Cases ready for JSON, with their lines, log and pictures. Five queries for any number."""
    ids = [one.id for one in found]
    if not ids:
        return []
    lines = db.session.scalars(select(CaseLine).where(CaseLine.case_id.in_(ids)).order_by(CaseLine.line_id)).all()
    log = db.session.scalars(select(CaseLog).where(CaseLog.case_id.in_(ids)).order_by(CaseLog.id)).all()
    pictures = select(CasePicture.case_id, Upload).join(Upload, Upload.id == CasePicture.upload_id)
    seen = db.session.execute(pictures.where(CasePicture.case_id.in_(ids)).order_by(Upload.id)).all()
    addresses = return_addresses({one.shop_id for one in found})
    refunds = refund_of([one.grant_id for one in found if one.grant_id])
    return [
        {
            **_case(one, addresses.get(one.shop_id, "")),
            "refund": refunds.get(one.grant_id) if one.grant_id else None,
            "lines": [{"line_id": row.line_id, "units": row.units} for row in lines if row.case_id == one.id],
            "pictures": [
                {"id": up.id, **picture(up, "full", signed=True)} for case_id, up in seen if case_id == one.id
            ],
            "log": [
                {"who": row.who, "before": row.before, "after": row.after, "words": row.words, "at": iso(row.at)}
                for row in log
                if row.case_id == one.id
            ],
        }
        for one in found
    ]


def _case(one: Case, address: str) -> dict[str, Any]:
    times = {"opened_at": one.opened_at, "due_at": one.due_at, "closed_at": one.closed_at}
    told = ("id", "order_id", "shop_id", "reason", "words", "state", "amount", "freight", "way_back")
    parcels = ("back_carrier", "back_number", "new_carrier", "new_number")
    return {
        "kind": "aftersale",
        "wish": one.kind,
        **{name: getattr(one, name) for name in (*told, *parcels)},
        **{name: iso(at) if at else None for name, at in times.items()},
        "return_address": address,
    }


def _require_lines(lines: Lines, wish: Wish) -> None:
    if any(one.line_id not in lines for one in wish.lines):
        raise missing("订单里没有这件商品", "There is no such line in this order.")


def _is_unsent(line: LineProgress, units: int, kind: str) -> bool:
    """Whether so many units of a line were not sent; what was sent comes first. Raises Refused 409."""
    if line.sent_and_free >= units:
        return False
    if kind == REFUND and min(line.to_ship, line.free) >= units:
        return True
    if kind != REFUND and min(line.to_ship, line.free) >= units:
        zh, en = "商品还没有发货，只能申请仅退款", "It was not sent yet: ask for its money, which goes back at once."
        raise Refused(409, "not_sent", zh, en, errors={"line_id": [str(line.line_id)]})
    zh, en = "数量超出可申请的范围", "There is not so much of this line to ask for."
    raise Refused(409, "wrong_quantity", zh, en, errors={"line_id": [str(line.line_id)]})


def _require_in_time(order: OrderProgress, wish: Wish) -> None:
    now, agreed = _now(), _agreed([one.line_id for one in wish.lines])
    if wish.kind not in {REFUND, PRICE} and any(line.goods_kind != PHYSICAL for line in agreed.values()):
        raise Refused(422, "not_returnable", "虚拟商品和服务不能寄回", "These goods cannot be sent back.")
    days = FAULT_DAYS
    if wish.reason == NO_REASON and wish.kind != REFUND:
        days = min(line.return_days for line in agreed.values())
        if days == 0:
            zh, en = "这类商品不支持无理由退货", "Goods of this kind go back for a reason only."
            raise Refused(422, "not_returnable", zh, en)
    if order.received_at is not None and now > order.received_at + timedelta(days=days):
        raise _too_late()


def _only(state: str | None) -> tuple[str, ...]:
    return (state,) if state else ()


def _agreed(line_ids: Collection[UUID]) -> dict[UUID, OrderLine]:
    return {one.id: one for one in db.session.scalars(select(OrderLine).where(OrderLine.id.in_(line_ids)))}


def _now() -> datetime:
    return db.session.scalars(select(clock.db_now())).one()


def _too_late() -> Refused:
    return Refused(409, "too_late", "已超过可申请的时间", "It is too late to ask for this.")
