"""The doors of posts."""

import re
import unicodedata
from typing import Any

import pytest
from sqlalchemy import func, select

from app.community.cards.schemas import PostOut
from app.community.posts.models import Post
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.catalogue.actions import change_product, take_down
from tests import make
from tests.client import Client
from tests.make.person import Made
from tests.shared_data import naughty_strings

TAG = re.compile(r"<[a-z!/?][^>]*>?", re.IGNORECASE)
"""A tag, from its beginning to its end. (A < that stands in a text of ours is written &lt;.)"""
VALUE = re.compile(r'="[^"]*"')


def sent(**named: Any) -> dict[str, Any]:
    return {"kind": "note", "title": "秋天的第一杯茶", **named}


def test_a_published_post_answers_all_of_it(client: Client) -> None:
    author, goods = make.person(), make.product()
    first, second = make.upload(author), make.upload(author)
    tag = {"product_id": str(goods.id), "sku_id": str(goods.sku_id), "image": 1, "x": 0.5, "y": 1}
    answer = client.as_(author.token).post(
        "/posts",
        sent(body="真香", uploads=[str(second), str(first)], topics=["茶", "秋天"], tags=[tag], visibility="public"),
    )
    assert answer.status_code == 201
    post = answer.json
    assert set(post) == set(PostOut().fields)
    assert (post["kind"], post["title"], post["body"]) == ("note", "秋天的第一杯茶", "真香")
    assert [one["id"] for one in post["pictures"]] == [str(second), str(first)]
    assert post["topics"] == ["茶", "秋天"]
    assert post["author"]["id"] == str(author.id)
    shown = post["tags"][0]
    assert shown["product"] == {"id": str(goods.id), "kind": "product", "title": goods.title}
    assert (shown["sku_id"], shown["image"], shown["x"], shown["y"]) == (str(goods.sku_id), 1, 0.5, 1.0)
    assert client.get(f"/links/{shown['link']['code']}").json["post"] == {"id": post["id"]}
    assert client.get(f"/links/{shown['link']['code']}").json["promoter"] == {"id": str(author.id)}
    assert client.get(f"/posts/{post['id']}").json == post


def test_a_guest_cannot_write(client: Client) -> None:
    post = make.post()
    assert client.post("/posts", sent()).status_code == 401
    assert client.put(f"/posts/{post.id}/like").status_code == 401
    assert client.delete(f"/posts/{post.id}").status_code == 401


def test_another_persons_post_cannot_be_changed_or_deleted(client: Client) -> None:
    post, other = make.post(), client.as_(make.person().token)
    assert other.patch(f"/posts/{post.id}", {"title": "我的"}).status_code == 403
    assert other.delete(f"/posts/{post.id}").status_code == 403
    assert client.get(f"/posts/{post.id}").json["title"] == post.title


def test_the_author_cannot_send_what_is_computed(client: Client) -> None:
    author = make.person()
    lies = {"verified": True, "author": {"id": str(new_id())}, "counts": {"likes": 9}, "published_at": "2001-01-01"}
    post = client.as_(author.token).post("/posts", sent(**lies)).json
    assert post["verified"] is False
    assert post["author"]["id"] == str(author.id)
    assert post["counts"]["likes"] == 0
    assert not post["published_at"].startswith("2001")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("kind", ["", "ad", None, 1]),
        ("title", ["", "   ", "长" * 101, "a\x00b", None, 5, ["a"]]),
        ("body", ["长" * 20_001, "a\x00b", None, {}]),
        ("visibility", ["followers", None]),
        ("rating", [0, 6, 4.5, "5", True]),
        ("uploads", ["x", [1], ["x"], [str(new_id())] * 19]),
        ("topics", [["a"] * 11, [""], ["长" * 51], [None], "茶"]),
        ("tags", [[{}], [{"product_id": "x"}], [{"product_id": str(new_id())}] * 21, [1], {}]),
    ],
)
def test_bad_values_are_refused_with_their_field(client: Client, field: str, values: list[Any]) -> None:
    mine = client.as_(make.person().token)
    for value in values:
        answer = mine.post("/posts", sent(**{field: value}))
        assert answer.status_code == 422, (field, value)
        assert field in answer.json["errors"], (field, value)
    assert db.session.scalar(select(func.count()).select_from(Post)) == 0


def test_half_a_character_is_refused(client: Client) -> None:
    mine = client.as_(make.person().token)
    body = b'{"kind": "note", "title": "\\ud800"}'
    assert mine.post("/posts", data=body, content_type="application/json").status_code in {400, 422}


def refused(client: Client, who: Made, field: str, **named: Any) -> None:
    answer = client.as_(who.token).post("/posts", sent(**named))
    assert answer.status_code == 422, named
    assert field in answer.json["errors"], named


def test_only_ones_own_uploads_may_be_posted_and_each_once(client: Client) -> None:
    author = make.person()
    own, foreign = make.upload(author), make.upload(make.person())
    refused(client, author, "uploads", uploads=[str(foreign)])
    refused(client, author, "uploads", uploads=[str(new_id())])
    refused(client, author, "uploads", uploads=[str(own), str(own)])


def test_only_goods_that_are_public_may_be_tagged(client: Client) -> None:
    author, gone, off = make.person(), make.product(), make.product()
    draft = make.product(state="draft")
    in_transaction(lambda: take_down(gone.id, "假货", author.id))
    in_transaction(lambda: change_product(make.as_staff(off.shop), off.id, state="off"))
    for one in (gone.id, draft.id, new_id()):
        refused(client, author, "tags", tags=[{"product_id": str(one)}])
    tagged = client.as_(author.token).post("/posts", sent(tags=[{"product_id": str(off.id)}]))
    assert tagged.status_code == 201


def test_a_tag_is_on_a_picture_that_is_there_and_of_its_own_product(client: Client) -> None:
    author, goods, other = make.person(), make.product(), make.product()
    product = {"product_id": str(goods.id)}
    picture = [str(make.upload(author))]
    refused(client, author, "tags", tags=[{**product, "image": 0}])
    refused(client, author, "tags", tags=[{**product, "image": 1}], uploads=picture)
    refused(client, author, "tags", tags=[{**product, "image": -1}], uploads=picture)
    refused(client, author, "tags", tags=[{**product, "x": 1.01}])
    refused(client, author, "tags", tags=[{**product, "y": "0.5"}])
    refused(client, author, "tags", tags=[{**product, "sku_id": str(other.sku_id)}])
    refused(client, author, "tags", tags=[{**product, "sku_id": str(new_id())}])


def test_a_review_has_a_rating_and_one_product(client: Client) -> None:
    author, goods, other = make.person(), make.product(), make.product()
    one, two = {"product_id": str(goods.id)}, {"product_id": str(other.id)}
    refused(client, author, "rating", kind="review", tags=[one])
    refused(client, author, "tags", kind="review", rating=5)
    refused(client, author, "tags", kind="review", rating=5, tags=[one, two])
    refused(client, author, "rating", kind="note", rating=5)
    mine = client.as_(author.token)
    made = mine.post("/posts", sent(kind="review", rating=5, tags=[one]))
    assert made.status_code == 201
    assert made.json["rating"] == 5
    assert made.json["verified"] is False
    assert mine.patch(f"/posts/{made.json['id']}", {"tags": []}).status_code == 422


def test_a_patch_changes_what_it_names(client: Client) -> None:
    author = make.person()
    mine = client.as_(author.token)
    post = mine.post("/posts", sent(body="旧", topics=["茶"])).json
    picture = str(make.upload(author))
    changed = mine.patch(
        f"/posts/{post['id']}", {"title": "新题", "uploads": [picture], "topics": [], "kind": "review", "rating": 5}
    )
    assert changed.status_code == 200
    expected = {**post, "title": "新题", "topics": [], "edited_at": changed.json["edited_at"]}
    assert {**changed.json, "pictures": [], "cover": None} == expected
    assert changed.json["pictures"][0]["id"] == picture
    assert client.get(f"/posts/{post['id']}").json == changed.json


def test_tags_that_stay_keep_their_link(client: Client) -> None:
    author, cup, tea, pot = make.person(), make.product(), make.product(), make.product()
    mine = client.as_(author.token)
    before = mine.post("/posts", sent(tags=[{"product_id": str(cup.id)}, {"product_id": str(tea.id)}])).json
    codes = {tag["product"]["id"]: tag["link"]["code"] for tag in before["tags"]}
    after = mine.patch(
        f"/posts/{before['id']}", {"tags": [{"product_id": str(pot.id)}, {"product_id": str(cup.id), "x": 0.5}]}
    ).json
    assert [tag["product"]["id"] for tag in after["tags"]] == [str(pot.id), str(cup.id)]
    assert after["tags"][1]["link"]["code"] == codes[str(cup.id)]
    assert after["tags"][1]["id"] == before["tags"][0]["id"]
    assert after["tags"][1]["x"] == 0.5
    assert client.get(f"/links/{codes[str(tea.id)]}").status_code == 200


def test_pictures_cannot_go_from_under_a_tag(client: Client) -> None:
    author, goods = make.person(), make.product()
    mine = client.as_(author.token)
    tag = {"product_id": str(goods.id), "image": 0}
    post = mine.post("/posts", sent(uploads=[str(make.upload(author))], tags=[tag])).json
    assert mine.patch(f"/posts/{post['id']}", {"uploads": []}).status_code == 422
    assert client.get(f"/posts/{post['id']}").json == post
    assert mine.patch(f"/posts/{post['id']}", {"uploads": [], "tags": []}).status_code == 200


def test_topics_are_one_for_all_their_spellings(client: Client) -> None:
    mine = client.as_(make.person().token)
    assert mine.post("/posts", sent(topics=["Camping"])).json["topics"] == ["Camping"]
    assert mine.post("/posts", sent(topics=["露营", "CAMPING", "camping"])).json["topics"] == ["露营", "Camping"]


def test_the_same_key_publishes_once(client: Client) -> None:
    mine = client.as_(make.person().token)
    first, again = (mine.post("/posts", sent(), key="k1") for _ in range(2))
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert mine.post("/posts", sent(title="另一"), key="k1").status_code == 422


def test_lists_are_paged_and_an_altered_cursor_is_refused(client: Client) -> None:
    author = make.person()
    made = [str(make.post(author).id) for _ in range(5)]
    path = f"/people/{author.id}/posts?limit=2"
    page = client.get(path).json
    found = [card["id"] for card in page["items"]]
    while page["next"]:
        page = client.get(f"{path}&cursor={page['next']}").json
        found += [card["id"] for card in page["items"]]
    assert found == made[::-1]
    other = client.get(f"/people/{make.person().id}/posts?cursor={client.get(path).json['next']}")
    assert other.status_code == 400
    assert client.get(f"{path}&cursor=x").status_code == 400
    assert client.get(f"/people/{author.id}/posts?limit=51").status_code == 422


def test_a_read_answers_304_until_something_changes(client: Client) -> None:
    post, fan = make.post(), client.as_(make.person().token)
    tag = client.get(f"/posts/{post.id}").headers["ETag"]
    assert client.get(f"/posts/{post.id}", headers={"If-None-Match": tag}).status_code == 304
    assert fan.put(f"/posts/{post.id}/like").status_code == 204
    assert client.get(f"/posts/{post.id}", headers={"If-None-Match": tag}).status_code == 200


def _is_seen(text: str) -> bool:
    return any(unicodedata.category(letter)[0] in "LNPS" for letter in text)


def _tags(page: str) -> set[str]:
    """The tags of a page, each once, without the values of their attributes."""
    return {VALUE.sub("", tag) for tag in TAG.findall(page)}


def test_naughty_strings_are_kept_as_they_are(client: Client) -> None:
    texts = naughty_strings()
    author, goods = make.person(), make.product()
    mine = client.as_(author.token)
    harmless = [make.post(author, [goods], title="题", body=body) for body in ("好", "好\n" * 300) * 3]
    usual = set().union(*(_tags(client.get(f"//l/{post.codes[0]}").text) for post in harmless))
    assert len(texts) > 500
    for start in range(0, len(texts), 8):
        some = texts[start : start + 8]
        title = next((one for one in some if _is_seen(one) and len(unicodedata.normalize("NFC", one)) <= 100), "题")
        body = "\n".join(some)
        answer = mine.post("/posts", sent(title=title, body=body, tags=[{"product_id": str(goods.id)}]))
        assert answer.status_code == 201, some
        kept = (answer.json["title"], answer.json["body"])
        assert kept == (unicodedata.normalize("NFC", title), unicodedata.normalize("NFC", body))
        assert client.get(f"/posts/{answer.json['id']}").json == answer.json
        page = client.get(f"//l/{answer.json['tags'][0]['link']['code']}")
        assert page.status_code == 200
        assert _tags(page.text) <= usual, some


def test_a_topic_is_kept_without_the_marks_around_it(client: Client) -> None:
    me = client.as_(make.person().token)
    made = me.post("/posts", sent(topics=["#露营#", " ＃好物", "C#入门"]))
    assert (made.status_code, made.json["topics"]) == (201, ["露营", "好物", "C#入门"])
    refused = me.post("/posts", sent(topics=["##"]))
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["topics"])
