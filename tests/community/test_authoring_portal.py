"""Writing a post in a browser without script: words, pictures, goods where one points; never public too early."""

import io
import re
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.community.posts.models import Post
from app.community.tags.queries import tags_of
from app.community.topics.queries import topics_of
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.http import limits
from app.people.uploads.models import Upload
from app.store.catalogue import actions as catalogue
from app.store.shelves import queries as shelves
from tests import make
from tests.client import Client
from tests.pages import Browser
from tests.portal import at_portal, buy_by_link, figures
from tests.store.racing import together

NEW = "/portal/posts/new"


def photo(width: int = 640, height: int = 480, name: str = "a.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(make.picture_file(width, height)), name


def newest() -> Post:
    db.session.rollback()
    return db.session.scalars(select(Post).order_by(Post.created_at.desc(), Post.id.desc()).limit(1)).one()


def tags(post: Post) -> list[tuple[Any, ...]]:
    db.session.rollback()
    return [(tag.product_id, tag.image, tag.x, tag.y) for tag in tags_of([post.id])[post.id]]


def drafted(app: Flask, person: make.MadePerson, *pictures: tuple[io.BytesIO, str]) -> tuple[Browser, Post]:
    """A browser at the pictures of a draft that was just written."""
    page = at_portal(app, person, NEW).send("/portal/posts", title="周末露营", pictures=list(pictures), then="draft")
    return page.follow(), newest()


def test_a_draft_gets_pictures_and_goods_and_is_public_only_when_its_author_says_so(app: Flask, client: Client) -> None:
    kol, tent = make.person(), make.product(title="速开双人帐篷", price=17900)
    page = at_portal(app, kol, NEW)
    words = {"title": "周末露营清单", "body": "第一行\r\n第二行", "topics": "#露营 #coffee time"}
    page.send("/portal/posts", **words, then="draft", pictures=[photo(), photo(300, 900, "b.jpg")]).follow()
    post = newest()
    assert (post.visibility, post.published_at, post.body) == ("private", None, "第一行\n第二行")
    assert len(post.pictures) == 2
    assert client.get(f"/posts/{post.id}").status_code == 404
    page.open(f"/portal/posts/{post.id}/tags/new?picture=1&at.x=80&at.y=480&q=双人 帐篷")
    assert 'value="25.0"' in page.text
    assert 'value="50.0"' in page.text
    page.send("/tags", product_id=str(tent.id)).follow()
    assert tags(post) == [(tent.id, 1, 0.25, 0.5)]
    assert page.path.endswith("/pictures?picture=1")
    assert '<g class="dot" transform="translate(80.0 480.0)">' in page.text
    assert client.get(f"/posts/{post.id}").status_code == 404
    page.send("/visibility", visibility="public").follow()
    shown = client.get(f"/posts/{post.id}").get_json()
    assert shown["topics"] == ["露营", "coffee time"]
    buy_by_link(app, shown["tags"][0]["link"]["code"])
    assert figures(page.open("/portal/posts"), post.id) == {"views": 0, "clicks": 1, "orders": 1, "revenue": 17900}


def test_a_note_can_be_published_at_once(app: Flask, client: Client) -> None:
    page = at_portal(app, make.person(), NEW).send("/portal/posts", title="你好", then="publish")
    assert page.answer.headers["Location"] == f"/portal/posts/{newest().id}"
    assert client.get(f"/posts/{newest().id}").status_code == 200


def test_a_form_that_is_sent_twice_makes_one_post(app: Flask) -> None:
    page = at_portal(app, make.person(), NEW)
    form = page.forms[0].fields
    sent = {**form, "title": "手快了", "then": "draft"}
    first = page.post("/portal/posts", **sent, pictures=[photo()]).answer.headers["Location"]
    assert page.post("/portal/posts", **sent, pictures=[photo()]).answer.headers["Location"] == first
    assert first == f"/portal/posts/{form['id']}/pictures"
    assert len(db.session.scalars(select(Post)).all()) == len(db.session.scalars(select(Upload)).all()) == 1
    assert page.open(NEW).forms[0].fields["id"] != form["id"]
    other = at_portal(app, make.person(), NEW)
    assert other.send("/portal/posts", id=form["id"], title="别人的").status == 409
    assert newest().title == "手快了"


def test_two_sendings_at_once_make_one_post(app: Flask) -> None:
    page = at_portal(app, make.person(), NEW)
    sent = {**page.forms[0].fields, "title": "两只手", "topics": "#露营", "then": "publish"}
    session = page.client.get_cookie("session")
    assert session is not None

    def send() -> str:
        client = app.test_client()
        client.set_cookie("session", session.value)
        return Context().run(client.post, "/portal/posts", data=sent).headers["Location"]

    assert together(app, send, send) == [f"/portal/posts/{sent['id']}"] * 2
    assert len(db.session.scalars(select(Post)).all()) == 1


@pytest.mark.parametrize("made_at", ["0198a7f3-0000-7000-8000-000000000000", "ff98a7f3-0000-7000-8000-000000000000"])
def test_a_form_of_another_day_is_shown_again_with_an_id_of_today(app: Flask, made_at: str) -> None:
    page = at_portal(app, make.person(), NEW).send("/portal/posts", id=made_at, title="放久了", then="publish")
    assert page.status == 422
    assert "页面已过期" in page.text
    page.send("/portal/posts", then="publish").follow()
    assert (newest().title, page.status) == ("放久了", 200)


def test_a_review_begins_with_the_goods_and_needs_a_rating(app: Flask) -> None:
    kol, cup = make.person(), make.product(title="桂花乌龙茶")
    page = at_portal(app, kol).open(f"{NEW}?kind=review&q=乌龙")
    chosen = re.search(r'href="(/portal/posts/new\?kind=review&amp;product_id=[^"]+)"', page.text)
    assert chosen is not None
    page.open(chosen[1].replace("&amp;", "&"))
    page.send("/portal/posts", title="很香", rating="", then="publish")
    assert page.status == 422
    assert "评价须打 1 到 5 分" in page.text
    assert 'value="很香"' in page.text
    page.send("/portal/posts", rating="4", then="publish", pictures=[photo()]).follow()
    post = newest()
    assert (post.kind, post.rating, tags(post)) == ("review", 4, [(cup.id, None, None, None)])
    page.open(f"/portal/posts/{post.id}/tags/new?picture=0&at.x=160&at.y=120")
    assert re.findall(r'name="product_id" value="([^"]+)"', page.text) == [str(cup.id)]
    page.send("/tags", product_id=str(cup.id)).follow()
    assert tags(post) == [(cup.id, 0, 0.5, 0.5)]
    assert "/removal" not in page.text.split('id="tags-title"')[1]
    page.post(
        f"/portal/posts/{post.id}/tags",
        form_token=page.forms[0].fields["form_token"],
        product_id=str(make.product().id),
    )
    assert page.status == 422
    assert tags(post) == [(cup.id, 0, 0.5, 0.5)]


@pytest.mark.parametrize(
    ("fields", "fault", "words"),
    [
        ({"title": ""}, "title", "不能为空白"),
        ({"title": "长" * 101}, "title", "长度须在 1 到 100 之间"),
        ({"title": "好", "topics": " ".join(f"话题{i}" for i in range(11))}, "topics", "最多 10"),
        ({"title": "好", "topics": "#" + "长" * 51}, "topics", "长度须在 1 到 50 之间"),
        ({"title": "好", "body": "长" * 20_001}, "body", "最多 20000"),
    ],
)
def test_words_that_do_not_fit_are_shown_again_with_what_is_wrong(
    app: Flask, fields: dict[str, str], fault: str, words: str
) -> None:
    page = at_portal(app, make.person(), NEW).send("/portal/posts", then="publish", **fields)
    assert page.status == 422
    assert f'id="{fault}-fault">{words}</div>' in page.text
    assert db.session.scalars(select(Post)).all() == []


def test_a_file_that_is_no_picture_is_named_and_nothing_is_written(app: Flask) -> None:
    page = at_portal(app, make.person(), NEW)
    sent = [photo(), (io.BytesIO(b"not a picture"), "账单.pdf")]
    page.send("/portal/posts", title="保留我", body="也保留我", then="publish", pictures=sent)
    assert page.status == 422
    assert "账单.pdf: " in page.text
    assert 'value="保留我"' in page.text
    assert "也保留我</textarea>" in page.text
    assert db.session.scalars(select(Post)).all() == []
    assert db.session.scalars(select(Upload)).all() == []


def test_more_pictures_than_a_post_may_have_are_refused(app: Flask) -> None:
    page, post = drafted(app, make.person(), photo())
    page.send("/pictures", pictures=[photo(40, 40, f"{i}.jpg") for i in range(18)])
    assert page.status == 422
    page.open(f"/portal/posts/{post.id}/pictures")
    page.send("/pictures", pictures=[photo(40, 40, f"{i}.jpg") for i in range(19)])
    assert (page.status, len(newest().pictures)) == (422, 1)
    page.send("/pictures", pictures=[photo(40, 40, f"{i}.jpg") for i in range(17)])
    assert (page.status, len(newest().pictures)) == (303, 18)


def test_a_key_press_leaves_the_place_to_be_said(app: Flask) -> None:
    kol, cup = make.person(), make.product()
    page, post = drafted(app, kol, photo())
    place = f"/portal/posts/{post.id}/tags/new?picture=0&at.x=0&at.y=0&q={cup.title}"
    assert re.search(r'id="left" name="left" type="number"[^>]* value=""', page.open(place).text)
    page.send("/tags", product_id=str(cup.id), left="12.5", top="100")
    assert tags(post) == [(cup.id, 0, 0.125, 1.0)]
    page.open(place).send("/tags", product_id=str(make.product().id)).follow()
    assert tags(post)[1][1:] == (None, None, None)
    assert "未放在图片上" in page.text
    assert page.open(place).send("/tags", product_id=str(cup.id), left="101", top="1").status == 422


def test_goods_tagged_twice_without_a_place_are_put_where_one_points(app: Flask) -> None:
    kol, cup = make.person(), make.product()
    page, post = drafted(app, kol, photo())
    page.open(f"/portal/posts/{post.id}/tags/new?q={cup.title}").send("/tags", product_id=str(cup.id))
    before = tags_of([post.id])[post.id][0].link_code
    page.open(f"/portal/posts/{post.id}/tags/new?picture=0&at.x=32&at.y=24&q={cup.title}")
    page.send("/tags", product_id=str(cup.id))
    assert tags(post) == [(cup.id, 0, 0.1, 0.1)]
    assert tags_of([post.id])[post.id][0].link_code == before


def test_goods_of_ones_own_shop_are_found_however_old_and_others_while_they_are_new(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    kol = make.person()
    own = make.product(make.shop(kol), title="自家 帐篷")
    forgotten, new = make.product(title="旧帐篷"), make.product(title="新帐篷")
    make.product(title="新杯子")
    path = f"{NEW}?kind=review&q=帐篷"
    page = at_portal(app, kol).open(path)
    assert re.findall(r"product_id=([0-9a-f-]+)", page.text) == [str(one.id) for one in (own, new, forgotten)]
    monkeypatch.setattr(shelves, "LOOKED_AT", 2)
    assert re.findall(r"product_id=([0-9a-f-]+)", page.open(path).text) == [str(one.id) for one in (own, new)]


def test_who_searches_goods_without_end_is_stopped(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    page, post = drafted(app, make.person())
    monkeypatch.setitem(limits.PROFILES["production"], "search", "3/minute")
    monkeypatch.setattr(settings, "rate_limits", "production")
    monkeypatch.setattr(limits, "now", lambda: 30 * 60)
    paths = [f"{NEW}?kind=review&q=a", f"/portal/posts/{post.id}/tags/new?q=a"] * 2
    assert [page.open(path).status for path in paths] == [200, 200, 200, 429]


def test_goods_go_with_their_picture(app: Flask) -> None:
    kol, cup, pot = make.person(), make.product(), make.product()
    page, post = drafted(app, kol, photo(), photo(), photo())
    first, second, third = post.pictures
    for goods, image in ((cup, 0), (pot, 2)):
        page.open(f"/portal/posts/{post.id}/tags/new?picture={image}&at.x=160&at.y=120&q={goods.title}")
        page.send("/tags", product_id=str(goods.id))
    page.open(f"/portal/posts/{post.id}/pictures?picture=2").send(f"{third}/cover").follow()
    assert newest().pictures == [third, first, second]
    assert tags(post) == [(cup.id, 1, 0.5, 0.5), (pot.id, 0, 0.5, 0.5)]
    page.send(f"{third}/removal")
    assert newest().pictures == [first, second]
    assert tags(post) == [(cup.id, 0, 0.5, 0.5), (pot.id, None, None, None)]


def test_goods_that_are_gone_do_not_stand_in_the_way_of_others(app: Flask) -> None:
    kol, gone, also_gone, cup = make.person(), make.product(), make.product(), make.product()
    post = make.post(kol, [gone, also_gone, cup])
    for one in (gone, also_gone):
        in_transaction(lambda id_=one.id: catalogue.take_down(id_, "假货", None))
    page = at_portal(app, kol, f"/portal/posts/{post.id}/pictures")
    kept = [tag.id for tag in tags_of([post.id])[post.id]]
    page.send(f"{kept[2]}/removal").follow()
    page.send(f"{kept[0]}/removal").follow()
    assert [one[0] for one in tags(newest())] == [also_gone.id]
    assert page.open(f"/portal/posts/{post.id}/tags/new").status == 200
    page.send("/tags", product_id=str(gone.id))
    assert page.status == 422


def test_words_are_changed_and_keep_their_topics(app: Flask) -> None:
    kol = make.person()
    post = make.post(kol, title="旧的", topics=["coffee time", "露营"])
    page = at_portal(app, kol, f"/portal/posts/{post.id}/words").send("/words", title="新的")
    assert page.status == 303
    assert page.open(f"/portal/posts/{post.id}/words").forms[1].fields["topics"] == "#coffee time #露营"
    assert newest().title == "新的"
    page.send("/words", title="")
    assert (page.status, newest().title) == (422, "新的")


def test_topics_of_an_app_stay_as_they_are_until_somebody_changes_their_line(app: Flask) -> None:
    kol = make.person()
    made = ["Beauty, Health", "a;b", *(f"{i},{i}" for i in range(8))]
    post = make.post(kol, topics=made)
    page = at_portal(app, kol, f"/portal/posts/{post.id}/words").send("/words", title="").send("/words", title="新的")
    assert (page.status, newest().title) == (303, "新的")
    assert [name for _, name in topics_of([post.id])] == made
    page.open(f"/portal/posts/{post.id}/words").send("/words", topics="#露营")
    db.session.rollback()
    assert [name for _, name in topics_of([post.id])] == ["露营"]
    page.open(f"/portal/posts/{post.id}/words").send("/words", topics="")
    db.session.rollback()
    assert topics_of([post.id]) == []


def test_a_post_is_deleted_after_a_question(app: Flask, client: Client) -> None:
    kol = make.person()
    post = make.post(kol)
    page = at_portal(app, kol, f"/portal/posts/{post.id}/deletion")
    assert client.get(f"/posts/{post.id}").status_code == 200
    page.send("/deletion").follow()
    assert figures(page, post.id) == {}
    assert client.get(f"/posts/{post.id}").status_code == 404
    assert page.open(f"/portal/posts/{post.id}").status == 404


def test_pages_of_writing_ask_few_questions(app: Flask, asked: Any) -> None:
    kol = make.person()
    goods = [make.product() for _ in range(12)]
    uploads = [make.upload(kol) for _ in range(9)]
    post = make.post(kol, goods, uploads=uploads)
    make.product(make.shop(kol))
    page = at_portal(app, kol)
    for path in ("/pictures", "/words", "/deletion", "/tags/new?picture=0&at.x=9&at.y=9", "/tags/new?q=陶瓷"):
        with asked() as sent:
            assert page.open(f"/portal/posts/{post.id}{path}").status == 200
        assert len(sent) < 25, path
