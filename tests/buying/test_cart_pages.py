"""Pages of the cart and of a checkout with freight, coupons, saved addresses and an invoice: forms alone, no script."""

import re
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.buying.carts.actions import add_to_cart
from app.buying.carts.queries import lines_count, lines_in
from app.core.caller import PERSON, Ref
from app.core.db import db, in_transaction
from app.people.addresses.actions import add_address
from app.store.freight.actions import make_template
from app.store.freight.models import FreightRule, TemplateWanted
from app.store.invoices.models import InvoiceRequest
from app.store.orders.models import Order, Purchase
from tests import make
from tests.make import ADDRESS
from tests.pages import Browser, signed_in
from tests.statements import statements


def in_cart(app: Flask, *goods: make.MadeProduct) -> Browser:
    """A guest who has put these into his cart, and sees it."""
    browser = Browser(app)
    for one in goods:
        browser.open(f"/goods/{one.id}")
        browser.post("/cart/lines", **{**browser.forms[0].fields, "sku_id": str(one.sku_id), "quantity": "2"}).follow()
    return browser


def charge(shop: make.MadeShop, *rules: FreightRule) -> None:
    wanted = TemplateWanted("全国", "piece", rules)
    in_transaction(lambda: make_template(shop.owner.id, shop.id, wanted))


def field(browser: Browser, ending: str) -> str:
    """The name of the first field of the cart's form that begins like this."""
    return next(name for name in browser.forms[0].fields if name.startswith(ending))


def test_goods_go_from_their_page_through_the_cart_to_an_order(app: Flask) -> None:
    cup, bowl = make.product(price=9_900, stock=9), make.product(price=5_000, stock=9)
    browser = in_cart(app, cup, bowl)
    assert cup.title in browser.text
    assert "¥298.00" in browser.text
    lines = {line.product_id: str(line.id) for line in lines_in(browser.guest)}
    fields = browser.forms[0].fields
    sent = {**fields, f"quantity-{lines[cup.id]}": "3", "ticked": lines[cup.id]}
    browser.post("/cart/checkout", **sent).follow()
    assert re.fullmatch(r"/checkout/[0-9a-f-]{36}", browser.path)
    assert (cup.title in browser.text, bowl.title in browser.text, "¥297.00" in browser.text) == (True, False, True)
    first = browser.path
    assert browser.open("/cart").post("/cart/checkout", **sent).answer.headers["Location"] == first  # sent again
    browser.open(first).send(**ADDRESS).follow()
    assert db.session.scalars(select(Purchase.total)).one() == 29_700
    assert [line.product_id for line in lines_in(browser.guest)] == [bowl.id]


def test_the_cart_is_changed_and_emptied_by_its_forms(app: Flask) -> None:
    cup, bowl = make.product(stock=9), make.product(stock=9)
    browser = in_cart(app, cup, bowl)
    lines = {line.product_id: str(line.id) for line in lines_in(browser.guest)}
    browser.send("/cart", **{f"quantity-{lines[cup.id]}": "5", "remove": lines[bowl.id], "ticked": ""}).follow()
    assert [(line.quantity, line.is_ticked) for line in lines_in(browser.guest)] == [(5, False)]
    browser.send("/cart/clearance").follow()
    assert "还是空的" in browser.text
    assert "还是空的" in Browser(app).open("/cart").text


def test_a_cart_comes_along_when_its_guest_signs_in(app: Flask) -> None:
    cup, buyer = make.product(stock=9), make.person()
    browser = in_cart(app, cup)
    guest, person = browser.guest, Ref(PERSON, buyer.id)
    browser.open("/sign-in?next=/cart").send("/sign-in", username=buyer.username, password=buyer.password).follow()
    assert cup.title in browser.text
    assert (lines_count(guest), lines_count(person)) == (0, 1)


def test_freight_is_shown_for_the_address_that_is_typed_before_it_is_paid(app: Flask) -> None:
    shop = make.shop()
    charge(shop, FreightRule(first_price=800), FreightRule(("新疆",), first_price=2_000))
    cup = make.product(shop, price=9_900, stock=9)
    browser = Browser(app).open(f"/goods/{cup.id}").send("/checkout").follow()
    assert "填写地址后计算运费" in browser.text
    far = {**ADDRESS, "province": "新疆维吾尔自治区", "city": "喀什地区"}
    browser.send(**far)
    assert browser.status == 409
    assert "¥119.00" in browser.text
    assert "喀什地区" in browser.text
    browser.post(f"{browser.path}/address", **{**browser.forms[0].fields, **ADDRESS}).follow()
    assert "¥107.00" in browser.text
    browser.send().follow()
    order = db.session.scalars(select(Order)).one()
    assert (order.freight, order.total) == (800, 10_700)
    browser.open(f"/purchases/{order.purchase_id}")
    assert "运费" in browser.text
    own = re.search(r'href="(/o/[\w-]{43})"', browser.text)
    assert own is not None
    elsewhere = Browser(app).open(own[1])
    assert (elsewhere.status, "¥107.00" in elsewhere.text, ADDRESS["street"] in elsewhere.text) == (200, True, False)
    assert elsewhere.send("/payments").status == 303


def test_coupons_are_ticked_and_the_new_total_is_seen_before_the_order(app: Flask) -> None:
    buyer, cup = make.person(), make.product(price=10_000, stock=9)
    code = make.coupon(make.coupons(), buyer.id)
    make.coupons(terms={"tiers": [{"above": 0, "off": 1_500}]}, is_claimable=False, code="DOUBLE11")
    browser = signed_in(app, buyer, f"/goods/{cup.id}").follow().send("/checkout").follow()
    assert f'value="{code}"' in browser.text
    browser.send(**ADDRESS, codes=code)
    assert browser.status == 303  # back to the page, with the new total
    assert "¥90.00" in browser.follow().text
    browser.post(f"{browser.path}/offers", **{**browser.forms[0].fields, "codes": "", "code": "double11"}).follow()
    assert "¥85.00" in browser.text
    browser.post(f"{browser.path}/offers", **{**browser.forms[0].fields, "code": "NOPE"})
    assert (browser.status, "没有这个优惠" in browser.text) == (422, True)
    browser.open(browser.path.removesuffix("/offers")).send(**ADDRESS).follow()
    assert db.session.scalars(select(Purchase.total)).one() == 8_500


def test_saved_addresses_and_an_invoice_are_on_the_page(app: Flask) -> None:
    buyer, cup = make.person(), make.product(price=10_000, stock=9)
    saved = in_transaction(lambda: add_address(buyer.id, {**ADDRESS, "street": "龙井路 8 号"}).id)
    other = in_transaction(lambda: add_address(buyer.id, {**ADDRESS, "street": "灵隐路 9 号"}).id)
    browser = signed_in(app, buyer, f"/goods/{cup.id}").follow().send("/checkout").follow()
    assert browser.forms[0].fields["street"] == "龙井路 8 号"  # the default
    browser.post(f"{browser.path}/address", **{**browser.forms[0].fields, "address_id": str(other)}).follow()
    assert browser.forms[0].fields["street"] == "灵隐路 9 号"
    assert str(saved) in browser.text
    company: dict[str, Any] = {"invoice_kind": "company", "invoice_title": "某公司", "invoice_email": "a@b.cn"}
    browser.send(**company, invoice_tax_number="123")
    assert (browser.status, "统一社会信用代码" in browser.text) == (422, True)
    browser.send(**company, invoice_tax_number="91330100799655058B").follow()
    assert db.session.scalars(select(InvoiceRequest.tax_number)).one() == "91330100799655058B"


def test_the_pages_ask_few_questions_whatever_is_in_them(app: Flask) -> None:
    buyer = make.person()
    person = Ref(PERSON, buyer.id)
    browser = signed_in(app, buyer).open("/cart")
    numbers = []
    for _ in range(2):
        for _ in range(4):
            cup = make.product(stock=9)
            in_transaction(lambda cup=cup: add_to_cart(person, cup.sku_id, 1))
            make.coupon(make.coupons(), buyer.id)
        with statements() as asked:
            browser.open("/cart")
        lines = {f"quantity-{line.id}": "1" for line in lines_in(person)}
        ticked = [str(line.id) for line in lines_in(person)]
        browser.post("/cart/checkout", **{**browser.forms[0].fields, **lines, "ticked": ticked})
        with statements() as shown:
            browser.follow()
        numbers.append((len(asked), len(shown)))
    assert numbers[0] == numbers[1]
    assert max(numbers[0]) < 25
