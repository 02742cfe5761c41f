"""Friends, remarks, blocks and mutes, by their doors and verbs."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import select

from app.core import counters
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.people.social import actions, queries
from app.people.social.models import Follow
from tests import make
from tests.client import Client
from tests.make.person import Made


def befriend(one: Made, other: Made) -> None:
    in_transaction(lambda: actions.follow(one.id, other.id))
    in_transaction(lambda: actions.follow(other.id, one.id))


def names(client: Client, path: str) -> list[str]:
    return [one["nickname"] for one in client.get(path).json["items"]]


def test_two_who_follow_each_other_are_friends(client: Client) -> None:
    a, b, c = (make.person(nickname=name) for name in ("甲", "乙", "丙"))
    befriend(a, b)
    in_transaction(lambda: actions.follow(a.id, c.id))
    as_a = client.as_(a.token)
    assert names(as_a, "/me/friends") == ["乙"]
    assert sorted(names(as_a, f"/people/{a.id}/following")) == ["丙", "乙"]
    assert names(client, f"/people/{c.id}/followers") == ["甲"]
    seen = as_a.get(f"/people/{b.id}").json["viewer"]
    assert (seen["following"], seen["follows"], seen["friend"]) == (True, True, True)
    assert as_a.get(f"/people/{c.id}").json["viewer"]["friend"] is False
    assert in_transaction(lambda: queries.friends_among(a.id, [b.id, c.id])) == {b.id}


def test_a_remark_is_seen_by_who_made_it_alone(client: Client) -> None:
    a, b = make.person(), make.person()
    befriend(a, b)
    as_a, as_b = client.as_(a.token), client.as_(b.token)
    assert as_a.put(f"/people/{b.id}/remark", {"words": " 老同学 "}).status_code == 204
    assert as_a.get(f"/people/{b.id}").json["viewer"]["remark"] == "老同学"
    assert as_a.get("/me/friends").json["items"][0]["remark"] == "老同学"
    assert as_b.get(f"/people/{a.id}").json["viewer"]["remark"] == ""
    assert "老同学" not in client.get(f"/people/{b.id}").text
    as_a.put(f"/people/{b.id}/remark", {"words": ""})
    assert as_a.get(f"/people/{b.id}").json["viewer"]["remark"] == ""


def test_a_block_ends_the_follows_of_both_and_keeps_them_apart(client: Client) -> None:
    a, b = make.person(), make.person()
    befriend(a, b)
    as_a, as_b = client.as_(a.token), client.as_(b.token)
    for _ in range(2):
        assert as_a.put(f"/people/{b.id}/block").status_code == 204
    for one in (a, b):
        assert counters.of([one.id])[one.id] == {"followers": 0, "following": 0}
    assert as_a.get(f"/people/{b.id}").json["viewer"]["blocking"] is True
    for path in ("", "/posts", "/followers", "/following"):
        assert as_b.get(f"/people/{a.id}{path}").status_code == 404, path
        assert client.get(f"/people/{a.id}{path}").status_code == 200, path
    assert as_b.put(f"/people/{a.id}/follow").status_code == 404
    assert as_b.put(f"/people/{a.id}/remark", {"words": "哼"}).status_code == 404
    assert as_a.put(f"/people/{b.id}/follow").json["code"] == "blocked"
    assert names(as_a, "/me/blocks") == [make_name(client, b)]
    for _ in range(2):
        assert as_a.delete(f"/people/{b.id}/block").status_code == 204
    assert as_b.put(f"/people/{a.id}/follow").status_code == 204
    assert as_a.get("/me/blocks").json["items"] == []


def make_name(client: Client, one: Made) -> str:
    return str(client.get(f"/people/{one.id}").json["nickname"])


def test_who_is_blocked_stands_in_no_list_for_the_other(client: Client) -> None:
    a, b, star = (make.person(nickname=name) for name in ("甲", "乙", "丙"))
    for one in (a, b):
        in_transaction(lambda one=one: actions.follow(one.id, star.id))
    client.as_(a.token).put(f"/people/{b.id}/block")
    path = f"/people/{star.id}/followers"
    assert names(client.as_(a.token), path) == ["甲"]
    assert names(client.as_(b.token), path) == ["乙"]
    assert sorted(names(client, path)) == ["乙", "甲"]


def test_no_follow_outlives_a_block_that_is_made_at_the_same_moment(app: Flask) -> None:
    for _ in range(10):
        a, b = make.person(), make.person()

        def race(verb: object, one: Made = a, other: Made = b) -> None:
            with app.app_context():
                try:
                    if verb == "block":
                        in_transaction(lambda: actions.block(other.id, one.id))
                    else:
                        in_transaction(lambda: actions.follow(one.id, other.id))
                except Refused:
                    pass

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(race, ["follow", "block"]))
        db.session.rollback()
        assert db.session.scalars(select(Follow).where(Follow.follower_id == a.id)).all() == []
        assert counters.of([a.id]).get(a.id, {}).get("following", 0) == 0


def test_nobody_blocks_mutes_or_remarks_on_himself_or_on_nobody(client: Client) -> None:
    made = make.person()
    me = client.as_(made.token)
    gone = "01900000-0000-7000-8000-000000000000"
    for what, body in (("block", None), ("mute", {}), ("remark", {"words": "我"})):
        assert me.put(f"/people/{made.id}/{what}", body).status_code == 422, what
        assert me.put(f"/people/{gone}/{what}", body).status_code == 404, what


def test_a_mute_ends_by_itself(client: Client) -> None:
    a, b = make.person(), make.person()
    as_a = client.as_(a.token)
    as_a.put(f"/people/{b.id}/mute", {"until": "2020-01-01T00:00:00Z"})
    assert as_a.get(f"/people/{b.id}").json["viewer"]["muted"] is False
    as_a.put(f"/people/{b.id}/mute", {"until": "2120-01-01T00:00:00Z"})
    assert as_a.get(f"/people/{b.id}").json["viewer"]["muted"] is True
    assert client.as_(b.token).get(f"/people/{a.id}").status_code == 200
    assert as_a.get("/me/mutes").json["items"][0]["id"] == str(b.id)
    as_a.delete(f"/people/{b.id}/mute")
    assert as_a.get(f"/people/{b.id}").json["viewer"]["muted"] is False


def test_lists_of_people_are_paged_without_loss(client: Client) -> None:
    star, fans = make.person(), [make.person() for _ in range(5)]
    for fan in fans:
        in_transaction(lambda fan=fan: actions.follow(fan.id, star.id))
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/people/{star.id}/followers?limit=2&cursor={cursor}").json
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert found == [str(fan.id) for fan in reversed(fans)]


def test_hidden_words_are_a_persons_own_and_replaced_as_a_whole(client: Client) -> None:
    me, other = client.as_(make.person().token), client.as_(make.person().token)
    assert me.put("/me/hidden-words", {"words": ["减肥", "  Diet Pills ", "减肥"]}).json["words"] == [
        "diet pills",
        "减肥",
    ]
    assert other.get("/me/hidden-words").json["words"] == []
    assert me.put("/me/hidden-words", {"words": []}).json["words"] == []
    assert me.put("/me/hidden-words", {"words": ["x" * 31]}).status_code == 422
    assert me.put("/me/hidden-words", {"words": [" "]}).status_code == 422
    assert me.put("/me/hidden-words", {"words": [str(one) for one in range(101)]}).status_code == 422
