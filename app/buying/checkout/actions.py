"""What is done to checkouts: open, change, take for a purchase, release.

Locks are taken in one order: the buyer (an advisory lock, only to count what he holds), checkouts, holds, stock last
and in the order of SKUs (inventory). Of purchase, change and release each is a compare-and-set on `open`, so of a
purchase and an expiry that meet exactly one happens.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

import orjson
from sqlalchemy import delete, select, text, update

from app.buying.baskets.models import Basket, BasketLine, LineWanted
from app.buying.baskets.queries import fetched, line_wanted, lines_wanted, priced, require_priced, require_units
from app.buying.checkout.models import IS_OPEN, MOST_LINES, Changes, Checkout, CheckoutLine, Opener, holder
from app.buying.checkout.queries import (
    checkout_or_missing,
    chosen_points,
    in_lines,
    lines_of,
    open_ids,
    require_open,
    wants_of,
)
from app.buying.links.queries import OpenLink
from app.core import clock
from app.core.caller import SYSTEM, Caller, Ref
from app.core.config import settings
from app.core.db import changed, db
from app.core.errors import Refused, bad_field
from app.core.failpoints import reach
from app.core.ids import another, lowest_id_at, new_id
from app.core.plain import Row, prepared
from app.people.addresses.queries import place_to_send
from app.store.inventory.actions import extend_holds, hold, release_holds
from app.store.inventory.models import HeldFor, held_for
from app.store.orders.queries import UNPAID_BY, require_few_unpaid

MOST_OPEN = 5
"""Open checkouts of one buyer (house rule): so that nobody holds a shop's stock for nothing."""
MOST_EXTENDED = 3
"""Edits extend a checkout to so many times CHECKOUT_HOLD_SECONDS after it was opened, never further."""
_LOCK_BUYER = prepared("SELECT pg_advisory_xact_lock(hashtextextended(:name, 11))")

Who = tuple[str, UUID | None]
"""Who changes a state, for the log: a buyer's reference, or the system."""


def open_checkout(who: Opener, wants: Sequence[LineWanted], codes: Sequence[str] = ()) -> tuple[Checkout, Basket]:
    """Hold these goods for a buyer for CHECKOUT_HOLD_SECONDS; a sixth open checkout releases his oldest.

    `codes` are offers. Raises Refused: 422 for a SKU, link or offer that is not there or does not fit, 409 "off_sale"
    or "sold_out" with the SKUs, "too_much_held" where he, or his device, holds too much.
    """
    return _opened(who, lines_wanted(wants), codes)


def open_link_checkout(
    who: Opener, link: OpenLink, sku_id: UUID, quantity: int, codes: Sequence[str] = ()
) -> tuple[Checkout, Basket]:
    """As open_checkout, for one SKU of what `link` sells. Raises Refused 404 where those goods are gone."""
    want = LineWanted(sku_id, quantity, link.code)
    return _opened(who, [line_wanted(link.product_id, want)], codes)


def open_form_checkout(who: Opener, checkout_id: UUID, product_id: UUID, want: LineWanted) -> UUID:
    """As open_checkout, for the buy form of a page, which brings the checkout's id; answers the id where it leads to.

    The same form sent again, or twice at once, leads to the one checkout; changed meanwhile it is another wish, with an
    id made of both. The id of somebody else's checkout is refused by its primary key: 409 "made_already".
    """
    lock_buyer(who.buyer)  # of two at once the second waits here, and then sees what the first has made
    ids = (checkout_id, another(checkout_id, want), new_id())
    found, known = next((one, wants) for one in ids if (wants := wants_of(who.buyer, one)) in ([], [want]))
    return found if known else _opened(who, [line_wanted(product_id, want)], checkout_id=found)[0].id


def open_cart_checkout(who: Opener, checkout_id: UUID, wants: Sequence[LineWanted]) -> UUID:
    """As open_form_checkout, for the lines of a cart's page. Raises Refused 422 for more than MOST_LINES."""
    if len(wants) > MOST_LINES:
        raise bad_field("lines", f"一次最多结算 {MOST_LINES} 种商品", f"At most {MOST_LINES} lines at once.")
    lock_buyer(who.buyer)
    ids = (checkout_id, another(checkout_id, *wants), new_id())
    found, known = next((one, made) for one in ids if (made := wants_of(who.buyer, one)) in ([], list(wants)))
    return found if known else _opened(who, lines_wanted(wants), checkout_id=found)[0].id


def change_checkout(caller: Caller, checkout_id: UUID, changes: Changes) -> tuple[Checkout, Basket]:
    """Change the caller's open checkout; its deadline begins anew. New lines are held exactly, the old ones given back.

    A new line without a link keeps the one that its SKU had. Raises Refused: 404 for another's, 409 "already_purchased"
    or "expired", 422 for an address that is not in his book, or a place where these goods are not fetched, 409
    "not_delivered", and as open_checkout.
    """
    if changes.lines is not None:
        lock_buyer(caller.buyer)  # before the checkout, as where one is opened: what he holds is counted
    found = checkout_or_missing(caller.buyer, checkout_id, lock=True)
    require_open(found)
    lines = lines_of(checkout_id, ())
    if changes.lines is not None:
        kept = {line.sku_id: line.link_code for line in lines}
        lines = lines_wanted(changes.lines, kept)
        require_units(found.buyer, lines)
    pick_ups = chosen_points(lines, found.pick_ups, changes.pick_ups)
    lines = fetched(lines, pick_ups)
    address = changes.address
    if changes.address_id is not None:
        address = place_to_send(caller.person_id, changes.address_id)
    codes = found.offers if changes.offers is None else list(changes.offers)
    basket = priced(found.buyer, lines, codes, address or found.address)
    if changes.offers is not None or changes.lines is not None or address is not None or changes.pick_ups:
        require_priced(basket, fitting=changes.offers is not None)
    sent = {"address": _json(address), "note": changes.note, "offers": _json(list(codes))}
    sent |= {"invoice": _json(changes.invoice), "pick_ups": _json(pick_ups)}
    done = Checkout(**_CHANGE.rows(id=checkout_id, **sent, **_hold_times())[0]._asdict())
    if changes.lines is not None:
        db.session.execute(delete(CheckoutLine).where(CheckoutLine.checkout_id == checkout_id))
        _WRITE_LINES.changed(id=checkout_id, lines=_rows_of(lines))
        own = holder(checkout_id)
        hold_lines(own, lines, settings.checkout_hold_seconds, held_for(caller), [own])
    extend_holds(holder(checkout_id), done.expires_at)
    return done, basket


def take_checkout(buyer: Ref, checkout_id: UUID, given: Changes) -> Row:
    """A buyer's open checkout is purchased from here on, in the transaction that places its orders: the compare-and-set
    with its log row in one statement. Answers {address, note, offers, invoice, pick_ups, channel} as they are with what
    is `given` now.

    For who has locked the buyer. Raises Refused: 404 for another's, 409 "already_purchased", "expired" or
    "too_many_unpaid".
    """
    sent = {"address": _json(given.address), "note": given.note, "invoice": _json(given.invoice)}
    found = _TAKE.row(id=checkout_id, kind=buyer.kind, buyer=buyer.id, **sent, ahead=clock.ahead())
    if found is not None:
        require_few_unpaid(found.unpaid)
        return found
    require_open(checkout_or_missing(buyer, checkout_id))
    raise AssertionError("an open checkout could not be taken")


def adopt_checkouts(guest: Ref, person: Ref) -> int:
    """A guest's open checkouts are the person's that he became, with their holds; answers how many."""
    lock_buyer(guest)
    lock_buyer(person)
    mine = (Checkout.buyer_kind == guest.kind, Checkout.buyer_id == guest.id, IS_OPEN)
    return changed(update(Checkout).where(*mine).values(buyer_kind=person.kind, buyer_id=person.id))


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


def _opened(
    who: Opener, lines: Sequence[BasketLine], codes: Sequence[str] = (), checkout_id: UUID | None = None
) -> tuple[Checkout, Basket]:
    buyer = who.buyer
    require_units(buyer, lines)
    basket = require_priced(priced(buyer, lines, codes, None))
    released = [] if who.is_new else _make_room(buyer)
    row = {"id": checkout_id or new_id(), "buyer_kind": buyer.kind, "buyer_id": buyer.id, "channel": who.channel}
    sent = {"offers": _json(list(codes)), "lines": _rows_of(lines)}
    made = Checkout(**_OPEN.rows(**row, **_hold_times(), **sent)[0]._asdict())
    old = [holder(one) for one in released]
    hold_lines(holder(made.id), lines, settings.checkout_hold_seconds, who.held_for, old)
    return made, basket


# Named, for a statement that is prepared with * fails when a migration adds a column.
_COLUMNS = ", ".join(column.name for column in Checkout.__table__.columns)
_LINES = (
    "INSERT INTO checkout_lines (id, checkout_id, position, product_id, sku_id, quantity, link_code, cart_line_id)"
    " SELECT l.id, :id, l.position, l.product_id, l.sku_id, l.quantity, l.link_code, l.cart_line_id"
    " FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS l (id uuid, position smallint, product_id uuid, sku_id uuid,"
    "  quantity smallint, link_code text, cart_line_id uuid)"
)
_WRITE_LINES = prepared(_LINES)
_OPEN = prepared(
    "WITH made AS (INSERT INTO checkout_checkouts"
    "  (id, buyer_kind, buyer_id, state, channel, offers, created_at, expires_at)"
    "  VALUES (:id, :buyer_kind, :buyer_id, 'open', :channel, CAST(:offers AS jsonb), now() + :ahead,"
    "   now() + :ahead + :hold)"
    f" RETURNING {_COLUMNS}), lines AS ({_LINES})"
    f" SELECT {_COLUMNS} FROM made"
)
# The deadline begins anew with an edit, but somebody who edits on and on holds no goods for ever.
_CHANGE = prepared(
    "UPDATE checkout_checkouts SET address = coalesce(CAST(:address AS jsonb), address), note = coalesce(:note, note),"
    "  offers = CAST(:offers AS jsonb), invoice = coalesce(CAST(:invoice AS jsonb), invoice),"
    "  pick_ups = CAST(:pick_ups AS jsonb), expires_at = least(now() + :ahead + :hold, created_at + :longest)"
    f" WHERE id = :id RETURNING {_COLUMNS}"
)


def _hold_times() -> dict[str, timedelta]:
    hold = timedelta(seconds=settings.checkout_hold_seconds)
    return {"ahead": clock.ahead(), "hold": hold, "longest": MOST_EXTENDED * hold}


def _json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _make_room(buyer: Ref) -> list[UUID]:
    """Mark all open checkouts of `buyer` but the newest four as released."""
    lock_buyer(buyer)
    surplus = open_ids(buyer, MOST_OPEN - 1)
    return _mark_released(surplus, buyer, "a newer checkout took its place") if surplus else []


def lock_buyer(buyer: Ref) -> None:
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
    "  address = coalesce(CAST(:address AS jsonb), address), note = coalesce(:note, note),"
    "  invoice = coalesce(CAST(:invoice AS jsonb), invoice)"
    "  WHERE id = :id AND buyer_kind = :kind AND buyer_id = :buyer AND state = 'open' AND expires_at > now() + :ahead"
    "  RETURNING id, address, note, offers, invoice, pick_ups, channel),"
    " logged AS (INSERT INTO checkout_log (checkout_id, who_kind, who_id, before, after, why, at)"
    "  SELECT id, :kind, :buyer, 'open', 'purchased', 'purchased', now() + :ahead FROM taken)"
    f" SELECT address, note, offers, invoice, pick_ups, channel, ({UNPAID_BY}) AS unpaid FROM taken"
)


def _rows_of(lines: Sequence[BasketLine]) -> str | None:
    kept = ("id", "product_id", "sku_id", "quantity", "link_code", "cart_line_id")
    rows = [{"position": place, **{name: getattr(one, name) for name in kept}} for place, one in enumerate(lines)]
    return _json(rows)


def hold_lines(
    subject: Ref, lines: Sequence[BasketLine], seconds: int, who: HeldFor, releasing: Sequence[Ref] = ()
) -> None:
    """Hold these goods for a checkout or purchase; last of all, since a popular SKU's row stays locked from here to the
    commit. Raises Refused 409 "sold_out", "too_much_held" with the shops' own SKUs."""
    wants = [(line.sku.stock_sku_id, line.quantity) for line in lines]
    try:
        hold(subject, wants, seconds, releasing, who)
    except Refused as refused:
        raise in_lines(refused, lines) from refused
