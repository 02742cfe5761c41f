"""What friends publish: told to all friends within seconds, within a budget, and to nobody who may not see it."""

import time

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.community.posts.actions import delete_post, edit_post, restore, take_down
from app.core import hearing, worker
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.operate.notifications import actions
from app.operate.notifications.models import Notice
from app.people.filters.actions import hide_words
from app.people.social import actions as social
from tests import make
from tests.client import Client
from tests.facts import until_all_can_be_heard
from tests.make.person import Made
from tests.operate.inbox import befriend, follow, inbox, unread, words


def friends_of(author: Made, number: int) -> None:
    """So many friends of somebody, in three statements."""
    rows = (
        "INSERT INTO accounts_people (id, username, username_key, nickname, password_hash)"
        " SELECT uuidv7(), 'fan' || n, 'fan' || n, '好友' || n, 'none' FROM generate_series(1, :most) n",
        "INSERT INTO social_follows (follower_id, followed_id) SELECT id, :author FROM accounts_people"
        " WHERE username LIKE 'fan%' AND :most > 0",
        "INSERT INTO social_follows (follower_id, followed_id) SELECT :author, id FROM accounts_people"
        " WHERE username LIKE 'fan%' AND :most > 0",
    )
    for one in rows:
        in_transaction(lambda one=one: db.session.execute(text(one), {"most": number, "author": author.id}))


def told() -> int:
    db.session.rollback()
    wanted = select(func.count()).select_from(Notice).where(Notice.kind == "friend_shared", Notice.count > 0)
    return db.session.scalar(wanted) or 0


def test_friends_are_told_and_followers_are_not(app: Flask) -> None:
    author, friend, fan = make.person("小鱼"), make.person(), make.person()
    befriend(author, friend)
    follow(fan, author)
    make.post(author, title="秋日穿搭")
    for_friends = make.post(author, title="只给朋友看", visibility="friends")
    make.post(author, title="自己看", visibility="private")
    assert words(app, friend, "friends") == ["小鱼发布了「只给朋友看」", "小鱼发布了「秋日穿搭」"]
    assert inbox(app, friend, "friends")[0]["target"]["id"] == str(for_friends.id)
    assert inbox(app, fan) == []
    assert unread(app, author) == {"followers": 1}


@pytest.mark.timeout(300)
def test_five_thousand_friends_are_told_within_five_seconds(app: Flask) -> None:
    author = make.person("小鱼")
    friends_of(author, 5000)
    worker.drain()
    make.post(author)
    batches: list[float] = []
    listener = next(one for one in worker.hearings() if one.name == "notifications.tell_friends")
    while told() < 5000:
        until_all_can_be_heard()  # writers of other test databases are no part of it
        began = time.monotonic()
        assert hearing.hear(listener) > 0
        batches.append(time.monotonic() - began)
    assert sum(batches) < 5, batches
    assert max(batches) < 2, batches


def test_a_friend_is_told_of_three_posts_a_day_and_of_thirty_in_all(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, friend = make.person("小鱼"), make.person()
    befriend(author, friend)
    posts = [make.post(author) for _ in range(5)]
    assert len(inbox(app, friend, "friends")) == 3
    in_transaction(lambda: delete_post(Caller(person_id=author.id), posts[0].id))
    make.post(author)
    assert len(inbox(app, friend, "friends")) == 2, "who deletes has told all the same"
    monkeypatch.setattr("app.operate.notifications.kinds.friend_shared.IN_ALL", 4)
    for name in ("阿宁", "阿南"):
        other = make.person(name)
        befriend(other, friend)
        make.post(other)
    assert len(inbox(app, friend, "friends")) == 3


def test_who_does_not_want_it_is_not_told(app: Flask, client: Client) -> None:
    author = make.person("小鱼")
    off, muted, blocked, worded, plain = (make.person() for _ in range(5))
    for one in (off, muted, blocked, worded, plain):
        befriend(author, one)
    body = {"kinds": {"friend_shared": {"inbox": False}}}
    assert client.as_(off.token).put("/me/notification-settings", body).status_code == 200
    in_transaction(lambda: social.mute(muted.id, author.id))
    in_transaction(lambda: social.block(blocked.id, author.id))
    in_transaction(lambda: hide_words(worded.id, ["减肥"]))
    make.post(author, title="减肥第一天")
    counts = [len(inbox(app, one, "friends")) for one in (off, muted, blocked, worded, plain)]
    assert counts == [0, 0, 0, 0, 1]


def test_what_a_friend_may_not_see_any_more_leaves_his_inbox(app: Flask) -> None:
    author, friend, moderator = make.person(), make.person(), make.person(roles=("moderator",))
    befriend(author, friend)
    first, second, third = make.post(author), make.post(author), make.post(author)
    assert len(inbox(app, friend, "friends")) == 3
    in_transaction(lambda: take_down(first.id, "广告", moderator.id))
    in_transaction(lambda: edit_post(Caller(person_id=author.id), second.id, {"visibility": "private"}))
    assert len(inbox(app, friend, "friends")) == 1
    assert told() == 1
    in_transaction(lambda: edit_post(Caller(person_id=author.id), third.id, {"visibility": "friends"}))
    in_transaction(lambda: restore(first.id))
    assert len(inbox(app, friend, "friends")) == 2
    in_transaction(lambda: social.unfollow(friend.id, author.id))
    assert inbox(app, friend, "friends") == [] and told() == 0


def test_hearing_it_again_tells_nobody_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_TOLD", 7)
    author, friend = make.person(), make.person()
    befriend(author, friend)
    friends_of(author, 20)
    make.post(author)
    worker.drain()
    assert told() == 21
    late = make.person()
    befriend(author, late)
    in_transaction(lambda: social.unfollow(friend.id, author.id))
    worker.drain()
    befriend(author, friend)
    make.post(author)
    worker.drain()
    before = told()
    for name in ("tell_friends", "note_happenings", "keep_apart", "part_friends"):
        hearing.rewind(f"notifications.{name}", None)
    worker.drain()
    assert told() == before and len(inbox(app, late, "friends")) == 1
