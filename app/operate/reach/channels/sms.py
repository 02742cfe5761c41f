"""Text messages. So far a sandbox: it writes down each one; a provider's own class replaces `send` alone."""

from app.core.config import settings
from app.operate.notifications.models import SMS
from app.operate.reach.channels.base import Answer, Channel, Message, in_sandbox


class Sms(Channel):
    name = "sms"
    medium = SMS

    def is_open(self) -> bool:
        return settings.sandbox_messages

    def send(self, message: Message) -> Answer:
        words = f"【{message.title}】{message.body}"
        return in_sandbox([(one, {"phone": one, "text": words}) for one in message.addresses])


channel = Sms()
