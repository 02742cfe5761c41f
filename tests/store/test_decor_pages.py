"""The page of a shop in a browser, and the forms by which it is arranged."""

from io import BytesIO

import pytest
from flask import Flask

from app.core.db import in_transaction
from app.store.decor import queries
from app.store.shops import actions as shops
from tests import make
from tests.pages import Browser
from tests.portal import at_portal
from tests.store.counting import queries_in


def test_a_page_is_arranged_form_by_form_and_seen_by_everybody(app: Flask) -> None:
    shop = make.shop(name="山野茶铺")
    cup, pot = make.product(shop, title="青瓷茶杯"), make.product(shop, title="紫砂茶壶")
    make.product(title="别家的杯子")
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/page")
    page.send("/look", theme="tea", tagline="一杯好茶").follow()
    page.send("/sections", title="本周推荐", sort="goods").follow()
    section = in_transaction(lambda: queries.look(shop.id)).content.sections[0]
    page.send("/goods", product_id=str(cup.id)).follow()
    goods = {"section_id": section.id, "product_id": str(pot.id)}
    page.post(f"/portal/shops/{shop.id}/page/goods", form_token=page.forms[0].fields["form_token"], **goods).follow()
    banner = {"alt": "春茶上市", "pictures": (BytesIO(make.picture_file(900, 300)), "b.jpg")}
    page.send("/banners", **banner, leads_to=f"section:{section.id}").follow()
    page.send("/sections", title="新品", sort="newest").follow()
    second = in_transaction(lambda: queries.look(shop.id)).content.sections[1]
    page.send(f"{second.id}/up").follow()
    seen = Browser(app).open(f"/shops/{shop.id}")
    assert seen.status == 200 and "theme-tea" in seen.text and 'alt="春茶上市"' in seen.text
    assert seen.text.index("店主推荐") < seen.text.index("新品") < seen.text.index("本周推荐")
    assert f'href="/goods/{pot.id}"' in seen.text and "别家的杯子" not in seen.text
    page.send(f"{second.id}/removal").follow()
    assert "新品" not in Browser(app).open(f"/shops/{shop.id}").text
    assert "The shop" not in seen.text and "All goods" in Browser(app, "en").open(f"/shops/{shop.id}").text


def test_a_banner_without_a_picture_and_a_section_without_a_title_are_shown_again(app: Flask) -> None:
    shop = make.shop()
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/page")
    assert page.send("/banners", alt="x").status == 422
    assert page.send("/sections", title="", sort="newest").status == 422
    assert page.send("/sections", title="分类", sort="category").status == 422 and "没有这个分类" in page.text
    other = str(make.product().id)
    token = page.forms[0].fields["form_token"]
    page.post(f"/portal/shops/{shop.id}/page/goods", form_token=token, product_id=other, section_id="")
    assert page.status == 422 and "只能放本店的商品" in page.text
    assert in_transaction(lambda: queries.look(shop.id)).version == 0


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_closed_shop_says_so(app: Flask, language: str) -> None:
    shop = make.shop()
    make.product(shop, title="青瓷茶杯")
    in_transaction(lambda: shops.close_shop(shop.id, "suspended"))
    page = Browser(app, language).open(f"/shops/{shop.id}")
    assert ("本店暂停营业" if language != "en" else "closed for now") in page.text
    assert "青瓷茶杯" not in page.text


def test_all_goods_come_page_by_page(app: Flask) -> None:
    shop = make.shop()
    for number in range(26):
        make.product(shop, title=f"杯子{number}号")
    page = Browser(app).open(f"/shops/{shop.id}")
    assert "杯子25号" in page.text and "杯子1号" not in page.text
    following = page.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "杯子1号" in page.open(f"/shops/{shop.id}{following}").text
    with queries_in() as sent:
        Browser(app).open(f"/shops/{shop.id}")
    assert len(sent) < 14
