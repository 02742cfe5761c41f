"""Pages of applications: a shop's own, and those of moderators."""

from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.config import settings
from app.core.db import db
from app.store.shops.queries import state_of
from tests import make
from tests.pages import Browser, with_second_factor
from tests.portal import at_portal
from tests.store.counting import queries_in

PICTURES = ("licence", "id_front", "id_back")


def file_papers(page: Browser, shop: make.MadeShop, **changed: object) -> Browser:
    """Fill in the form of a shop's papers as a browser does, with files."""
    page.open(f"/portal/shops/{shop.id}/papers/shop")
    texts = {name: value for name, value in make.papers(shop).items() if name not in PICTURES}
    files = {name: (BytesIO(make.picture_file()), f"{name}.jpg") for name in PICTURES}
    return page.send("/papers/shop", **{**texts, **files, **changed})


def test_a_shop_opens_after_papers_changes_and_a_moderators_yes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "shop_review", True)
    shop = make.shop()
    owner = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/papers")
    assert "资质通过之前，商品不会出售" in owner.text
    file_papers(owner, shop).follow()
    assert 'data-state="pending"' in owner.text
    moderator, _ = with_second_factor(app, make.person(roles=("moderator",)))
    assert shop.name in moderator.open("/admin/applications").text
    application = db.session.scalar(text("SELECT id FROM onboarding_applications"))
    moderator.open(f"/admin/applications/{application}")
    assert "11010519491231002X" in moderator.text
    moderator.send("/decision", act="ask", want_licence="拍得不清楚").follow()
    owner.open(f"/portal/shops/{shop.id}/papers")
    assert "拍得不清楚" in owner.text and "11010519491231002X" not in owner.text
    owner.open(f"/portal/shops/{shop.id}/papers/shop")
    assert "拍得不清楚" in owner.text and "···002X" in owner.text
    owner.send("/papers/shop", licence=(BytesIO(make.picture_file()), "new.jpg")).follow()
    moderator.open(f"/admin/applications/{application}").send("/decision", act="approve").follow()
    assert state_of(shop.id) == "open"
    assert shop.name not in moderator.open("/admin/applications").text
    read = text("SELECT count(*) FROM core_audit WHERE what = 'papers_read'")
    assert db.session.scalar(read) >= 3


def test_a_form_with_faults_is_shown_again(app: Flask) -> None:
    shop = make.shop()
    page = at_portal(app, shop.owner)
    file_papers(page, shop, id_number="123", licence=(BytesIO(b"no picture"), "x.jpg"))
    assert page.status == 422 and 'id="licence-fault"' in page.text and 'value="山野茶业有限公司"' in page.text
    file_papers(page, shop, id_number="123")
    assert page.status == 422 and 'id="id_number-fault"' in page.text
    assert db.session.scalar(text("SELECT count(*) FROM onboarding_answers")) == 0


def test_a_refusal_needs_a_reason_on_the_page(app: Flask) -> None:
    application = make.application(make.shop())
    moderator, _ = with_second_factor(app, make.person(roles=("moderator",)))
    moderator.open(f"/admin/applications/{application}").send("/decision", act="refuse")
    assert moderator.status == 422 and "请说明原因" in moderator.text
    moderator.send("/decision", act="refuse", reason="证件是假的").follow()
    assert "未通过" in moderator.text


def test_any_shop_is_found_suspended_and_lets_go_on(app: Flask) -> None:
    shop = make.shop(name="夜航书店")
    moderator, _ = with_second_factor(app, make.person(roles=("moderator",)))
    assert "夜航书店" in moderator.open("/admin/shops?q=夜航").text
    assert "夜航书店" not in moderator.open("/admin/shops?q=白天").text
    moderator.open(f"/admin/shops/{shop.id}").send("/suspension", reason="")
    assert moderator.status == 422
    moderator.send("/suspension", reason="卖假货").follow()
    assert state_of(shop.id) == "suspended" and "卖假货" in moderator.text
    owner = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/papers")
    assert "卖假货" in owner.text and "店铺暂停销售" in owner.text
    application = db.session.scalar(text("SELECT id FROM onboarding_applications"))
    moderator.open(f"/admin/applications/{application}").send("/decision", act="resume").follow()
    assert state_of(shop.id) == "open"


def test_a_brand_is_claimed_and_verified_until_a_day(app: Flask) -> None:
    shop = make.shop()
    owner = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/papers/brand")
    paper = (BytesIO(make.picture_file()), "paper.jpg")
    owner.send("/papers/brand", name="青山", type="flagship", trademark="1", valid_until="2031-05-01", paper=paper)
    assert "青山" in owner.follow().text
    moderator, _ = with_second_factor(app, make.person(roles=("moderator",)))
    application = db.session.scalar(text("SELECT id FROM onboarding_applications"))
    moderator.open(f"/admin/applications/{application}")
    assert 'value="2031-05-01"' in moderator.text
    moderator.send("/decision", act="approve", until="2001-01-01")
    assert moderator.status == 422
    moderator.open(f"/admin/applications/{application}").send("/decision", act="approve").follow()
    assert "2031-05-01" in moderator.text


def test_many_applications_cost_no_more_questions(app: Flask) -> None:
    shop = make.shop()
    for number in range(8):
        make.application(shop, "brand", f"品牌{number}")
        make.application(make.shop())
    owner = at_portal(app, shop.owner)
    moderator, _ = with_second_factor(app, make.person(roles=("moderator",)))
    pages = [(owner, f"/portal/shops/{shop.id}/papers"), (moderator, "/admin/applications")]
    for browser, path in [*pages, (moderator, "/admin/shops"), (moderator, f"/admin/shops/{shop.id}")]:
        with queries_in() as sent:
            assert browser.open(path).status == 200
        assert len(sent) < 15, path
