"""After-sales in a browser: ask, follow, send back, appeal, withdraw; persons and guests."""

import io
import re
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.store.aftersales import actions
from app.store.aftersales.models import Arrival, Case, CasePicture
from app.store.catalogue.actions import change_sku
from app.store.fulfilment.models import OrderProgress
from tests import make
from tests.pages import Browser, signed_in
from tests.story import Bought


def asks(bought: Bought, **said: Any) -> Browser:
    """Opens the form and asks for one unit, or as `said`."""
    wanted = {f"units-{bought.line}": "1", "kind": "return", "reason": "damaged", **said}
    return bought.browser.open(f"{bought.page}/aftersales/new").send("/aftersales", **wanted)


def case_of(bought: Bought) -> UUID:
    return db.session.scalars(select(Case.id).where(Case.order_id == bought.id)).one()


def seller(bought: Bought) -> Caller:
    return make.as_staff(bought.goods.shop)


def refunded(bought: Bought) -> int:
    return db.session.get_one(OrderProgress, bought.id, populate_existing=True).refunded


def picture() -> Any:
    return (io.BytesIO(make.picture_file()), "broken.png")


def test_goods_are_returned_step_by_step_and_their_money_comes_back(app: Flask) -> None:
    bought = Bought(app, make.person()).received()
    browser = asks(bought, words="杯口有裂纹", pictures=picture()).follow()
    case_id = case_of(bought)
    assert browser.path == f"/aftersales/{case_id}"
    for words in ("等待商家处理", "杯口有裂纹", "商品破损", "凭证 1"):
        assert words in browser.text
    assert "查看售后进度" in browser.open(bought.page).text
    in_transaction(lambda: actions.approve(seller(bought), case_id, "请寄回"))
    assert "杭州市文一路 1 号 退货组" in browser.open(f"/aftersales/{case_id}").text
    browser.send("/parcel", carrier="sf", number="不是单号")
    assert (browser.status, "运单号格式不对" in browser.text) == (422, True)
    browser.send("/parcel", carrier="sf", number="SF1234567890123", paid="12.50").follow()
    assert "已寄回，等待商家收货" in browser.text
    assert "/withdrawal" not in browser.text
    in_transaction(lambda: actions.confirm_arrival(seller(bought), case_id, Arrival(True)))
    text = browser.open(f"/aftersales/{case_id}").text
    assert "已退款" in text
    assert "¥10.00" in text
    assert refunded(bought) == 1000


def test_the_same_form_sent_twice_opens_one_case(app: Flask) -> None:
    bought = Bought(app).received()
    browser = bought.browser.open(f"{bought.page}/aftersales/new")
    form = next(one for one in browser.forms if one.action.endswith("/aftersales"))
    sent = {**form.fields, f"units-{bought.line}": "1", "kind": "refund"}
    assert [browser.post(form.action, **sent).status for _ in range(2)] == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1


def test_a_guest_shows_pictures_appeals_and_withdraws(app: Flask) -> None:
    bought = Bought(app).received()
    asks(bought, pictures=picture())
    case_id = case_of(bought)
    in_transaction(lambda: actions.refuse(seller(bought), case_id, "看不出裂纹"))
    browser = bought.browser.open(f"/aftersales/{case_id}")
    assert "看不出裂纹" in browser.text
    browser.send("/appeal", words=" ")
    assert (browser.status, "不能为空白" in browser.text) == (422, True)
    browser.send("/appeal", words="裂纹在杯底", pictures=picture()).follow()
    assert "平台处理中" in browser.text
    assert db.session.scalar(select(func.count()).select_from(CasePicture)) == 2
    browser.send("/withdrawal").follow()
    assert "已撤销" in browser.text


def test_a_button_that_comes_too_late_says_so_and_does_nothing(app: Flask) -> None:
    bought = Bought(app).received()
    asks(bought, kind="refund")
    case_id = case_of(bought)
    browser = bought.browser.open(f"/aftersales/{case_id}")
    in_transaction(lambda: actions.approve(seller(bought), case_id, ""))
    browser.send("/withdrawal").follow()
    assert "售后单的状态已经变了" in browser.text
    assert "已退款" in browser.text


def test_what_is_wrong_is_said_beside_the_form_as_it_was_filled_in(app: Flask) -> None:
    bought = Bought(app, make.person()).received()
    browser = asks(bought, **{f"units-{bought.line}": "0", "words": "不喜欢"})
    assert (browser.status, "请选择商品和数量" in browser.text, "不喜欢" in browser.text) == (422, True, True)
    assert (asks(bought, amount="很多").status, "须为金额" in browser.text) == (422, True)
    assert asks(bought, amount="10.01").status == 422
    assert "最多可退" in browser.text
    assert db.session.scalar(select(func.count()).select_from(Case)) == 0
    assert db.session.scalar(select(func.count()).select_from(CasePicture)) == 0
    assert asks(bought, amount="3", kind="refund").status == 303


def test_a_price_that_fell_is_made_good_at_once(app: Flask) -> None:
    bought = Bought(app, make.person()).received()
    assert asks(bought, kind="price").status == 409
    assert "现在的价格并没有更低" in bought.browser.text
    staff = make.as_staff(bought.goods.shop)
    in_transaction(lambda: change_sku(staff, bought.goods.sku_id, price=900))
    assert "已退款" in asks(bought, kind="price", **{f"units-{bought.line}": "2"}).follow().text
    assert refunded(bought) == 200


def test_a_case_is_of_its_buyer_alone(app: Flask) -> None:
    bought = Bought(app, make.person()).received()
    asks(bought)
    case_id = case_of(bought)
    for browser in (Browser(app).open("/"), signed_in(app, make.person()), signed_in(app, bought.goods.shop.owner)):
        for path in (f"/aftersales/{case_id}", f"{bought.page}/aftersales/new"):
            assert browser.open(path).status == 404
        token = browser.open("/sign-in").forms[-1].fields["form_token"]
        assert browser.post(f"/aftersales/{case_id}/withdrawal", form_token=token).status == 404
    assert re.search("等待商家处理", bought.browser.open(f"/aftersales/{case_id}").text)


def kinds_offered(browser: Browser) -> dict[str, bool]:
    """The kinds that the form offers, and which of them it has chosen already."""
    found = re.findall(r'<input[^>]+name="kind"[^>]+value="(\w+)"([^>]*)>', browser.text)
    return {kind: "checked" in more for kind, more in found}


def test_of_what_was_not_sent_the_money_alone_is_offered(app: Flask) -> None:
    bought = Bought(app, make.person(), quantity=1)
    browser = bought.browser.open(f"{bought.page}/aftersales/new")
    assert kinds_offered(browser) == {"refund": True}
    again = asks(bought, kind="return")
    assert again.status == 409 and "还没有发货" in again.text
    bought.sent()
    assert kinds_offered(browser.open(f"{bought.page}/aftersales/new")) == {
        "return": True,
        "refund": False,
        "exchange": False,
    }


def test_a_fallen_price_is_offered_once_it_has_fallen(app: Flask) -> None:
    bought = Bought(app, make.person(), quantity=1)
    seller = make.as_staff(bought.goods.shop)
    in_transaction(lambda: change_sku(seller, bought.goods.sku_id, price=900).id)
    assert kinds_offered(bought.browser.open(f"{bought.page}/aftersales/new")) == {"refund": True, "price": False}
