"""Deposits: paying in, penalties, what they leave owed, appeals, and the books."""

from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from app.core import config
from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.bills.queries import problems
from app.store.deposits import actions, queries
from app.store.deposits.models import Appeal
from app.store.ledger.queries import balance, is_balanced
from app.store.payments import actions as payments
from app.store.payments.queries import payment as payment_now
from app.store.settlement.queries import standing_of
from app.store.shops.models import MANAGER, PACKER
from tests import make
from tests.client import Client
from tests.make import order as orders
from tests.make.settlement import settled
from tests.store.counting import queries_in
from tests.store.racing import together


def order() -> Ref:
    return Ref("order", new_id())


def stand(shop: make.MadeShop) -> queries.Stand:
    db.session.rollback()
    return in_transaction(lambda: queries.stand_of(shop.id))


def take(shop: make.MadeShop, amount: int, about: Ref | None = None, reason: str = "迟发") -> UUID:
    thing = about or order()
    return in_transaction(lambda: actions.take_penalty(shop.id, amount, reason, thing))


def books(shop: make.MadeShop) -> int:
    """What the ledger says that we hold of the shop's."""
    return -in_transaction(lambda: balance(queries.deposit_account(shop.id)))


def facts() -> list[str]:
    names = "SELECT name FROM core_events WHERE name LIKE 'Deposit%' OR name LIKE 'Penalty%' ORDER BY id"
    return list(db.session.scalars(text(names)))


def test_what_was_paid_in_is_held_and_in_the_books(app: Flask, client: Client) -> None:
    shop = make.shop()
    owner = client.as_(shop.owner.token)
    begun = owner.post(f"/shops/{shop.id}/deposit/payments", {"amount": 10_000, "gateway": "sandbox"}, key="k")
    assert begun.status_code == 201 and begun.json["amount"] == 10_000, begun.text
    assert owner.get(f"/shops/{shop.id}/deposit").json["held"] == 0
    for _ in range(2):
        owner.post(f"/sandbox/payments/{begun.json['id']}/outcome", {"outcome": "paid"})
    found = owner.get(f"/shops/{shop.id}/deposit").json
    assert (found["held"], found["owed"], found["state"]) == (10_000, 0, "enough")
    assert books(shop) == 10_000 and in_transaction(is_balanced)


def test_paying_in_needs_a_key_an_amount_and_the_right(app: Flask, client: Client) -> None:
    shop = make.shop()
    body, path = {"amount": 10_000, "gateway": "sandbox"}, f"/shops/{shop.id}/deposit/payments"
    assert client.as_(shop.owner.token).post(path, body).status_code == 400
    assert client.as_(shop.owner.token).post(path, {**body, "amount": 99}, key="a").status_code == 422
    assert client.as_(shop.owner.token).post(path, {**body, "gateway": "x"}, key="b").status_code == 422
    assert client.as_(make.worker(shop, PACKER).token).post(path, body, key="c").status_code == 403
    assert client.as_(make.worker(shop, MANAGER).token).post(path, body, key="d").status_code == 201


def test_a_top_up_that_was_paid_twice_is_due_back_once(app: Flask) -> None:
    shop = make.shop()
    begun = in_transaction(lambda: actions.pay_in(make.as_staff(shop), shop.id, 5000, "sandbox"))
    first = in_transaction(lambda: payment_now(begun.id))
    payable, payer = Ref("deposit", first.payable_id), Ref("person", shop.owner.id)
    second = in_transaction(lambda: payments.begin_payment(payable, payer, 5000, "sandbox").id)
    for one in (begun.id, second):
        kept = in_transaction(lambda one=one: payments.play_outcome(payment_now(one), "paid"))
        in_transaction(lambda kept=kept: payments.settle_callback(kept))
    assert (stand(shop).held, books(shop)) == (5000, 5000)
    assert db.session.execute(text("SELECT amount, reason FROM payments_refunds")).all() == [
        (5000, "deposit_paid_twice")
    ]


def test_a_penalty_is_taken_once_for_each_reason_and_thing(app: Flask) -> None:
    shop, about = make.shop(), order()
    make.deposit(shop, 10_000)
    first = take(shop, 300, about)
    assert take(shop, 300, about) == first
    assert take(shop, 300, about, "假货") != first
    assert (stand(shop).held, books(shop)) == (9400, 9400)
    assert in_transaction(lambda: balance(queries.PENALTIES)) == -600


def test_twenty_at_once_take_one_penalty(app: Flask) -> None:
    shop, about = make.shop(), order()
    make.deposit(shop, 10_000)
    found = together(app, *(lambda: take(shop, 300, about) for _ in range(20)))
    assert len(set(found)) == 1 and stand(shop).held == 9700


def test_what_the_deposit_does_not_cover_is_owed_and_taken_when_money_comes(app: Flask) -> None:
    shop = make.shop()
    make.deposit(shop, 1000)
    take(shop, 700)
    take(shop, 700)
    assert (stand(shop).held, stand(shop).owed, stand(shop).state) == (0, 400, "owing")
    make.deposit(shop, 300)
    assert (stand(shop).held, stand(shop).owed) == (0, 100)
    make.deposit(shop, 300)
    assert (stand(shop).held, stand(shop).owed, stand(shop).state) == (200, 0, "enough")
    assert books(shop) == 200 and in_transaction(lambda: balance(queries.PENALTIES)) == -1400
    assert facts() == ["PenaltyTaken", "PenaltyTaken", "DepositRanShort", "DepositFilled"]


def test_a_shop_below_what_is_required_is_told_so_and_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config.settings, "shop_deposit", 1000)
    shop = make.shop()
    assert (stand(shop).state, stand(shop).lacking) == ("short", 1000)
    make.deposit(shop, 1000)
    assert stand(shop).state == "enough"
    take(shop, 100)
    take(shop, 100)
    assert (stand(shop).state, stand(shop).lacking) == ("short", 200)
    assert facts() == ["PenaltyTaken", "DepositRanShort", "PenaltyTaken"]
    in_transaction(lambda: actions.require_deposit(make.person().id, shop.id, 500))
    assert (stand(shop).state, facts()[-1]) == ("enough", "DepositFilled")


def appeal_of(penalty: UUID) -> UUID:
    return in_transaction(lambda: db.session.query(Appeal).filter_by(penalty_id=penalty).one().id)


def test_an_appeal_that_is_granted_gives_back_what_was_taken(app: Flask, client: Client) -> None:
    shop = make.shop()
    make.deposit(shop, 1000)
    first, second = take(shop, 800), take(shop, 800)
    owner = client.as_(shop.owner.token)
    for penalty in (first, second):
        sent = owner.post(f"/shops/{shop.id}/penalties/{penalty}/appeal", {"words": "已按时发货"})
        assert sent.status_code == 201 and sent.json["appeal"]["state"] == "open", sent.text
    assert (
        owner.post(f"/shops/{shop.id}/penalties/{first}/appeal", {"words": "再说"}).json["code"] == "appealed_already"
    )
    staff = make.person(roles=("moderator",)).id
    in_transaction(lambda: actions.decide_appeal(staff, appeal_of(first), True, "核实"))
    assert (stand(shop).held, stand(shop).owed) == (200, 0)  # what came back has paid the second
    in_transaction(lambda: actions.decide_appeal(staff, appeal_of(second), False, "已查实"))
    assert (stand(shop).held, books(shop)) == (200, 200)
    with pytest.raises(Refused):
        in_transaction(lambda: actions.decide_appeal(staff, appeal_of(second), True, "反悔"))
    page = owner.get(f"/shops/{shop.id}/penalties").json["items"]
    assert [(one["state"], one["appeal"]["state"]) for one in page] == [
        ("standing", "refused"),
        ("returned", "granted"),
    ]
    assert in_transaction(is_balanced)


def test_a_surplus_may_go_and_no_more(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config.settings, "shop_deposit", 1000)
    shop = make.shop()
    make.deposit(shop, 1500)
    owner, path = client.as_(shop.owner.token), f"/shops/{shop.id}/deposit/withdrawals"
    assert owner.post(path, {"amount": 501}, key="a").status_code == 409
    assert owner.post(path, {"amount": 500}, key="b").json["held"] == 1000
    assert owner.post(path, {"amount": 500}, key="b").json["held"] == 1000
    assert (books(shop), in_transaction(lambda: balance(f"settled:{shop.id}"))) == (1000, -500)


def test_settlement_knows_of_a_surplus_that_is_to_be_paid_out(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config.settings, "shop_deposit", 0)
    shop = make.shop()
    settled([orders.line(orders.sku(), 1000, 1, shop.id)])
    make.deposit(shop, 500)
    owner, path = client.as_(shop.owner.token), f"/shops/{shop.id}/deposit/withdrawals"
    assert owner.post(path, {"amount": 500}, key="a").status_code in {200, 201}
    assert in_transaction(lambda: [one for one in problems() if str(shop.id) in one]) == []
    assert in_transaction(lambda: standing_of(shop.id).settled) == 1500


def test_penalties_of_others_are_not_there(app: Flask, client: Client) -> None:
    shop, other = make.shop(), make.shop()
    penalty = take(shop, 100)
    path = f"/shops/{other.id}/penalties/{penalty}/appeal"
    assert client.as_(other.owner.token).post(path, {"words": "x"}).status_code == 404
    packer = client.as_(make.worker(shop, PACKER).token)
    assert packer.post(f"/shops/{shop.id}/penalties/{penalty}/appeal", {"words": "x"}).status_code == 403


def test_a_list_of_penalties_costs_the_same_for_any_number(app: Flask, client: Client) -> None:
    shop = make.shop()
    owner = client.as_(shop.owner.token)

    def cost() -> int:
        with queries_in() as sent:
            assert owner.get(f"/shops/{shop.id}/penalties").status_code == 200
        return len(sent)

    take(shop, 100)
    cost()
    before = cost()
    for _ in range(4):
        take(shop, 100)
    assert cost() == before
    page = owner.get(f"/shops/{shop.id}/penalties?limit=3").json
    rest = owner.get(f"/shops/{shop.id}/penalties?limit=3&cursor={page['next']}").json
    assert len({one["id"] for one in page["items"] + rest["items"]}) == 5


STEP = some.one_of(
    some.tuples(some.just("pay"), some.integers(100, 900)),
    some.tuples(some.just("take"), some.integers(1, 900)),
    some.tuples(some.just("appeal"), some.integers(0, 9)),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=some.lists(STEP, max_size=10))
def test_whatever_happens_the_rows_and_the_books_agree(app: Flask, steps: list[tuple[str, int]]) -> None:
    shop, staff = make.shop(), make.person().id
    paid, penalties = 100, []
    make.deposit(shop, paid)
    for step, number in steps:
        if step == "pay":
            make.deposit(shop, number)
            paid += number
        elif step == "take":
            penalties.append((take(shop, number, Ref("order", uuid4())), number))
        elif penalties:
            penalty, _ = penalties.pop(number % len(penalties))
            in_transaction(lambda penalty=penalty: actions.appeal(make.as_staff(shop), penalty, "x"))
            in_transaction(lambda penalty=penalty: actions.decide_appeal(staff, appeal_of(penalty), True, "x"))
        found, due = stand(shop), sum(amount for _, amount in penalties)
        assert found.held - found.owed == paid - due
        assert min(found.held, found.owed) == 0 and books(shop) == found.held
    assert in_transaction(is_balanced)
