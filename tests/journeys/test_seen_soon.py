"""What is published is found within 1.5 s of its commit, and what is taken down is gone from every door at once."""

import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.faults.invariants import connected
from tests.journeys.people import Somebody, done, eventually
from tests.live import LiveTown


@pytest.fixture
def town(live: LiveTown) -> Iterator[LiveTown]:
    yield live.start()


def test_twenty_posts_are_each_searchable_and_in_explore_within_a_second_and_a_half(town: LiveTown) -> None:
    kol, guest = Somebody(town), town.person()
    took = []
    for _ in range(20):
        word = uuid4().hex[:10]
        post = kol.publishes(title=f"新发现 {word}")
        began = time.monotonic()

        def is_seen(word: str = word, post_id: str = post["id"]) -> bool:
            found = [one["id"] for one in done(guest.get(f"/search/posts?q={word}"))["items"]]
            shown = [one["post"]["id"] for one in done(guest.get("/feed/explore"))["items"]]
            return post_id in found and post_id in shown

        eventually(is_seen, 20)
        took.append(time.monotonic() - began)
    took.sort()
    assert took[-2] < 1.5, f"all but the slowest within 1.5 s (this machine is shared): {took}"


def test_a_post_taken_down_is_gone_from_every_door_and_comes_back(town: LiveTown) -> None:
    merchant, kol, moderator = Somebody(town), Somebody(town), Somebody(town)
    with connected(town) as connection:
        row = "INSERT INTO accounts_roles (person_id, role) VALUES (%s, 'moderator')"
        connection.execute(row, [moderator.id])
    product = merchant.lists(merchant.opens_a_shop())
    word = uuid4().hex[:10]
    post = kol.publishes(product["id"], title=f"违规 {word}")
    code = post["tags"][0]["link"]["code"]
    done(merchant.put(f"/people/{kol.id}/follow"), 204)
    lists = [f"/search/posts?q={word}", "/feed/explore", f"/people/{kol.id}/posts", f"/products/{product['id']}/posts"]

    def doors_that_show() -> list[str]:
        guest = town.person()
        shown = [one for one in lists if post["id"] in guest.get(one).text]
        shown += ["following"] if post["id"] in merchant.get("/feed/following").text else []
        shown += ["post"] if guest.get(f"/posts/{post['id']}").status_code == 200 else []
        shown += ["link"] if done(guest.get(f"/links/{code}"))["post"] else []
        guest.http.close()
        return shown

    everywhere = [*lists, "following", "post", "link"]
    eventually(lambda: doors_that_show() == everywhere, 20)
    order = {"kind": "post", "id": post["id"], "reason": "虚假宣传"}
    taken = done(moderator.post("/desk/takedowns", order), 201)
    eventually(lambda: doors_that_show() == [], 2)
    assert done(kol.get(f"/posts/{post['id']}"))["takedown"]["reason"] == "虚假宣传"
    assert Somebody(town).buys(code, product["skus"][0]["id"])["status"] == "paid", "its link still sells"
    done(moderator.delete(f"/desk/takedowns/{taken['id']}"), 204)
    eventually(lambda: doors_that_show() == everywhere, 20)
