"""Checkouts: what they hold, for how long, at which price, and what becomes of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.buying.baskets.models import LineWanted
from app.buying.checkout import actions, queries
from app.buying.checkout.models import Changes, Checkout, CheckoutLine, CheckoutLog, holder
from app.buying.links.actions import record_click
from app.buying.placing import actions as placing
from app.core import clock
from app.core.caller import GUEST, PERSON, Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused, said
from app.core.ids import new_id
from app.core.worker import sweep_once
from app.store.catalogue import actions as catalogue
from app.store.inventory.actions import set_stock
from app.store.inventory.models import Hold
from app.store.inventory.queries import available
from app.store.orders.actions import cancel_purchase
from app.store.orders.models import Order, OrderLine, Purchase
from tests import make
from tests.make import ADDRESS

pytestmark = pytest.mark.usefixtures("app")


def refused(work: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as found:
        in_transaction(work)
    return found.value


def open_one(buyer: Ref, *lines: LineWanted) -> UUID:
    return in_transaction(lambda: actions.open_checkout(make.opening(buyer), lines)[0].id)


def stock(sku_id: UUID) -> int:
    return available([sku_id])[sku_id]


def held(checkout_id: UUID) -> dict[UUID, int]:
    mine = (Hold.subject_kind == "checkout", Hold.subject_id == checkout_id, Hold.state == "active")
    rows = db.session.execute(select(Hold.sku_id, Hold.quantity).where(*mine))
    return {row.sku_id: row.quantity for row in rows}


def state(checkout_id: UUID) -> str:
    return db.session.scalars(select(Checkout.state).where(Checkout.id == checkout_id)).one()


def test_an_open_checkout_holds_its_goods() -> None:
    cup = make.product(stock=10, price=9900)
    made = make.checkout(product=cup, quantity=3, address=None)
    assert (made.total, stock(cup.sku_id), held(made.id)) == (29700, 7, {cup.sku_id: 3})


def test_the_same_sku_in_two_lines_is_held_for_both() -> None:
    cup = make.product(stock=5)
    first, second = make.link(cup), make.link(cup)
    lines = [LineWanted(cup.sku_id, 2, first.code), LineWanted(cup.sku_id, 3, second.code)]
    made = make.checkout(lines=lines)
    assert stock(cup.sku_id) == 0
    placed = in_transaction(lambda: placing.purchase(made.caller, made.id))
    rows = db.session.execute(select(OrderLine.quantity, OrderLine.link_id).order_by(OrderLine.position)).all()
    assert [tuple(row) for row in rows] == [(2, first.id), (3, second.id)]
    assert placed.total == 5 * 9900


def test_what_cannot_be_bought_is_refused_and_holds_nothing() -> None:
    cup, bowl, off, gone = (make.product(stock=2) for _ in range(4))
    in_transaction(lambda: catalogue.change_product(make.as_staff(off.shop), off.id, state="off"))
    in_transaction(lambda: catalogue.take_down(gone.id, "侵权", new_id()))
    to_bowl, buyer = make.link(bowl), Ref(PERSON, make.person().id)
    unknown = said("没有这个规格", "There is no such SKU.")
    cases = [
        ([LineWanted(new_id(), 1)], 422, {"lines": {"0": {"sku_id": [unknown]}}}),
        ([LineWanted(gone.sku_id, 1)], 422, {"lines": {"0": {"sku_id": [unknown]}}}),
        (
            [LineWanted(bowl.sku_id, 1), LineWanted(cup.sku_id, 1, to_bowl.code)],
            422,
            {"lines": {"1": {"link": [said("链接与商品不符", "This link does not sell that product.")]}}},
        ),
        (
            [LineWanted(cup.sku_id, 1, "1111111111")],
            422,
            {"lines": {"0": {"link": [said("链接与商品不符", "This link does not sell that product.")]}}},
        ),
        ([LineWanted(off.sku_id, 1)], 409, {"sku_id": [str(off.sku_id)]}),
        ([LineWanted(bowl.sku_id, 2), LineWanted(cup.sku_id, 3)], 409, {"sku_id": [str(cup.sku_id)]}),
    ]
    for lines, status, errors in cases:
        found = refused(lambda lines=lines: actions.open_checkout(make.opening(buyer), lines))
        assert (found.status, found.errors) == (status, errors)
    found = refused(lambda: actions.open_checkout(make.opening(buyer), [LineWanted(cup.sku_id, 1)], ["NO-SUCH-OFFER"]))
    assert (found.status, list(found.errors)) == (422, ["offers"])
    assert [stock(one.sku_id) for one in (cup, bowl, off)] == [2, 2, 2]
    assert db.session.scalar(select(Checkout.id)) is None


def test_a_sixth_open_checkout_releases_the_oldest_and_gives_its_stock_back() -> None:
    cup = make.product(stock=5)
    buyer, other = Ref(PERSON, make.person().id), Ref(GUEST, new_id())
    made = [open_one(buyer, LineWanted(cup.sku_id, 1)) for _ in range(5)]
    assert stock(cup.sku_id) == 0
    sixth = open_one(buyer, LineWanted(cup.sku_id, 1))
    assert [state(one) for one in [*made, sixth]] == ["released"] + ["open"] * 5
    assert (stock(cup.sku_id), held(made[0]), held(sixth)) == (0, {}, {cup.sku_id: 1})
    assert refused(lambda: actions.open_checkout(make.opening(other), [LineWanted(cup.sku_id, 1)])).code == "sold_out"
    assert refused(lambda: actions.open_checkout(make.opening(buyer), [LineWanted(cup.sku_id, 2)])).code == "sold_out"
    assert [state(one) for one in made[1:]] == ["open"] * 4
    log = db.session.execute(select(CheckoutLog.checkout_id, CheckoutLog.who_id, CheckoutLog.after)).all()
    assert [tuple(row) for row in log] == [(made[0], buyer.id, "released")]


def test_a_checkout_past_its_deadline_is_swept_once_and_cannot_be_purchased() -> None:
    cup = make.product(stock=3)
    made, kept = make.checkout(product=cup, quantity=2), make.checkout(product=cup)
    in_transaction(lambda: placing.purchase(kept.caller, kept.id))
    with clock.moved(seconds=601):
        found = queries.checkout_or_missing(made.caller.buyer, made.id)
        assert (found.state, queries.shown_state(found)) == ("open", "released")
        assert refused(lambda: placing.purchase(made.caller, made.id)).code == "expired"
        assert refused(lambda: actions.change_checkout(made.caller, made.id, Changes(note="快"))).code == "expired"
        assert stock(cup.sku_id) == 0
        assert sweep_once(["buying.checkout.release_expired"]) == 1
        assert sweep_once(["buying.checkout.release_expired"]) == 0
        assert (state(made.id), state(kept.id), stock(cup.sku_id)) == ("released", "purchased", 2)
        assert refused(lambda: placing.purchase(made.caller, made.id)).code == "expired"
    why = db.session.scalars(select(CheckoutLog.why).order_by(CheckoutLog.id)).all()
    assert why == ["purchased", "expired"]


def test_changed_lines_change_the_holds_exactly_and_extend_the_deadline() -> None:
    cup, bowl, jar = (make.product(stock=4) for _ in range(3))
    link = make.link(cup)
    made = make.checkout(lines=[LineWanted(cup.sku_id, 3, link.code), LineWanted(bowl.sku_id, 1)], address=None)
    with clock.moved(seconds=300):
        wanted = [LineWanted(jar.sku_id, 2), LineWanted(cup.sku_id, 4)]
        changes = Changes(lines=wanted)
        found, basket = in_transaction(lambda: actions.change_checkout(made.caller, made.id, changes))
        assert held(made.id) == {jar.sku_id: 2, cup.sku_id: 4}
    assert [stock(one.sku_id) for one in (cup, bowl, jar)] == [0, 4, 2]
    assert [(line.sku_id, line.link_code) for line in basket.lines] == [(jar.sku_id, None), (cup.sku_id, link.code)]
    assert 895 < (db.session.get_one(Checkout, made.id).expires_at - found.created_at).total_seconds() < 905
    too_many = Changes(lines=[LineWanted(jar.sku_id, 1), LineWanted(bowl.sku_id, 5)])
    assert refused(lambda: actions.change_checkout(made.caller, made.id, too_many)).code == "sold_out"
    assert held(made.id) == {jar.sku_id: 2, cup.sku_id: 4}
    assert [stock(one.sku_id) for one in (cup, bowl, jar)] == [0, 4, 2]
    assert len(db.session.scalars(select(CheckoutLine.id)).all()) == 2


def test_an_address_a_note_and_offers_are_kept_and_extend_the_holds() -> None:
    made = make.checkout(address=None)
    with clock.moved(seconds=300):
        changes = Changes(address=ADDRESS, note="放门口")
        found, _ = in_transaction(lambda: actions.change_checkout(made.caller, made.id, changes))
        assert (found.address, found.note) == (ADDRESS, "放门口")
        expires = db.session.scalars(select(Hold.expires_at)).one()
        assert expires == found.expires_at
    bad = Changes(offers=["NO-SUCH-OFFER"])
    assert refused(lambda: actions.change_checkout(made.caller, made.id, bad)).status == 422
    again, _ = in_transaction(lambda: actions.change_checkout(made.caller, made.id, Changes(note="")))
    assert (again.address, again.note) == (ADDRESS, "")


def test_a_purchase_takes_the_price_of_its_moment_and_says_if_the_total_is_another() -> None:
    cup = make.product(price=9900)
    made = make.checkout(product=cup, quantity=2)
    in_transaction(lambda: catalogue.change_sku(make.as_staff(cup.shop), cup.sku_id, price=8800))
    found = refused(lambda: placing.purchase(made.caller, made.id, expected_total=19800))
    assert (found.status, found.code, found.errors) == (409, "total_changed", {"total": [17600]})
    assert state(made.id) == "open"
    placed = in_transaction(lambda: placing.purchase(made.caller, made.id, expected_total=17600))
    assert (placed.total, state(made.id)) == (17600, "purchased")
    line = db.session.execute(select(OrderLine.price, OrderLine.quantity, OrderLine.title)).one()
    assert tuple(line) == (8800, 2, cup.title)


def test_a_purchase_passes_the_holds_on_and_happens_once() -> None:
    cup = make.product(stock=5)
    made = make.checkout(product=cup, quantity=2)
    placed = in_transaction(lambda: placing.purchase(made.caller, made.id))
    row = db.session.execute(select(Hold.subject_kind, Hold.subject_id, Hold.state, Hold.quantity)).one()
    assert tuple(row) == ("purchase", placed.id, "active", 2)
    assert stock(cup.sku_id) == 3
    again = refused(lambda: placing.purchase(made.caller, made.id))
    assert (again.status, again.code, again.errors) == (409, "already_purchased", {"purchase_id": [str(placed.id)]})
    changing = refused(lambda: actions.change_checkout(made.caller, made.id, Changes(note="x")))
    assert changing.code == "already_purchased"
    assert db.session.scalars(select(Purchase.checkout_id)).all() == [made.id]
    assert holder(made.id) == Ref("checkout", made.id)


def test_physical_goods_without_an_address_and_goods_that_went_off_are_not_purchased() -> None:
    cup = make.product()
    made = make.checkout(product=cup, address=None)
    found = refused(lambda: placing.purchase(made.caller, made.id))
    assert (found.status, list(found.errors)) == (422, ["address"])
    in_transaction(lambda: actions.change_checkout(made.caller, made.id, Changes(address=ADDRESS)))
    in_transaction(lambda: catalogue.change_product(make.as_staff(cup.shop), cup.id, state="off"))
    found = refused(lambda: placing.purchase(made.caller, made.id))
    assert (found.status, found.code) == (409, "off_sale")
    assert (state(made.id), held(made.id)) == ("open", {cup.sku_id: 1})


def test_someone_elses_checkout_is_missing() -> None:
    made = make.checkout()
    for stranger in (Caller(person_id=make.person().id), Caller(guest_id=made.buyer.id), Caller(guest_id=new_id())):
        assert refused(lambda by=stranger: placing.purchase(by, made.id)).status == 404
        assert refused(lambda by=stranger: actions.change_checkout(by, made.id, Changes(note="x"))).status == 404
        assert refused(lambda by=stranger: queries.checkout_or_missing(by.buyer, made.id)).status == 404


def test_a_cart_of_several_shops_is_one_purchase_with_one_order_a_shop() -> None:
    here, there = make.shop(), make.shop()
    cup, bowl, jar = make.product(here, price=100), make.product(there, price=20), make.product(here, price=3)
    lines = [LineWanted(cup.sku_id, 1), LineWanted(bowl.sku_id, 2), LineWanted(jar.sku_id, 3)]
    made = make.checkout(lines=lines)
    placed = in_transaction(lambda: placing.purchase(made.caller, made.id))
    assert {(one.shop_id, one.total) for one in placed.orders} == {(here.id, 109), (there.id, 40)}
    assert placed.total == 149
    assert len(db.session.scalars(select(Order.id)).all()) == 2


def test_two_promoters_of_one_sku_are_owed_exactly_what_their_links_brought() -> None:
    cup = make.product(stock=50)
    kols = [make.person(), make.person()]
    links = [make.link(cup, kol, post_id=new_id()) for kol in kols]

    def bought(code: str | None, buyer: Any = None, clicked: int | None = None) -> tuple[Any, ...]:
        who = buyer or make.person()
        if clicked is not None:
            in_transaction(lambda: record_click(links[clicked], Ref(PERSON, who.id)))
        made = make.checkout(buyer=who, product=cup, link=code)
        placed = in_transaction(lambda: placing.purchase(made.caller, made.id))
        columns = (OrderLine.link_id, OrderLine.post_id, OrderLine.promoter_id, OrderLine.own_purchase)
        return tuple(db.session.execute(select(*columns).where(OrderLine.purchase_id == placed.id)).one())

    owed = [(link.id, link.post_id, link.promoter_id, False) for link in links]
    assert bought(links[0].code) == owed[0]
    assert bought(links[1].code) == owed[1]
    assert bought(None) == (None, None, None, False)
    assert bought(None, clicked=1) == owed[1]
    assert bought(links[0].code, clicked=1) == owed[0]
    assert bought(links[0].code, buyer=kols[0]) == (*owed[0][:3], True)
    assert bought(None, buyer=kols[1], clicked=1) == (*owed[1][:3], True)
    assert bought(links[0].code, buyer=kols[1]) == owed[0]


def test_stock_set_while_goods_are_held_does_not_touch_what_is_held() -> None:
    cup = make.product(stock=1)
    made = make.checkout(product=cup)
    in_transaction(lambda: set_stock(cup.sku_id, 0))
    placed = in_transaction(lambda: placing.purchase(made.caller, made.id))
    assert (placed.status, stock(cup.sku_id)) == ("unpaid", 0)


def test_a_buyer_has_at_most_five_unpaid_purchases_and_a_paid_or_cancelled_one_makes_room() -> None:
    cup, buyer = make.product(stock=20), make.person()
    by = Caller(person_id=buyer.id)

    def buy() -> UUID:
        made = make.checkout(buyer=buyer, product=cup)
        return in_transaction(lambda: placing.purchase(by, made.id)).id

    placed = [buy() for _ in range(5)]
    sixth = make.checkout(buyer=buyer, product=cup)
    found = refused(lambda: placing.purchase(by, sixth.id))
    assert (found.status, found.code) == (409, "too_many_unpaid")
    assert (state(sixth.id), held(sixth.id)) == ("open", {cup.sku_id: 1})
    other = make.checkout(product=cup)
    assert in_transaction(lambda: placing.purchase(other.caller, other.id)).status == "unpaid"
    in_transaction(lambda: cancel_purchase(by, placed[0]))
    assert in_transaction(lambda: placing.purchase(by, sixth.id)).status == "unpaid"


def test_edits_extend_a_checkout_to_three_times_its_first_deadline_and_no_further() -> None:
    cup = make.product(stock=9)
    made = make.checkout(product=cup)
    for seconds, lasts in ((500, 1100), (1000, 1600), (1500, 1800), (1790, 1800)):
        for changes in (Changes(note="快"), Changes(lines=[LineWanted(cup.sku_id, 2)])):
            with clock.moved(seconds=seconds):
                found, _ = in_transaction(lambda it=changes: actions.change_checkout(made.caller, made.id, it))
            assert abs((found.expires_at - found.created_at).total_seconds() - lasts) < 5
            until = db.session.scalars(select(Hold.expires_at).where(Hold.state == "active")).one()
            assert until == found.expires_at
    with clock.moved(seconds=1805):
        assert refused(lambda: actions.change_checkout(made.caller, made.id, Changes(note="x"))).code == "expired"


def test_checkouts_that_are_long_over_are_swept_with_lines_and_log() -> None:
    cup = make.product(stock=9)
    bought, released, opened = (make.checkout(product=cup) for _ in range(3))
    in_transaction(lambda: placing.purchase(bought.caller, bought.id))
    in_transaction(lambda: actions._mark_released([released.id], ("system", None), "expired"))
    sweep = ["buying.checkout.forget_old_checkouts"]
    with clock.moved(days=29):
        assert sweep_once(sweep) == 0
    with clock.moved(days=31):
        assert sweep_once(sweep) == 2
    assert db.session.scalars(select(Checkout.id)).all() == [opened.id]
    assert db.session.scalars(select(CheckoutLine.checkout_id)).all() == [opened.id]
    assert db.session.scalars(select(CheckoutLog.id)).all() == []
