"""What is done to vouchers. Locks are taken in one order: the order of a line, vouchers by id, then slots by id.

Every change of a state is a compare-and-set with a row of the log, so of a redemption, a refund and an expiry that meet
exactly one happens.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.caller import Caller, Ref
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing
from app.core.events import emit, emit_all
from app.core.ids import new_id
from app.store.catalogue.models import Product
from app.store.catalogue.queries import shop_of_sku
from app.store.categories.models import SERVICE
from app.store.fulfilment.actions import locked_order
from app.store.fulfilment.models import LineProgress
from app.store.shops.models import GOODS, SHIP
from app.store.shops.queries import require_right
from app.store.variants.models import Sku
from app.store.vouchers.events import RedemptionUndone, VoucherExpired, VoucherRedeemed
from app.store.vouchers.models import (
    EXPIRED,
    UNDO_SECONDS,
    UNUSED,
    USED,
    USUAL_DAYS,
    VOID,
    Issue,
    Redemption,
    Slot,
    Voucher,
    VoucherLog,
    VoucherTerms,
    allows,
    new_code,
)
from app.store.vouchers.queries import (
    locked_voucher,
    require_unclaimed,
    require_usable,
    terms_of,
    voucher_at_counter,
    vouchers_of_line,
)


def set_terms(caller: Caller, sku_id: UUID, wanted: Mapping[str, Any]) -> VoucherTerms:
    """When a service may be had from now on; vouchers that are paid keep the terms that they had.

    Raises Refused 404, 403, 422 for other goods, without an end, or with one that is over.
    """
    _require_service(caller, sku_id)
    if wanted["days"] is None and wanted["valid_until"] is None:
        raise bad_field("valid_until", "请填写截止时间或有效天数", "Say until when, or for how many days.")
    if None not in (wanted["valid_from"], wanted["valid_until"]) and wanted["valid_until"] <= wanted["valid_from"]:
        raise bad_field("valid_until", "截止时间须晚于开始时间", "The end must be after the beginning.")
    if wanted["valid_until"] is not None and wanted["valid_until"] <= _now():
        raise bad_field("valid_until", "截止时间已经过去", "That time is over.")
    row = insert(VoucherTerms).values(sku_id=sku_id, **wanted)
    db.session.execute(row.on_conflict_do_update(index_elements=["sku_id"], set_=dict(wanted)))
    db.session.expire_all()
    found = terms_of(sku_id)
    assert found is not None
    return found


def add_slots(caller: Caller, sku_id: UUID, starts: Sequence[datetime], capacity: int) -> int:
    """Times at which a service may be booked; one that is there gets this capacity. Answers how many there are now of
    these. Raises Refused 404, 403, 422 for other goods, a time that is over or that the terms exclude, 409 for less
    than is booked."""
    _require_service(caller, sku_id)
    times = sorted(set(starts))
    if times[0] <= _now():
        raise bad_field("starts", "这个时间已经过去", "That time is over.")
    _require_allowed(sku_id, times)
    rows = [{"id": new_id(), "sku_id": sku_id, "starts_at": at, "capacity": capacity, "booked": 0} for at in times]
    row = insert(Slot).values(rows)
    enough = row.excluded.capacity >= Slot.booked
    same = ["sku_id", "starts_at"]
    done = changed(row.on_conflict_do_update(index_elements=same, set_={"capacity": capacity}, where=enough))
    if done < len(rows):
        raise Refused(409, "booked", "已预约的人数多于此容量", "More have booked than that.")
    return done


def issue(line_id: UUID, units: int, owner: Ref, terms: Issue) -> int:
    """A line of a service is paid: its owner gets a voucher for each unit. Answers how many are new: told twice it is
    done once. Never refuses, since the money is there."""
    found, now = terms_of(terms.sku_id), _now()
    told = {**terms._asdict(), **_times(found, now), "owner_kind": owner.kind, "owner_id": owner.id, "state": UNUSED}
    told |= {"weekdays": found.weekdays if found else [], "dates": found.dates if found else []}
    told["needs_booking"] = found.needs_booking if found else False
    known = set(db.session.scalars(select(Voucher.unit).where(Voucher.line_id == line_id)))
    lacking, made = [unit for unit in range(1, units + 1) if unit not in known], 0
    while lacking:  # a code that somebody else has is drawn again
        rows = [{"id": new_id(), "line_id": line_id, "unit": unit, "code": new_code(), **told} for unit in lacking]
        made += changed(insert(Voucher).values(rows).on_conflict_do_nothing())
        known = set(db.session.scalars(select(Voucher.unit).where(Voucher.line_id == line_id)))
        lacking = [unit for unit in lacking if unit not in known]
    return made


def redeem(caller: Caller, shop_id: UUID, code: str) -> tuple[Redemption, Voucher]:
    """A voucher is had at the counter of this shop. Blanks and dashes in the code do not count.

    Raises Refused 404, 403, 409 as require_usable and require_unclaimed.
    """
    require_right(shop_id, caller.person, SHIP)
    found = voucher_at_counter(shop_id, re.sub(r"[\s-]+", "", code))
    line, voucher = _locked(found.id, found.line_id)
    require_usable(voucher, _now())
    if line is not None:
        require_unclaimed(line, vouchers_of_line(line.line_id))
    _set_state([voucher.id], UNUSED, USED, caller.person, "")
    made = Redemption(id=new_id(), voucher_id=voucher.id, shop_id=shop_id, by_id=caller.person, at=clock.db_now())
    db.session.add(made)
    db.session.flush()
    emit(VoucherRedeemed(voucher.id, voucher.line_id))
    return made, voucher


def undo_redemption(caller: Caller, shop_id: UUID, redemption_id: UUID) -> None:
    """It was not had after all; within UNDO_SECONDS, by staff of the same shop.

    Raises Refused 404, 403, 409 "too_late", "refunded" where its money went back after it was had.
    """
    require_right(shop_id, caller.person, SHIP)
    mine = (Redemption.id == redemption_id, Redemption.shop_id == shop_id)
    found = db.session.scalar(select(Redemption).where(*mine))
    if found is None:
        raise missing("没有这次核销", "There is no such redemption.")
    line, voucher = _locked(found.voucher_id, db.session.get_one(Voucher, found.voucher_id).line_id)
    if line is not None and line.refunded > line.cancelled:
        raise Refused(409, "refunded", "核销后已退款，不能撤销", "Its money went back after it was had.")
    in_time = (
        Redemption.undone_at.is_(None),
        Redemption.at > clock.db_now() - literal(timedelta(seconds=UNDO_SECONDS)),
    )
    if not changed(update(Redemption).where(*mine, *in_time).values(undone_at=clock.db_now())):
        raise Refused(409, "too_late", "超过 10 分钟，或已撤销", "More than ten minutes ago, or undone before.")
    _set_state([voucher.id], USED, UNUSED, caller.person, "undone")
    emit(RedemptionUndone(voucher.id, voucher.line_id))


def book(caller: Caller, voucher_id: UUID, slot_id: UUID | None) -> Voucher:
    """The caller comes at that time, instead of any he had booked; None: at none. A place is taken by one conditional
    UPDATE, so a slot never has more than its capacity.

    Raises Refused 404, 409 for a voucher that is not unused, "slot_full", or a slot that is over or on a day off.
    """
    voucher = locked_voucher(caller.buyer, voucher_id)
    if voucher.state != UNUSED:
        require_usable(voucher, _now())
    if slot_id == voucher.slot_id:
        return voucher
    before = voucher.slot_id
    for one in sorted(found for found in (before, slot_id) if found is not None):
        if one == before:
            _leave(one)
        else:
            _enter(voucher, one)
    voucher.slot_id = slot_id
    db.session.flush()
    return voucher


def void_unused(line_id: UUID, units: int) -> int:
    """So many unused vouchers of a line are refunded; answers how many could be: what was had cannot. The last units go
    first, and those not booked before those that are."""
    unused = select(Voucher).where(Voucher.line_id == line_id, Voucher.state == UNUSED).order_by(Voucher.id)
    found = list(db.session.scalars(unused.with_for_update().execution_options(populate_existing=True)))
    ranked = sorted(found, key=lambda one: (one.slot_id is not None, -one.unit))
    ids = [one.id for one in ranked[:units]]
    _set_state(ids, UNUSED, VOID, None, "refund")
    return len(ids)


def expire_due(most: int = 200) -> int:
    """Vouchers that were not had in time expire; answers how many. A sweep."""
    late = select(Voucher).where(Voucher.state == UNUSED, Voucher.valid_until <= clock.db_now())
    found = list(db.session.scalars(late.order_by(Voucher.valid_until).limit(most).with_for_update(skip_locked=True)))
    _set_state([one.id for one in found], UNUSED, EXPIRED, None, "not had in time")
    emit_all([VoucherExpired(one.id, one.line_id) for one in found])
    return len(found)


def _locked(voucher_id: UUID, line_id: UUID) -> tuple[LineProgress | None, Voucher]:
    """How far the line of a voucher is (None for one that no order knows), and the voucher; all of its order is locked,
    so whoever refunds it waits."""
    order_id = db.session.scalar(select(LineProgress.order_id).where(LineProgress.line_id == line_id))
    line = locked_order(order_id)[1][line_id] if order_id else None
    return line, db.session.get_one(Voucher, voucher_id, with_for_update=True, populate_existing=True)


def _set_state(ids: Sequence[UUID], before: str, after: str, who: UUID | None, why: str) -> None:
    """Of vouchers whose rows are locked. What is refunded or expired comes at no time any more."""
    if not ids:
        return
    if after in (VOID, EXPIRED):
        for slot_id in sorted(db.session.scalars(select(Voucher.slot_id).where(Voucher.id.in_(ids))), key=str):
            if slot_id is not None:
                _leave(slot_id)
    mine = update(Voucher).where(Voucher.id.in_(ids), Voucher.state == before)
    if changed(mine.values(state=after, **({"slot_id": None} if after in (VOID, EXPIRED) else {}))) != len(ids):
        raise AssertionError("a locked voucher changed its state")
    rows = [{"voucher_id": one, "who_id": who, "before": before, "after": after, "why": why} for one in ids]
    db.session.execute(insert(VoucherLog).values(rows))


def _leave(slot_id: UUID) -> None:
    changed(update(Slot).where(Slot.id == slot_id).values(booked=Slot.booked - 1))


def _enter(voucher: Voucher, slot_id: UUID) -> None:
    slot = db.session.get(Slot, slot_id)
    if slot is None or slot.sku_id != voucher.sku_id:
        raise missing("没有这个时段", "There is no such slot.")
    if slot.starts_at <= _now() or not allows(voucher, slot.starts_at):
        raise Refused(409, "slot_not_valid", "这张券不能用在这个时段", "This voucher is not valid at that time.")
    free = update(Slot).where(Slot.id == slot_id, Slot.booked < Slot.capacity)
    if not changed(free.values(booked=Slot.booked + 1)):
        raise Refused(409, "slot_full", "这个时段已约满", "This slot is full.")


def _require_allowed(sku_id: UUID, times: Sequence[datetime]) -> None:
    """Of times that are there already the places may change: vouchers that were paid before may be had then."""
    terms = terms_of(sku_id)
    off = [one for one in times if terms is not None and not allows(terms, one)]
    known = set(db.session.scalars(select(Slot.starts_at).where(Slot.sku_id == sku_id, Slot.starts_at.in_(off))))
    wrong = next((one for one in off if one not in known), None)
    if wrong is not None:
        day = f"{wrong.astimezone(clock.CHINA):%Y-%m-%d}"
        raise bad_field("starts", f"使用规则不允许在 {day} 的这个时间使用", f"The terms exclude that time on {day}.")


def _times(terms: VoucherTerms | None, now: datetime) -> dict[str, datetime]:
    ends = [now + timedelta(days=terms.days)] if terms and terms.days else []
    ends += [terms.valid_until] if terms and terms.valid_until else []
    begins = max(now, terms.valid_from) if terms and terms.valid_from else now
    return {"valid_from": begins, "valid_until": min(ends, default=now + timedelta(days=USUAL_DAYS))}


def _now() -> datetime:
    now: datetime = db.session.execute(select(func.clock_timestamp() + literal(clock.ahead()))).scalar_one()
    return now


def _require_service(caller: Caller, sku_id: UUID) -> None:
    shop_of_sku(sku_id, caller.person, GOODS)
    kind = select(Product.goods_kind).join(Sku, Sku.product_id == Product.id).where(Sku.id == sku_id)
    if db.session.scalar(kind) != SERVICE:
        raise bad_field("sku_id", "只有到店服务可以这样", "Only services have that.")
