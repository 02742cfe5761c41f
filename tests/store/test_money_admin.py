"""Admins set what the platform takes, and pay shops out by two people's word."""

import re
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.categories.actions import add_category
from app.store.fees.queries import take_rates
from app.store.payouts.actions import enter_payee
from app.store.shops.queries import shops_by_id
from tests import make as town
from tests.make.settlement import billed
from tests.pages import Browser, with_second_factor
from tests.statements import statements

BATCH = re.compile(r'data-batch="([^"]+)" data-state="(\w+)"')
RATE = re.compile(r'data-rate="(\d+)"')


@pytest.fixture
def admin(app: Flask) -> Browser:
    return with_second_factor(app, town.person(nickname="总管", roles=("admin",)))[0]


def paying_shop(*prices: int, account: str = "6222000011112333") -> town.MadeShop:
    """A shop with a confirmed bill, and somebody to be paid."""
    shop = town.shop()
    owner = Caller(person_id=shop.owner.id)
    in_transaction(lambda: enter_payee(owner, shop.id, "bank_file", "小店有限公司", "招商银行", account))
    in_transaction(lambda: db.session.execute(text("UPDATE payouts_payees SET hold_until = now()")))
    billed(shop.id, *prices)
    return shop


def batches() -> list[tuple[UUID, str]]:
    return [
        (row[0], row[1])
        for row in in_transaction(lambda: db.session.execute(text("SELECT id, state FROM payouts_batches")).all())
    ]


def test_a_rate_is_set_for_a_shop_in_a_category_from_a_moment_on(app: Flask, admin: Browser) -> None:
    shop = town.shop(name="小满的店")
    category = in_transaction(lambda: add_category(None, f"茶具{uuid4().hex[:4]}", None).id)
    page = admin.open("/admin/fees")
    assert "平台不收取扣点" in page.text
    page.send("/admin/fees", rate="5").follow()
    page.send("/admin/fees", rate="2.25", shop_id=str(shop.id), category_id=str(category), why="活动").follow()
    assert RATE.findall(page.text) == ["225", "500"]
    assert "2.25 %" in page.text and "小满的店" in page.text and "活动" in page.text
    page.send("/admin/fees", rate="9", valid_from="2096-01-01T00:00").follow()
    found = in_transaction(lambda: take_rates([(shop.id, category), (shop.id, None)]))
    assert list(found.values()) == [225, 500], "the last one is valid later"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"rate": "100.01"}, "rate"),
        ({"rate": "1.234"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"rate": ""}, "rate"),
        ({"shop_id": "x"}, "shop_id"),
        ({"shop_id": str(uuid4())}, "shop_id"),
        ({"valid_from": "2020-01-01T00:00"}, "valid_from"),
    ],
)
def test_what_is_no_rate_is_told_beside_its_field(app: Flask, admin: Browser, sent: dict[str, str], field: str) -> None:
    page = admin.open("/admin/fees").send("/admin/fees", **{"rate": "5", **sent})
    assert page.status == 422
    assert f'id="{field}-fault"' in page.text
    assert RATE.findall(page.text) == []


def test_a_rate_whose_form_is_sent_twice_is_set_once(app: Flask, admin: Browser) -> None:
    form = next(one for one in admin.open("/admin/fees").forms if one.action == "/admin/fees")
    for _ in range(2):
        assert admin.post(form.action, **{**form.fields, "rate": "5"}).status == 303
    assert RATE.findall(admin.follow().text) == ["500"]
    other = with_second_factor(app, town.person(roles=("admin",)))[0].open("/admin/fees")
    token = other.forms[-1].fields["form_token"]
    assert other.post(form.action, **{**form.fields, "form_token": token, "rate": "6"}).status == 409


def test_a_batch_is_made_once_and_approved_by_another(app: Flask, admin: Browser) -> None:
    shop = paying_shop(1000, 500)
    form = next(one for one in admin.open("/admin/payouts").forms if one.action == "/admin/payouts")
    for _ in range(2):
        assert admin.post(form.action, **{**form.fields, "channel": "bank_file"}).status == 303
    [(batch_id, _)] = batches()
    page = f"/admin/payouts/{batch_id}"
    shown = admin.follow()
    assert "¥15.00" in shown.text and shop.name in shown.text and "…2333" in shown.text
    assert "须由另一位管理员批准" in shown.text
    assert not any(one.action.endswith("/approval") for one in shown.forms)
    token = admin.forms[-1].fields["form_token"]
    assert admin.post(f"{page}/approval", form_token=token).status == 409, "the same person"
    other = with_second_factor(app, town.person(roles=("admin",)))[0].open(page)
    approval = next(one for one in other.forms if one.action.endswith("/approval"))
    for location in (page, f"{page}?done=moved"):
        assert other.post(approval.action, **approval.fields).answer.headers["Location"] == location
    assert batches() == [(batch_id, "approved")]
    assert BATCH.findall(other.open("/admin/payouts").text) == [(str(batch_id), "approved")]


def test_a_batch_is_rejected_with_a_reason_and_can_be_made_again(app: Flask, admin: Browser) -> None:
    paying_shop(1000)
    assert admin.open("/admin/payouts").send("/admin/payouts", channel="profit_sharing").status == 409
    assert "没有可以打款的账单" in admin.text and BATCH.findall(admin.text) == []
    admin.open("/admin/payouts").send("/admin/payouts", channel="bank_file").follow()
    assert admin.send("/rejection", why="").status == 422
    assert 'id="why-fault"' in admin.text
    assert "账户存疑" in admin.send("/rejection", why="账户存疑").follow().text
    assert [state for _, state in batches()] == ["rejected"]
    assert admin.open("/admin/payouts").send("/admin/payouts", channel="bank_file").status == 303


def test_only_admins_open_what_moves_money(app: Flask) -> None:
    moderator = with_second_factor(app, town.person(roles=("moderator",)))[0]
    for path in ("/admin/fees", "/admin/payouts", f"/admin/payouts/{new_id()}"):
        assert moderator.open(path).status == 403, path
    assert "/admin/fees" not in moderator.open("/admin/categories").text


def test_admin_pages_of_money_cost_the_same_for_many(app: Flask, admin: Browser) -> None:
    def cost(path: str) -> int:
        admin.open(path)
        with statements() as seen:
            assert admin.open(path).status == 200
        return len(seen)

    first = paying_shop(100, account="6222000011110000")
    admin.open("/admin/payouts").send("/admin/payouts", channel="bank_file").follow()
    admin.open("/admin/fees").send("/admin/fees", rate="1", shop_id=str(first.id))
    few = [cost(path) for path in ("/admin/payouts", f"/admin/payouts/{batches()[0][0]}", "/admin/fees")]
    shops = [paying_shop(100) for _ in range(3)]
    assert len(in_transaction(lambda: shops_by_id([one.id for one in shops]))) == 3
    admin.open("/admin/payouts").send("/admin/payouts", channel="bank_file").follow()
    for one in shops:
        admin.open("/admin/fees").send("/admin/fees", rate="2", shop_id=str(one.id))
    largest = max(batches(), key=lambda pair: str(pair[0]))[0]
    many = [cost(path) for path in ("/admin/payouts", f"/admin/payouts/{largest}", "/admin/fees")]
    assert few == many
    assert max(many) < 25
