"""The pages of deposits: paying in, appeals, and what staff do."""

from uuid import UUID

import pytest
from flask import Flask

from app.core.caller import Ref
from app.core.db import in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.deposits import actions, queries
from tests import make
from tests.make import order as orders
from tests.pages import with_second_factor
from tests.portal import at_portal
from tests.store.counting import queries_in


def test_a_deposit_is_paid_in_a_browser(app: Flask) -> None:
    shop = make.shop()
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/deposit")
    assert page.send("/payments", amount="0.5").status == 422
    page.send("/payments", amount="100").follow()
    page.send("", outcome="paid").follow()
    assert page.path == f"/portal/shops/{shop.id}/deposit" and "¥100.00" in page.text


def test_what_is_above_is_taken_out_once_in_a_browser(app: Flask) -> None:
    shop = make.shop()
    make.deposit(shop, 10_000)
    in_transaction(lambda: actions.require_deposit(make.person(roles=("admin",)).id, shop.id, 4000))
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/deposit")
    assert page.send("/withdrawals", amount="x").status == 422
    assert page.send("/withdrawals", amount="60.01").status == 409
    page.open(page.path)
    form = next(one for one in page.forms if one.action.endswith("/withdrawals"))
    for _ in range(2):
        assert page.post(form.action, **{**form.fields, "amount": "50"}).status == 303
    page.follow()
    assert in_transaction(lambda: queries.stand_of(shop.id)).held == 5000
    assert "¥50.00" in page.text and "下期账单" in page.text


def test_a_penalty_is_taken_appealed_and_given_back_in_browsers(app: Flask) -> None:
    shop = make.shop(name="夜航书店")
    make.deposit(shop, 10_000)
    staff, _ = with_second_factor(app, make.person(roles=("admin",)))
    staff.open(f"/admin/shops/{shop.id}/deposit")
    assert staff.send("/penalties", amount="x", reason="迟发").status == 422
    staff.send("/penalties", amount="30", reason="迟发").follow()
    assert "¥70.00" in staff.text and "迟发" in staff.text
    owner = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/deposit")
    assert owner.send("/appeal", words="").status == 422
    owner.send("/appeal", words="按时发了").follow()
    assert "等待处理" in owner.text
    assert "夜航书店" in staff.open("/admin/appeals").text
    assert staff.send("/decision", word="grant", answer="").status == 422
    staff.send("/decision", word="grant", answer="核实无误").follow()
    assert "夜航书店" not in staff.text
    owner.open(owner.path)
    assert "¥100.00" in owner.text and "核实无误" in owner.text and "已退回" in owner.text


def test_a_penalty_is_about_an_order_of_that_shop_and_is_taken_once_for_a_reason(app: Flask) -> None:
    shop, other = make.shop(), make.shop()
    make.deposit(shop, 100_000)
    mine, theirs = (
        orders.purchase([orders.line(orders.sku(), 900, 1, one.id)]).placed.orders[0] for one in (shop, other)
    )
    staff, _ = with_second_factor(app, make.person(roles=("admin",)))
    path = f"/admin/shops/{shop.id}/deposit"
    for wrong in (theirs.id, new_id()):
        said = staff.open(path).send("/penalties", amount="10", reason="假货", order_id=str(wrong))
        assert said.status == 422 and "这家店铺没有这个订单" in said.text
    staff.open(path).send("/penalties", amount="300.01", reason="假货", order_id=str(mine.id)).follow()
    again = staff.open(path).send("/penalties", amount="500", reason="假货", order_id=str(mine.id))
    assert again.status == 422 and "已因同一原因扣过 ¥300.01" in again.text
    assert in_transaction(lambda: queries.stand_of(shop.id)).held == 100_000 - 30_001


def test_a_penalty_whose_form_is_sent_again_with_another_amount_says_what_was_taken(app: Flask) -> None:
    shop, form, about = make.shop(), new_id(), Ref("order", new_id())
    staff = make.person(roles=("admin",)).id

    def send(amount: int) -> UUID:
        return in_transaction(lambda: actions.take_penalty(shop.id, amount, "假货", about, staff, form))

    assert send(3000) == send(3000) == form
    with pytest.raises(Refused) as said:
        send(4000)
    assert said.value.status == 422 and "¥30.00" in str(said.value.errors)


def test_a_shop_that_must_leave_more_is_told_how_much(app: Flask) -> None:
    shop = make.shop()
    staff, _ = with_second_factor(app, make.person(roles=("admin",)))
    staff.open(f"/admin/shops/{shop.id}/deposit").send("/requirement", amount="500").follow()
    owner = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/deposit")
    assert 'data-state="short"' in owner.text and 'value="500.00"' in owner.text


def test_many_penalties_cost_no_more_questions(app: Flask) -> None:
    shop = make.shop()
    for _ in range(10):
        made = in_transaction(lambda: actions.take_penalty(shop.id, 100, "迟发", Ref("order", new_id())))
        in_transaction(lambda made=made: actions.appeal(make.as_staff(shop), made, "不对"))
    owner = at_portal(app, shop.owner)
    staff, _ = with_second_factor(app, make.person(roles=("moderator",)))
    for page, path in (
        (owner, f"/portal/shops/{shop.id}/deposit"),
        (staff, "/admin/appeals"),
        (staff, f"/admin/shops/{shop.id}/deposit"),
    ):
        with queries_in() as sent:
            assert page.open(path).status == 200
        assert len(sent) < 14, path
    assert in_transaction(lambda: queries.stand_of(shop.id)).owed == 1000
