"""The page that a link opens, and that of goods by themselves."""

import re

import orjson
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.buying.links.models import Click
from app.buying.links.queries import attribution, clicks_of_posts
from app.community.posts import actions
from app.community.tags.models import TagWanted
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.catalogue.actions import change_product, change_sku, take_down
from app.store.catalogue.queries import product_page
from app.store.categories.models import STARTING_CATEGORIES
from app.store.inventory.actions import set_stock
from app.store.variants.models import SkuWanted
from tests import make
from tests.client import Client
from tests.heads import HOSTILE, as_name, head_of
from tests.make.post import MadePost
from tests.pages import Browser
from tests.statements import statements

CATEGORY = next(iter(STARTING_CATEGORIES))


def link_page(client: Client, post: MadePost, language: str = "") -> tuple[int, str]:
    answer = Client(client.app, language=language).get(f"//l/{post.codes[0]}")
    assert answer.mimetype == "text/html"
    return answer.status_code, answer.text


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
    head = head_of(text)
    assert head["og:title"] == head["itemprop name"] == '杯 "大" & <小>'
    assert head["title"] == '杯 "大" & <小> · 社区好物'
    assert head["description"] == head["og:description"] == head["weibo:product:description"]
    assert head["description"] == '杯 "大" & <小> · ¥120.50 · 早安 & <b>'
    assert head["canonical"] == head["og:url"] == f"http://localhost/l/{post.codes[0]}"
    assert head["og:type"] == head["weibo:type"] == "product"
    assert re.fullmatch(r"http://localhost/media/[0-9a-f-]{36}/full.jpg", head["og:image"])
    assert head["itemprop image"] == head["weibo:product:image"] == head["og:image"]
    assert (head["og:image:width"], head["og:image:height"]) == ("60", "80")
    assert head["twitter:card"] == "summary_large_image"
    assert (head["product:price:amount"], head["product:price:currency"]) == ("120.50", "CNY")
    assert head["product:availability"] == "in stock"
    assert "<b>" not in text


def test_addresses_are_those_that_others_know(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "public_url", "https://shop.example/")
    post = make.post(tags=[make.product()])
    assert head_of(link_page(client, post)[1])["og:url"] == f"https://shop.example/l/{post.codes[0]}"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_words(client: Client, hostile: str) -> None:
    author, goods = (
        make.person(nickname=as_name(hostile)),
        make.product(title=hostile, description=hostile, brand=hostile),
    )
    post = make.post(author, [goods], title=hostile, body=hostile, topics=[hostile[:50]])
    status, text = link_page(client, post)
    head = head_of(text)
    assert status == 200
    assert head["og:title"] == hostile
    assert head["title"] == f"{hostile} · 社区好物"
    assert head["og:description"] == f"{hostile} · ¥99.00 · {hostile}"
    for sign in ("<script", "<img src=x", 'content=""'):
        assert sign not in text


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
    choices = re.findall(r'name="sku_id" id="[^"]+" value="([^"]+)" required( disabled| checked)?>', text)
    assert choices == [(str(goods.sku_ids[0]), " disabled"), (str(goods.sku_ids[1]), " checked")]
    assert re.search(r"红</bdi> · ¥1.00 · 已售罄<", text)
    assert re.search(r"蓝</bdi> · ¥2.00 · 仅剩 3 件<", text)


def test_and_up_is_said_only_where_prices_differ(client: Client) -> None:
    def price(*prices: int) -> str:
        skus = [SkuWanted(price=one, stock=1, name=str(place)) for place, one in enumerate(prices)]
        _, text = link_page(client, make.post(tags=[make.product(skus=skus)]), "en")
        found = re.search(r'<p class="price mb-1">(.*?)</p>', text)
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


def test_each_opening_is_a_row_of_its_visitor_and_counts_once_an_hour(app: Flask, client: Client) -> None:
    post = make.post(tags=[make.product()])
    browsers = [Browser(app, address=f"10.0.0.{number}") for number in range(2)]
    for browser in (browsers[0], browsers[0], browsers[1]):
        assert browser.open(f"/l/{post.codes[0]}").status == 200
    of_whom = select(Click.visitor_id, func.count())
    visitors = db.session.execute(of_whom.group_by(Click.visitor_id)).all()
    assert {row[0]: row[1] for row in visitors} == {browsers[0].guest.id: 2, browsers[1].guest.id: 1}
    assert clicks_of_posts([post.id]) == {post.id: 2}


def test_who_keeps_no_cookie_adds_one_click_an_hour_and_what_he_buys_is_owed(app: Flask) -> None:
    cup = make.product()
    post = make.post(tags=[cup])
    for _ in range(5):
        Browser(app).open(f"/l/{post.codes[0]}")
    assert clicks_of_posts([post.id]) == {post.id: 1}
    newest = Browser(app).open(f"/l/{post.codes[0]}")
    owed = attribution(newest.guest, [(cup.id, None)])
    assert [one and one.post_id for one in owed] == [post.id]


def test_newcomers_behind_one_address_who_buy_count_each_for_himself(app: Flask) -> None:
    post = make.post(tags=[make.product(stock=9)])
    come = [Browser(app).open(f"/l/{post.codes[0]}") for _ in range(3)]
    assert clicks_of_posts([post.id]) == {post.id: 1}
    for browser in come:
        assert browser.send("/checkout").status == 303
    assert clicks_of_posts([post.id]) == {post.id: 3}


def test_the_buy_button_leads_to_a_checkout(app: Flask) -> None:
    goods = make.product(stock=5)
    post = make.post(tags=[goods])
    browser = app.test_client()
    text = browser.get(f"/l/{post.codes[0]}").text
    token = re.search(r'name="form_token" value="([^"]+)"', text)
    assert token
    form = {"id": str(new_id()), "sku_id": str(goods.sku_id), "quantity": "2", "form_token": token.group(1)}
    answer = browser.post(f"/l/{post.codes[0]}/checkout", data=form)
    assert answer.status_code == 303
    assert "手工" in browser.get(answer.headers["Location"]).text


def test_a_long_body_is_cut(client: Client) -> None:
    post = make.post(tags=[make.product()], body="字" * 400)
    text = link_page(client, post)[1]
    assert "字" * 280 + "…" in text
    assert "字" * 281 not in text


def test_a_head_a_prefetch_and_a_preview_are_no_clicks(app: Flask) -> None:
    path, browser = f"/l/{make.post(tags=[make.product()]).codes[0]}", app.test_client()
    assert browser.head(path).status_code == 200
    crawlers = (
        "Mozilla/5.0 (compatible; Baiduspider/2.0)",
        "facebookexternalhit/1.1",
        "WhatsApp/2.23",
        "Twitterbot/1.0",
    )
    for headers in ({"Sec-Purpose": "prefetch;prerender"}, *({"User-Agent": one} for one in crawlers)):
        assert browser.get(path, headers=headers).status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Click)) == 0
    browser.get(path, headers={"User-Agent": "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20)"})
    assert db.session.scalar(select(func.count()).select_from(Click)) == 1


def test_others_who_posted_about_the_goods_stand_below_but_not_the_same_post_again(client: Client) -> None:
    goods = make.product()
    post, other = make.post(tags=[goods], title="这一篇"), make.post(tags=[goods], title="另一篇")
    _, text = link_page(client, post)
    assert f'href="/p/{other.id}">另一篇' in text
    assert text.count(f"/p/{post.id}") == 1


def test_goods_have_a_page_of_their_own_from_which_they_are_bought(app: Flask) -> None:
    goods = make.product(title="手工杯", price=9900)
    browser = Browser(app).open(f"/goods/{goods.id}")
    assert head_of(browser.text)["og:url"] == f"http://localhost/goods/{goods.id}"
    browser.send("/checkout", quantity="2").follow()
    assert "¥198.00" in browser.text
    for hidden in (make.product(state="draft").id, goods.shop.id):
        assert browser.open(f"/goods/{hidden}").status == 404


def test_a_price_of_thousands_is_written_alike_on_every_page_but_as_a_number_for_programs(app: Flask) -> None:
    goods = make.product(title="手工椅", price=123_450)
    post = make.post(tags=[goods])
    browser = Browser(app).open(f"/l/{post.codes[0]}")
    assert head_of(browser.text)["product:price:amount"] == "1234.50"
    pages = [browser.text, browser.send("/checkout", quantity="2").follow().text]
    paying = browser.send(**make.ADDRESS).follow().text
    pages += [paying, browser.send("", outcome="paid").follow().text]
    pages += [Browser(app).open(path).text for path in (f"/p/{post.id}", f"/goods/{goods.id}")]
    for text in pages:
        assert re.search(r"¥(1,234\.50|2,469\.00)", text)
        assert not re.search(r"¥-?\d{4}", text)


@pytest.mark.parametrize("many", [1, 12])
def test_a_page_asks_few_questions_however_much_is_on_it(client: Client, many: int) -> None:
    goods = make.product(skus=[SkuWanted(price=100 + one, stock=1, name=str(one)) for one in range(many)])
    posts = [make.post(tags=[goods], body="好") for _ in range(many)]
    link_page(client, posts[0])
    with statements() as asked:
        assert link_page(client, posts[0])[0] == 200
    assert len(asked) <= 6, asked


def test_the_picture_of_a_shared_link_is_the_one_on_which_its_tag_sits(client: Client) -> None:
    author = make.person()
    first, second = (make.upload(author) for _ in range(2))
    shop = make.shop()
    pictured = make.product(shop, uploads=[make.upload(shop.owner)])
    spotted = make.product(shop, uploads=[make.upload(shop.owner)])
    tags = [TagWanted(spotted.id, image=1, x=0.5, y=0.5), TagWanted(pictured.id), TagWanted(make.product().id)]
    post = make.post(author, tags, uploads=[first, second])
    shown = [head_of(client.get(f"//l/{code}").text)["og:image"] for code in post.codes]
    cover = orjson.loads(product_page(pictured.id))["pictures"][0]["url"]
    assert f"/media/{second}/" in shown[0]
    assert shown[1] == f"http://localhost{cover}"
    assert f"/media/{first}/" in shown[2], "nothing better is there"


def test_stars_are_alike_wherever_a_post_is_shown(app: Flask) -> None:
    goods = make.product()
    post = make.post(tags=[goods], kind="review", rating=4)
    for path in (f"/l/{post.codes[0]}", f"/p/{post.id}"):
        text = Browser(app).open(path).text
        assert re.findall("[★☆]+", text) == ["★★★★☆"], path
        assert "4/5" in text


def test_the_title_of_a_page_ends_with_the_name_of_the_site(app: Flask) -> None:
    goods = make.product(title="杯 & 碟")
    post = make.post(tags=[goods], title="早安")
    paths = {f"/l/{post.codes[0]}": "杯 & 碟", f"/goods/{goods.id}": "杯 & 碟", f"/p/{post.id}": "早安"}
    paths |= {"/me/orders": "我的订单", "/search?q=x": "x", "/l/x": "链接已失效"}
    for path, name in paths.items():
        assert head_of(Browser(app).open(path).text)["title"] == f"{name} · 社区好物"
    assert head_of(Browser(app).open("/").text)["title"] == "社区好物"
    assert head_of(Browser(app, "en").open("/sign-in").text)["title"] == "Sign in · Community shop"
