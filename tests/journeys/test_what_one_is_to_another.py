"""Relation x visibility x door: whoever may not see a post finds it nowhere."""

from collections.abc import Callable
from typing import Any

import pytest

from app.core import worker
from app.core.db import in_transaction
from app.people.social import actions as social
from tests import make
from tests.client import Client
from tests.make.person import Made
from tests.make.post import MadePost
from tests.make.product import MadeProduct

RELATIONS = ["guest", "stranger", "follower", "followed", "friend", "blocking", "blocked", "muting", "author"]
VISIBILITIES = ["public", "friends", "private"]
WORD = "暗号蓝鲸"


def related(how: str, author: Made) -> Made | None:
    """Somebody who is this to the author; None: nobody in particular."""
    if how == "guest":
        return None
    if how == "author":
        return author
    viewer = make.person()
    if how in {"follower", "friend"}:
        in_transaction(lambda: social.follow(viewer.id, author.id))
    if how in {"followed", "friend"}:
        in_transaction(lambda: social.follow(author.id, viewer.id))
    if how == "blocking":
        in_transaction(lambda: social.block(viewer.id, author.id))
    if how == "blocked":
        in_transaction(lambda: social.block(author.id, viewer.id))
    if how == "muting":
        in_transaction(lambda: social.follow(viewer.id, author.id))
        in_transaction(lambda: social.mute(viewer.id, author.id))
    return viewer


def may_see(how: str, visibility: str) -> bool:
    """Whether who asks for it sees it."""
    if how == "author":
        return True
    if visibility == "private" or how in {"blocking", "blocked"}:
        return False
    return visibility == "public" or how == "friend"


def is_offered(how: str, visibility: str) -> bool:
    """Whether it comes to him unasked, by feed or search: open posts alone, and none of whom he has muted."""
    return visibility == "public" and how not in {"blocking", "blocked", "muting"}


Shown = Callable[[Client, MadePost, MadeProduct], Any]
ASKED: dict[str, Shown] = {
    "page": lambda client, post, _: client.get(f"/posts/{post.id}").text,
    "comments": lambda client, post, _: client.get(f"/posts/{post.id}/comments").text,
    "person": lambda client, post, _: client.get(f"/people/{post.author.id}/posts").text,
    "product": lambda client, post, goods: client.get(f"/products/{goods.id}/posts").text,
}
OFFERED: dict[str, Shown] = {
    "explore": lambda client, *_: client.get("/feed/explore?limit=50").text,
    "search": lambda client, *_: client.get(f"/search/posts?q={WORD}").text,
}


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_nothing_leaks_by_any_door(client: Client, visibility: str) -> None:
    author, goods = make.person(), make.product()
    post = make.post(author, [goods], uploads=[make.upload(author)], title=WORD, visibility=visibility)
    make.comment(post, author, WORD)
    viewers = {how: related(how, author) for how in RELATIONS}
    worker.drain()
    wrong = []
    for how, viewer in viewers.items():
        asker = client.as_(viewer.token if viewer else "")
        wrong += [
            (how, door)
            for doors, may in ((ASKED, may_see(how, visibility)), (OFFERED, is_offered(how, visibility)))
            for door, shown in doors.items()
            if (WORD in shown(asker, post, goods)) != may
        ]
        if viewer is not None:
            liked = asker.put(f"/posts/{post.id}/like").status_code
            wrong += [(how, "like")] if (liked == 204) != may_see(how, visibility) else []
            following = WORD in asker.get("/feed/following").text
            wrong += (
                [(how, "following")] if following != (how in {"follower", "friend"} and visibility == "public") else []
            )
            friends = WORD in asker.get("/feed/friends").text
            wrong += [(how, "friends")] if friends != (how == "friend" and visibility != "private") else []
    assert wrong == []


def test_what_friends_share_has_pictures_that_only_a_signed_address_opens(client: Client) -> None:
    author, goods = make.person(), make.product()
    friend = related("friend", author)
    assert friend is not None
    post = make.post(author, [goods], uploads=[make.upload(author)], title=WORD, visibility="friends")
    seen = client.as_(friend.token).get("/feed/friends").json["items"][0]["post"]
    assert seen["id"] == str(post.id) and seen["viewer"]["following"] is True
    assert seen["published_at"] is not None
    assert client.get(f"/{seen['cover']['url']}").status_code == 200
    assert client.get(f"/{seen['cover']['url'].partition('?')[0]}").status_code in {403, 404}


def test_a_post_that_is_opened_and_closed_to_friends_moves_with_its_visibility(client: Client) -> None:
    author = make.person()
    friend, stranger = related("friend", author), related("stranger", author)
    assert friend is not None and stranger is not None
    post = make.post(author, title=WORD, visibility="private")
    as_author, as_friend, as_stranger = (client.as_(one.token) for one in (author, friend, stranger))
    for visibility, by_friend, by_stranger in (
        ("friends", 200, 404),
        ("public", 200, 200),
        ("friends", 200, 404),
        ("private", 404, 404),
    ):
        as_author.patch(f"/posts/{post.id}", {"visibility": visibility})
        path = f"/posts/{post.id}"
        assert (as_friend.get(path).status_code, as_stranger.get(path).status_code) == (by_friend, by_stranger)
    assert as_author.get(f"/people/{author.id}").json["counts"]["posts"] == 0


def test_a_word_that_a_person_wants_nothing_of_is_not_put_before_him(client: Client) -> None:
    author, viewer = make.person(), make.person()
    in_transaction(lambda: social.follow(viewer.id, author.id))
    in_transaction(lambda: social.follow(author.id, viewer.id))
    make.post(author, title="节食日记", body=f"关于{WORD}的一切")
    worker.drain()
    me = client.as_(viewer.token)
    feeds = ("/feed/explore?limit=50", "/feed/following", "/feed/friends", f"/search/posts?q={WORD}")
    assert all("节食日记" in me.get(one).text for one in feeds)
    me.put("/me/hidden-words", {"words": [WORD]})
    assert not any("节食日记" in me.get(one).text for one in feeds)
    assert "节食日记" in client.get(f"/search/posts?q={WORD}").text


def test_a_block_takes_the_replies_of_one_under_the_posts_of_the_other_from_everybody(client: Client) -> None:
    a, b, c = make.person(), make.person(), make.person()
    post = make.post(b, title="帖子")
    make.comment(post, a, WORD)
    make.comment(post, c, "路过")
    worker.drain()

    def seen(viewer: Made | None) -> list[str]:
        items = client.as_(viewer.token if viewer else "").get(f"/posts/{post.id}/comments").json["items"]
        return [one["body"] for one in items]

    def count() -> int:
        worker.drain()
        return int(client.get(f"/posts/{post.id}").json["counts"]["comments"])

    assert seen(c) == ["路过", WORD] and count() == 2
    client.as_(b.token).put(f"/people/{a.id}/block")
    assert seen(c) == seen(b) == seen(None) == ["路过"]
    assert client.as_(a.token).post(f"/posts/{post.id}/comments", {"body": "还在吗"}).status_code == 404
    assert count() == 1
    client.as_(a.token).put(f"/people/{b.id}/block")
    client.as_(b.token).delete(f"/people/{a.id}/block")
    assert seen(c) == ["路过"] and count() == 1, "the other's block is still there"
    client.as_(a.token).delete(f"/people/{b.id}/block")
    assert seen(c) == ["路过", WORD] and count() == 2


def test_a_comment_of_whom_one_has_blocked_is_not_shown_under_a_third_ones_post(client: Client) -> None:
    a, b, c = make.person(), make.person(), make.person()
    post = make.post(c)
    make.comment(post, a, WORD)
    client.as_(b.token).put(f"/people/{a.id}/block")
    assert WORD not in client.as_(b.token).get(f"/posts/{post.id}/comments").text
    assert WORD in client.as_(c.token).get(f"/posts/{post.id}/comments").text


def test_whom_one_has_blocked_is_not_found_by_his_name(client: Client) -> None:
    a, b = make.person(nickname="蓝鲸小王"), make.person()
    worker.drain()
    assert "蓝鲸小王" in client.as_(b.token).get("/search/people?q=蓝鲸小王").text
    client.as_(a.token).put(f"/people/{b.id}/block")
    assert "蓝鲸小王" not in client.as_(b.token).get("/search/people?q=蓝鲸小王").text
