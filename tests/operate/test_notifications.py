"""The inbox: who is told what, grouped, read, and taken back."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.community.comments.actions import delete_comment
from app.community.posts.actions import delete_post
from app.core import clock, hearing, worker
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.operate.notifications import actions, jobs
from app.operate.notifications.models import Notice, NoticePart
from app.people.social import actions as social
from tests import make
from tests.client import Client
from tests.operate.inbox import befriend, follow, inbox, like, say, unlike, unread, words


def test_likes_of_a_post_are_one_line_that_names_the_latest(app: Flask) -> None:
    author = make.person("作者")
    post = make.post(author, title="秋日穿搭")
    for name in ("阿南", "阿宁", "小鱼"):
        like(make.person(name), post)
    [line] = inbox(app, author)
    assert line["words"] == "小鱼、阿宁 等 3 人赞了你的笔记"
    assert (line["kind"], line["tab"], line["count"], line["read"]) == ("like", "reactions", 3, False)
    assert [one["nickname"] for one in line["actors"]] == ["小鱼", "阿宁", "阿南"]
    assert line["target"] == {"kind": "post", "id": str(post.id), "title": "秋日穿搭"}
    assert words(app, author, language="en") == ["小鱼, 阿宁 and 1 other liked your post"]


def test_an_unlike_takes_its_own_like_out_and_the_last_one_the_line(app: Flask) -> None:
    author, a, b = make.person(), make.person("甲"), make.person("乙")
    post = make.post(author)
    like(a, post)
    like(b, post)
    assert words(app, author) == ["乙、甲赞了你的笔记"]
    unlike(b, post)
    assert words(app, author) == ["甲赞了你的笔记"]
    unlike(a, post)
    assert inbox(app, author) == [] and unread(app, author) == {}
    like(a, post)
    unlike(a, post)
    like(a, post)
    assert words(app, author) == ["甲赞了你的笔记"]


def test_each_kind_has_its_tab_and_what_is_unread_is_counted(app: Flask, client: Client) -> None:
    author, fan = make.person(), make.person("阿宁")
    post = make.post(author)
    like(fan, post)
    client.as_(fan.token).put(f"/posts/{post.id}/collect")
    say(fan, post, "好看！\n在哪里买的")
    say(fan, post, "又来了")
    follow(fan, author)
    assert sorted(words(app, author)) == sorted(
        [
            "阿宁赞了你的笔记",
            "阿宁收藏了你的笔记",
            "阿宁评论了你的笔记：好看！ 在哪里买的",
            "阿宁评论了你的笔记：又来了",
            "阿宁关注了你",
        ]
    )
    assert len(inbox(app, author, "comments")) == 2
    assert unread(app, author) == {"reactions": 2, "comments": 2, "followers": 1}
    assert inbox(app, fan) == []


def test_nobody_is_told_of_what_he_does_himself(app: Flask) -> None:
    author = make.person()
    post = make.post(author)
    like(author, post)
    say(author, post)
    assert inbox(app, author) == []


def test_reading_one_a_tab_what_was_there_and_all(app: Flask, client: Client) -> None:
    author, fan, other = make.person(), make.person(), make.person()
    post, second = make.post(author), make.post(author)
    like(fan, post)
    like(fan, second)
    say(fan, post)
    me = client.as_(author.token)
    lines = inbox(app, author, "reactions")
    assert me.put("/notifications/read", {"ids": [lines[0]["id"]]}).status_code == 204
    assert unread(app, author) == {"reactions": 1, "comments": 1}
    me.put("/notifications/read", {"tab": "comments"})
    assert unread(app, author) == {"reactions": 1}
    say(other, post)
    seen = inbox(app, author, "comments")
    me.put("/notifications/read", {"until": seen[1]["at"]})
    assert unread(app, author) == {"comments": 1}
    me.put("/notifications/read", {})
    assert unread(app, author) == {}
    assert all(one["read"] for one in inbox(app, author))
    like(other, post)
    assert unread(app, author) == {"reactions": 1}
    unlike(other, post)
    assert inbox(app, author, "reactions")[0]["count"] == 1
    stranger = client.as_(other.token)
    assert stranger.put("/notifications/read", {"ids": [lines[0]["id"]]}).status_code == 204
    assert stranger.put("/notifications/read", {"tab": "nothing"}).status_code == 422


def test_another_day_is_another_line(app: Flask) -> None:
    author, a, b = make.person(), make.person("甲"), make.person("乙")
    post = make.post(author)
    like(a, post)
    worker.drain()
    earlier = {"at": Notice.last_at - timedelta(days=1), "day": Notice.day - 1}
    in_transaction(lambda: db.session.execute(update(Notice).values(last_at=earlier["at"], day=earlier["day"])))
    like(b, post)
    assert words(app, author) == ["乙赞了你的笔记", "甲赞了你的笔记"]
    unlike(a, post)
    assert words(app, author) == ["乙赞了你的笔记"]


def test_blocked_and_muted_people_are_in_nobody_s_inbox(app: Flask) -> None:
    author, a, b, c = make.person(), make.person("甲"), make.person("乙"), make.person("丙")
    post = make.post(author)
    in_transaction(lambda: social.mute(author.id, c.id))
    for one in (a, b, c):
        like(one, post)
    follow(b, author)
    assert words(app, author) == ["乙关注了你", "乙、甲赞了你的笔记"]
    in_transaction(lambda: social.block(b.id, author.id))
    assert words(app, author) == ["甲赞了你的笔记"]
    in_transaction(lambda: social.mute(author.id, a.id))
    assert inbox(app, author) == [] and unread(app, author) == {}
    in_transaction(lambda: social.unmute(author.id, a.id))
    assert words(app, author) == ["甲赞了你的笔记"]


def test_what_is_gone_is_told_of_no_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST", 2)
    author, fan = make.person(), make.person()
    post, other = make.post(author), make.post(author)
    for one in (fan, make.person(), make.person(), make.person(), make.person()):
        like(one, post)
    said, _ = say(fan, post), say(fan, other)
    like(fan, other)
    assert len(inbox(app, author)) == 4
    in_transaction(lambda: delete_comment(Caller(person_id=fan.id), said))
    assert len(inbox(app, author, "comments")) == 1
    for one in (post, other):
        in_transaction(lambda one=one: delete_post(Caller(person_id=author.id), one.id))
    assert inbox(app, author) == [] and unread(app, author) == {}
    assert db.session.scalar(select(func.count()).select_from(NoticePart)) == 0


def test_hearing_everything_again_changes_nothing(app: Flask, client: Client) -> None:
    author, fan, other = make.person(), make.person("甲"), make.person("乙")
    post = make.post(author)
    befriend(author, fan)
    for one in (fan, other):
        like(one, post)
        say(one, post)
    unlike(other, post)
    before = inbox(app, author)
    client.as_(author.token).put("/notifications/read", {"tab": "reactions"})
    for again in (False, True):
        for name in ("note_happenings", "keep_apart"):
            hearing.rewind(f"notifications.{name}", None)
        assert [{**one, "read": False} for one in inbox(app, author)] == before, again
        assert unread(app, author) == {"comments": 2, "followers": 1}


def test_a_crash_between_batches_loses_and_doubles_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    author = make.person()
    post = make.post(author)
    fans = [make.person() for _ in range(6)]
    for one in fans:
        like(one, post)
    died = []

    def dies(kind: object, subjects: object) -> list[object]:
        died.append(kind)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_add_parts", dies)
        with pytest.raises(SystemExit):
            worker.drain()
    db.session.rollback()
    assert died and db.session.scalar(select(func.count()).select_from(Notice)) == 0
    [line] = inbox(app, author)
    assert line["count"] == 6
    jobs.note_happenings([])


def test_old_notices_are_forgotten_and_stay_so(app: Flask) -> None:
    author, fan = make.person(), make.person()
    post, second = make.post(author), make.post(author)
    like(fan, post)
    like(fan, second)
    unlike(fan, second)
    worker.drain()
    with clock.moved(days=3):
        worker.sweep_once(["operate.notifications.forget_old_notices"])
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 1
    with clock.moved(days=91):
        worker.sweep_once(["operate.notifications.forget_old_notices"])
        assert db.session.scalar(select(func.count()).select_from(Notice)) == 0
        hearing.rewind("notifications.note_happenings", None)
        worker.drain()
        assert db.session.scalar(select(func.count()).select_from(Notice)) == 0


def test_a_page_takes_as_many_queries_for_thirty_lines_as_for_two(app: Flask, statements: list[str]) -> None:
    author = make.person()
    client = Client(app).as_(author.token)

    def asked(limit: int) -> int:
        statements.clear()
        assert len(client.get(f"/notifications?limit={limit}").json["items"]) == limit
        return len(statements)

    fans = [make.person() for _ in range(3)]
    for number in range(12):
        post = make.post(author)
        for one in fans[: number % 3 + 1]:
            like(one, post)
        say(fans[number % 3], post)
    worker.drain()
    assert asked(4) == asked(20) <= 5
    statements.clear()
    client.get("/notifications/unread")
    assert len(statements) == 1


def test_pages_follow_each_other(app: Flask, client: Client) -> None:
    author, fan = make.person(), make.person()
    for _ in range(5):
        like(fan, make.post(author))
    worker.drain()
    me, found, place = client.as_(author.token), [], ""
    while True:
        page = me.get(f"/notifications?limit=2&cursor={place}").json
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        place = page["next"]
    assert len(found) == len(set(found)) == 5
    assert client.as_(fan.token).get(f"/notifications?limit=2&cursor={place}").status_code == 400
