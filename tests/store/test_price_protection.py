"""Price protection: of a line as a whole, what its price fell by; and what its case says."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.store.aftersales.models import Case, LineClaimed, Wish
from app.store.catalogue.actions import change_sku
from tests import make as town
from tests.client import Client
from tests.make import order as make
from tests.merchant import Merchant
from tests.pages import signed_in
from tests.story import Bought


class Fallen:
    """Three at ¥10.00 were bought, which cost ¥9.00 now."""

    def __init__(self, client: Client) -> None:
        self.goods, self.who = town.product(price=1000, stock=9), town.person()
        line = make.line(self.goods.sku_id, 1000, 3, self.goods.shop.id)
        bought = make.paid(make.purchase([line], make.Buyer(self.who.token, Ref("person", self.who.id))))
        self.order_id = bought.placed.orders[0].id
        self.line = make.line_ids(self.order_id)[0]
        self.buyer = client.as_(self.who.token)
        in_transaction(lambda: change_sku(town.as_staff(self.goods.shop), self.goods.sku_id, price=900))

    def ask(self, units: int = 3, line: UUID | None = None, **more: Any) -> Any:
        lines = [{"line_id": str(line or self.line), "units": units}]
        asked = {"kind": "price", "reason": "no_reason", "lines": lines, **more}
        return self.buyer.post(f"/orders/{self.order_id}/aftersales", asked, key=uuid4().hex)


@pytest.mark.parametrize("units", [1, 2, 4])
def test_the_difference_is_of_a_line_as_a_whole(app: Flask, client: Client, units: int) -> None:
    bought = Fallen(client)
    refused = bought.ask(units)
    assert (refused.status_code, refused.json["errors"].keys()) == (422, {"units"})
    assert "全部 3 件" in refused.json["detail"]
    bought.buyer = replace(bought.buyer, language="en")
    assert "all 3 units" in bought.ask(units).json["detail"]


@pytest.mark.parametrize("amount", [1, 299, 301, 3000])
def test_no_other_amount_than_the_difference_is_asked_for(app: Flask, client: Client, amount: int) -> None:
    refused = Fallen(client).ask(amount=amount)
    assert (refused.status_code, refused.json["errors"].keys()) == (422, {"amount"})
    assert "¥3.00" in refused.json["detail"]


@pytest.mark.parametrize("more", [{}, {"amount": 300}])
def test_a_case_says_what_counts(app: Flask, client: Client, more: dict[str, int]) -> None:
    case = Fallen(client).ask(**more).json
    assert (case["amount"], case["refund"]["amount"], [one["units"] for one in case["lines"]]) == (300, 300, [3])


def test_a_line_of_another_order_is_not_there(app: Flask, client: Client) -> None:
    other = Fallen(client)
    assert Fallen(client).ask(line=other.line).status_code == 404


def test_units_that_went_back_are_not_asked_for(app: Flask, client: Client) -> None:
    bought = Fallen(client)
    cancelled = {"kind": "refund", "reason": "other", "lines": [{"line_id": str(bought.line), "units": 1}]}
    bought.buyer.post(f"/orders/{bought.order_id}/aftersales", cancelled, key=uuid4().hex)
    assert bought.ask(3).status_code == 422
    assert bought.ask(2).json["refund"]["amount"] == 200


def test_a_line_of_which_nothing_is_left_says_so() -> None:
    gone, whole = uuid4(), uuid4()
    wish = Wish("price", "other", [LineClaimed(whole, 2), LineClaimed(gone, 1)])
    with pytest.raises(Refused) as said:
        wish.require_whole({whole: 2, gone: 0}, 300)
    assert "全部申请过" in str(said.value.errors)


def test_the_pages_of_a_case_name_its_goods_and_no_reason_that_is_none(app: Flask) -> None:
    bought = Bought(app, town.person(), title="手工杯")
    staff = town.as_staff(bought.goods.shop)
    in_transaction(lambda: change_sku(staff, bought.goods.sku_id, price=900))
    form = bought.browser.open(f"{bought.page}/aftersales/new")
    refused = form.send("/aftersales", **{f"units-{bought.line}": "1", "kind": "price"})
    assert refused.status == 422 and "请选择全部 2 件" in refused.text
    shown = refused.send("/aftersales", **{f"units-{bought.line}": "2"}).follow()
    assert "手工杯</span> × 2" in shown.text and "七天无理由" not in shown.text and "已退款" in shown.text
    case_id = shown.path.rpartition("/")[2]
    desk = signed_in(app, bought.goods.shop.owner)
    page = desk.open(f"/portal/aftersales/{case_id}")
    assert "手工杯" in page.text and "× 2" in page.text and "¥2.00" in page.text
    for path in (page.path, f"/portal/shops/{bought.goods.shop.id}/aftersales?part=ended"):
        text = desk.open(path).text
        assert "降价" in text and "七天无理由" not in text, path
    assert "七天无理由" not in desk.open(f"/portal/orders/{bought.id}").text


def test_of_a_line_that_was_sent_in_part_all_units_can_be_chosen(app: Flask) -> None:
    bought = Bought(app, town.person(), quantity=3).sent(1)
    staff = town.as_staff(bought.goods.shop)
    in_transaction(lambda: change_sku(staff, bought.goods.sku_id, price=900))
    form = bought.browser.open(f"{bought.page}/aftersales/new")
    done = form.send("/aftersales", **{f"units-{bought.line}": "3", "kind": "price"}).follow()
    assert "¥3.00" in done.text


def test_a_case_of_before_that_names_no_units_names_its_goods_all_the_same(app: Flask) -> None:
    desk = Merchant(app)
    case_id = desk.case("refund")
    change = "UPDATE aftersales_lines SET units = 0; UPDATE aftersales_cases SET kind = 'price'"
    in_transaction(lambda: db.session.connection().exec_driver_sql(change).rowcount)
    text = desk.at(f"/portal/aftersales/{case_id}").text
    assert "手工陶瓷杯" in text and "× 0" not in text
    assert in_transaction(lambda: db.session.get_one(Case, case_id).kind) == "price"
