"""Doors of notices: each is of who asks, and of nobody else."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from app.core.db import db, in_transaction
from tests.client import Client
from tests.security.row import PERSON, Row
from tests.security.town import Town, Values


def phone(town: Town, owner: Client) -> Values:
    """An installation of the app, which makes its id itself: whoever asks, it is his own."""
    return {"device_id": str(uuid4())}


def device(values: Values) -> dict[str, Any]:
    return {"platform": "ios", "token": f"token of {values['device_id']}"}


def contact(address: str) -> Callable[[Values], dict[str, Any]]:
    """The request of a code, a day after the last: within a minute nobody gets two."""

    def body(values: Values) -> dict[str, Any]:
        earlier = text("UPDATE reach_contacts SET asked_at = asked_at - interval '2 days'")
        in_transaction(lambda: db.session.execute(earlier))
        return {"address": address}

    return body


ONE = "/me/devices/<uuid:device_id>"
ROWS = [
    Row("GET", "/notifications", PERSON, 200),
    Row("GET", "/notifications/unread", PERSON, 200),
    Row("PUT", "/notifications/read", PERSON, 204, body=lambda v: {"tab": "comments"}),
    Row("GET", "/me/notification-settings", PERSON, 200),
    Row("PUT", "/me/notification-settings", PERSON, 200, body=lambda v: {"kinds": {"like": {"push": False}}}),
    Row("PUT", ONE, PERSON, 204, phone, device),
    Row("DELETE", ONE, PERSON, 204, phone),
    Row("PUT", "/me/contacts/email", PERSON, 204, body=contact("ning@example.com")),
    Row("PUT", "/me/contacts/sms", PERSON, 204, body=contact("13800138000")),
    Row("POST", "/me/contacts/email/confirmation", PERSON, 422, body=lambda v: {"code": "000000"}),
    Row("POST", "/me/contacts/sms/confirmation", PERSON, 422, body=lambda v: {"code": "000000"}),
    Row("DELETE", "/me/contacts/email", PERSON, 204),
    Row("DELETE", "/me/contacts/sms", PERSON, 204),
]
