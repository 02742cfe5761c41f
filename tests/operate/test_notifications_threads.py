"""Notices of threads: who is answered, whose comment is liked, and what is hidden is told to nobody."""

from flask import Flask

from app.community.comments import actions
from app.core.caller import Caller
from app.core.db import in_transaction
from app.core.ids import new_id
from tests import make
from tests.operate.inbox import inbox, words


def test_who_is_answered_reads_of_it_once(app: Flask) -> None:
    writer, other = make.person(nickname="阿宁"), make.person(nickname="小鱼")
    post = make.post(writer)
    mine = make.comment(post, other, "哪里买的")
    make.comment(post, writer, "看链接", parent=mine)
    assert words(app, other) == ["阿宁回复了你的评论：看链接"]
    assert words(app, writer) == ["小鱼评论了你的笔记：哪里买的"]
    under_own = make.comment(post, writer, "自己说")
    make.comment(post, other, "收到", parent=under_own)
    assert words(app, writer)[0] == "小鱼评论了你的笔记：收到", "not as an answer, too"
    assert len(inbox(app, writer)) == 2


def test_likes_of_a_comment_are_one_line_and_go_again(app: Flask) -> None:
    writer, fans = make.person(), [make.person() for _ in range(3)]
    comment = make.comment(make.post(), writer, "同款")
    for fan in fans:
        in_transaction(lambda fan=fan: actions.like(Caller(person_id=fan.id), comment))
    [line] = inbox(app, writer)
    assert line["count"] == 3 and "赞了你的评论：同款" in line["words"]
    for fan in fans:
        in_transaction(lambda fan=fan: actions.unlike(Caller(person_id=fan.id), comment))
    assert inbox(app, writer) == []


def test_what_is_hidden_with_its_thread_is_read_by_nobody(app: Flask) -> None:
    writer, other = make.person(), make.person()
    post = make.post()
    root = make.comment(post, None, "楼主")
    mine = make.comment(post, writer, "一楼", parent=root)
    make.comment(post, other, "二楼", parent=mine)
    assert len(inbox(app, writer)) == 1
    in_transaction(lambda: actions.take_down(root, "广告", new_id()))
    assert inbox(app, writer) == []
