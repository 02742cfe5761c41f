"""Suppliers: audits, dates, scores, and what ends when nobody looks."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.worker import sweep_once
from app.store.suppliers import actions, queries
from tests import make
from tests.client import Client
from tests.pages import with_second_factor
from tests.store.counting import queries_in


def audit(shop: make.MadeShop, score: int = 90, days: int = 365) -> None:
    staff = make.person(roles=("moderator",)).id
    until = clock.now() + timedelta(days=days)
    in_transaction(lambda: actions.audit_supplier(staff, shop.id, score, "仓库整洁", until))


def notices() -> int:
    return db.session.scalar(text("SELECT count(*) FROM core_events WHERE name = 'SupplierAuditDue'")) or 0


def test_a_supplier_shows_its_state_date_and_audits(app: Flask, client: Client) -> None:
    shop = make.supplier()
    audit(shop, 80)
    audit(shop, 95, 400)
    found = client.as_(shop.owner.token).get(f"/shops/{shop.id}/supplier").json
    assert (found["state"], found["score"], [one["score"] for one in found["audits"]]) == ("approved", 95, [95, 80])
    assert found["until"] == found["audits"][0]["until"]
    other = make.shop()
    assert client.as_(other.owner.token).get(f"/shops/{other.id}/supplier").status_code == 404
    assert client.as_(other.owner.token).get(f"/shops/{shop.id}/supplier").status_code == 404


def test_an_audit_that_is_due_is_told_once_and_then_ends_the_approval(app: Flask) -> None:
    shop = make.supplier()
    names = ["store.suppliers.tell_of_audits", "store.onboarding.end_approvals"]
    assert sweep_once(names) == notices() == 0
    with clock.moved(days=340):
        assert (sweep_once(names), sweep_once(names), notices()) == (1, 0, 1)
    with clock.moved(days=366):
        assert sweep_once(names) == 1
    assert in_transaction(lambda: queries.supplier_json(shop.id))["state"] == "suspended"
    with pytest.raises(Refused):
        audit(shop)


def test_an_audit_moves_the_date_and_is_told_of_anew(app: Flask) -> None:
    shop = make.supplier()
    with clock.moved(days=340):
        sweep_once(["store.suppliers.tell_of_audits"])
        audit(shop, days=365)
        assert sweep_once(["store.suppliers.tell_of_audits"]) == 0
    with clock.moved(days=366):
        assert sweep_once(["store.onboarding.end_approvals"]) == 0
    with clock.moved(days=690):
        assert sweep_once(["store.suppliers.tell_of_audits"]) == 1


@pytest.mark.parametrize(("score", "days"), [(101, 30), (90, -1)])
def test_an_audit_has_a_score_and_a_day_to_come(app: Flask, score: int, days: int) -> None:
    shop = make.supplier()
    staff, _ = with_second_factor(app, make.person(roles=("moderator",)))
    until = (clock.now() + timedelta(days=days)).date().isoformat()
    staff.open(f"/admin/suppliers/{shop.id}").send("/audits", score=str(score), note="x", until=until)
    assert staff.status == 422
    assert db.session.scalar(text("SELECT count(*) FROM suppliers_audits")) == 0


def test_staff_see_whose_audit_is_due_first_and_write_one_down(app: Flask) -> None:
    later, sooner = make.supplier(), make.supplier()
    audit(later, days=300)
    audit(sooner, days=20)
    staff, _ = with_second_factor(app, make.person(roles=("moderator",)))
    page = staff.open("/admin/suppliers").text
    assert page.index(sooner.name) < page.index(later.name)
    until = (clock.now() + timedelta(days=700)).date().isoformat()
    staff.open(f"/admin/suppliers/{sooner.id}").send("/audits", score="70", note="样品合格", until=until).follow()
    assert "样品合格" in staff.text
    page = staff.open("/admin/suppliers").text
    assert page.index(later.name) < page.index(sooner.name)
    with queries_in() as sent:
        staff.open("/admin/suppliers")
    assert len(sent) < 12
