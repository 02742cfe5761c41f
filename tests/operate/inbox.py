"""What tests of notices say often: who does what, and what stands in whose inbox."""

from typing import Any

from flask import Flask

from app.community.comments.actions import write_comment
from app.community.reactions import actions as reactions
from app.core import worker
from app.core.caller import Caller
from app.core.db import in_transaction
from app.people.social import actions as social
from tests.client import Client
from tests.make.person import Made
from tests.make.post import MadePost


def like(one: Made, post: MadePost) -> None:
    in_transaction(lambda: reactions.like(Caller(person_id=one.id), post.id))


def unlike(one: Made, post: MadePost) -> None:
    in_transaction(lambda: reactions.unlike(Caller(person_id=one.id), post.id))


def say(one: Made, post: MadePost, words: str = "好看！") -> object:
    return in_transaction(lambda: write_comment(Caller(person_id=one.id), post.id, words))


def follow(one: Made, other: Made) -> None:
    in_transaction(lambda: social.follow(one.id, other.id))


def befriend(one: Made, other: Made) -> None:
    follow(one, other)
    follow(other, one)


def inbox(app: Flask, of: Made, tab: str = "", language: str = "zh") -> list[dict[str, Any]]:
    """All lines of somebody's inbox once the worker has heard everything; the first page of it."""
    worker.drain()
    asked = Client(app, language=language).as_(of.token).get(f"/notifications?limit=50{f'&tab={tab}' if tab else ''}")
    assert asked.status_code == 200, asked.text
    return list(asked.json["items"])


def words(app: Flask, of: Made, tab: str = "", language: str = "zh") -> list[str]:
    return [one["words"] for one in inbox(app, of, tab, language)]


def unread(app: Flask, of: Made) -> dict[str, int]:
    """Unread lines of those tabs that have any."""
    worker.drain()
    found = Client(app).as_(of.token).get("/notifications/unread").json
    assert found["total"] == sum(found["tabs"].values())
    return {tab: number for tab, number in found["tabs"].items() if number}
