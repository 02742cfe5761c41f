"""What a person may not see is nowhere for him."""

from typing import Any

import pytest
from flask import Flask

from app.community.posts import actions
from app.core.caller import Caller
from app.core.db import in_transaction
from app.core.ids import new_id
from tests import make
from tests.client import Client
from tests.make.post import MadePost
from tests.make.product import MadeProduct

WAYS_OF_HIDING = ["private", "taken down", "deleted", "held"]


def hidden_post(how: str) -> tuple[MadePost, MadeProduct]:
    author, goods = make.person(), make.product()
    post = make.post(
        author,
        [goods],
        uploads=[make.upload(author)],
        title="藏起来的",
        visibility="private" if how == "private" else "public",
    )
    if how == "taken down":
        in_transaction(lambda: actions.take_down(post.id, "广告", new_id()))
    elif how == "held":
        in_transaction(lambda: actions.hold(post.id, "疑似广告"))
    elif how == "deleted":
        in_transaction(lambda: actions.delete_post(Caller(person_id=author.id), post.id))
    return post, goods


@pytest.mark.parametrize("how", WAYS_OF_HIDING)
def test_a_hidden_post_is_nowhere_for_others(client: Client, how: str) -> None:
    post, goods = hidden_post(how)
    other = client.as_(make.person().token)
    for viewer in (client, other):
        assert viewer.get(f"/posts/{post.id}").status_code == 404
        assert viewer.get(f"/posts/{post.id}/comments").status_code == 404
        assert viewer.get(f"/people/{post.author.id}/posts").json == {"items": [], "next": None}
        assert viewer.get(f"/products/{goods.id}/posts").json == {"items": [], "next": None}
        assert viewer.get(f"/links/{post.codes[0]}").json["post"] is None
    page = client.get(f"//l/{post.codes[0]}")
    assert page.status_code == 200
    assert "藏起来的" not in page.text


@pytest.mark.parametrize("how", WAYS_OF_HIDING)
def test_nobody_else_can_do_anything_with_a_hidden_post(client: Client, how: str) -> None:
    post, _ = hidden_post(how)
    other = client.as_(make.person().token)
    for method, path, body in (
        ("PUT", "/like", None),
        ("DELETE", "/like", None),
        ("PUT", "/collect", None),
        ("DELETE", "/collect", None),
        ("POST", "/comments", {"body": "在吗"}),
        ("PATCH", "", {"title": "我的"}),
        ("DELETE", "", None),
    ):
        answer = other.send(method, f"/posts/{post.id}{path}", json=body)
        assert answer.status_code == 404, (method, path)
        assert answer.json["code"] == "not_found"


@pytest.mark.parametrize("how", ["private", "taken down", "held"])
def test_its_author_sees_a_hidden_post_with_signed_pictures(client: Client, how: str) -> None:
    post, _ = hidden_post(how)
    mine = client.as_(post.author.token)
    page = mine.get(f"/posts/{post.id}").json
    assert page["title"] == "藏起来的"
    assert [card["id"] for card in mine.get(f"/people/{post.author.id}/posts").json["items"]] == [str(post.id)]
    for url in (page["cover"]["url"], page["pictures"][0]["url"]):
        assert client.get(f"/{url}").status_code == 200
        assert client.get(f"/{url.partition('?')[0]}").status_code in {403, 404}


def test_a_deleted_post_is_gone_for_its_author_too(client: Client) -> None:
    post, _ = hidden_post("deleted")
    mine = client.as_(post.author.token)
    assert mine.get(f"/posts/{post.id}").status_code == 404
    assert mine.get(f"/people/{post.author.id}/posts").json["items"] == []
    assert mine.patch(f"/posts/{post.id}", {"title": "回来"}).status_code == 404


def test_the_author_of_a_post_taken_down_is_told_why(client: Client) -> None:
    post, _ = hidden_post("taken down")
    page = client.as_(post.author.token).get(f"/posts/{post.id}").json
    assert page["takedown"]["reason"] == "广告"
    assert page["takedown"]["at"].endswith("Z")
    in_transaction(lambda: actions.restore(post.id))
    assert client.as_(post.author.token).get(f"/posts/{post.id}").json["takedown"] is None
    assert client.get(f"/posts/{post.id}").status_code == 200


def test_pictures_of_a_post_are_public_while_it_is(client: Client) -> None:
    author = make.person()
    mine = client.as_(author.token)
    post = make.post(author, uploads=[make.upload(author)])
    url = client.get(f"/posts/{post.id}").json["pictures"][0]["url"]
    assert client.get(f"/{url}").status_code == 200
    mine.patch(f"/posts/{post.id}", {"visibility": "private"})
    assert client.get(f"/{url}").status_code in {403, 404}
    mine.patch(f"/posts/{post.id}", {"visibility": "public"})
    assert client.get(f"/{url}").status_code == 200


def test_goods_taken_down_have_no_list_of_posts(client: Client, app: Flask) -> None:
    assert client.get(f"/products/{new_id()}/posts").status_code == 404
    assert client.get(f"/people/{new_id()}/posts").status_code == 404


def test_a_persons_list_shows_only_what_the_viewer_may_see(client: Client) -> None:
    author = make.person()
    shown = make.post(author)
    kept = make.post(author, visibility="private")

    def ids(viewer: Client) -> list[Any]:
        return [card["id"] for card in viewer.get(f"/people/{author.id}/posts").json["items"]]

    assert ids(client) == [str(shown.id)]
    assert ids(client.as_(author.token)) == [str(kept.id), str(shown.id)]
