"""Where goods come back to: a shop agrees to a return only once it has said so, and a buyer is never left with none."""

from uuid import uuid4

import pytest
from flask import Flask

from app.core.db import db, in_transaction
from app.store.aftersales.models import Case
from app.store.shops.models import AFTER_SALES
from tests import make as town
from tests.client import Client
from tests.merchant import Merchant
from tests.store.test_aftersales import Bought, set_policy
from tests.store.test_aftersales_at_once import let_nobody_answer


def homeless(client: Client) -> Bought:
    """Bought, sent and received of a shop that says nowhere where things go back to."""
    order = Bought(client).received()
    set_policy(order.shop.id, " ")
    return order


@pytest.mark.parametrize("kind", ["return", "exchange"])
def test_nothing_is_agreed_to_that_can_be_sent_nowhere(app: Flask, client: Client, kind: str) -> None:
    order = homeless(client)
    case = order.ask(kind, reason="damaged")
    refused = order.do(order.staff, case, "approval")
    assert (refused.status_code, refused.json["code"]) == (409, "no_return_address")
    assert "退货地址" in refused.json["detail"] or "address" in refused.json["detail"]
    assert order.buyer.get(f"/aftersales/{case.json['id']}").json["state"] == "requested"
    set_policy(order.shop.id)
    assert order.do(order.staff, case, "approval").json["return_address"] == "杭州仓 1 号"


def test_money_without_goods_needs_no_address(app: Flask, client: Client) -> None:
    order = homeless(client)
    assert order.do(order.staff, order.ask("refund", reason="damaged"), "approval").json["state"] == "granted"


def test_the_desk_says_where_to_enter_it(app: Flask) -> None:
    desk = Merchant(app, address="")
    case_id = desk.case()
    page = f"/portal/aftersales/{case_id}"
    browser = desk.at(page, AFTER_SALES)
    assert f'href="{desk.base}/return-policy"' in browser.text
    assert not any(one.action.endswith("/approval") for one in browser.forms)
    token = browser.forms[-1].fields["form_token"]
    again = browser.post(f"{page}/approval", form_token=token, words="")
    assert again.status == 422 and "请先在" in again.text
    db.session.rollback()
    assert in_transaction(lambda: db.session.get_one(Case, case_id, populate_existing=True)).state == "requested"


def test_where_nobody_answers_and_nobody_said_where_to_moderators_decide(app: Flask, client: Client) -> None:
    order = homeless(client)
    case = order.ask(reason="damaged")
    let_nobody_answer()
    assert order.buyer.get(f"/aftersales/{case.json['id']}").json["state"] == "disputed"
    moderator = client.as_(town.person(roles=("moderator",)).token)
    path = f"/desk/aftersales/{case.json['id']}/decision"
    ruling = {"outcome": "approved", "words": "请寄回"}
    assert moderator.post(path, ruling, key=uuid4().hex).json["code"] == "no_return_address"
    assert moderator.post(path, ruling | {"outcome": "granted"}, key=uuid4().hex).json["state"] == "granted"


def test_who_sells_his_own_things_says_where_they_come_back_to(app: Flask, client: Client) -> None:
    own = town.shop(of_person=True)
    path, said = f"/shops/{own.id}/return-policy", {"address": "王小明，文一路 1 号", "is_insured": False}
    assert client.as_(own.owner.token).put(path, said).json["address"] == "王小明，文一路 1 号"
    assert client.as_(town.person().token).put(path, said).status_code == 404
