"""Doors of comments beside those of doors.py."""

from tests.client import Client
from tests.security import town as of
from tests.security.row import ANYONE, OWNER, PERSON, Row
from tests.security.town import Town, Values

ONE = "/comments/<uuid:comment_id>"


def answered(town: Town, owner: Client) -> Values:
    """A comment under a post of which everybody may read and write."""
    return {"post_id": str(town.fame.id), **of.comment(town, owner)}


def answer(values: Values) -> dict[str, str]:
    return {"body": "同问", "parent_id": values["comment_id"]}


ROWS = [
    Row("GET", f"{ONE}/replies", ANYONE, 200, of.comment),
    Row("POST", "/posts/<uuid:post_id>/comments", PERSON, 201, answered, answer),
    Row("PUT", f"{ONE}/like", PERSON, 204, of.comment),
    Row("DELETE", f"{ONE}/like", PERSON, 204, of.comment),
    Row("PUT", f"{ONE}/pin", OWNER, 204, of.comment_under_own_post, foreign=403),
    Row("DELETE", f"{ONE}/pin", OWNER, 204, of.comment_under_own_post, foreign=403),
    Row("GET", "/posts/<uuid:post_id>/versions", OWNER, 200, of.post, foreign=403),
    Row("PATCH", "/posts/<uuid:post_id>", OWNER, 200, of.post, lambda v: {"comments_off": True}, foreign=403),
]
