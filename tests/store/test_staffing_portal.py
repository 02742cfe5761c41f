"""The pages of who works in a shop."""

from flask import Flask

from app.store.shops.models import PACKER
from tests import make
from tests.portal import at_portal
from tests.store.counting import queries_in


def test_somebody_is_invited_accepts_and_is_removed_in_a_browser(app: Flask) -> None:
    shop, person = make.shop(), make.person("小满")
    owner = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/staff")
    owner.send("/staff", username=person.username, role=PACKER).follow()
    assert "小满" in owner.text and "等待答复" in owner.text
    worker = at_portal(app, person, "/portal/invitations")
    assert shop.name in worker.text
    worker.send("/acceptance").follow()
    assert (worker.status, worker.path) == (200, f"/portal/shops/{shop.id}")
    owner.open(f"/portal/shops/{shop.id}/staff").send(f"{person.id}/role", role="reader").follow()
    assert f'data-person="{person.id}" data-role="reader"' in owner.text
    owner.send(f"{person.id}/removal").follow()
    assert f'data-person="{person.id}"' not in owner.text
    assert worker.open(f"/portal/shops/{shop.id}").status == 404


def test_a_form_that_cannot_be_is_shown_again_with_why(app: Flask) -> None:
    shop = make.shop()
    packer = make.worker(shop, PACKER)
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/staff")
    page.send("/staff", username="nobody-here", role=PACKER)
    assert page.status == 422 and "没有这个用户名" in page.text and 'value="nobody-here"' in page.text
    page.send("/staff", username=packer.username, role=PACKER)
    assert page.status == 422 and "此人已经在店里工作" in page.text


def test_who_may_not_change_staff_sees_them_and_no_forms(app: Flask) -> None:
    shop = make.shop()
    page = at_portal(app, make.worker(shop, PACKER), f"/portal/shops/{shop.id}/staff")
    assert page.status == 200 and "/role" not in page.text and "发出邀请" not in page.text
    page.send("/removal").follow()
    assert page.path == "/portal/shops"


def test_an_invitation_is_declined_or_withdrawn(app: Flask) -> None:
    shop, person = make.shop(), make.person()
    owner = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/staff")
    owner.send("/staff", username=person.username, role=PACKER).follow()
    at_portal(app, person, "/portal/invitations").send("/refusal").follow()
    owner.open(owner.path).send("/staff", username=person.username, role=PACKER).follow()
    owner.send("/withdrawal").follow()
    assert "没有等待你答复的邀请" in at_portal(app, person, "/portal/invitations").text


def test_many_staff_cost_no_more_questions(app: Flask) -> None:
    shop = make.shop()
    for _ in range(15):
        make.worker(shop, PACKER)
    page = at_portal(app, shop.owner)
    with queries_in() as sent:
        assert page.open(f"/portal/shops/{shop.id}/staff").status == 200
    assert len(sent) < 14
