"""A small market for a test that plays at random: three shops, three buyers, offers with limits, and all that can be
done to their orders. What is picked by a number is counted from the newest back, so that what happens meets."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

import orjson
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.buying.baskets.models import LineWanted
from app.buying.checkout.actions import change_checkout, open_checkout
from app.buying.checkout.models import Changes, opener
from app.buying.placing.actions import purchase
from app.core import worker
from app.core.caller import Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused, refusal_of
from app.core.guests import guest_of, new_guest_token
from app.plays.promotions.models import Scope
from app.store.aftersales import actions as cases
from app.store.aftersales.models import Arrival, LineClaimed, Wish
from app.store.catalogue.actions import change_sku
from app.store.delivery.actions import receive, ship
from app.store.deposits.actions import pay_out_surplus
from app.store.fees.actions import set_rate
from app.store.freight.actions import make_template
from app.store.freight.models import FreightRule, TemplateWanted
from app.store.inventory.actions import set_stock
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import PAYOUTS, wallet_account
from app.store.orders.actions import cancel_purchase, pay_purchase
from app.store.payments.actions import play_fault, play_outcome, receive_callback, settle_callback
from app.store.payments.queries import payment as payment_now
from app.store.refunds.actions import cancel_order
from app.store.returns.actions import set_policy
from app.store.settlement.actions import pay_out, take_back_payout
from tests import make
from tests.make.order import signed
from tests.make.settlement import BILL, SETTLE, let_windows_pass
from tests.sound import broken

T = TypeVar("T")
PRICES = ((10_000, 3_333), (2_599, 1), (4_950,))
RECENT = 4
NOTHING_YET = "nothing_yet"
FAULTS = {3: "refund_fails", 4: "lost"}
ENDS = (cases.GRANTED, cases.REJECTED, cases.APPROVED)


class Market:
    """Each act takes two numbers: which thing it is about, and how it is done. What cannot be done is refused."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.refused: list[str] = []
        self.purchases: list[tuple[UUID, Caller]] = []
        self.payments: list[UUID] = []
        self._open_shops()
        self.paid_out: dict[UUID, list[int]] = {one.id: [] for one in self.shops}
        people = [make.person(), make.person()]
        guest = guest_of(new_guest_token())
        self.buyers = [*(Caller(person_id=one.id) for one in people), Caller(guest_id=guest)]
        self.moderator = Caller(person_id=make.person(roles=("moderator",)).id)
        in_transaction(lambda: set_rate(self.moderator, None, None, 500, None, "5%"))
        in_transaction(lambda: set_rate(self.moderator, self.shops[1].id, None, 333, None, "3.33%"))
        batches = (
            make.coupons(terms={"tiers": [{"above": 0, "off": 3_000}]}, quantity=3, per_person=2, most_uses=3),
            make.coupons(self.shops[0], quantity=3, per_person=2, budget=1_500),
        )
        self.codes = [[make.coupon(batch, one.id) for batch in batches] for one in people] + [[]]
        for one in people:
            gift = [("gateway:bank", 20_000), (wallet_account(one.id), -20_000)]
            in_transaction(lambda one=one, gift=gift: post_journal("gift", Ref("person", one.id), gift))

    def _open_shops(self) -> None:
        self.shops = [make.shop() for _ in PRICES]
        for shop in self.shops[1:]:
            in_transaction(lambda shop=shop: set_policy(shop.id, "杭州仓 1 号", False).shop_id)
        self.staff = {one.id: make.as_staff(one) for one in self.shops}
        stocked = [(shop, price) for shop, prices in zip(self.shops, PRICES, strict=True) for price in prices]
        self.goods = [make.product(shop, price=price, stock=24) for shop, price in stocked]
        first = self.shops[0]
        rules = [FreightRule(first_price=800, further_price=200, free_amount=9_900)]
        in_transaction(lambda: make_template(first.owner.id, first.id, TemplateWanted("全国", "piece", rules, True)))
        below = {"tiers": [{"above": 2_000, "off": 100}]}
        make.promotion("shop_reduction", below, self.shops[1], most_uses=3)
        named = Scope(shops=frozenset(one.id for one in self.shops))
        make.promotion("platform_reduction", below, budget=700, most_per_person=3, platform_share=5_000, scope=named)
        make.promotion("free_shipping", {"most": 500}, budget=1_200)

    def wrong(self) -> dict[str, list[str]]:
        """What is broken (tests/sound.py)."""
        return in_transaction(lambda: broken(self._asked))

    def does(self, name: str, which: int, how: int) -> None:
        """One act; what is refused is noted."""
        act: Callable[[int, int], None] = getattr(self, name)
        try:
            act(which, how)
        except (Refused, DBAPIError) as error:
            refusal = error if isinstance(error, Refused) else refusal_of(error)
            if refusal is None or (name in BY_TIME and refusal.code != NOTHING_YET):
                raise
            self.refused.append(f"{name}: {refusal.code}")

    # Buying and paying

    def buy(self, which: int, how: int) -> None:
        """One to three lines of one or two units, with no coupon, a platform's or a shop's."""
        place = which % len(self.buyers)
        caller = self.buyers[place]
        lines = [
            LineWanted(
                self.goods[(which + step * (1 + how // 3 % 2)) % len(self.goods)].sku_id, 1 + (how // 6 + step) % 2
            )
            for step in range(1 + how % 3)
        ]
        opened = in_transaction(lambda: open_checkout(opener(caller), lines)[0].id)
        wanted = self.codes[place][how % 5 - 1 : how % 5] if how % 5 in {1, 2} else []
        in_transaction(lambda: change_checkout(caller, opened, Changes(address=make.ADDRESS, offers=wanted)))
        if how % 7 == 6:
            return  # thinks better of it: its stock is held until the checkout is over
        placed = in_transaction(lambda: purchase(caller, opened))
        self.purchases.append((placed.id, caller))

    def buy_and_pay(self, which: int, how: int) -> None:
        self.buy(which, how)
        if how % 4 != 3:
            self.pay(0, 0)

    def pay(self, which: int, how: int) -> None:
        """Once or twice, by the sandbox or from the wallet; it is begun only, paid, failed, faulty or paid silently."""
        purchase_id, caller = _recent(self.purchases, which)
        gateway = "wallet" if how % 6 == 5 else "sandbox"
        for _ in range(2 if how % 4 == 3 else 1):
            begun = in_transaction(lambda: pay_purchase(caller, purchase_id, gateway))
            self.payments.append(begun.id)
        if gateway == "sandbox" and how != 1:
            for back in range(2 if how % 4 == 3 else 1):
                self.tell(back, how // 6)

    def tell(self, which: int, how: int) -> None:
        """The provider tells of an attempt, also of one whose purchase is over; the same again is the same event."""
        payment_id = _recent(self.payments, which)
        if how % 5 in FAULTS:
            in_transaction(lambda: play_fault(payment_now(payment_id), FAULTS[how % 5]))
        if how % 5 != 4:
            outcome = "failed" if how % 5 == 1 else "paid"
            kept = in_transaction(lambda: play_outcome(payment_now(payment_id), outcome))
            in_transaction(lambda: settle_callback(kept))

    def be_asked(self, which: int, how: int) -> None:
        """Callbacks were lost: the providers are asked."""
        self._now("UPDATE payments_payments SET next_ask_at = now() WHERE state = 'pending'")
        worker.sweep_once(["store.payments.ask_providers"])

    def lapse(self, which: int, how: int) -> None:
        about = {"id": _recent(self.purchases, which)[0]}
        self._now("UPDATE orders_purchases SET pay_by = created_at WHERE id = :id AND status = 'unpaid'", **about)
        self._now("UPDATE checkout_checkouts SET expires_at = created_at WHERE state = 'open'")
        worker.sweep_once(["store.orders.let_purchases_lapse", "buying.checkout.release_expired"])

    def give_up(self, which: int, how: int) -> None:
        purchase_id, caller = _recent(self.purchases, which)
        in_transaction(lambda: cancel_purchase(caller, purchase_id))

    # What shops do, and what becomes of orders

    def put_stock(self, which: int, how: int) -> None:
        one = self.goods[which % len(self.goods)]
        in_transaction(lambda: set_stock(one.sku_id, 4 + how % 16, one.shop.owner.id))

    def change_price(self, which: int, how: int) -> None:
        one = self.goods[which % len(self.goods)]
        in_transaction(lambda: change_sku(make.as_staff(one.shop), one.sku_id, price=1 + how * 97))

    def send(self, which: int, how: int) -> None:
        """All of an order that is not sent yet, or a unit of its first line."""
        order_id, shop_id = self._order(which)
        units = {self._lines(order_id)[0]: 1} if how % 2 else None
        in_transaction(lambda: ship(self.staff[shop_id], order_id, "sandbox", uuid4().hex, units))

    def receive(self, which: int, how: int) -> None:
        """By its buyer, or because he says nothing."""
        order_id, _ = self._order(which)
        if how % 3 == 0:
            self._now("UPDATE delivery_packages SET receive_by = shipped_at")
            worker.sweep_once(["store.delivery.receive_by_time"])
        else:
            in_transaction(lambda: receive(self._buyer(order_id), order_id))

    def deliver(self, which: int, how: int) -> None:
        """One of which something is not sent is sent, and received."""
        order_id, shop_id = self._order(which, "fulfilment IN ('unfulfilled', 'partly_shipped')")
        in_transaction(lambda: ship(self.staff[shop_id], order_id, "sandbox", uuid4().hex))
        in_transaction(lambda: receive(self._buyer(order_id), order_id))

    def be_late(self, which: int, how: int) -> None:
        self._now("UPDATE fulfilment_orders SET ship_by = began_at WHERE order_id = :id", id=self._order(which)[0])
        worker.sweep_once(["store.lateness.compensate_late_orders"])

    def cancel(self, which: int, how: int) -> None:
        """By its buyer, or by its shop."""
        order_id, shop_id = self._order(which)
        who = self.staff[shop_id] if how % 3 == 0 else self._buyer(order_id)
        in_transaction(lambda: cancel_order(who, order_id, "不要了"))

    # After-sales

    def ask(self, which: int, how: int) -> None:
        """For money, for money back for goods sent back, for others, or for a fallen price."""
        order_id, _ = self._order(which)
        lines = self._lines(order_id)
        kind = ("refund", "return", "exchange", "price", "refund")[how % 5]
        wanted = [LineClaimed(lines[how // 5 % len(lines)], 2 if how % 9 == 0 else 1)]
        amount = 40 * (how % 9) if how % 5 == 4 else None
        wish = Wish(kind, "damaged" if how % 2 else "no_reason", wanted, "", amount, 100 if how > 50 else 0)
        in_transaction(lambda: cases.open_case(self._buyer(order_id), order_id, wish))

    def go_on(self, which: int, how: int) -> None:
        """One step of an open case by one of its sides, by the desk or by time."""
        open_ = "SELECT id, order_id, shop_id, state FROM aftersales_cases WHERE closed_at IS NULL ORDER BY id"
        case_id, order_id, shop_id, state = _recent(self._rows(open_), which)
        buyer, staff = self._buyer(order_id), self.staff[shop_id]
        back = Arrival(how % 2 == 0, "sandbox", uuid4().hex, is_refunded=how % 5 == 0)
        steps: dict[str, Sequence[Callable[[], object]]] = {
            "requested": (
                lambda: cases.approve(staff, case_id, ""),
                lambda: cases.refuse(staff, case_id, "不同意"),
                lambda: cases.withdraw(buyer, case_id),
            ),
            "approved": (lambda: cases.enter_parcel(buyer, case_id, "sandbox", uuid4().hex, 900),),
            "sent_back": (lambda: cases.confirm_arrival(staff, case_id, back),),
            "refused": (lambda: cases.appeal(buyer, case_id, "请看看"),),
            "disputed": (lambda: cases.decide(self.moderator, case_id, ENDS[how % 3], "裁决", None),),
        }
        if how % 7:
            in_transaction(steps[state][how % len(steps[state])])
        else:
            self._now("UPDATE aftersales_cases SET due_at = opened_at WHERE due_at IS NOT NULL")
            worker.sweep_once(["store.aftersales.end_due_cases"])

    # Money that goes on

    def send_refunds(self, which: int, how: int) -> None:
        """What is due or has failed is sent (again)."""
        self._now("UPDATE payments_refunds SET next_try_at = now() WHERE state <> 'done'")
        worker.sweep_once(["store.repayments.send_refunds"])

    def tell_of_refund(self, which: int, how: int) -> None:
        """The provider tells of a refund that it gave: before its sender has noted that, or once more after it."""
        given = (
            "SELECT r.payment_id, r.id, r.amount FROM payments_refunds r JOIN payments_sandbox_books b"
            " ON b.kind = 'refund' AND b.number = r.id ORDER BY r.id"
        )
        payment_id, refund_id, amount = _recent(self._rows(given), which)
        said = {"event_id": uuid4().hex, "payment_id": str(payment_id), "outcome": "refunded", "amount": amount}
        sent = signed(orjson.dumps({**said, "refund_id": str(refund_id)}))
        kept = in_transaction(lambda: receive_callback("sandbox", sent.headers, sent.body))
        in_transaction(lambda: settle_callback(kept))

    def settle(self, which: int, how: int) -> None:
        let_windows_pass()
        worker.sweep_once([*SETTLE, "store.ledger.fold_balances"])

    def pay_out(self, which: int, how: int) -> None:
        """All that is settled for shops leaves; or payouts come back from the bank."""
        for shop in self.paid_out:
            subject = Ref("payout", uuid4())
            if how % 4 == 0 and self.paid_out[shop]:
                amount = self.paid_out[shop].pop()
                in_transaction(partial(take_back_payout, shop, amount, subject, PAYOUTS))
            elif amount := in_transaction(partial(pay_out, shop, 10**9, subject, PAYOUTS)):
                self.paid_out[shop].append(amount)

    def move_deposit(self, which: int, how: int) -> None:
        """A shop pays into its deposit, or takes out what it may."""
        shop = self.shops[which % len(self.shops)]
        if how % 3 == 0:
            make.deposit(shop, 1_000 + how)
        else:
            in_transaction(lambda: pay_out_surplus(self.staff[shop.id], shop.id, 1 + 10 * how))

    def conclude(self, which: int, how: int) -> None:
        """An order lives to its end and its money leaves; what goes back of it then, its shop owes."""
        self.deliver(which, how)
        self.settle(which, how)
        self.pay_out(which, 1 + how % 3)

    def bill(self, which: int, how: int) -> None:
        """A week goes by for all that was settled and billed; what its bills are due for happens."""
        changes = (
            "UPDATE settlement_entries SET at = at - interval '7 days'",
            "UPDATE bills_shops SET billed_until = billed_until - interval '7 days'",
            # In two steps: no bill may begin, even for a moment, when another does.
            "UPDATE bills_bills SET begins = begins - interval '7000 days', ends = ends - interval '7000 days',"
            " confirm_by = confirm_by - interval '7 days'",
            "UPDATE bills_bills SET begins = begins + interval '6993 days', ends = ends + interval '6993 days'",
        )
        in_transaction(lambda: [db.session.execute(text(change)) for change in changes])
        worker.sweep_once(BILL)

    @staticmethod
    def _asked(query: str) -> list[tuple]:
        """Prepared, for to plan it takes as long as to run it."""
        driver = db.session.connection().connection.driver_connection
        assert driver is not None
        found: list[tuple] = driver.execute(query, prepare=True).fetchall()
        return found

    def _order(self, which: int, where: str = "fulfilment <> 'cancelled'") -> tuple[UUID, UUID]:
        """(order, shop) of one of the last that are paid and go on; by every other number rather one that was sent."""
        first = f"WHERE {where} AND aftersale <> 'refunded' ORDER BY :sent AND fulfilment <> 'unfulfilled', order_id"
        rows = self._rows(f"SELECT order_id, shop_id FROM fulfilment_orders {first}", sent=which % 2 == 1)
        return _recent(rows, which // 2)

    def _buyer(self, order_id: UUID) -> Caller:
        [(purchase_id,)] = self._rows("SELECT purchase_id FROM orders_orders WHERE id = :id", id=order_id)
        return dict(self.purchases)[purchase_id]

    def _lines(self, order_id: UUID) -> list[UUID]:
        found = self._rows("SELECT id FROM orders_lines WHERE order_id = :id ORDER BY position", id=order_id)
        return [one for (one,) in found]

    def _rows(self, query: str, **given: object) -> list[tuple]:
        return in_transaction(lambda: [tuple(row) for row in db.session.execute(text(query), given)])

    def _now(self, change: str, **given: object) -> None:
        """Time passes: what is due later is due now."""
        in_transaction(lambda: db.session.execute(text(change), given))


ACTS = [
    name for name in vars(Market) if not name.startswith("_") and name not in {"wrong", "does", "buy", "buy_and_pay"}
]
BY_TIME = {"be_asked", "lapse", "be_late", "send_refunds", "settle", "bill"}
"""What happens by itself, whatever people did: nobody is there who could be refused."""
AT_ONCE = [name for name in ACTS if name != "bill"]
"""That a week goes by is no act: nobody sees half of it."""
SERVING = ["send", "deliver", "receive", "cancel", "ask", "ask", "go_on", "go_on", "go_on", "send_refunds", "conclude"]
"""What there is to be done about an order that is paid."""


def _recent(things: Sequence[T], which: int) -> T:
    if not things:
        raise _nothing()
    return things[-1 - which % min(len(things), RECENT)]


def _nothing() -> Refused:
    return Refused(404, NOTHING_YET, "还没有", "There is none yet.")
