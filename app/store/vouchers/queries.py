"""Questions about vouchers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import extract, func, select, tuple_

from app.core import clock, paging
from app.core.caller import Ref
from app.core.clock import CHINA, iso
from app.core.db import db
from app.core.errors import Refused, missing
from app.store.fulfilment.models import LineProgress
from app.store.orders.models import OrderLine
from app.store.vouchers.models import (
    EXPIRED,
    UNUSED,
    USED,
    VOID,
    Redemption,
    Slot,
    Voucher,
    VoucherTerms,
    is_day_off,
)

_REFUSALS = {
    USED: ("used", "这张券已核销", "This voucher was redeemed before."),
    VOID: ("void", "这张券已退款", "This voucher was refunded."),
    EXPIRED: ("expired", "这张券已过期", "This voucher has expired."),
}


def terms_of(sku_id: UUID) -> VoucherTerms | None:
    """The terms of a service, None where none were set."""
    return db.session.get(VoucherTerms, sku_id)


def slots_of(sku_ids: Collection[UUID], most: int = 200) -> list[Slot]:
    """The slots of these services that are still to come, the next first. One query."""
    coming = select(Slot).where(Slot.sku_id.in_(sku_ids), Slot.starts_at > clock.db_now())
    return list(db.session.scalars(coming.order_by(Slot.starts_at, Slot.id).limit(most)))


def slots_for(voucher: Voucher, most: int = 200) -> list[Slot]:
    """The slots to come at which this voucher can be had, also those that are full, the next first; none for one that
    is used or gone. One query."""
    day = clock.china_day(Slot.starts_at)
    coming = select(Slot).where(Slot.sku_id == voucher.sku_id, Slot.starts_at > clock.db_now())
    had = coming.where(
        Slot.starts_at >= voucher.valid_from,
        Slot.starts_at < voucher.valid_until,
        extract("isodow", day).not_in(voucher.weekdays),
        func.to_char(day, "YYYY-MM-DD").not_in(voucher.dates),
    )
    wanted = had.order_by(Slot.starts_at, Slot.id).limit(most)
    return list(db.session.scalars(wanted)) if voucher.state == UNUSED else []


def services_over(sku_ids: Collection[UUID]) -> set[UUID]:
    """Those of these services whose terms have run out: what is bought of them could never be had. One query, none for
    no ids."""
    if not sku_ids:
        return set()
    over = select(VoucherTerms.sku_id).where(VoucherTerms.sku_id.in_(sku_ids))
    return set(db.session.scalars(over.where(VoucherTerms.valid_until <= clock.db_now())))


def slots_by_id(ids: Collection[UUID]) -> dict[UUID, Slot]:
    """These slots by id. One query, none for no ids."""
    if not ids:
        return {}
    return {one.id: one for one in db.session.scalars(select(Slot).where(Slot.id.in_(ids)))}


def vouchers_of(
    owners: Sequence[Ref], limit: int, cursor: str | None, order_id: UUID | None = None
) -> tuple[list[Voucher], str | None]:
    """A page of the vouchers of these owners (of one order), the latest first, and the next cursor. One query."""
    scope = "vouchers:" + ",".join(str(one.id) for one in owners) + (f":{order_id}" if order_id else "")
    place = paging.values_of(scope, cursor)
    mine = tuple_(Voucher.owner_kind, Voucher.owner_id).in_([tuple(one) for one in owners])
    wanted = select(Voucher).where(mine).order_by(Voucher.created_at.desc(), Voucher.id.desc()).limit(limit + 1)
    if order_id is not None:
        wanted = wanted.where(Voucher.line_id.in_(select(OrderLine.id).where(OrderLine.order_id == order_id)))
    if place is not None:
        before = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(Voucher.created_at, Voucher.id) < before)
    found = list(db.session.scalars(wanted))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None


def vouchers_of_line(line_id: UUID) -> list[Voucher]:
    """The vouchers of a line, in the order of its units. One query."""
    return list(db.session.scalars(select(Voucher).where(Voucher.line_id == line_id).order_by(Voucher.unit)))


def gone(vouchers: Sequence[Voucher]) -> int:
    """How many of a line's vouchers were not had, and are not to be had any more."""
    return sum(one.state in (VOID, EXPIRED) for one in vouchers)


def paid_unhad(line: LineProgress, vouchers: Sequence[Voucher]) -> int:
    """How many units of a line were paid back without being had: those that were cancelled, and any that were refunded
    beyond those that its vouchers brought."""
    return max(line.cancelled, line.refunded - sum(one.state == USED for one in vouchers))


def voucher_of(owner: Ref, voucher_id: UUID) -> Voucher:
    """A voucher of this owner. Raises Refused 404."""
    found = db.session.get(Voucher, voucher_id)
    if found is None or (found.owner_kind, found.owner_id) != owner:
        raise missing("没有这张券", "There is no such voucher.")
    return found


def locked_voucher(owner: Ref, voucher_id: UUID) -> Voucher:
    """A voucher of this owner, its row locked. Raises Refused 404."""
    mine = (Voucher.id == voucher_id, Voucher.owner_kind == owner.kind, Voucher.owner_id == owner.id)
    found = db.session.scalar(select(Voucher).where(*mine).with_for_update())
    if found is None:
        raise missing("没有这张券", "There is no such voucher.")
    return found


def voucher_at_counter(shop_id: UUID, code: str) -> Voucher:
    """The voucher of this shop with this code. Raises Refused 404 for every other code."""
    found = db.session.scalar(select(Voucher).where(Voucher.code == code, Voucher.shop_id == shop_id))
    if found is None:
        raise missing("没有这张券", "There is no such voucher.")
    return found


def require_usable(voucher: Voucher, now: datetime) -> None:
    """Raises Refused 409 for a voucher that cannot be had now: "used", "void", "expired", "too_early", "day_off",
    "not_booked"."""
    if voucher.state != UNUSED or voucher.valid_until <= now:
        raise Refused(409, *_REFUSALS[voucher.state if voucher.state != UNUSED else EXPIRED])
    if voucher.valid_from > now:
        raise Refused(409, "too_early", "这张券还没到可用时间", "This voucher is not valid yet.")
    if is_day_off(now, voucher.weekdays, voucher.dates):
        raise Refused(409, "day_off", "今天不可使用", "This voucher is not valid today.")
    if voucher.needs_booking and not _is_booked_today(voucher, now):
        raise Refused(409, "not_booked", "这张券没有预约今天", "This voucher is not booked for today.")


def require_unclaimed(line: LineProgress, vouchers: Sequence[Voucher]) -> None:
    """Raises Refused 409 "claimed" while all units of a line that were not had yet are asked back, or have expired or
    gone back: of a unit its buyer has the money or the service. What a case claims counts first as what was not had."""
    had = sum(one.state == USED for one in vouchers)
    if had + max(paid_unhad(line, vouchers), gone(vouchers)) + line.claimed >= line.quantity:
        zh, en = "买家正在申请退款，处理完才能核销", "Its buyer asks for a refund: settle that first."
        raise Refused(409, "claimed", zh, en)


def _is_booked_today(voucher: Voucher, now: datetime) -> bool:
    slot = db.session.get(Slot, voucher.slot_id) if voucher.slot_id else None
    return slot is not None and slot.starts_at.astimezone(CHINA).date() == now.astimezone(CHINA).date()


def redemptions_of(
    shop_id: UUID, limit: int, cursor: str | None
) -> tuple[list[tuple[Redemption, Voucher]], str | None]:
    """A page of what was redeemed in a shop, the latest first, and the next cursor. One query."""
    scope = f"redemptions:{shop_id}"
    place = paging.values_of(scope, cursor)
    wanted = select(Redemption, Voucher).join(Voucher, Voucher.id == Redemption.voucher_id)
    wanted = wanted.where(Redemption.shop_id == shop_id)
    if place is not None:
        before = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(Redemption.at, Redemption.id) < before)
    latest = wanted.order_by(Redemption.at.desc(), Redemption.id.desc()).limit(limit + 1)
    rows = [(row[0], row[1]) for row in db.session.execute(latest)]
    last = rows[limit - 1][0] if len(rows) > limit else None
    return rows[:limit], paging.cursor(scope, [iso(last.at), str(last.id)]) if last else None
