"""What staff may do about people, to whom, and what the audit log keeps of it."""

from collections.abc import Callable
from threading import Thread
from uuid import UUID

import pytest
from flask import Flask

from app.core.audit import acts
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.people.staff import actions, queries
from app.people.staff.queries import roles_of
from tests import make
from tests.client import Client
from tests.make.person import Made
from tests.pages import signed_in, with_second_factor


@pytest.fixture
def admin(app: Flask) -> Made:
    return make.person(roles=("admin",))


@pytest.fixture
def moderator(app: Flask) -> Made:
    return make.person(roles=("moderator",))


def done(deed: Callable[[], object]) -> None:
    in_transaction(deed)


def refusal(deed: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        in_transaction(deed)
    return refused.value.status, refused.value.code


def audited(person: Made) -> list[tuple[str, UUID | None, str]]:
    db.session.rollback()
    return [(one.what, one.who_id, one.why) for one in acts(20, subject_id=str(person.id))]


def test_a_moderator_suspends_and_reinstates_and_the_person_is_told_why(
    app: Flask, client: Client, moderator: Made
) -> None:
    person = make.person()
    done(lambda: actions.suspend(moderator.id, person.id, "刷屏"))
    assert client.as_(person.token).get("/me").status_code == 401
    assert "刷屏" in signed_in(app, person).text
    assert refusal(lambda: actions.suspend(moderator.id, person.id, "again")) == (409, "done_already")
    done(lambda: actions.reinstate(moderator.id, person.id, "误判"))
    assert refusal(lambda: actions.reinstate(moderator.id, person.id)) == (409, "done_already")
    assert signed_in(app, person).status == 303
    assert audited(person) == [("reinstatement", moderator.id, "误判"), ("suspension", moderator.id, "刷屏")]


def test_what_a_suspended_person_published_stays(client: Client, moderator: Made) -> None:
    post = make.post()
    done(lambda: actions.suspend(moderator.id, post.author.id, "刷屏"))
    assert client.get(f"/posts/{post.id}").status_code == 200


@pytest.mark.parametrize("role", ["moderator", "admin"])
def test_only_an_admin_suspends_staff_and_lets_them_in_again(admin: Made, moderator: Made, role: str) -> None:
    colleague = make.person(roles=(role,))
    assert refusal(lambda: actions.suspend(moderator.id, colleague.id, "x")) == (403, "staff")
    done(lambda: actions.suspend(admin.id, colleague.id, "x"))
    assert refusal(lambda: actions.reinstate(moderator.id, colleague.id)) == (403, "staff")
    done(lambda: actions.reinstate(admin.id, colleague.id))


def test_nobody_does_it_to_himself(app: Flask, admin: Made, moderator: Made) -> None:
    with_second_factor(app, admin)
    for deed in (
        lambda: actions.suspend(moderator.id, moderator.id, "x"),
        lambda: actions.suspend(admin.id, admin.id, "x"),
        lambda: actions.revoke(admin.id, admin.id, "admin"),
        lambda: actions.take_away_second_factor(admin.id, admin.id),
    ):
        assert refusal(deed) == (403, "oneself")
    assert [one[0] for one in audited(admin)] == ["second_factor_set_up"]


def test_only_an_admin_gives_roles_takes_them_and_helps_who_lost_his_phone(
    app: Flask, admin: Made, moderator: Made
) -> None:
    person = make.person()
    for deed in (
        lambda: actions.grant(moderator.id, person.id, "kol"),
        lambda: actions.revoke(moderator.id, person.id, "kol"),
        lambda: actions.take_away_second_factor(moderator.id, person.id),
    ):
        assert refusal(deed) == (403, "forbidden")
    done(lambda: actions.grant(admin.id, person.id, "moderator"))
    assert refusal(lambda: actions.grant(admin.id, person.id, "moderator")) == (409, "done_already")
    assert refusal(lambda: actions.grant(admin.id, person.id, "emperor"))[0] == 422
    done(lambda: actions.revoke(admin.id, person.id, "moderator"))
    assert refusal(lambda: actions.revoke(admin.id, person.id, "moderator")) == (409, "done_already")
    assert roles_of([person.id])[person.id] == set()
    assert [one[0] for one in audited(person)] == ["role_revoked", "role_granted"]


def test_who_lost_his_phone_is_signed_out_and_in_again_by_password(app: Flask, admin: Made) -> None:
    person = make.person(roles=("moderator",))
    browser, _ = with_second_factor(app, person)
    assert browser.open("/admin/people").status == 200
    done(lambda: actions.take_away_second_factor(admin.id, person.id, "电话核实"))
    assert browser.open("/admin/people").answer.headers["Location"].startswith("/sign-in")
    again = signed_in(app, person, "/admin/people").follow()
    assert again.answer.headers["Location"].startswith("/second-factor")
    assert refusal(lambda: actions.take_away_second_factor(admin.id, person.id)) == (409, "done_already")
    assert audited(person)[0] == ("second_factor_taken_away", admin.id, "电话核实")


def test_the_last_admin_cannot_be_lost_not_even_from_the_server(admin: Made) -> None:
    assert refusal(lambda: actions.suspend(None, admin.id, "x")) == (409, "last_admin")
    assert refusal(lambda: actions.revoke(None, admin.id, "admin")) == (409, "last_admin")
    other = make.person(roles=("admin",))
    done(lambda: actions.suspend(other.id, admin.id, "x"))
    assert refusal(lambda: actions.revoke(None, other.id, "admin")) == (409, "last_admin")
    done(lambda: actions.reinstate(other.id, admin.id))
    done(lambda: actions.revoke(admin.id, other.id, "admin"))
    assert queries.has_an_admin()


def test_two_admins_who_suspend_each_other_at_once_leave_one(app: Flask, admin: Made) -> None:
    other, outcomes = make.person(roles=("admin",)), []

    def answer_back() -> None:
        with app.app_context():
            try:
                in_transaction(lambda: actions.suspend(other.id, admin.id, "x"))
                outcomes.append("done")
            except Refused as refused:
                outcomes.append(refused.code)

    second = Thread(target=answer_back)

    def suspend_and_dawdle() -> None:
        actions.suspend(admin.id, other.id, "x")
        second.start()
        second.join(timeout=1.0)  # time enough to go wrong: what is done here is not committed yet

    in_transaction(suspend_and_dawdle)
    second.join()
    assert outcomes == ["last_admin"]
    db.session.rollback()
    assert queries.has_an_admin()


def test_commands_on_the_server_are_audited_as_nobodys(app: Flask) -> None:
    person = make.person(username="bob.b")
    with_second_factor(app, person)
    run = app.test_cli_runner().invoke
    for words in (
        ("grant", "bob.b", "moderator"),
        ("grant", "bob.b", "moderator"),  # said again: nothing new, and no failure of the script
        ("suspend", "bob.b", "--reason", "度假"),
        ("reinstate", "bob.b"),
        ("take-away-second-factor", "bob.b"),
        ("revoke", "bob.b", "moderator"),
    ):
        assert run(args=["accounts", *words]).exit_code == 0, words
    assert [one[:2] for one in audited(person)] == [
        ("role_revoked", None),
        ("second_factor_taken_away", None),
        ("reinstatement", None),
        ("suspension", None),
        ("role_granted", None),
        ("second_factor_set_up", person.id),
    ]


def found(wanted: str, shown: str = "all") -> list[str]:
    db.session.rollback()
    return [one.person.username for one in queries.people(20, wanted, shown, None)]


def test_people_are_found_by_id_and_by_how_their_names_begin(admin: Made) -> None:
    fish = make.person(username="Little_Fish", nickname="小鱼爱喝茶")
    make.person(username="littleXbird", nickname="小鸟")
    assert found("little") == ["littleXbird", "Little_Fish"]
    assert found("little_") == ["Little_Fish"], "an underscore is itself, not any letter"
    assert found("小鱼") == found(str(fish.id)) == ["Little_Fish"]
    assert found("%") == found("nobody") == found(str(UUID(int=7))) == []
    done(lambda: actions.suspend(admin.id, fish.id, "x"))
    assert found("", "suspended") == ["Little_Fish"]
    assert found("", "staff") == [admin.username]
    assert len(found("")) == 3
