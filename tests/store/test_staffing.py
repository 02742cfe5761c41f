"""Who works in a shop: invitations and their answers, roles, leaving, a new owner, the log."""

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.core.worker import sweep_once
from app.store.shops.models import MANAGER, OWNER, PACKER, READER
from tests import make
from tests.client import Client
from tests.store.counting import queries_in
from tests.store.racing import together


def invited(client: Client, shop: make.MadeShop, person: make.MadePerson, role: str = PACKER) -> str:
    body = {"username": person.username, "role": role}
    answer = client.as_(shop.owner.token).post(f"/shops/{shop.id}/staff", body)
    assert answer.status_code == 201, answer.text
    return answer.json["id"]


def roles(client: Client, shop: make.MadeShop, token: str = "") -> dict[str, str]:
    page = client.as_(token or shop.owner.token).get(f"/shops/{shop.id}/staff")
    assert page.status_code == 200, page.text
    return {one["id"]: one["role"] for one in page.json["items"]}


def test_nobody_works_in_a_shop_before_he_says_yes(app: Flask, client: Client) -> None:
    shop, person = make.shop(), make.person()
    invitation = invited(client, shop, person)
    me = client.as_(person.token)
    assert me.get(f"/shops/{shop.id}/staff").status_code == 404
    [waiting] = me.get("/me/invitations").json["items"]
    assert (waiting["id"], waiting["role"], waiting["shop"]["name"]) == (invitation, PACKER, shop.name)
    assert me.post(f"/me/invitations/{invitation}/acceptance").status_code == 204
    assert roles(client, shop, person.token) == {str(shop.owner.id): OWNER, str(person.id): PACKER}
    assert me.get("/me/invitations").json["items"] == []
    assert me.post(f"/me/invitations/{invitation}/acceptance").status_code == 404


def test_who_declines_works_nowhere_and_may_be_asked_again(app: Flask, client: Client) -> None:
    shop, person = make.shop(), make.person()
    me = client.as_(person.token)
    assert me.post(f"/me/invitations/{invited(client, shop, person)}/refusal").status_code == 204
    assert list(roles(client, shop)) == [str(shop.owner.id)]
    invited(client, shop, person, READER)


def test_an_invitation_is_answered_by_the_invited_alone(app: Flask, client: Client) -> None:
    shop, person = make.shop(), make.person()
    invitation = invited(client, shop, person)
    for other in (make.person(), shop.owner):
        for answer in ("acceptance", "refusal"):
            assert client.as_(other.token).post(f"/me/invitations/{invitation}/{answer}").status_code == 404


def test_an_invitation_may_be_withdrawn_and_ends_by_itself(app: Flask, client: Client) -> None:
    shop, one, other = make.shop(), make.person(), make.person()
    first = invited(client, shop, one)
    owner = client.as_(shop.owner.token)
    assert owner.delete(f"/shops/{make.shop().id}/invitations/{first}").status_code == 404
    assert owner.delete(f"/shops/{shop.id}/invitations/{first}").status_code == 204
    assert client.as_(one.token).post(f"/me/invitations/{first}/acceptance").status_code == 404
    second = invited(client, shop, other)
    in_transaction(lambda: db.session.execute(text("UPDATE staffing_invitations SET expires_at = now()")))
    assert client.as_(other.token).get("/me/invitations").json["items"] == []
    assert client.as_(other.token).post(f"/me/invitations/{second}/acceptance").status_code == 404
    third = invited(client, shop, other)
    invited(client, shop, one)
    over = text("UPDATE staffing_invitations SET expires_at = now() WHERE id = :id")
    in_transaction(lambda: db.session.execute(over, {"id": third}))
    assert sweep_once(["store.staffing.forget_unanswered_invitations"]) == 1
    assert db.session.scalar(text("SELECT count(*) FROM staffing_invitations")) == 1


def test_who_is_nobody_or_works_there_or_is_asked_already_is_not_invited(app: Flask, client: Client) -> None:
    shop, person = make.shop(), make.person()
    packer = make.worker(shop, PACKER)
    owner = client.as_(shop.owner.token)
    path = f"/shops/{shop.id}/staff"
    refused = owner.post(path, {"username": "nobody-here", "role": PACKER})
    assert refused.status_code == 422 and refused.json["errors"].keys() == {"username"}
    assert owner.post(path, {"username": packer.username, "role": READER}).json["code"] == "works_here"
    invited(client, shop, person)
    assert owner.post(path, {"username": person.username, "role": PACKER}).json["code"] == "invited_already"
    assert owner.post(path, {"username": person.username, "role": "clerk"}).status_code == 422


@pytest.mark.parametrize("role", [MANAGER, PACKER, READER])
def test_only_the_owner_says_who_works_there(app: Flask, client: Client, role: str) -> None:
    shop, person, packer = make.shop(), make.person(), None
    packer = make.worker(shop, PACKER)
    worker = client.as_(make.worker(shop, role).token)
    assert worker.post(f"/shops/{shop.id}/staff", {"username": person.username, "role": PACKER}).status_code == 403
    assert worker.patch(f"/shops/{shop.id}/staff/{packer.id}", {"role": READER}).status_code == 403
    assert worker.delete(f"/shops/{shop.id}/staff/{packer.id}").status_code == 403
    assert worker.get(f"/shops/{shop.id}/invitations").status_code == 403
    assert worker.get(f"/shops/{shop.id}/staff").status_code == 200


def test_a_changed_role_and_a_removal_count_at_the_next_request(app: Flask, client: Client) -> None:
    shop = make.shop()
    goods = make.product(shop=shop)
    worker = make.worker(shop, MANAGER)
    owner, me = client.as_(shop.owner.token), client.as_(worker.token)
    place = f"/shops/{shop.id}/staff/{worker.id}"
    assert me.patch(f"/products/{goods.id}", {"title": "一"}).status_code == 200
    assert owner.patch(place, {"role": READER}).status_code == 204
    assert me.patch(f"/products/{goods.id}", {"title": "二"}).status_code == 403
    assert owner.delete(place).status_code == 204
    assert me.get(f"/shops/{shop.id}/orders").status_code == 404
    assert owner.delete(place).status_code == 404
    assert owner.patch(place, {"role": READER}).status_code == 404


def test_anybody_but_the_owner_may_leave(app: Flask, client: Client) -> None:
    shop = make.shop()
    reader = make.worker(shop, READER)
    assert client.as_(reader.token).delete(f"/shops/{shop.id}/staff/{reader.id}").status_code == 204
    owner = client.as_(shop.owner.token)
    assert owner.delete(f"/shops/{shop.id}/staff/{shop.owner.id}").json["code"] == "owner_stays"
    assert owner.patch(f"/shops/{shop.id}/staff/{shop.owner.id}", {"role": READER}).json["code"] == "owner_stays"
    assert roles(client, shop) == {str(shop.owner.id): OWNER}


def test_a_shop_is_handed_over_when_the_new_owner_says_yes(app: Flask, client: Client) -> None:
    shop, heir = make.shop(), make.person()
    invitation = invited(client, shop, heir, OWNER)
    assert roles(client, shop) == {str(shop.owner.id): OWNER}
    assert client.as_(heir.token).post(f"/me/invitations/{invitation}/acceptance").status_code == 204
    assert roles(client, shop) == {str(shop.owner.id): MANAGER, str(heir.id): OWNER}
    assert client.as_(heir.token).delete(f"/shops/{shop.id}/staff/{shop.owner.id}").status_code == 204


def test_of_two_heirs_one_becomes_the_owner(app: Flask, client: Client) -> None:
    shop, heirs = make.shop(), [make.person(), make.worker(make.shop(), READER)]
    asked = [(client.as_(one.token), invited(client, shop, one, OWNER)) for one in heirs]
    paths = [(me, f"/me/invitations/{one}/acceptance") for me, one in asked]
    answers = together(app, *(lambda me=me, path=path: me.post(path).status_code for me, path in paths))
    assert sorted(answers) == [204, 409]
    db.session.rollback()
    owners = text("SELECT person_id FROM shops_staff WHERE role = 'owner' AND shop_id = :id")
    owner = text("SELECT owner_id FROM shops_shops WHERE id = :id")
    assert db.session.scalars(owners, {"id": shop.id}).all() == [db.session.scalar(owner, {"id": shop.id})]


def test_the_log_says_who_did_what_to_whom(app: Flask, client: Client) -> None:
    shop, person = make.shop(), make.person()
    me, owner = client.as_(person.token), client.as_(shop.owner.token)
    me.post(f"/me/invitations/{invited(client, shop, person)}/acceptance")
    owner.patch(f"/shops/{shop.id}/staff/{person.id}", {"role": READER})
    owner.delete(f"/shops/{shop.id}/staff/{person.id}")
    rows = db.session.execute(text("SELECT who_id, what, before, after FROM staffing_log ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [
        (shop.owner.id, "invited", None, PACKER),
        (person.id, "accepted", None, PACKER),
        (shop.owner.id, "changed", PACKER, READER),
        (shop.owner.id, "removed", READER, None),
    ]


def test_lists_of_staff_and_invitations_cost_the_same_for_any_number(app: Flask, client: Client) -> None:
    shop, person = make.shop(), make.person()
    owner, me = client.as_(shop.owner.token), client.as_(person.token)
    paths = [(owner, f"/shops/{shop.id}/staff"), (owner, f"/shops/{shop.id}/invitations"), (me, "/me/invitations")]

    def costs() -> list[int]:
        found = []
        for who, path in paths:
            with queries_in() as sent:
                assert who.get(path).status_code == 200
            found.append(len(sent))
        return found

    invited(client, shop, person)
    costs()
    before = costs()
    for _ in range(5):
        make.worker(shop, PACKER)
        invited(client, shop, make.person())
        invited(client, make.shop(), person)
    assert costs() == before
    page = owner.get(f"/shops/{shop.id}/staff?limit=2").json
    rest = owner.get(f"/shops/{shop.id}/staff?limit=50&cursor={page['next']}").json
    assert len({one["id"] for one in page["items"] + rest["items"]}) == 6 and rest["next"] is None
