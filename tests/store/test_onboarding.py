"""Applications of shops: papers, what moderators say, and what a closed shop sells: nothing."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.core import clock
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.worker import sweep_once
from app.store.onboarding import actions, queries
from app.store.onboarding.kinds.base import is_credit_code, is_id_number
from app.store.onboarding.models import APPROVE, ASK, CHECK, REFUSE, RESUME, SUSPEND, Verdict
from app.store.shops.models import MANAGER, PACKER
from app.store.shops.queries import state_of
from tests import make
from tests.client import Client
from tests.store.counting import queries_in
from tests.store.racing import refusals, together


@pytest.fixture
def review(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers are looked at before a shop sells."""
    monkeypatch.setattr(settings, "shop_review", True)


def file(client: Client, shop: make.MadeShop, about: str = "shop", **more: object) -> TestResponse:
    body = {"about": about, "answers": make.papers(shop, about), **more}
    return client.as_(shop.owner.token).post(f"/shops/{shop.id}/applications", body)


def buy(client: Client, goods: make.MadeProduct) -> TestResponse:
    return client.post("/checkouts", {"lines": [{"sku_id": str(goods.sku_id), "quantity": 1}]})


def say(application_id: str | UUID, act: str, version: int = 1, **more: object) -> None:
    moderator = make.person(roles=("moderator",)).id
    in_transaction(lambda: actions.decide(moderator, UUID(str(application_id)), Verdict(act, version, **more)))


def test_where_papers_are_not_asked_for_a_shop_sells_at_once(app: Flask, client: Client) -> None:
    goods = make.product()
    assert state_of(goods.shop.id) == "open"
    assert buy(client, goods).status_code == 201


def test_where_they_are_a_shop_sells_once_a_moderator_has_said_yes(app: Flask, client: Client, review: None) -> None:
    goods = make.product()
    assert state_of(goods.shop.id) == "pending"
    assert buy(client, goods).json["code"] == "off_sale"
    assert client.get(f"/shops/{goods.shop.id}/products").json["items"] == []
    filed = file(client, goods.shop)
    assert filed.status_code == 201 and filed.json["state"] == "pending", filed.text
    assert buy(client, goods).status_code == 409
    say(filed.json["id"], APPROVE)
    assert state_of(goods.shop.id) == "open"
    assert buy(client, goods).status_code == 201


def test_a_shop_is_told_what_to_change_field_by_field_and_sends_only_that(
    app: Flask, client: Client, review: None
) -> None:
    shop = make.shop()
    filed = file(client, shop).json
    say(filed["id"], ASK, reason="请重拍", wants={"licence": "看不清"})
    owner = client.as_(shop.owner.token)
    seen = owner.get(f"/shops/{shop.id}/applications/{filed['id']}").json
    assert (seen["state"], seen["reason"], seen["wants"]) == ("needs_changes", "请重拍", {"licence": "看不清"})
    assert state_of(shop.id) == "needs_changes"
    again = {"about": "shop", "answers": {"licence": str(make.upload(shop.owner))}}
    sent = owner.post(f"/shops/{shop.id}/applications", again).json
    assert (sent["state"], sent["wants"], sent["id"]) == ("pending", {}, filed["id"])
    pictures = {one["name"]: one["picture"]["url"].split("?")[0] for one in sent["fields"] if one["picture"]}
    before = {one["name"]: one["picture"]["url"].split("?")[0] for one in filed["fields"] if one["picture"]}
    assert pictures["licence"] != before["licence"] and pictures["id_front"] == before["id_front"]
    assert [(one["before"], one["after"]) for one in sent["log"]][:2] == [
        ("needs_changes", "pending"),
        ("pending", "needs_changes"),
    ]


def test_a_moderator_decides_about_what_he_saw(app: Flask, client: Client) -> None:
    shop = make.shop()
    made = make.application(shop)
    make.application(shop, legal_name="另一家公司")
    with pytest.raises(Refused) as refused:
        say(made, APPROVE, version=1)
    assert refused.value.code == "wrong_state"
    say(made, APPROVE, version=2)


def test_of_two_moderators_one_decides(app: Flask) -> None:
    made = make.application(make.shop())
    found = together(app, lambda: say(made, APPROVE), lambda: say(made, REFUSE, reason="假证"))
    assert refusals(found) == ["wrong_state"]
    rows = db.session.scalars(text("SELECT after FROM onboarding_log WHERE application_id = :id"), {"id": made}).all()
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("act", "more"), [(REFUSE, {}), (SUSPEND, {}), (ASK, {}), (ASK, {"wants": {"nonsense": "x"}}), (CHECK, {})]
)
def test_a_decision_needs_what_it_needs(app: Flask, act: str, more: dict[str, object]) -> None:
    made = make.application(make.shop())
    with pytest.raises(Refused):
        say(made, act, **more)
    assert in_transaction(lambda: queries.locked_application(made).state) == "pending"


def test_a_suspended_shop_sells_nothing_and_its_paid_orders_go_on(app: Flask, client: Client) -> None:
    goods = make.product(title="青瓷杯")
    code = make.link(goods).code
    moderator = make.person(roles=("moderator",))
    held = client.as_(make.person().token).post("/checkouts", {"lines": [{"sku_id": str(goods.sku_id), "quantity": 1}]})
    assert held.status_code == 201
    in_transaction(lambda: actions.suspend_shop(moderator.id, goods.shop.id, "卖假货"))
    assert state_of(goods.shop.id) == "suspended"
    assert buy(client, goods).json["code"] == "off_sale"
    detail = client.get(f"/products/{goods.id}").json
    assert (detail["in_stock"], detail["skus"][0]["in_stock"]) == (False, False)
    assert client.get(f"/links/{code}").json["product"]["in_stock"] is False
    assert client.get(f"/shops/{goods.shop.id}/products").json["items"] == []
    own = in_transaction(lambda: queries.files_of(goods.shop.id)[0].application)
    say(own.id, RESUME, version=own.version)
    assert buy(client, goods).status_code == 201
    acts = db.session.scalars(text("SELECT what FROM core_audit ORDER BY id")).all()
    assert acts == ["application_suspended", "application_resumed"]


def test_what_was_held_before_a_suspension_is_not_sold_after_it(app: Flask, client: Client) -> None:
    goods, buyer = make.product(), make.person()
    mine = client.as_(buyer.token)
    held = mine.post("/checkouts", {"lines": [{"sku_id": str(goods.sku_id), "quantity": 1}]}).json
    assert mine.patch(f"/checkouts/{held['id']}", {"address": make.ADDRESS}).status_code == 200
    in_transaction(lambda: actions.suspend_shop(make.person().id, goods.shop.id, "卖假货"))
    bought = mine.post(f"/checkouts/{held['id']}/purchase", {}, key="k")
    assert (bought.status_code, bought.json["code"]) == (409, "off_sale")


def test_numbers_are_sealed_masked_for_the_shop_and_read_by_moderators(app: Flask, client: Client) -> None:
    filed = file(client, make.shop()).json
    values = {one["name"]: one["value"] for one in filed["fields"]}
    assert (values["id_number"], values["phone"]) == ("···002X", "···0000")
    number = make.papers(make.shop())["id_number"]
    stored = db.session.execute(text("SELECT words, sealed FROM onboarding_answers WHERE field = 'id_number'")).one()
    assert stored.words is None and number.encode() not in bytes(stored.sealed)
    db.session.rollback()
    found = in_transaction(lambda: queries.file_or_missing(UUID(filed["id"]), reads_numbers=True))
    assert {one.field.name: one.value for one in found.answers}["id_number"] == number


def test_pictures_of_papers_open_only_by_their_signed_address(app: Flask, client: Client) -> None:
    filed = file(client, make.shop()).json
    url = next(one["picture"]["url"] for one in filed["fields"] if one["name"] == "id_front")
    assert client.get("/" + url).status_code == 200
    assert client.get("/" + url.split("?")[0]).status_code == 404
    sweep = text("UPDATE uploads_uploads SET created_at = now() - interval '9 days'")
    in_transaction(lambda: db.session.execute(sweep))
    sweep_once(["people.uploads.sweep_unused"])
    assert client.get("/" + url).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id_number", "110105194912310021"),
        ("credit_code", "91350100M000100Y44"),
        ("subject", "nonsense"),
        ("licence", "not an id"),
        ("licence", "5e471e15-0000-4000-8000-5e471e155e47"),
        ("legal_name", ""),
        ("legal_name", "长" * 301),
        ("nonsense", "x"),
    ],
)
def test_an_answer_that_is_none_is_refused_by_its_name(app: Flask, client: Client, field: str, value: str) -> None:
    shop = make.shop()
    body = {"about": "shop", "answers": {**make.papers(shop), field: value}}
    refused = client.as_(shop.owner.token).post(f"/shops/{shop.id}/applications", body)
    assert refused.status_code == 422 and "answers" in refused.json["errors"], refused.text
    assert db.session.scalar(text("SELECT count(*) FROM onboarding_answers")) == 0


def test_check_digits_are_those_of_the_standards() -> None:
    assert is_id_number("11010519491231002X") and not is_id_number("110105194912310020")
    assert is_credit_code("91350100M000100Y43") and not is_credit_code("91350100M000100Y4I")


def test_papers_are_for_those_who_set_the_shop_up(app: Flask, client: Client) -> None:
    shop = make.shop()
    made = make.application(shop)
    path = f"/shops/{shop.id}/applications"
    for role, status in ((MANAGER, 200), (PACKER, 403)):
        me = client.as_(make.worker(shop, role).token)
        assert (me.get(path).status_code, me.get(f"{path}/{made}").status_code) == (status, status)
    assert client.as_(make.shop().owner.token).get(path).status_code == 404
    other = make.shop()
    assert client.as_(other.owner.token).get(f"/shops/{other.id}/applications/{made}").status_code == 404


def test_a_supplier_passes_a_sample_check_and_is_suspended_when_its_time_is_over(app: Flask) -> None:
    shop = make.shop()
    made = make.application(shop, "supplier")
    with pytest.raises(Refused):
        say(made, APPROVE)
    make.decided(made, CHECK)
    make.decided(made, APPROVE)
    assert in_transaction(lambda: queries.is_approved(shop.id, "supplier"))
    assert sweep_once(["store.onboarding.end_approvals"]) == 0
    with clock.moved(days=366):
        assert sweep_once(["store.onboarding.end_approvals"]) == 1
        assert sweep_once(["store.onboarding.end_approvals"]) == 0
    assert not in_transaction(lambda: queries.is_approved(shop.id, "supplier"))
    assert state_of(shop.id) == "open"


def test_a_shop_bears_the_brands_that_were_verified_until_they_expire(app: Flask, client: Client) -> None:
    shop = make.shop()
    for name in ("青山", "白石"):
        filed = file(client, shop, "brand", name=name)
        assert (filed.status_code, filed.json["name"]) == (201, name)
        if name == "青山":
            make.decided(UUID(filed.json["id"]), APPROVE)
    [brand] = in_transaction(lambda: queries.brands_of([shop.id])[shop.id])
    assert (brand["name"], brand["type"], brand["verified"]) == ("青山", "flagship", True)
    with clock.moved(days=366):
        assert in_transaction(lambda: queries.brands_of([shop.id])) == {shop.id: []}
    assert file(client, shop, "brand").status_code == 422
    assert file(client, shop, "shop", name="x").status_code == 422


def test_lists_of_applications_cost_the_same_for_any_number(app: Flask) -> None:
    shop = make.shop()
    make.application(shop, "brand", "青山")

    def cost() -> int:
        with queries_in() as sent:
            in_transaction(lambda: queries.files_of(shop.id))
            in_transaction(lambda: queries.waiting("", 20, None))
        return len(sent)

    before = cost()
    for name in ("白石", "绿水", "红叶"):
        make.application(shop, "brand", name)
    make.application(shop)
    assert cost() == before
    first, cursor = in_transaction(lambda: queries.waiting("", 3, None))
    rest, end = in_transaction(lambda: queries.waiting("", 3, cursor))
    assert [one.name for one, _ in [*first, *rest]] == ["青山", "白石", "绿水", "红叶", ""] and end is None
    assert timedelta(0) < clock.now() - first[0][0].filed_at < timedelta(minutes=5)
