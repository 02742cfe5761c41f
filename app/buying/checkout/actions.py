"""What is done to checkouts: open, change, purchase, release.

Locks are taken in one order: the buyer (an advisory lock, only to count what he holds), checkouts, holds, stock last
and in the order of SKUs (inventory). Of purchase, change and release each is a compare-and-set on `open`, so of a
purchase and an expiry that meet exactly one happens.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import orjson
from sqlalchemy import delete, select, text

from app.buying.checkout.models import IS_OPEN, Changes, Checkout, CheckoutLine, LineWanted, holder
from app.buying.checkout.queries import (
    Basket,
    BasketLine,
    checkout_or_missing,
    line_wanted,
    lines_of,
    lines_wanted,
    open_ids,
    require_on_sale,
    require_open,
    wants_of,
)
from app.buying.links.queries import Attribution, OpenLink, attribution
from app.core import clock
from app.core.caller import SYSTEM, Caller, Ref
from app.core.config import settings
from app.core.db import changed, db
from app.core.errors import Refused, bad_field
from app.core.failpoints import reach
from app.core.ids import another, lowest_id_at, new_id
from app.core.plain import Row, insertion, prepared
from app.plays.offers.actions import quote, redeem
from app.store.inventory.actions import extend_holds, hold, release_holds
from app.store.orders.actions import place_purchase
from app.store.orders.models import AdjustmentToPlace, LineToPlace, PlacedPurchase
from app.store.orders.queries import require_few_unpaid

MOST_OPEN = 5
"""Open checkouts of one buyer (house rule): so that nobody holds a shop's stock for nothing."""
MOST_EXTENDED = 3
"""Edits extend a checkout to so many times CHECKOUT_HOLD_SECONDS after it was opened, never further."""
_LOCK_BUYER = prepared("SELECT pg_advisory_xact_lock(hashtextextended(:name, 11))")

Who = tuple[str, UUID | None]
"""Who changes a state, for the log: a buyer's reference, or the system."""


def open_checkout(
    buyer: Ref, wants: Sequence[LineWanted], codes: Sequence[str] = (), is_new_buyer: bool = False
) -> tuple[Checkout, Basket]:
    """Hold these goods for `buyer` for CHECKOUT_HOLD_SECONDS; a sixth open checkout releases his oldest.

    `codes` are offers. `is_new_buyer`: a guest made this moment, who cannot have other checkouts. Raises Refused: 422
    for a SKU, link or offer that is not there or does not fit, 409 "off_sale" or "sold_out" with the SKUs.
    """
    return _opened(buyer, lines_wanted(wants), codes, is_new_buyer)


def open_link_checkout(
    buyer: Ref, link: OpenLink, sku_id: UUID, quantity: int, codes: Sequence[str] = (), is_new_buyer: bool = False
) -> tuple[Checkout, Basket]:
    """As open_checkout, for one SKU of what `link` sells. Raises Refused 404 where those goods are gone."""
    want = LineWanted(sku_id, quantity, link.code)
    return _opened(buyer, [line_wanted(link.product_id, want)], codes, is_new_buyer)


def open_form_checkout(buyer: Ref, checkout_id: UUID, product_id: UUID, want: LineWanted) -> UUID:
    """As open_checkout, for the buy form of a page, which brings the checkout's id; answers the id where it leads to.

    The same form sent again, or twice at once, leads to the one checkout; changed meanwhile it is another wish, with an
    id made of both. The id of somebody else's checkout is refused by its primary key: 409 "made_already".
    """
    _lock_buyer(buyer)  # of two at once the second waits here, and then sees what the first has made
    ids = (checkout_id, another(checkout_id, want), new_id())
    found, known = next((one, wants) for one in ids if (wants := wants_of(buyer, one)) in ([], [want]))
    return found if known else _opened(buyer, [line_wanted(product_id, want)], checkout_id=found)[0].id


def change_checkout(caller: Caller, checkout_id: UUID, changes: Changes) -> tuple[Checkout, Basket]:
    """Change the caller's open checkout; its deadline begins anew. New lines are held exactly, the old ones given back.

    A new line without a link keeps the one that its SKU had. Raises Refused: 404 for another's, 409 "already_purchased"
    or "expired", and as open_checkout.
    """
    found = checkout_or_missing(caller.buyer, checkout_id, lock=True)
    require_open(found)
    lines = lines_of(checkout_id)
    if changes.lines is not None:
        lines = lines_wanted(changes.lines, {line.sku_id: line.link_code for line in lines})
    codes = found.offers if changes.offers is None else list(changes.offers)
    basket = _basket(found.buyer, lines, codes)
    sent = {"address": _json(changes.address), "note": changes.note, "offers": _json(list(codes))}
    done = Checkout(**_CHANGE.rows(id=checkout_id, **sent, **_hold_times())[0]._asdict())
    if changes.lines is not None:
        db.session.execute(delete(CheckoutLine).where(CheckoutLine.checkout_id == checkout_id))
        _write_lines(checkout_id, lines)
        _hold(checkout_id, lines, [holder(checkout_id)])
    extend_holds(holder(checkout_id), done.expires_at)
    return done, basket


def purchase(
    caller: Caller,
    checkout_id: UUID,
    expected_total: int | None = None,
    address: dict[str, str] | None = None,
    note: str | None = None,
    before: Ref | None = None,
) -> PlacedPurchase:
    """Turn the caller's open checkout into a purchase at the prices of this moment; its holds go on to the purchase.

    `address` and `note` replace what the checkout has; `before` is the guest that his browser was before he signed in,
    whose clicks are his. Raises Refused: 404 for another's, 409 "already_purchased", "expired", "off_sale",
    "total_changed" (with the new total) or "too_many_unpaid", 422 without an address.
    """
    buyer = caller.buyer
    _lock_buyer(buyer)
    taken = _take(buyer, checkout_id, address, note)
    require_few_unpaid(buyer)
    if taken.address is None:
        # All goods are physical so far. What needs no address will say so in catalogue.
        raise bad_field("address", "请填写收货地址", "An address is needed to deliver these goods.")
    lines = lines_of(checkout_id)
    require_on_sale(lines)
    purchase_id = new_id()
    taken_off = redeem(taken.offers, buyer, lines, purchase_id).adjustments
    total = Basket(lines, taken_off).total
    if expected_total is not None and total != expected_total:
        zh, en = "金额已变化，请确认后再下单", "The total has changed: look again before you order."
        raise Refused(409, "total_changed", zh, en, errors={"total": [total]})
    owed = attribution(buyer, [(line.product_id, line.link_code) for line in lines], before)
    placing = [_placing(*one) for one in zip(lines, owed, taken_off, strict=True)]
    return place_purchase(buyer, checkout_id, placing, taken.address, taken.note, purchase_id)


def release_due(most: int = 50) -> int:
    """Release open checkouts whose deadline has passed, and give their stock back; answers how many. A sweep.

    A checkout that is being purchased at this moment is locked and passed by.
    """
    due = db.session.scalars(
        select(Checkout.id)
        .where(IS_OPEN, Checkout.expires_at <= clock.db_now())
        .order_by(Checkout.expires_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    released = _mark_released(due, (SYSTEM, None), "expired") if due else []
    release_holds(*(holder(one) for one in released))
    reach("sweep.before_commit")
    return len(released)


_FORGET = text(
    "WITH old AS (SELECT id FROM checkout_checkouts"
    f"  WHERE id < {lowest_id_at('now() + :ago')} AND created_at < now() + :ago AND state <> 'open'"
    "  ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED),"
    " lines AS (DELETE FROM checkout_lines WHERE checkout_id IN (SELECT id FROM old)),"
    " logged AS (DELETE FROM checkout_log WHERE checkout_id IN (SELECT id FROM old))"
    " DELETE FROM checkout_checkouts WHERE id IN (SELECT id FROM old)"
)


def forget_old(most: int = 500) -> int:
    """Delete purchased and released checkouts older than 30 days, lines and log too; a sweep. Answers how many."""
    return changed(_FORGET, {"most": most, "ago": clock.ahead() - timedelta(days=30)})


def basket_of(checkout: Checkout) -> Basket:
    """What is in a checkout at the prices of this moment, and what its offers make of it; changes nothing."""
    return _basket(checkout.buyer, lines_of(checkout.id), checkout.offers)


def _basket(buyer: Ref, lines: Sequence[BasketLine], codes: Sequence[str]) -> Basket:
    return Basket(lines, quote(codes, buyer, lines).adjustments)


def _opened(
    buyer: Ref,
    lines: Sequence[BasketLine],
    codes: Sequence[str] = (),
    is_new_buyer: bool = False,
    checkout_id: UUID | None = None,
) -> tuple[Checkout, Basket]:
    basket = _basket(buyer, lines, codes)
    released = [] if is_new_buyer else _make_room(buyer)
    row = {"id": checkout_id or new_id(), "buyer_kind": buyer.kind, "buyer_id": buyer.id}
    made = Checkout(**_OPEN.rows(**row, **_hold_times(), offers=_json(list(codes)))[0]._asdict())
    _write_lines(made.id, lines)
    _hold(made.id, lines, [holder(one) for one in released])
    return made, basket


# Named, for a statement that is prepared with * fails when a migration adds a column.
_COLUMNS = ", ".join(column.name for column in Checkout.__table__.columns)
_OPEN = prepared(
    "INSERT INTO checkout_checkouts (id, buyer_kind, buyer_id, state, offers, created_at, expires_at) VALUES (:id,"
    "  :buyer_kind, :buyer_id, 'open', CAST(:offers AS jsonb), now() + :ahead, now() + :ahead + :hold)"
    f" RETURNING {_COLUMNS}"
)
# The deadline begins anew with an edit, but somebody who edits on and on holds no goods for ever.
_CHANGE = prepared(
    "UPDATE checkout_checkouts SET address = coalesce(CAST(:address AS jsonb), address), note = coalesce(:note, note),"
    "  offers = CAST(:offers AS jsonb), expires_at = least(now() + :ahead + :hold, created_at + :longest)"
    f" WHERE id = :id RETURNING {_COLUMNS}"
)


def _hold_times() -> dict[str, timedelta]:
    hold = timedelta(seconds=settings.checkout_hold_seconds)
    return {"ahead": clock.ahead(), "hold": hold, "longest": MOST_EXTENDED * hold}


def _json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _make_room(buyer: Ref) -> list[UUID]:
    """Mark all open checkouts of `buyer` but the newest four as released."""
    _lock_buyer(buyer)
    surplus = open_ids(buyer, MOST_OPEN - 1)
    return _mark_released(surplus, buyer, "a newer checkout took its place") if surplus else []


def _lock_buyer(buyer: Ref) -> None:
    """Until this transaction ends no other counts what `buyer` holds: that makes each count exact."""
    _LOCK_BUYER.rows(name=f"checkout:{buyer.kind}:{buyer.id}")


_RELEASE = prepared(
    "WITH released AS (UPDATE checkout_checkouts SET state = 'released' WHERE id = ANY(:ids) AND state = 'open'"
    "  RETURNING id),"
    " logged AS (INSERT INTO checkout_log (checkout_id, who_kind, who_id, before, after, why, at)"
    "  SELECT id, :kind, :who, 'open', 'released', :why, now() + :ahead FROM released)"
    " SELECT id FROM released"
)


def _mark_released(ids: Collection[UUID], who: Who, why: str) -> list[UUID]:
    """Those of `ids` that were open until now, and are released; their stock is the caller's to give back."""
    given = {"ids": list(ids), "kind": who[0], "who": who[1], "why": why}
    return [row.id for row in _RELEASE.rows(**given, ahead=clock.ahead())]


# Lines are read after it, never in it: a statement that waited for a change of lines would still see the old ones.
_TAKE = prepared(
    "WITH taken AS (UPDATE checkout_checkouts SET state = 'purchased',"
    "  address = coalesce(CAST(:address AS jsonb), address), note = coalesce(:note, note)"
    "  WHERE id = :id AND buyer_kind = :kind AND buyer_id = :buyer AND state = 'open' AND expires_at > now() + :ahead"
    "  RETURNING id, address, note, offers),"
    " logged AS (INSERT INTO checkout_log (checkout_id, who_kind, who_id, before, after, why, at)"
    "  SELECT id, :kind, :buyer, 'open', 'purchased', 'purchased', now() + :ahead FROM taken)"
    " SELECT address, note, offers FROM taken"
)


def _take(buyer: Ref, checkout_id: UUID, address: dict[str, str] | None, note: str | None) -> Row:
    """The compare-and-set from open to purchased, with its log row in the same statement; answers what was sent."""
    sent = {"address": _json(address), "note": note, "ahead": clock.ahead()}
    found = _TAKE.row(id=checkout_id, kind=buyer.kind, buyer=buyer.id, **sent)
    if found is not None:
        return found
    require_open(checkout_or_missing(buyer, checkout_id))
    raise AssertionError("an open checkout could not be taken")


def _placing(line: BasketLine, owed: Attribution | None, adjustments: Sequence[AdjustmentToPlace]) -> LineToPlace:
    sku = line.sku
    return LineToPlace(
        sku_id=sku.sku_id,
        product_id=sku.product_id,
        shop_id=sku.shop_id,
        title=sku.title,
        sku_name=sku.sku_name,
        price=sku.price,
        quantity=line.quantity,
        adjustments=adjustments,
        **(asdict(owed) if owed else {}),
    )


def _write_lines(checkout_id: UUID, lines: Sequence[BasketLine]) -> None:
    for place, line in enumerate(lines):
        goods = {"product_id": line.product_id, "sku_id": line.sku_id, "quantity": line.quantity}
        _LINE.changed(id=line.id, checkout_id=checkout_id, position=place, **goods, link_code=line.link_code)


_LINE = insertion(CheckoutLine, *("id", "checkout_id", "position", "product_id", "sku_id", "quantity", "link_code"))


def _hold(checkout_id: UUID, lines: Sequence[BasketLine], releasing: Sequence[Ref]) -> None:
    """Hold the goods; last of all, since a popular SKU's row stays locked from here to the commit."""
    wants = [(line.sku_id, line.quantity) for line in lines]
    hold(holder(checkout_id), wants, settings.checkout_hold_seconds, releasing)
