"""Search over HTTP, on each engine: what is published is found, what is hidden is nowhere."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.community.cards.schemas import PostsOut
from app.core.db import in_transaction
from app.discover.finder.schemas import FoundPeopleOut, FoundProductsOut, SuggestionsOut
from app.store.catalogue.actions import change_product, change_sku
from tests import make
from tests.client import Client

Heard = Callable[[], None]


def search(client: Client, what: str, words: str, **asked: object) -> TestResponse:
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    return client.get(f"/search/{what}?q={quote(words)}{more}")


def ids(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json["items"]]


def test_a_published_post_is_found_by_its_words_topics_and_goods(
    client: Client, engine_name: str, heard: Heard
) -> None:
    product = make.product(title="手冲咖啡壶")
    post = make.post(title="周末的阳台", body="泡一壶茶看云", topics=["慢生活"], tags=[product])
    make.post(title="别的事情")
    heard()
    for words in ("阳台", "看云", "慢生活", "咖啡壶", "yangtai"):
        found = search(client, "posts", words)
        assert ids(found) == [str(post.id)], words
        assert found.headers["Search-Engine"] == engine_name
        assert PostsOut().validate(found.json) == {}
    assert found.json["items"][0]["tags"][0]["product"]["title"] == "手冲咖啡壶"


def test_products_are_found_with_the_price_and_stock_of_this_moment(
    client: Client, engine_name: str, heard: Heard
) -> None:
    product = make.product(title="羊毛围巾", price=9900, stock=3)
    heard()
    staff = make.as_staff(product.shop)
    in_transaction(lambda: change_sku(staff, product.sku_id, price=8800, stock=0))
    found = search(client, "products", "羊毛围巾")
    assert ids(found) == [str(product.id)]
    assert FoundProductsOut().validate(found.json) == {}
    assert (found.json["items"][0]["price"], found.json["items"][0]["in_stock"]) == (8800, False)


def test_people_are_found_and_marked_as_followed(client: Client, engine_name: str, heard: Heard) -> None:
    person, reader = make.person(nickname="小鱼儿", username="wanderer"), make.person(nickname="路人")
    me = client.as_(reader.token)
    me.put(f"/people/{person.id}/follow")
    heard()
    for words in ("小鱼儿", person.username, "xiaoyuer"):
        found = search(me, "people", words)
        assert ids(found) == [str(person.id)], words
    assert FoundPeopleOut().validate(found.json) == {}
    assert found.json["items"][0]["viewer"] == {"following": True}
    assert search(client, "people", "小鱼儿").json["items"][0]["viewer"] == {"following": False}


def test_a_new_nickname_is_found_for_the_person_and_his_posts(client: Client, engine_name: str, heard: Heard) -> None:
    post = make.post(title="春天")
    heard()
    client.as_(post.author.token).patch("/me", {"nickname": "采菊东篱"})
    heard()
    assert ids(search(client, "people", "采菊东篱")) == [str(post.author.id)]
    assert ids(search(client, "posts", "采菊东篱")) == [str(post.id)]


@pytest.mark.parametrize("hide", ["private", "deleted", "taken down"])
def test_a_hidden_post_is_found_by_nobody_before_and_after_the_index_knows(
    client: Client, engine_name: str, heard: Heard, hide: str
) -> None:
    post = make.post(title="隐秘花园")
    me = client.as_(post.author.token)
    heard()
    assert ids(search(client, "posts", "隐秘花园")) == [str(post.id)]
    _hide(client, me, post.id, hide)
    for _ in range(2):
        assert ids(search(client, "posts", "隐秘花园")) == []
        assert ids(search(me, "posts", "隐秘花园")) == []
        assert client.get(f"/search/suggest?q={quote('隐秘')}").json["items"] == []
        heard()


def _hide(client: Client, me: Client, post_id: object, hide: str) -> None:
    if hide == "private":
        assert me.patch(f"/posts/{post_id}", {"visibility": "private"}).status_code == 200
    elif hide == "deleted":
        assert me.delete(f"/posts/{post_id}").status_code == 204
    else:
        desk = client.as_(make.person(roles=("moderator",)).token)
        body = {"kind": "post", "id": str(post_id), "reason": "广告"}
        assert desk.post("/desk/takedowns", body).status_code == 201


def test_a_private_post_never_reaches_an_engine_and_a_shown_one_does(
    client: Client, engine_name: str, heard: Heard
) -> None:
    post = make.post(title="藏起来的日记", visibility="private")
    heard()
    assert ids(search(client, "posts", "日记")) == []
    client.as_(post.author.token).patch(f"/posts/{post.id}", {"visibility": "public", "title": "打开的日记"})
    heard()
    assert ids(search(client, "posts", "打开的日记")) == [str(post.id)]


def test_goods_that_are_off_are_not_found_until_they_are_on_sale_again(
    client: Client, engine_name: str, heard: Heard
) -> None:
    product = make.product(title="青花瓷碗")
    staff = make.as_staff(product.shop)
    for state, wanted in (("off", []), ("on_sale", [str(product.id)])):
        in_transaction(lambda state=state: change_product(staff, product.id, state=state))
        heard()
        assert ids(search(client, "products", "青花瓷碗")) == wanted


def test_goods_taken_down_are_not_found_and_leave_the_words_of_posts(
    client: Client, engine_name: str, heard: Heard
) -> None:
    product = make.product(title="盗版绘本")
    post = make.post(title="睡前故事", tags=[product])
    heard()
    assert ids(search(client, "posts", "绘本")) == [str(post.id)]
    desk = client.as_(make.person(roles=("moderator",)).token)
    made = desk.post("/desk/takedowns", {"kind": "product", "id": str(product.id), "reason": "盗版"})
    heard()
    assert ids(search(client, "products", "绘本")) == []
    assert ids(search(client, "posts", "绘本")) == []
    desk.delete(f"/desk/takedowns/{made.json['id']}")
    heard()
    assert ids(search(client, "products", "绘本")) == [str(product.id)]


def test_pages_of_search_fit_together_and_their_cursor_is_of_one_question(
    client: Client, engine_name: str, heard: Heard
) -> None:
    posts = {str(make.post(title=f"露营装备 {number}").id) for number in range(7)}
    heard()
    seen: list[str] = []
    found = search(client, "posts", "露营", limit=3)
    while True:
        seen += ids(found)
        if found.json["next"] is None:
            break
        cursor = found.json["next"]
        found = search(client, "posts", "露营", limit=3, cursor=cursor)
    assert sorted(seen) == sorted(posts)
    assert search(client, "posts", "装备", cursor=cursor).status_code == 400
    assert search(client, "products", "露营", cursor=cursor).status_code == 400
    assert search(client, "posts", "露营", cursor=cursor[:-2]).status_code == 400


def test_a_page_is_filled_up_where_the_index_still_has_what_is_gone(
    client: Client, engine_name: str, heard: Heard
) -> None:
    author = make.person()
    posts = [make.post(author=author, title="同一个标题") for _ in range(6)]
    heard()
    first = ids(search(client, "posts", "同一个标题", limit=2))
    for gone in first:
        client.as_(author.token).delete(f"/posts/{gone}")
    filled = ids(search(client, "posts", "同一个标题", limit=2))
    assert len(filled) == 2
    assert not set(filled) & set(first)
    assert set(filled) < {str(post.id) for post in posts}


def test_suggestions_begin_with_what_was_typed(client: Client, engine_name: str, heard: Heard) -> None:
    make.product(title="连衣裙夏季新款")
    make.post(title="连夜看海")
    heard()
    answer = client.get(f"/search/suggest?q={quote('连')}")
    assert sorted(item["text"] for item in answer.json["items"]) == ["连夜看海", "连衣裙夏季新款"]
    assert SuggestionsOut().validate(answer.json) == {}
    assert answer.headers["Search-Engine"] == engine_name
    typed = client.get("/search/suggest?q=lianyi&limit=1").json
    assert [item["text"] for item in typed["items"]] == ["连衣裙夏季新款"]


def test_reactions_and_comments_make_a_post_popular(client: Client, engine_name: str, heard: Heard) -> None:
    posts = [make.post(title=f"柴犬{name}") for name in ("散步", "午睡", "洗澡")]
    heard()
    for post, times in ((posts[2], 2), (posts[0], 1)):
        for _ in range(times):
            me = client.as_(make.person().token)
            me.put(f"/posts/{post.id}/like")
            me.put(f"/posts/{post.id}/collect")
            make.comment(post)
    heard()
    answer = client.get(f"/search/suggest?q={quote('柴犬')}")
    assert [item["text"] for item in answer.json["items"]] == ["柴犬洗澡", "柴犬散步", "柴犬午睡"]


def test_links_of_goods_that_are_off_name_similar_ones(client: Client, engine_name: str, heard: Heard) -> None:
    sold, alike = make.product(title="复古胶片相机"), make.product(title="复古胶片相机 机身")
    make.product(title="电饭煲")
    post = make.post(tags=[sold])
    staff = make.as_staff(sold.shop)
    in_transaction(lambda: change_product(staff, sold.id, state="off"))
    heard()
    found = client.get(f"/links/{post.codes[0]}").json
    assert found["in_stock"] is False
    assert [one["id"] for one in found["similar"]][:1] == [str(alike.id)]


@pytest.mark.parametrize("what", ["posts", "products", "people", "suggest"])
def test_a_question_needs_words_within_limits(client: Client, what: str) -> None:
    for query in ("", "?q=", "?q=%20", f"?q={'a' * 201}", "?q=a&limit=0", "?q=a&limit=99", "?q=%00"):
        assert client.get(f"/search/{what}{query}").status_code == 422, query
    for words in ("!!!", "'; DROP TABLE", "\\", "AND OR NOT (", "😀"):
        assert search(client, what, words).json["items"] == [], words


def test_a_new_town_answers_search_before_anything_was_indexed(client: Client) -> None:
    for what in ("posts", "products", "people", "suggest"):
        answer = search(client, what, "茶")
        assert (answer.status_code, answer.json) == (200, {"items": [], "next": None})


def test_a_list_of_what_was_found_takes_the_same_few_statements(
    client: Client, heard: Heard, statements: list[str]
) -> None:
    shop = make.shop()
    for number in range(12):
        product = make.product(shop=shop, title=f"帆布包 {number}")
        make.post(author=make.person(nickname=f"帆布{number}"), title=f"帆布包 {number}", tags=[product])
    heard()
    me = client.as_(make.person().token)
    for what, words, most in (("posts", "帆布包", 4), ("products", "帆布包", 1), ("people", "帆布", 3)):
        counts = []
        for limit in (2, 12):
            statements.clear()
            assert len(ids(search(me, what, words, limit=limit))) == limit
            counts.append(len(statements))
        assert counts[0] == counts[1] <= most, (what, statements)


def test_search_says_503_when_no_engine_answers(client: Client, app: Flask, monkeypatch: Any) -> None:
    from_nowhere = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
    monkeypatch.setattr("app.discover.finder.queries.settings.database_url", from_nowhere)
    answer = search(client, "posts", "茶")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
