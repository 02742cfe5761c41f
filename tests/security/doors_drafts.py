"""Doors of drafts: their author's alone."""

from datetime import timedelta

from app.core import clock
from app.core.clock import iso
from tests.client import Client
from tests.security import town as of
from tests.security.row import OWNER, PERSON, Row
from tests.security.town import Town, Values

ONE = "/drafts/<uuid:draft_id>"


def draft(town: Town, owner: Client) -> Values:
    return {"draft_id": of.done(owner.post("/drafts", {"title": "草稿"}))["id"]}


def later(values: Values) -> dict[str, str]:
    return {"publish_at": iso(clock.now() + timedelta(hours=1))}


ROWS = [
    Row("GET", "/drafts", PERSON, 200),
    Row("POST", "/drafts", PERSON, 201, body=lambda v: {"title": "草稿"}),
    Row("GET", ONE, OWNER, 200, draft),
    Row("PUT", ONE, OWNER, 200, draft, lambda v: {"title": "改过"}),
    Row("DELETE", ONE, OWNER, 204, draft),
    Row("PUT", f"{ONE}/schedule", OWNER, 200, draft, later),
    Row("DELETE", f"{ONE}/schedule", OWNER, 204, draft),
    Row("POST", f"{ONE}/publication", OWNER, 201, draft),
]
