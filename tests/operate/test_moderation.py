"""Reporting, taking down and restoring."""

from threading import Barrier, Thread
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.community.posts.actions import delete_post
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.errors import Refused, refusal_of
from app.core.ids import new_id
from app.operate.moderation import actions
from app.operate.moderation.kinds import KINDS
from app.operate.moderation.models import Decision, Report
from tests import make
from tests.make.person import Made


def by(person: Made) -> Caller:
    return Caller(person_id=person.id)


def taken_down(moderator: Made, subject_id: UUID, kind: str = "post", reason: str = "虚假宣传") -> UUID:
    return in_transaction(lambda: actions.take_down(by(moderator), kind, subject_id, reason).id)


def decisions(subject_id: UUID) -> list[tuple[str, str, UUID, bool]]:
    asked = select(Decision).where(Decision.subject_id == subject_id).order_by(Decision.at, Decision.action)
    return [(one.action, one.reason, one.by_id, one.ended_at is None) for one in db.session.scalars(asked)]


def test_whoever_is_listed_here_can_be_taken_down() -> None:
    assert sorted(KINDS) == ["article", "comment", "post", "product", "review"]


@pytest.mark.parametrize("kind", ["comment", "post", "product"])
def test_each_kind_is_taken_down_once_and_restored(moderator: Made, kind: str) -> None:
    made = {"comment": lambda: make.comment(make.post()), "post": make.post, "product": make.product}[kind]()
    subject_id: UUID = getattr(made, "id", made)
    decision_id = taken_down(moderator, subject_id, kind)
    with pytest.raises(IntegrityError) as twice:
        taken_down(moderator, subject_id, kind, "又一次")
    refusal = refusal_of(twice.value)
    assert refusal is not None
    assert refusal.status == 409
    in_transaction(lambda: actions.end_takedown(by(moderator), decision_id))
    assert decisions(subject_id) == [
        ("takedown", "虚假宣传", moderator.id, False),
        ("restore", "", moderator.id, True),
    ]
    assert taken_down(moderator, subject_id, kind) != decision_id


@pytest.mark.parametrize("kind", ["comment", "post", "product"])
def test_what_does_not_exist_cannot_be_taken_down(moderator: Made, kind: str) -> None:
    nothing = new_id()
    with pytest.raises(Refused) as refused:
        taken_down(moderator, nothing, kind)
    assert refused.value.status == 404
    assert decisions(nothing) == []


def test_ending_a_takedown_twice_is_no_second_restore(moderator: Made) -> None:
    post = make.post()
    decision_id = taken_down(moderator, post.id)
    for _ in range(2):
        in_transaction(lambda: actions.end_takedown(by(moderator), decision_id))
    assert [one[0] for one in decisions(post.id)] == ["takedown", "restore"]


def test_a_restored_post_that_its_author_has_deleted_stays_gone(moderator: Made) -> None:
    post = make.post()
    decision_id = taken_down(moderator, post.id)
    in_transaction(lambda: delete_post(by(post.author), post.id))
    in_transaction(lambda: actions.end_takedown(by(moderator), decision_id))
    with pytest.raises(Refused):
        actions.report_post(by(moderator), post.id, "广告", "")


def test_two_moderators_at_once_make_one_decision(app: Flask, moderator: Made) -> None:
    post, other = make.post(), make.person(roles=("moderator",))
    start, outcomes = Barrier(2), []

    def decide(one: Made) -> None:
        with app.app_context():
            start.wait()
            try:
                taken_down(one, post.id)
                outcomes.append("done")
            except Exception as error:
                outcomes.append(type(error).__name__)

    crowd = [Thread(target=decide, args=(one,)) for one in (moderator, other)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sorted(outcomes)[-1] == "done"
    assert outcomes.count("done") == 1
    assert len(decisions(post.id)) == 1


def test_one_person_has_one_open_report_of_a_post(app: Flask, moderator: Made) -> None:
    post, reporter = make.post(), make.person()
    first = make.report(post.id, by=reporter)
    assert make.report(post.id, by=reporter, reason="不止广告") == first
    assert make.report(post.id) != first
    in_transaction(lambda: actions.dismiss_report(by(moderator), first, "没有问题"))
    assert make.report(post.id, by=reporter) != first


def test_many_reports_at_once_by_one_person_are_one(app: Flask) -> None:
    post, reporter = make.post(), make.person()
    start, found = Barrier(6), set()

    def tell() -> None:
        with app.app_context():
            start.wait()
            found.add(make.report(post.id, by=reporter))

    crowd = [Thread(target=tell) for _ in range(6)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(found) == 1


def test_a_takedown_closes_the_reports_of_its_post_and_of_no_other(moderator: Made) -> None:
    post, other = make.post(), make.post()
    reports = [make.report(post.id), make.report(post.id)]
    left = make.report(other.id)
    decision_id = taken_down(moderator, post.id)
    rows = {one.id: one for one in db.session.scalars(select(Report))}
    assert {rows[one].decision_id for one in reports} == {decision_id}
    assert all(rows[one].closed_at for one in reports)
    assert rows[left].closed_at is None


def test_a_report_is_dismissed_once_with_its_audit_row(moderator: Made) -> None:
    post = make.post()
    report_id = make.report(post.id)
    in_transaction(lambda: actions.dismiss_report(by(moderator), report_id, "正常分享"))
    with pytest.raises(Refused) as refused:
        actions.dismiss_report(by(moderator), report_id, "")
    assert refused.value.status == 404
    assert decisions(post.id) == [("dismissal", "正常分享", moderator.id, True)]


def test_what_is_written_is_published_at_once(app: Flask) -> None:
    post = make.post()
    assert make.report(post.id)
