"""A friend's share is in the inbox and on the phone within five seconds, by processes of their own."""

import time
from uuid import uuid4

from tests.faults.invariants import connected
from tests.journeys.people import Somebody, done, eventually
from tests.live import LiveTown


def test_a_friend_s_share_arrives_within_five_seconds(live: LiveTown) -> None:
    town = live.start()
    author, friend = Somebody(town), Somebody(town)
    for one, other in ((author, friend), (friend, author)):
        done(one.put(f"/people/{other.id}/follow"), 204)
    body = {"platform": "ios", "token": "a phone"}
    done(friend.put(f"/me/devices/{uuid4()}", body), 204)
    eventually(lambda: done(friend.get("/notifications?tab=followers"))["items"] != [], 60)  # the worker has started
    shared = author.publishes(title="山里的民宿")
    began = time.monotonic()

    def is_there() -> bool:
        seen = [one["target"]["id"] for one in done(friend.get("/notifications?tab=friends"))["items"]]
        return seen == [shared["id"]]

    eventually(is_there, 20)
    arrived = time.monotonic() - began

    def is_pushed() -> bool:
        with connected(town) as connection:
            pushed = connection.execute("SELECT body ->> 'payload' FROM sending_sandbox").fetchall()
        return any("山里的民宿" in row[0] for row in pushed)

    eventually(is_pushed, 20)
    pushed = time.monotonic() - began
    assert arrived < 5 and pushed < 5, (arrived, pushed)
    print(f"in the inbox after {arrived:.2f} s, pushed after {pushed:.2f} s")
