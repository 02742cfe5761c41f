"""Pages about people in the admin view."""

from html import unescape

import pytest
from flask import Flask

from app.core import counters
from app.core.db import in_transaction
from app.people.staff.queries import roles_of
from tests import make
from tests.make.person import Made
from tests.pages import Browser, signed_in, with_second_factor
from tests.statements import statements


@pytest.fixture
def desk(app: Flask) -> Browser:
    return with_second_factor(app, make.person(nickname="站长", roles=("admin",)))[0]


def test_an_admin_finds_a_person_suspends_him_and_lets_him_in_again(app: Flask, desk: Browser) -> None:
    person = make.person(username="noisy.one", nickname="吵闹的人")
    in_transaction(lambda: counters.add(person.id, "reports", 3))
    shown = desk.open("/admin/people?q=noisy").text
    assert "吵闹的人" in shown and "被举报 3" in shown
    desk.open(f"/admin/people/{person.id}").send("/suspension", reason="刷屏").follow()
    assert "已停用" in desk.text and "刷屏" in desk.text and "站长" in desk.text
    assert "刷屏" in signed_in(app, person).text
    assert "吵闹的人" in desk.open("/admin/people?show=suspended").text
    desk.open(f"/admin/people/{person.id}").send("/reinstatement", reason="误会").follow()
    assert "误会" in desk.text
    assert signed_in(app, person).status == 303


def test_an_admin_gives_and_takes_roles_and_resets_a_second_factor(app: Flask, desk: Browser) -> None:
    person = make.person()
    mine, _ = with_second_factor(app, person)
    path = f"/admin/people/{person.id}"
    desk.open(path).send("/roles", role="moderator", reason="值夜班").follow()
    assert "收回: 审核员" in desk.text
    assert "moderator: 值夜班" in desk.text
    assert mine.open("/admin/people").status == 200
    desk.send("/roles/moderator/revocation", reason="<b>不干了").follow()
    assert "moderator: &lt;b&gt;不干了" in desk.text
    assert mine.open("/admin/people").status == 403
    desk.send("/second-factor/removal", reason="电话核实").follow()
    assert "未开启" in desk.text and "电话核实" in desk.text
    assert desk.post(f"{path}/roles", role="emperor", reason="x", **token(desk)).status == 422


@pytest.mark.parametrize(
    ("role", "form", "field"), [("kol", "/roles", "grant-reason"), ("moderator", "/revocation", "moderator-reason")]
)
def test_no_role_is_given_or_taken_without_a_reason(desk: Browser, role: str, form: str, field: str) -> None:
    person = make.person(roles=("moderator",))
    desk.open(f"/admin/people/{person.id}").send(form, role=role, reason="x" * 501)
    assert desk.text.count("x" * 501) == 1
    desk.send(form, role=role, reason=" ")
    assert desk.status == 422
    assert f'id="{field}-fault"' in desk.text and desk.text.count('-fault"') == 2
    assert in_transaction(lambda: roles_of([person.id])[person.id]) == {"moderator"}


def token(browser: Browser) -> dict[str, str]:
    return {"form_token": browser.forms[-1].fields["form_token"]}


def test_a_moderator_sees_no_buttons_for_what_he_may_not_do(app: Flask) -> None:
    moderator, admin, person = make.person(roles=("moderator",)), make.person(roles=("admin",)), make.person()
    desk, _ = with_second_factor(app, moderator)
    actions = {one: [form.action for form in desk.open(f"/admin/people/{one.id}").forms] for one in (moderator, admin)}
    assert not [one for one in [*actions[moderator], *actions[admin]] if one.startswith("/admin")]
    mine = [form.action for form in desk.open(f"/admin/people/{person.id}").forms]
    assert [one for one in mine if one.startswith("/admin")] == [f"/admin/people/{person.id}/suspension"]
    sent = desk.post(f"/admin/people/{admin.id}/suspension", reason="x", **token(desk))
    assert sent.status == 403 and "工作人员" in sent.text


def test_a_suspension_without_a_reason_is_asked_for_it_beside_the_field(desk: Browser) -> None:
    person = make.person()
    answer = desk.open(f"/admin/people/{person.id}").send("/suspension", reason=" ")
    assert answer.status == 422
    assert 'id="reason-fault"' in answer.text and "不能为空" in answer.text


def test_the_list_goes_on_with_the_same_search_and_costs_the_same_for_many(desk: Browser) -> None:
    for number in range(3):
        make.person(username=f"crowd{number}")

    def asked(path: str) -> int:
        with statements(but="accounts_sessions") as seen:
            assert desk.open(path).status == 200
        return len(seen)

    few = asked("/admin/people?q=crowd")
    for number in range(3, 33):
        make.person(username=f"crowd{number}")
    assert asked("/admin/people?q=crowd") == few < 25
    assert "crowd32" in desk.text and ">@crowd2<" not in desk.text
    following = unescape(desk.text.split('rel="next" href="')[1].partition('"')[0])
    second = desk.open(f"/admin/people{following}").text
    assert second.count("stretched-link") == 3 and ">@crowd2<" in second
    assert desk.open("/admin/people?q=other&" + following.split("&")[-1]).status == 400
    person: Made = make.person()
    assert asked(f"/admin/people/{person.id}") < 25
