"""The page that a link opens."""

import re
from html import unescape

from flask import Flask
from sqlalchemy import func, select

from app.buying.links.models import Click
from app.community.posts import actions
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.store.catalogue.actions import change_product, change_sku, take_down
from app.store.catalogue.models import STARTING_CATEGORIES, SkuWanted
from app.store.inventory.actions import set_stock
from tests import make
from tests.client import Client
from tests.make.post import MadePost

CATEGORY = next(iter(STARTING_CATEGORIES))


def link_page(client: Client, post: MadePost, language: str = "") -> tuple[int, str]:
    answer = Client(client.app, language=language).get(f"//l/{post.codes[0]}")
    assert answer.mimetype == "text/html"
    return answer.status_code, answer.text


def meta(text: str, name: str) -> str:
    found = re.search(rf'<meta (?:property|name)="{name}" content="([^"]*)">', text)
    assert found, name
    return unescape(found.group(1))


def test_the_page_shows_the_goods_and_the_post(client: Client) -> None:
    author, goods = make.person(nickname="小鱼"), make.product(title="手工杯", price=9900)
    post = make.post(author, [goods], uploads=[make.upload(author)], title="早安", body="好杯子")
    status, text = link_page(client, post)
    assert status == 200
    for words in ("手工杯", "¥99.00", "早安", "好杯子", "小鱼", goods.shop.name):
        assert words in text
    assert f'action="/l/{post.codes[0]}/checkout"' in text
    assert f'value="{goods.sku_id}"' in text
    assert re.search(r'name="form_token" value="[0-9a-f]{64}"', text)
    assert "<script" not in text
    assert " style=" not in text
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text


def test_the_page_tells_other_sites_what_it_is(client: Client) -> None:
    author, goods = make.person(), make.product(title='杯 "大" & <小>', price=12050)
    post = make.post(author, [goods], uploads=[make.upload(author)], title="早安 & <b>")
    _, text = link_page(client, post)
    assert meta(text, "og:title") == '杯 "大" & <小>'
    assert meta(text, "og:description") == "早安 & <b>"
    assert meta(text, "og:url") == f"http://localhost/l/{post.codes[0]}"
    assert meta(text, "og:image").startswith("http://localhost/media/")
    assert meta(text, "product:price:amount") == "120.50"
    assert "<b>" not in text


def test_price_and_stock_are_of_this_moment(client: Client) -> None:
    goods = make.product(price=9900)
    post = make.post(tags=[goods])
    assert "¥99.00" in link_page(client, post)[1]
    in_transaction(lambda: change_sku(make.as_staff(goods.shop), goods.sku_id, price=8800))
    text = link_page(client, post)[1]
    assert "¥88.00" in text
    assert "¥99.00" not in text


def test_a_variant_that_is_sold_out_cannot_be_chosen(client: Client) -> None:
    goods = make.product(skus=[SkuWanted(price=100, stock=0, name="红"), SkuWanted(price=200, stock=3, name="蓝")])
    _, text = link_page(client, make.post(tags=[goods]))
    options = re.findall(r"<option value=\"([^\"]+)\"( disabled| selected)?>([^<]*)<", text)
    assert [(one[0], one[1]) for one in options] == [(str(goods.sku_ids[0]), " disabled"), (str(goods.sku_ids[1]), "")]
    assert "已售罄" in options[0][2]


def test_and_up_is_said_only_where_prices_differ(client: Client) -> None:
    def price(*prices: int) -> str:
        skus = [SkuWanted(price=one, stock=1, name=str(place)) for place, one in enumerate(prices)]
        _, text = link_page(client, make.post(tags=[make.product(skus=skus)]), "en")
        found = re.search(r'<p class="price">(.*?)</p>', text)
        assert found
        return re.sub(r"<[^>]*>", "", found.group(1))

    assert [price(100), price(100, 100), price(200, 100)] == ["¥1.00", "¥1.00", "¥1.00 and up"]


def test_sold_out_goods_have_no_button_but_similar_goods(client: Client) -> None:
    goods = make.product(stock=1, category_id=CATEGORY)
    other = make.product(goods.shop, title="相似的杯", category_id=CATEGORY)
    post = make.post(tags=[goods])
    in_transaction(lambda: set_stock(goods.sku_id, 0))
    status, text = link_page(client, post)
    assert status == 200
    assert "已售罄" in text
    assert '/checkout"' not in text
    assert other.title in text


def test_goods_that_are_off_say_so(client: Client) -> None:
    goods = make.product(category_id=CATEGORY)
    other = make.product(goods.shop, title="相似的杯", category_id=CATEGORY)
    post = make.post(tags=[goods])
    in_transaction(lambda: change_product(make.as_staff(goods.shop), goods.id, state="off"))
    status, text = link_page(client, post, "en")
    assert status == 200
    assert "No longer on sale" in text
    assert '/checkout"' not in text
    assert other.title in text


def test_a_link_sells_on_without_its_post(client: Client) -> None:
    goods = make.product(title="手工杯")
    post = make.post(tags=[goods], title="删掉的")
    in_transaction(lambda: actions.delete_post(Caller(person_id=post.author.id), post.id))
    status, text = link_page(client, post)
    assert status == 200
    assert '/checkout"' in text
    assert "删掉的" not in text


def test_goods_taken_down_and_unknown_codes_answer_a_404_page(client: Client) -> None:
    goods = make.product(title="违规货")
    post = make.post(tags=[goods])
    in_transaction(lambda: take_down(goods.id, "假货", post.author.id))
    status, text = link_page(client, post)
    assert status == 404
    assert "链接已失效" in text
    assert "违规货" not in text
    for code in ("1234567890", "x", "不", "1' OR 1=1"):
        answer = client.get(f"//l/{code}")
        assert answer.status_code == 404
        assert answer.mimetype == "text/html"


def test_each_opening_is_a_click_of_its_visitor(app: Flask, client: Client) -> None:
    post = make.post(tags=[make.product()])
    browser = app.test_client()
    for _ in range(2):
        assert browser.get(f"/l/{post.codes[0]}").status_code == 200
    assert app.test_client().get(f"/l/{post.codes[0]}").status_code == 200
    visitors = db.session.execute(
        select(Click.visitor_id, func.count()).where(Click.visitor_kind == "guest").group_by(Click.visitor_id)
    ).all()
    assert sorted(row[1] for row in visitors) == [1, 2]


def test_the_buy_button_leads_to_a_checkout(app: Flask) -> None:
    goods = make.product(stock=5)
    post = make.post(tags=[goods])
    browser = app.test_client()
    text = browser.get(f"/l/{post.codes[0]}").text
    token = re.search(r'name="form_token" value="([^"]+)"', text)
    assert token
    form = {"sku_id": str(goods.sku_id), "quantity": "2", "form_token": token.group(1)}
    answer = browser.post(f"/l/{post.codes[0]}/checkout", data=form)
    assert answer.status_code == 303
    assert "手工" in browser.get(answer.headers["Location"]).text


def test_a_long_body_is_cut(client: Client) -> None:
    post = make.post(tags=[make.product()], body="字" * 400)
    text = link_page(client, post)[1]
    assert "字" * 280 + "…" in text
    assert "字" * 281 not in text
