"""What waits for a moderator, and what becomes of it: the rows behind the queue."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.community.posts.actions import delete_post, edit_post, hold
from app.community.posts.models import Post
from app.core import clock, counters, hearing
from app.core.audit import acts
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.worker import drain
from app.operate.moderation import actions, queries
from app.operate.moderation.models import Decision, QueueEntry
from tests import make
from tests.make.person import Made


def by(person: Made) -> Caller:
    return Caller(person_id=person.id)


def waiting() -> list[QueueEntry]:
    """The queue once the worker has told everything."""
    drain()
    db.session.rollback()
    return list(queries.waiting_entries(50, None))


def ids() -> list[UUID]:
    return [one.subject_id for one in waiting()]


def entry_of(post: make.MadePost) -> QueueEntry:
    return next(one for one in waiting() if one.subject_id == post.id)


def approve(moderator: Made, entry: QueueEntry) -> int:
    seen = {entry.id: entry.version}
    return in_transaction(lambda: actions.approve(by(moderator), seen))


def decisions(subject_id: UUID) -> list[str]:
    db.session.rollback()
    asked = select(Decision.action).where(Decision.subject_id == subject_id).order_by(Decision.at)
    return list(db.session.scalars(asked))


def edit(post: make.MadePost, **changes: object) -> None:
    in_transaction(lambda: edit_post(by(post.author), post.id, changes))


def test_what_is_published_waits_the_oldest_first_and_a_private_post_does_not(app: Flask) -> None:
    first, second, private = make.post(), make.post(), make.post(visibility="private")
    assert ids() == [first.id, second.id]
    edit(private, visibility="public")
    assert ids() == [first.id, second.id, private.id]


def test_an_approved_post_is_done_until_it_is_edited(app: Flask, moderator: Made) -> None:
    post = make.post()
    assert approve(moderator, entry_of(post)) == 1
    assert ids() == []
    edit(post, title="换了标题")
    assert ids() == [post.id]
    assert approve(moderator, entry_of(post)) == 1
    assert (ids(), decisions(post.id)) == ([], ["approval", "approval"])


def test_hearing_all_of_history_again_brings_nothing_back(app: Flask, moderator: Made) -> None:
    done, left = make.post(), make.post()
    edit(done, body="补充一句")
    approve(moderator, entry_of(done))
    before = entry_of(left).id
    hearing.rewind("moderation.queue_posts", None)
    assert [one.id for one in waiting()] == [before]


def test_what_the_moderator_saw_is_what_he_approves(app: Flask, moderator: Made) -> None:
    post = make.post()
    seen = entry_of(post)
    id_and_version = {seen.id: seen.version}
    edit(post, title="先过审，再换内容")
    drain()
    assert in_transaction(lambda: actions.approve(by(moderator), id_and_version)) == 0
    assert (ids(), decisions(post.id)) == ([post.id], [])


def test_an_edit_that_the_worker_has_not_told_yet_comes_back_after_the_approval(app: Flask, moderator: Made) -> None:
    post = make.post()
    seen = entry_of(post)
    edit(post, title="改在两步之间")
    assert approve(moderator, seen) == 1
    assert ids() == [post.id]


@pytest.mark.parametrize("change", ["delete", "private"])
def test_what_its_author_removes_leaves_the_queue_and_comes_again_if_it_is_shown_again(app: Flask, change: str) -> None:
    post = make.post()
    assert ids() == [post.id]
    if change == "delete":
        in_transaction(lambda: delete_post(by(post.author), post.id))
        assert ids() == []
        return
    edit(post, visibility="private")
    assert ids() == []
    edit(post, visibility="public")
    assert ids() == [post.id]


def test_a_held_post_waits_though_nobody_sees_it_and_is_published_by_the_approval(app: Flask, moderator: Made) -> None:
    post = make.post()
    approve(moderator, entry_of(post))
    in_transaction(lambda: hold(post.id, "词表"))
    entry = entry_of(post)
    assert approve(moderator, entry) == 1
    db.session.rollback()
    assert db.session.scalar(select(Post.state).where(Post.id == post.id)) == "published"
    assert ids() == []


def test_an_edit_of_a_held_draft_needs_another_look_and_so_does_one_after_its_approval(
    app: Flask, moderator: Made
) -> None:
    draft = make.post(visibility="private")
    in_transaction(lambda: hold(draft.id, "自动拦截"))
    seen = entry_of(draft)
    id_and_version = {seen.id: seen.version}
    edit(draft, title="先过审，再换内容")
    drain()
    assert in_transaction(lambda: actions.approve(by(moderator), id_and_version)) == 0
    assert approve(moderator, entry_of(draft)) == 1
    edit(draft, title="过审之后再换")
    edit(draft, visibility="public")
    assert ids() == [draft.id]


def test_a_draft_that_is_finished_waits_once_it_is_public_and_is_not_called_edited(app: Flask) -> None:
    draft = make.post(visibility="private")
    edit(draft, title="写完了")
    edit(draft, body="还是改一句", visibility="public")
    assert ids() == [draft.id]
    assert queries.case_or_missing("post", draft.id).thing.edited_at is None
    edit(draft, body="公开之后改的")
    waiting()
    assert queries.case_or_missing("post", draft.id).thing.edited_at is not None


def test_many_are_approved_at_once_but_for_those_that_changed(app: Flask, moderator: Made) -> None:
    posts = [make.post() for _ in range(4)]
    seen = {one.id: one.version for one in waiting()}
    edit(posts[1], body="变了")
    drain()
    assert in_transaction(lambda: actions.approve(by(moderator), seen)) == 3
    assert ids() == [posts[1].id]
    assert len([one for one in acts(50) if one.what == "approval"]) == 3


def test_a_takedown_and_a_restore_leave_nothing_to_look_at(app: Flask, moderator: Made) -> None:
    post = make.post()
    entry_id = entry_of(post).id
    take = in_transaction(lambda: actions.take_down(by(moderator), "post", post.id, "广告", entry_id).id)
    assert ids() == []
    assert in_transaction(lambda: actions.end_takedown(by(moderator), take)) is True
    assert ids() == []
    assert in_transaction(lambda: actions.end_takedown(by(moderator), take)) is False
    assert [(one.what, one.who_id, one.why) for one in acts(9, subject_id=str(post.id))] == [
        ("restore", moderator.id, ""),
        ("takedown", moderator.id, "广告"),
    ]


def test_reports_and_takedowns_are_counted_for_their_author(app: Flask, moderator: Made) -> None:
    post = make.post()
    make.report(post.id)
    make.report(post.id)
    taken = in_transaction(lambda: actions.take_down(by(moderator), "post", post.id, "广告").id)
    assert counters.of([post.author.id])[post.author.id] | {"posts": 0} == {"posts": 0, "reports": 2, "takedowns": 1}
    in_transaction(lambda: actions.end_takedown(by(moderator), taken))
    assert counters.of([post.author.id])[post.author.id]["takedowns"] == 0


def test_reports_made_after_the_moderator_looked_stay_open(app: Flask, moderator: Made) -> None:
    post = make.post()
    make.report(post.id)
    until = queries.case_or_missing("post", post.id).until
    assert until is not None
    later = make.report(post.id)
    in_transaction(lambda: actions.dismiss_reports(by(moderator), "post", post.id, until, "正常"))
    db.session.rollback()
    assert [one.id for one in queries.waiting_reports(9, None)] == [later]
    with pytest.raises(Refused, match="decided_already"):
        actions.dismiss_reports(by(moderator), "post", post.id, until, "再来")


def rush(app: Flask, *deeds: Callable[[], object]) -> list[str]:
    """All of these at once, each in a transaction of its own: "done" or how it was refused."""
    start, outcomes = Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                outcomes.append("too late" if in_transaction(deed) == 0 else "done")
            except Exception as error:
                outcomes.append(getattr(error, "code", "") or type(error).__name__)

    crowd = [Thread(target=run, args=(deed,)) for deed in deeds]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    return sorted(outcomes)


def test_of_an_approval_and_a_takedown_at_once_one_is_done_and_the_other_told(app: Flask, moderator: Made) -> None:
    other = make.person(roles=("moderator",))
    for _ in range(4):
        post = make.post()
        entry = entry_of(post)
        approval = partial(actions.approve, by(moderator), {entry.id: entry.version})
        takedown = partial(actions.take_down, by(other), "post", post.id, "广告", entry.id)
        db.session.rollback()
        found = rush(app, approval, takedown)
        assert found in (["done", "too late"], ["decided_already", "done"])
        assert len(decisions(post.id)) == 1


def test_two_who_dismiss_the_same_reports_make_one_decision(app: Flask, moderator: Made) -> None:
    post, other = make.post(), make.person(roles=("moderator",))
    make.report(post.id)
    until = queries.case_or_missing("post", post.id).until
    assert until is not None
    db.session.rollback()
    both = [partial(actions.dismiss_reports, by(one), "post", post.id, until, "") for one in (moderator, other)]
    assert rush(app, *both) == ["decided_already", "done"]
    assert decisions(post.id) == ["dismissal"]


def test_a_page_of_approvals_takes_no_more_statements_than_one(
    app: Flask, moderator: Made, statements: list[str]
) -> None:
    def approved(posts: list[make.MadePost]) -> int:
        seen, until = {one.id: one.version for one in waiting()}, clock.now()
        for post in posts:
            make.report(post.id)
        statements.clear()
        assert in_transaction(lambda: actions.approve(by(moderator), seen, until + timedelta(hours=1))) == len(posts)
        return len(statements)

    few = approved([make.post()])
    many = [make.post() for _ in range(20)]
    assert approved(many) == few < 10
    assert (ids(), queries.waiting().reported) == ([], 0)
    assert [decisions(one.id) for one in many] == [["approval"]] * 20
