"""The front page and search as pages, and what a browser sees of an address that is not there."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from app.core.config import settings
from app.core.http import limits
from app.core.http.limits import limiter
from app.discover.finder import queries as finder
from search.engine import EngineUnavailable
from tests import make
from tests.heads import HOSTILE, as_name, head_of
from tests.pages import Browser, signed_in
from tests.statements import statements


def titles(browser: Browser) -> list[str]:
    return re.findall(r'class="stretched-link" href="/(?:p|goods)/[^"]+">([^<]*)</a>', browser.text)


def test_a_newcomer_sees_the_wall_a_search_field_and_the_way_in(app: Flask) -> None:
    author = make.person(nickname="小鱼")
    post = make.post(author, title="早安", uploads=[make.upload(author)])
    browser = Browser(app).open("/")
    assert (browser.status, titles(browser)) == (200, ["早安"])
    for sign in (f'href="/p/{post.id}"', "小鱼", "/card.jpg", 'action="/search"', 'name="q"', 'href="/sign-in?next=/"'):
        assert sign in browser.text
    head = head_of(browser.text)
    assert (head["title"], head["og:type"], head["og:url"]) == ("社区好物", "website", "http://localhost/")


def test_who_signed_in_sees_the_way_to_his_portal(app: Flask) -> None:
    browser = signed_in(app, make.person()).open("/")
    assert 'href="/portal"' in browser.text
    assert 'href="/sign-in' not in browser.text


def test_an_empty_town_says_so(app: Flask) -> None:
    assert "There are no posts here yet." in Browser(app, "en").open("/").text


def test_pages_of_the_wall_go_on_without_repeating(app: Flask) -> None:
    made = {make.post().title for _ in range(30)}
    browser = Browser(app).open("/")
    first = titles(browser)
    assert len(first) == 24
    further = re.search(r'rel="next" href="(\?cursor=[^"]+)"', browser.text)
    assert further
    rest = titles(browser.open(f"/{further[1]}"))
    assert (len(rest), set(first) | set(rest)) == (6, made)
    assert "回到第一页" in browser.text
    assert browser.open("/?cursor=forged").status == 400


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_titles_stay_words_on_the_wall(app: Flask, hostile: str) -> None:
    make.post(make.person(nickname=as_name(hostile)), title=hostile)
    text = Browser(app).open("/").text
    assert "<script" not in text
    assert "<img src=x" not in text


@pytest.mark.parametrize("many", [1, 24])
def test_the_wall_asks_few_questions_however_many_cards(app: Flask, many: int) -> None:
    for _ in range(many):
        make.post()
    browser = Browser(app).open("/")
    with statements() as asked:
        assert len(titles(browser.open("/"))) == many
    assert len(asked) <= 5, asked


def test_search_finds_posts_and_goods_by_words(app: Flask, heard: Callable[[], None]) -> None:
    goods = make.product(title="手工陶瓷杯")
    make.post(tags=[goods], title="陶瓷杯真好用")
    make.post(title="雨天")
    heard()
    browser = Browser(app).open("/search?q=陶瓷杯")
    assert titles(browser) == ["陶瓷杯真好用"]
    assert 'value="陶瓷杯"' in browser.text
    assert titles(browser.open("/search?q=陶瓷杯&in=goods")) == ["手工陶瓷杯"]
    assert f'href="/goods/{goods.id}"' in browser.text
    assert "没有找到" in browser.open("/search?q=不存在的东西").text


def test_search_without_words_asks_for_some_and_too_many_are_refused(app: Flask) -> None:
    browser = Browser(app, "en")
    for blank in ("/search", "/search?q=", "/search?q=%20%E3%80%80"):
        assert "What are you looking for?" in browser.open(blank).text
    assert browser.open(f"/search?q={'长' * 201}").status == 422
    assert browser.open("/search?q=a&cursor=forged").status == 400
    assert "<script" not in browser.open('/search?q="><script>alert(1)</script>').text


@pytest.mark.parametrize(
    "path", ["/nothing", "/p/no-id", "/goods/1", "/p/00000000-0000-0000-0000-000000000000", "/l/x"]
)
def test_unknown_addresses_are_pages_with_a_way_on(app: Flask, path: str) -> None:
    browser = Browser(app).open(path)
    assert (browser.status, browser.answer.mimetype) == (404, "text/html")
    assert 'href="/"' in browser.text
    assert "noindex" in browser.text


def test_programs_get_problems_as_json(app: Flask) -> None:
    for path, accept in (("/api/v1/nothing", "text/html"), ("/nothing", "application/json"), ("/nothing", "*/*")):
        answer = app.test_client().get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_too_many_requests_are_a_page_that_says_when_to_come_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "rate_limits", "production")
    monkeypatch.setattr(limits, "now", lambda: 1_800_000_001)
    monkeypatch.setitem(limits.PROFILES["production"], "search", "2/minute")
    limiter.reset()
    browser = Browser(app)
    assert [browser.open("/search").status for _ in range(3)] == [200, 200, 429]
    assert browser.answer.mimetype == "text/html"
    assert "太频繁" in browser.text
    assert int(browser.answer.headers["Retry-After"]) >= 1
    limiter.reset()


def test_search_that_is_away_is_a_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def find(self, question: object) -> None:
            raise EngineUnavailable("away")

    monkeypatch.setattr(finder, "engines", Away)
    browser = Browser(app, "en").open("/search?q=cup")
    assert (browser.status, browser.answer.mimetype) == (503, "text/html")
    assert "Search is not available right now" in browser.text
    assert browser.answer.headers["Retry-After"] == "1"
