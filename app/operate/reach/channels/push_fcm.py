"""Pushes to Android phones, in the shape of FCM (POST /v1/projects/<id>/messages:send). So far a sandbox: it writes
down each request; a provider's own class replaces `send` alone."""

from typing import Any

from app.core.config import settings
from app.operate.notifications.models import PUSH
from app.operate.reach.channels.base import Answer, Channel, Message, in_sandbox
from app.operate.reach.models import ANDROID


class Fcm(Channel):
    name = "push_fcm"
    medium = PUSH
    platform = ANDROID

    def is_open(self) -> bool:
        return settings.sandbox_messages

    def send(self, message: Message) -> Answer:
        return in_sandbox([(token, self.request(message, token)) for token in message.addresses])

    def request(self, message: Message, token: str) -> dict[str, Any]:
        """A message that comes twice takes its own place on the phone: by its tag."""
        ref = message.ref
        shown = {"tag": message.number.hex, "notification_count": message.badge}
        return {
            "message": {
                "token": token,
                "notification": {"title": message.title, "body": message.body},
                "android": {"collapse_key": message.number.hex, "notification": shown},
                "data": {"kind": ref.kind, "id": str(ref.id)} if ref else {},
            }
        }


channel = Fcm()
