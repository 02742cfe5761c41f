"""The doors of social: a person's page, following."""

from uuid import uuid4

from app.core import counters
from app.core.db import in_transaction
from tests import make
from tests.client import Client
from tests.statements import statements

NOTHING = {"following": False, "follows": False, "friend": False, "blocking": False, "muted": False, "remark": ""}
"""What a person is to a stranger."""


def test_a_persons_page_says_what_everybody_may_know(client: Client) -> None:
    made = make.person(nickname="小鱼", roles=("kol", "moderator"))
    page = client.get(f"/people/{made.id}")
    assert page.status_code == 200
    body = dict(page.json)
    assert body.pop("created_at").endswith("Z")
    assert body == {
        "id": str(made.id),
        "kind": "person",
        "username": made.username,
        "nickname": "小鱼",
        "bio": "",
        "avatar": None,
        "badges": ["kol"],
        "counts": {"followers": 0, "following": 0, "posts": 0},
        "viewer": NOTHING,
    }


def test_following_is_seen_by_the_follower_and_counted_for_all(client: Client) -> None:
    fan, star = make.person(), make.person()
    as_fan = client.as_(fan.token)
    for _ in range(2):
        assert as_fan.put(f"/people/{star.id}/follow").status_code == 204
    assert as_fan.get(f"/people/{star.id}").json["viewer"] == {**NOTHING, "following": True}
    assert client.get(f"/people/{star.id}").json["viewer"] == NOTHING
    assert client.get(f"/people/{star.id}").json["counts"]["followers"] == 1
    assert client.get(f"/people/{fan.id}").json["counts"]["following"] == 1
    for _ in range(2):
        assert as_fan.delete(f"/people/{star.id}/follow").status_code == 204
    assert as_fan.get(f"/people/{star.id}").json["counts"]["followers"] == 0


def test_following_needs_a_person_and_somebody_else(client: Client) -> None:
    made = make.person()
    me = client.as_(made.token)
    assert client.put(f"/people/{made.id}/follow").status_code == 401
    oneself = me.put(f"/people/{made.id}/follow")
    assert (oneself.status_code, oneself.json["code"]) == (422, "oneself")
    for answer in (
        me.put(f"/people/{uuid4()}/follow"),
        me.delete(f"/people/{uuid4()}/follow"),
        me.get(f"/people/{uuid4()}"),
        me.get("/people/none"),
    ):
        assert answer.status_code == 404


def test_posts_of_a_person_are_counted_by_who_keeps_them(client: Client) -> None:
    made = make.person()
    in_transaction(lambda: counters.add(made.id, "posts", 3))
    assert client.get(f"/people/{made.id}").json["counts"]["posts"] == 3


def test_a_persons_page_takes_four_queries(client: Client) -> None:
    fan, star = make.person(), make.person()
    as_fan = client.as_(fan.token)
    as_fan.get("/me")
    with statements() as asked:
        as_fan.get(f"/people/{star.id}")
    assert len(asked) == 4, asked
