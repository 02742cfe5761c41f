"""Drafts: kept on the server, published by hand or when their time has come."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from app.community.drafts import actions, models
from app.community.drafts.schemas import DraftOut
from app.core import clock, worker
from app.core.caller import Caller
from app.core.clock import iso
from app.core.db import db, in_transaction
from app.core.eventlog import EventRow
from app.people.accounts.actions import suspend_person
from tests import make
from tests.client import Client
from tests.make.person import Made
from tests.statements import statements
from tests.store.racing import together

DUE = ["community.drafts.publish_due_drafts"]


def draft(client: Client, who: Made, **content: Any) -> dict[str, Any]:
    made: dict[str, Any] = client.as_(who.token).post("/drafts", {"title": "露营清单", **content}).json
    return made


def soon(minutes: int = 10) -> str:
    return iso(clock.now() + timedelta(minutes=minutes))


def test_a_draft_need_not_be_whole_and_is_its_authors_alone(client: Client) -> None:
    me, other = make.person(), make.person()
    upload = make.upload(me)
    made = draft(client, me, title="", kind="review", uploads=[str(upload)])
    assert set(made) == set(DraftOut().fields) and DraftOut().validate(made) == {}
    assert made["content"] == {"title": "", "kind": "review", "uploads": [str(upload)]}
    assert client.get(f"/{made['pictures'][0]['url']}").status_code == 200
    assert client.as_(me.token).get(f"/drafts/{made['id']}").json == made
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", {"title": "我的"}),
        ("DELETE", "", None),
        ("POST", "/publication", None),
        ("PUT", "/schedule", {"publish_at": soon()}),
    ):
        assert client.as_(other.token).send(method, f"/drafts/{made['id']}{path}", json=body).status_code == 404, path
    assert client.as_(other.token).get("/drafts").json["items"] == []
    assert client.get(f"/posts/{made['id']}").status_code == 404


def test_what_is_said_anew_replaces_all_of_it(client: Client) -> None:
    me = make.person()
    made = draft(client, me, body="帐篷")
    again = client.as_(me.token).put(f"/drafts/{made['id']}", {"title": "新标题"}).json
    assert again["content"] == {"title": "新标题"} and again["id"] == made["id"]
    assert client.as_(me.token).delete(f"/drafts/{made['id']}").status_code == 204
    assert client.as_(me.token).get(f"/drafts/{made['id']}").status_code == 404


def test_a_draft_becomes_a_post_of_its_id_with_all_that_it_has(client: Client) -> None:
    me, goods = make.person(), make.product()
    upload = make.upload(me)
    tag = {"product_id": str(goods.id), "sku_id": None, "image": 0, "x": 0.5, "y": 0.25}
    more = {"body": "帐篷", "topics": ["露营"], "uploads": [str(upload)], "tags": [tag], "visibility": "friends"}
    made = draft(client, me, **more)
    mine = client.as_(me.token)
    post = mine.post(f"/drafts/{made['id']}/publication").json
    assert (post["id"], post["title"], post["body"], post["topics"]) == (made["id"], "露营清单", "帐篷", ["露营"])
    assert post["visibility"] == "friends" and post["tags"][0]["product"]["id"] == str(goods.id)
    assert mine.get(f"/drafts/{made['id']}").status_code == 404
    assert mine.post(f"/drafts/{made['id']}/publication").status_code == 404


@pytest.mark.parametrize("content", [{"title": " "}, {"kind": "review", "rating": 5}, {"kind": "review"}])
def test_a_draft_that_is_not_whole_is_not_published_and_stays(client: Client, content: dict[str, Any]) -> None:
    me = make.person()
    made = draft(client, me, **content)
    refused = client.as_(me.token).post(f"/drafts/{made['id']}/publication")
    assert refused.status_code == 422 and refused.json["errors"]
    assert client.as_(me.token).get(f"/drafts/{made['id']}").status_code == 200


def test_pictures_in_a_draft_are_ones_own_and_are_kept(client: Client) -> None:
    me = make.person()
    theirs = make.upload(make.person())
    assert client.as_(me.token).post("/drafts", {"uploads": [str(theirs)]}).status_code == 422
    made = draft(client, me, uploads=[str(make.upload(me))])
    with clock.moved(days=3):
        worker.sweep_once(["people.uploads.sweep_unused"])
    assert len(client.as_(me.token).get(f"/drafts/{made['id']}").json["pictures"]) == 1


def test_a_draft_is_published_when_its_time_has_come_and_not_before(client: Client) -> None:
    me = make.person()
    made = draft(client, me)
    planned = client.as_(me.token).put(f"/drafts/{made['id']}/schedule", {"publish_at": soon(10)}).json
    assert planned["publish_at"] is not None
    worker.sweep_once(DUE)
    assert client.get(f"/posts/{made['id']}").status_code == 404
    with clock.moved(minutes=11):
        worker.sweep_once(DUE)
    assert client.get(f"/posts/{made['id']}").json["title"] == "露营清单"
    assert client.as_(me.token).get("/drafts").json["items"] == []


def test_a_time_may_be_taken_back_and_must_be_some_minutes_away(client: Client) -> None:
    me = make.person()
    made, mine = draft(client, me), client.as_(me.token)
    for wrong in (soon(1), soon(-5), soon(366 * 24 * 60)):
        assert mine.put(f"/drafts/{made['id']}/schedule", {"publish_at": wrong}).status_code == 422
    mine.put(f"/drafts/{made['id']}/schedule", {"publish_at": soon()})
    assert mine.delete(f"/drafts/{made['id']}/schedule").status_code == 204
    with clock.moved(minutes=11):
        worker.sweep_once(DUE)
    assert client.get(f"/posts/{made['id']}").status_code == 404


def test_what_cannot_be_published_says_why_and_does_not_stop_others(client: Client) -> None:
    me, goods = make.person(), make.product()
    tags = [{"product_id": str(goods.id)}]
    bad, good = draft(client, me, tags=tags), draft(client, me)
    for one in (bad, good):
        client.as_(me.token).put(f"/drafts/{one['id']}/schedule", {"publish_at": soon(6)})
    staff = client.as_(goods.shop.owner.token)
    assert staff.patch(f"/products/{goods.id}", {"state": "off"}).status_code == 200
    in_transaction(lambda: db.session.execute(text("UPDATE catalogue_products SET state = 'draft'")))
    with clock.moved(minutes=7):
        worker.sweep_once(DUE)
    told = client.as_(me.token).get(f"/drafts/{bad['id']}").json
    assert told["publish_at"] is None and "不可见" in told["failure"]["zh"] and told["failure"]["en"]
    assert client.get(f"/posts/{good['id']}").status_code == 200
    db.session.rollback()
    assert db.session.query(EventRow).filter_by(name="DraftFailed").count() == 1


def test_nothing_of_a_suspended_person_is_published(client: Client) -> None:
    me = make.person()
    made = draft(client, me)
    client.as_(me.token).put(f"/drafts/{made['id']}/schedule", {"publish_at": soon(6)})
    in_transaction(lambda: suspend_person(me.id, None, "spam"))
    with clock.moved(minutes=7):
        worker.sweep_once(DUE)
    assert client.get(f"/posts/{made['id']}").status_code == 404


def test_of_two_who_publish_one_draft_at_once_one_does(app: Flask, client: Client) -> None:
    me = make.person()
    made = draft(client, me)
    caller = Caller(person_id=me.id)
    found = together(app, *[lambda: in_transaction(lambda: actions.publish_draft(caller, UUID(made["id"])))] * 4)
    assert sum(isinstance(one, UUID) for one in found) == 1


def test_one_person_has_so_many_drafts_and_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_DRAFTS", 3)
    me = make.person()
    for _ in range(3):
        draft(client, me)
    assert client.as_(me.token).post("/drafts", {}).json["code"] == "too_many_drafts"
    monkeypatch.setattr(actions, "MOST_SCHEDULED_A_DAY", 1)
    first, second, _ = client.as_(me.token).get("/drafts").json["items"]
    path = "/drafts/{}/schedule"
    at = {"publish_at": iso(clock.now() + timedelta(days=3))}
    assert client.as_(me.token).put(path.format(first["id"]), at).status_code == 200
    assert client.as_(me.token).put(path.format(first["id"]), at).status_code == 200, "the same one again"
    assert client.as_(me.token).put(path.format(second["id"]), at).json["code"] == "too_many_scheduled"


def test_drafts_are_paged_the_one_changed_last_first_by_few_questions(client: Client) -> None:
    me = make.person()
    ids = [draft(client, me, uploads=[str(make.upload(me))])["id"] for _ in range(4)]
    mine = client.as_(me.token)
    mine.put(f"/drafts/{ids[0]}", {"title": "改过"})
    found, cursor = [], ""
    while cursor is not None:
        page = mine.get(f"/drafts?limit=3&cursor={cursor}").json
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert found == [ids[0], ids[3], ids[2], ids[1]]
    with statements() as asked:
        mine.get("/drafts")
    assert len(asked) <= 2, asked
    assert models.MOST_DRAFTS == 100
