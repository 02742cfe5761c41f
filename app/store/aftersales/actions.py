"""What is done about after-sales cases. Each step is a compare-and-set on the state, with a row of the log, so of two
who answer at once one does. Locks are taken in one order: the case, its order (fulfilment), stock, the payment."""

from collections.abc import Collection
from uuid import UUID

import structlog
from sqlalchemy import update

from app.core import clock
from app.core.audit import act, record
from app.core.caller import PERSON, SYSTEM, Caller
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing
from app.core.events import emit
from app.core.failpoints import reach
from app.core.ids import new_id
from app.people.uploads.actions import use_pictures
from app.store.aftersales.events import CaseClosed, CaseOpened
from app.store.aftersales.models import (
    AGAIN_AFTER,
    APPROVED,
    DISPUTED,
    ENDS,
    EXCHANGE,
    EXPIRED,
    GRANTED,
    PRICE,
    REFUSED,
    REJECTED,
    REPLACED,
    REQUESTED,
    SENT_BACK,
    WITHDRAWN,
    Arrival,
    Case,
    CaseLine,
    CaseLog,
    CasePicture,
    Wish,
    no_other,
    standing,
    wrong_state,
)
from app.store.aftersales.queries import (
    case_of_buyer,
    case_of_shop,
    case_or_missing,
    due_cases,
    fallen_price,
    lines_of_case,
    require_allowed,
    skus_of_case,
)
from app.store.delivery.queries import require_number
from app.store.fulfilment.actions import Who, locked_order, move_lines
from app.store.fulfilment.models import CANCEL, CLAIM, LET_GO, PAY, TAKE_BACK, Move
from app.store.fulfilment.models import REFUND as KEEP
from app.store.inventory.actions import restock, take_out
from app.store.inventory.models import CANCELLED, EXCHANGED, RETURNED
from app.store.orders.queries import is_buyer
from app.store.refunds.actions import grant
from app.store.refunds.models import Back
from app.store.refunds.queries import could_go_back, require_payable, require_unused_freight, shared_out
from app.store.returns.actions import pay_way_back
from app.store.returns.queries import policy_of, require_return_address
from app.store.shops.models import SERVE

log = structlog.get_logger("aftersales")
DECISION = act("aftersales_decision", "裁决售后争议", "Decided an after-sales dispute")
BUYER_SIDE, SHOP_SIDE, DESK = "buyer", "shop", "desk"


def open_case(caller: Caller, order_id: UUID, wish: Wish, case_id: UUID | None = None) -> Case:
    """Ask for something about a paid order of the caller's; the units are claimed until the case ends. `case_id` came
    with a form: sent again it answers the case that it opened.

    What was not sent is refunded at once, and so is a price that has fallen; all else the shop answers. Raises Refused
    404 for another's order, and as queries.require_allowed, fallen_price and refunds.grant.
    """
    buyer = caller.buyer
    if not is_buyer(buyer, order_id):
        raise missing("没有这个订单", "There is no such order.")
    order, lines = locked_order(order_id)
    known = db.session.get(Case, case_id) if case_id else None
    if known is not None:
        return known.of_order(order_id)
    made = Case.asking(wish, case_id or new_id(), order_id, order.shop_id, buyer)
    fell = fallen_price(order, lines, wish) if wish.kind == PRICE else {}
    unsent = wish.kind != PRICE and require_allowed(order, lines, wish)
    if wish.kind != PRICE:
        asked = [Back(one.line_id, CLAIM, one.units, wish.amount) for one in wish.lines]
        require_payable(order, lines, asked, wish.freight)
    if unsent or fell:
        require_unused_freight(lines, {one.line_id: one.units for one in wish.lines if unsent}, wish.freight)
    made.amount = sum(fell.values()) if fell else None if unsent else made.amount  # None: all of it goes back
    _begin(made, wish, fell)
    if fell:
        _grant_at_once(made, [Back(line_id, PAY, 0, amount) for line_id, amount in fell.items()], caller.buyer)
    elif unsent:
        _grant_at_once(made, [Back(one.line_id, CANCEL, one.units) for one in wish.lines], caller.buyer)
        _restock(made, CANCELLED)
    else:
        move_lines(order_id, [Move(one.line_id, CLAIM, one.units) for one in wish.lines], buyer, "after-sales case")
    return made


def withdraw(caller: Caller, case_id: UUID) -> Case:
    """Give a case up. Raises Refused 404 for another's, 409 once it has ended or goods are on their way back."""
    case = case_of_buyer(caller.buyer, case_id)
    _step(case, (REQUESTED, APPROVED, REFUSED, DISPUTED), WITHDRAWN, BUYER_SIDE, caller, "")
    return _let_go(case, caller.buyer, "withdrawn")


def approve(caller: Caller, case_id: UUID, words: str) -> Case:
    """The shop agrees: money goes back at once for goods that are kept; others are to be sent back first. Raises
    Refused 404, 403, 409 "wrong_state", "no_return_address" where nobody said where to."""
    return _agree(case_of_shop(caller, case_id, SERVE), caller, words)


def refuse(caller: Caller, case_id: UUID, words: str) -> Case:
    """The shop does not agree, or not with what came back; its buyer may appeal."""
    return _step(case_of_shop(caller, case_id, SERVE), (REQUESTED, SENT_BACK), REFUSED, SHOP_SIDE, caller, words)


def enter_parcel(caller: Caller, case_id: UUID, carrier: str, number: str, paid: int) -> Case:
    """The buyer has sent the goods back, and paid `paid` 分 for it: up to WAY_BACK_MOST the shop gives back, where it
    answers for the fault or insures the way back. Raises Refused 422 for a carrier or number that is none."""
    case = case_of_buyer(caller.buyer, case_id)
    require_number(carrier, number)
    way_back = case.way_back_of(paid, policy_of(case.shop_id).is_insured)
    sent = {"back_carrier": carrier, "back_number": number, "way_back": way_back}
    return _step(case, (APPROVED,), SENT_BACK, BUYER_SIDE, caller, f"{carrier} {number}", **sent)


def confirm_arrival(caller: Caller, case_id: UUID, arrival: Arrival) -> Case:
    """The goods are back: their money goes back, or in an exchange others do, which are taken from stock.

    Raises Refused 422 for an exchange without a parcel, 409 "sold_out" where there is no other: what has just come back
    is none.
    """
    case = case_of_shop(caller, case_id, SERVE)
    if case.kind != EXCHANGE or arrival.is_refunded:
        _step(case, (SENT_BACK,), GRANTED, SHOP_SIDE, caller, "")
        return _grant(case, _who(caller), arrival.is_sellable)
    carrier, number = arrival.parcel()
    require_number(carrier, number)
    sent = {"new_carrier": carrier, "new_number": number}
    _step(case, (SENT_BACK,), REPLACED, SHOP_SIDE, caller, f"{carrier} {number}", **sent)
    pay_way_back(case.ref, case.shop_id, case.buyer_id, case.way_back)
    _let_go(case, _who(caller), "exchanged")
    try:
        take_out(skus_of_case(case.id), case.ref, EXCHANGED)
    except Refused as lacking:
        raise no_other(lacking) from None
    if arrival.is_sellable:
        _restock(case, RETURNED)
    return case


def appeal(caller: Caller, case_id: UUID, words: str, uploads: Collection[UUID] = ()) -> Case:
    """Ask the moderators about a refusal. Raises Refused 404 for another's case, 409 where nothing was refused."""
    case = case_of_buyer(caller.buyer, case_id)
    _step(case, (REFUSED,), DISPUTED, BUYER_SIDE, caller, words)
    _show(case, uploads)
    return case


def decide(caller: Caller, case_id: UUID, after: str, words: str, amount: int | None) -> Case:
    """A moderator ends a dispute: GRANTED (of it `amount` 分, None for all that was asked), APPROVED: the goods go back
    first, or REJECTED. Raises Refused 404, 409 as approve, also where it was just decided by another."""
    case = case_or_missing(case_id)
    if after == APPROVED and not case.is_sent_back:
        raise bad_field("outcome", "这个售后单不需要寄回", "Nothing is to be sent back in this case.")
    _step(case, (DISPUTED,), after, DESK, caller, words, **({} if amount is None else {"amount": amount}))
    record(caller.person, DECISION, case.ref, words)
    if after == APPROVED:
        require_return_address(case.shop_id)
    if after == GRANTED:
        return _grant(case, _who(caller), is_sellable=False, is_exact=amount is not None)
    return _let_go(case, _who(caller), "decided") if after == REJECTED else case


def end_due(most: int = 50) -> int:
    """What the end of a deadline makes of cases, and of how many: who did not answer has agreed (or moderators decide),
    who did not go on has given up. A sweep."""
    found = [(case.id, case) for case in due_cases(most)]
    for case_id, case in found:
        try:
            with db.session.begin_nested():
                _end(case)
        except Refused as refused:  # it holds up nobody else's, and is tried again
            log.error("case_not_ended", case_id=str(case_id), code=refused.code)
            changed(update(Case).where(Case.id == case_id).values(due_at=clock.db_now() + AGAIN_AFTER))
    reach("sweep.before_commit")
    return len(found)


def _end(case: Case) -> None:
    if case.state == REQUESTED and case.is_sent_back and not policy_of(case.shop_id).has_address:
        _step(case, (REQUESTED,), DISPUTED, SYSTEM, None, "no return address")
    elif case.state == REQUESTED:
        _agree(case, None, "no answer in time")
    elif case.state == SENT_BACK:
        _step(case, (SENT_BACK,), GRANTED, SYSTEM, None, "no answer in time")
        _grant(case, (SYSTEM, None), is_sellable=False)
    else:
        _step(case, (APPROVED, REFUSED), EXPIRED, SYSTEM, None, "not gone on with in time")
        _let_go(case, (SYSTEM, None), "expired")


def _begin(case: Case, wish: Wish, fell: dict[UUID, int]) -> None:
    case.due_at = None
    db.session.add(case)
    db.session.flush()
    units = {one.line_id: one.units for one in wish.lines if wish.kind != PRICE or one.line_id in fell}
    db.session.add_all(CaseLine(case_id=case.id, line_id=line_id, units=count) for line_id, count in units.items())
    who = {"who": BUYER_SIDE, "who_id": case.buyer_id if case.buyer_kind == PERSON else None}
    db.session.add(CaseLog(case_id=case.id, **who, before=None, after=REQUESTED, words=wish.words))
    changed(update(Case).where(Case.id == case.id).values(**standing(REQUESTED, clock.db_now())))
    if wish.uploads:
        _show(case, wish.uploads)
    emit(CaseOpened(case.id, case.order_id))


def _agree(case: Case, caller: Caller | None, words: str) -> Case:
    who = SHOP_SIDE if caller else SYSTEM
    if case.is_sent_back:
        require_return_address(case.shop_id)
        return _step(case, (REQUESTED,), APPROVED, who, caller, words)
    _step(case, (REQUESTED,), GRANTED, who, caller, words)
    return _grant(case, _who(caller), is_sellable=False)


def _step(
    case: Case, before: tuple[str, ...], after: str, who: str, caller: Caller | None, words: str, **values: object
) -> Case:
    """The compare-and-set, with its row of the log. Raises Refused 409 "wrong_state"."""
    old = case.state
    taken = update(Case).where(Case.id == case.id, Case.state == old, Case.state.in_(before))
    if not changed(taken.values(**standing(after, clock.db_now()), **values)):
        raise wrong_state(case_or_missing(case.id).state)
    who_id = caller.person_id if caller else None
    db.session.add(CaseLog(case_id=case.id, who=who, who_id=who_id, before=old, after=after, words=words))
    db.session.flush()
    db.session.refresh(case)
    if after in ENDS:
        emit(CaseClosed(case.id, case.order_id, after))
    return case


def _grant_at_once(case: Case, backs: list[Back], who: Who) -> None:
    made = grant(case.order_id, backs, case.ref, who, case.why, case.freight)
    _step(case, (REQUESTED,), GRANTED, SYSTEM, None, "", grant_id=made.id)


def _grant(case: Case, who: Who, is_sellable: bool, is_exact: bool = False) -> Case:
    """The money of a case that is GRANTED; its goods are back if a parcel was entered. What went back since it was
    asked for goes back no second time: the rest does, unless a moderator has just named the sum (`is_exact`)."""
    is_back = case.back_number is not None
    kind = TAKE_BACK if is_back else KEEP
    backs = [Back(one.line_id, kind, one.units) for one in lines_of_case(case.id)]
    order = locked_order(case.order_id)
    most, freight = could_go_back(*order, backs)
    amount = most if case.amount is None else case.amount if is_exact else min(case.amount, most)
    if amount != most:
        backs = shared_out(*order, backs, amount)
    made = grant(case.order_id, backs, case.ref, who, case.reason, min(case.freight, freight))
    changed(update(Case).where(Case.id == case.id).values(grant_id=made.id))
    if is_back:
        pay_way_back(case.ref, case.shop_id, case.buyer_id, case.way_back)
    if is_back and is_sellable:
        _restock(case, RETURNED)
    db.session.refresh(case)
    return case


def _let_go(case: Case, who: Who, why: str) -> Case:
    moves = [Move(one.line_id, LET_GO, one.units) for one in lines_of_case(case.id)]
    move_lines(case.order_id, moves, who, why)
    return case


def _restock(case: Case, reason: str) -> None:
    """What its buyer did not get, or sent back as good as new, is for sale again."""
    restock(skus_of_case(case.id), case.ref, reason)


def _show(case: Case, uploads: Collection[UUID]) -> None:
    """Keep the pictures of its buyer, his own uploads, be he a guest; seen by both sides and by moderators."""
    used = use_pictures(case.buyer_id, list(uploads)) if uploads else []
    db.session.add_all(CasePicture(case_id=case.id, upload_id=one.id) for one in used)
    db.session.flush()


def _who(caller: Caller | None) -> Who:
    return (caller.ref if caller else None) or (SYSTEM, None)
