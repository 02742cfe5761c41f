"""Pushes to iPhones, in the shape of APNs (HTTP/2 POST /3/device/<token>). So far a sandbox: it writes down each
request; a provider's own class replaces `send` alone."""

from typing import Any

from app.core.config import settings
from app.operate.notifications.models import PUSH
from app.operate.reach.channels.base import Answer, Channel, Message, in_sandbox
from app.operate.reach.models import IOS


class Apns(Channel):
    name = "push_apns"
    medium = PUSH
    platform = IOS

    def is_open(self) -> bool:
        return settings.sandbox_messages

    def send(self, message: Message) -> Answer:
        return in_sandbox([(token, self.request(message, token)) for token in message.addresses])

    def request(self, message: Message, token: str) -> dict[str, Any]:
        """A message that comes twice takes its own place on the phone: by its collapse id."""
        ref = message.ref
        data = {"kind": ref.kind, "id": str(ref.id)} if ref else {}
        alert = {"title": message.title, "body": message.body}
        return {
            "path": f"/3/device/{token}",
            "headers": {"apns-push-type": "alert", "apns-priority": "10", "apns-collapse-id": message.number.hex},
            "payload": {"aps": {"alert": alert, "badge": message.badge, "sound": "default"}, **data},
        }


channel = Apns()
