"""The public page of a post: what it shows and tells, to whom, and when opening it is a view."""

import re
from uuid import UUID

import pytest
from flask import Flask
from markupsafe import escape

from app.community.posts import actions as posts
from app.community.tags.models import TagWanted
from app.core import clock, counters
from app.core.caller import Caller
from app.core.db import in_transaction
from app.store.inventory.actions import set_stock
from tests import make
from tests.heads import HOSTILE, as_name, head_of
from tests.make.post import MadePost
from tests.pages import Browser, signed_in
from tests.statements import statements

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0"}


def opened(app: Flask, post: MadePost, language: str = "zh-CN") -> Browser:
    browser = Browser(app, language).open(f"/p/{post.id}")
    assert (browser.status, browser.answer.mimetype) == (200, "text/html")
    return browser


def views(post: MadePost) -> int:
    return counters.of([post.id])[post.id].get("views", 0)


def test_the_page_shows_the_post_its_goods_and_what_others_said(app: Flask) -> None:
    author, reader = make.person(nickname="小鱼"), make.person(nickname="阿豆")
    cup, tea = make.product(title="手工杯", price=9900), make.product(title="白茶", price=12050)
    pictures = [make.upload(author), make.upload(author, colour="#336699")]
    post = make.post(author, [cup, tea], title="早安", body="第一行\n第二行", topics=["茶"], uploads=pictures)
    make.comment(post, reader, "真好看")
    other = make.post(author, title="另一篇")
    text = opened(app, post).text
    for words in ("早安", "第一行\n第二行", "#茶", "小鱼", "手工杯", "¥99.00", "白茶", "¥120.50", "阿豆", "真好看"):
        assert words in text
    for code in post.codes:
        assert f'href="/l/{code}"' in text
    assert f'href="/p/{other.id}"' in text
    assert all(f"/media/{one}/full.jpg" in text for one in pictures)
    assert text.index("<img") == text.index(f'<img src="/media/{pictures[0]}'), "WeChat takes the first picture"
    assert "<script" not in text
    assert " style=" not in text


def test_goods_are_numbered_on_the_picture_where_they_were_tagged(app: Flask) -> None:
    author, cup, tea = make.person(), make.product(title="手工杯"), make.product(title="白茶")
    tags = [TagWanted(tea.id), TagWanted(cup.id, image=1, x=0.5, y=0.25), TagWanted(tea.id, image=1, x=0, y=1)]
    pictures = [make.upload(author), make.upload(author, width=100, height=200)]
    post = make.post(author, tags, uploads=pictures)
    text = opened(app, post).text
    spots = re.findall(r'<a href="/l/(\w+)" aria-label="(\d)\. ([^"]+)"><circle cx="(\d+)" cy="(\d+)"', text)
    assert spots == [(post.codes[1], "2", "手工杯", "500", "500"), (post.codes[2], "1", "白茶", "50", "1950")]
    assert text.count("<svg") == 1
    assert 'viewBox="0 0 1000 2000"' in text
    assert text.count('class="goods-row"') == 2


def test_the_page_tells_other_sites_what_it_is(app: Flask) -> None:
    author = make.person(nickname="小鱼")
    post = make.post(
        author, title="早安", body="一行\n\n  又一行 " + "长" * 200, topics=["茶"], uploads=[make.upload(author)]
    )
    with clock.moved(seconds=60):
        in_transaction(lambda: posts.edit_post(Caller(person_id=author.id), post.id, {"title": "早安吗"}))
    head = head_of(opened(app, post).text)
    assert head["title"] == "早安吗 · 社区好物"
    assert head["og:title"] == head["itemprop name"] == head["weibo:article:title"] == "早安吗"
    assert head["description"] == head["og:description"] == ("一行 又一行 " + "长" * 200)[:120]
    assert head["canonical"] == head["og:url"] == f"http://localhost/p/{post.id}"
    assert (head["og:type"], head["weibo:type"], head["og:site_name"]) == ("article", "article", "社区好物")
    assert head["og:image"].startswith("http://localhost/media/")
    assert (head["author"], head["article:tag"]) == ("小鱼", "茶")
    published, edited = head["article:published_time"], head["article:modified_time"]
    assert head["weibo:article:create_at"] == f"{clock.in_china(published)}:00"
    assert head["weibo:article:update_at"] == f"{clock.in_china(edited)}:00"
    assert published < edited


def test_a_post_of_words_alone_tells_no_picture(app: Flask) -> None:
    head = head_of(opened(app, make.post(make.person(nickname="小鱼"), body=""), "en").text)
    assert "og:image" not in head
    assert (head["twitter:card"], head["og:locale"], head["description"]) == ("summary", "en_US", "小鱼")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_words(app: Flask, hostile: str) -> None:
    author, goods = make.person(nickname=as_name(hostile)), make.product(title=hostile)
    tags = [TagWanted(goods.id, image=0, x=0.5, y=0.5)]
    post = make.post(author, tags, title=hostile, body=hostile, topics=[hostile[:50]], uploads=[make.upload(author)])
    make.comment(post, make.person(), hostile)
    text = opened(app, post).text
    head = head_of(text)
    assert head["title"] == f"{hostile} · 社区好物"
    assert head["og:title"] == head["og:description"] == hostile
    assert "<script" not in text
    assert "<img src=x" not in text
    assert f"{escape(as_name(hostile))}</bdi>" in text


@pytest.mark.parametrize("hidden", ["private", "held", "taken down", "deleted"])
def test_what_not_everybody_may_see_is_as_if_it_never_was(app: Flask, hidden: str) -> None:
    author = make.person()
    post = make.post(author, title="秘密", visibility="private" if hidden == "private" else "public")
    hide = {
        "private": lambda: None,
        "held": lambda: posts.hold(post.id, "待审核"),
        "taken down": lambda: posts.take_down(post.id, "广告", author.id),
        "deleted": lambda: posts.delete_post(Caller(person_id=author.id), post.id),
    }
    in_transaction(hide[hidden])
    browser = Browser(app).open("/")
    never = browser.open(f"/p/{make.shop().id}").text
    for visitor in (browser, signed_in(app, author)):
        assert visitor.open(f"/p/{post.id}").status == 404
        assert "秘密" not in visitor.text
    assert _bare(browser.open(f"/p/{post.id}").text) == _bare(never)
    assert views(post) == 0


def _bare(text: str) -> str:
    """A page without its own address and its forms' token."""
    return re.sub(r'/p/[0-9a-f-]{36}|value="[0-9a-f]{64}"', "", text)


def test_opening_the_page_is_a_view_once_an_hour_for_each_who_looks(app: Flask) -> None:
    post, browser = make.post(), Browser(app).open("/")
    for _ in range(2):
        browser.open(f"/p/{post.id}")
    assert views(post) == 1
    Browser(app).open("/").open(f"/p/{post.id}")
    assert views(post) == 2
    with clock.moved(seconds=3601):
        browser.open(f"/p/{post.id}")
    assert views(post) == 3


def test_who_keeps_no_cookie_is_one_viewer_by_his_address(app: Flask) -> None:
    post = make.post()
    for _ in range(3):
        assert app.test_client().get(f"/p/{post.id}", headers=PHONE).status_code == 200
    assert views(post) == 1


def test_a_head_a_preview_and_the_author_are_no_views(app: Flask) -> None:
    post = make.post()
    path, browser = f"/p/{post.id}", app.test_client()
    assert browser.head(path).status_code == 200
    for headers in ({"Purpose": "prefetch"}, {"User-Agent": "Mozilla/5.0 (compatible; Baiduspider-render/2.0)"}):
        assert browser.get(path, headers=headers).status_code == 200
    signed_in(app, post.author).open(path)
    assert views(post) == 0
    browser.get(path, headers=PHONE)
    assert views(post) == 1


def test_comments_go_on_on_a_further_page(app: Flask) -> None:
    post = make.post()
    for number in range(11):
        make.comment(post, make.person(), f"第{number}条")
    browser = opened(app, post)
    assert "第10条" in browser.text
    assert "第0条" not in browser.text
    further = re.search(r'rel="next" href="(\?cursor=[^"]+)"', browser.text)
    assert further
    assert "第0条" in browser.open(f"/p/{post.id}{further[1]}").text
    assert browser.open(f"/p/{post.id}?cursor=forged").status == 400


def test_goods_that_are_sold_out_can_still_be_looked_at(app: Flask) -> None:
    goods = make.product(stock=1)
    post = make.post(tags=[goods])
    in_transaction(lambda: set_stock(goods.sku_id, 0))
    text = opened(app, post, "en").text
    assert "Sold out" in text
    assert f'href="/l/{post.codes[0]}">Look' in text


@pytest.mark.parametrize("many", [1, 10])
def test_the_page_asks_few_questions_however_much_is_on_it(app: Flask, many: int) -> None:
    author = make.person()
    goods = [make.product(title=f"杯 {one}") for one in range(many)]
    pictures = [make.upload(author, colour=f"#3366{one:02d}") for one in range(many)]
    post = make.post(author, goods, uploads=pictures)
    for one in range(many):
        make.comment(post, make.person(), f"第{one}条")
        make.post(author)
    browser = Browser(app).open("/")
    browser.open(f"/p/{post.id}")
    with statements() as asked:
        assert browser.open(f"/p/{post.id}").status == 200
    assert len(asked) <= 14, asked
    assert UUID(browser.path[3:]) == post.id
