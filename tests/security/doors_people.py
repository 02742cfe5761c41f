"""Doors of people about each other."""

from tests.security import town as of
from tests.security.row import ANYONE, PERSON, Row

ONE = "/people/<uuid:person_id>"
ROWS = [
    Row("GET", f"{ONE}/followers", ANYONE, 200, of.star),
    Row("GET", f"{ONE}/following", ANYONE, 200, of.star),
    *(Row("GET", f"/me/{name}", PERSON, 200) for name in ("friends", "blocks", "mutes", "hidden-words")),
    Row("PUT", f"{ONE}/block", PERSON, 204, of.passer_by),
    Row("DELETE", f"{ONE}/block", PERSON, 204, of.passer_by),
    Row("PUT", f"{ONE}/mute", PERSON, 204, of.star, lambda v: {"until": "2100-01-01T00:00:00Z"}),
    Row("DELETE", f"{ONE}/mute", PERSON, 204, of.star),
    Row("PUT", f"{ONE}/remark", PERSON, 204, of.star, lambda v: {"words": "邻居"}),
    Row("PUT", "/me/hidden-words", PERSON, 200, body=lambda v: {"words": ["减肥"]}),
    Row("GET", "/feed/friends", PERSON, 200),
]
