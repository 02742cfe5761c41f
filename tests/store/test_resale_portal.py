"""The page of resale."""

from flask import Flask

from app.store.shops.models import PACKER
from tests import make
from tests.portal import at_portal
from tests.store.counting import queries_in


def test_a_supplier_offers_and_another_shop_lists_it_in_browsers(app: Flask) -> None:
    by = make.supplier()
    cup = make.product(by, title="青瓷茶杯")
    page = at_portal(app, by.owner, f"/portal/shops/{by.id}/resale")
    assert page.send("/offers", sku_id=str(cup.sku_id), supply_price="90", floor_price="80").status == 422
    page.send("/offers", sku_id=str(cup.sku_id), supply_price="50", floor_price="80").follow()
    assert f'data-offer="{cup.sku_id}"' in page.text
    shop = make.shop()
    other = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/resale")
    assert "青瓷茶杯" in other.text
    assert other.send("/goods", price="79").status == 422 and "80.00" in other.text
    other.open(f"/portal/shops/{shop.id}/resale").send("/goods", price="88", title="我的茶杯").follow()
    assert "我的茶杯" in other.text and "¥88.00" in other.text
    page.send("/withdrawal").follow()
    assert "还没有可以转售的商品" in page.text


def test_the_page_is_for_those_who_change_goods_and_costs_little(app: Flask) -> None:
    shop = make.shop()
    for _ in range(6):
        make.offered()
    assert at_portal(app, make.worker(shop, PACKER)).open(f"/portal/shops/{shop.id}/resale").status == 403
    page = at_portal(app, shop.owner)
    with queries_in() as sent:
        assert page.open(f"/portal/shops/{shop.id}/resale").status == 200
    assert len(sent) < 14
