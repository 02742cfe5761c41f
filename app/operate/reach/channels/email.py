"""E-mail by SMTP (RFC 5321): to SMTP_URL, or written down where that is empty and the sandbox is open."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from app.core.config import settings
from app.operate.notifications.models import EMAIL
from app.operate.reach.channels.base import AGAIN, REFUSED, SENT, Answer, Channel, Message, in_sandbox

PATIENCE_SECONDS = 10.0


class Email(Channel):
    name = "email"
    medium = EMAIL

    def is_open(self) -> bool:
        return bool(settings.smtp_url) or settings.sandbox_messages

    def send(self, message: Message) -> Answer:
        letters = [(one, letter(message, one)) for one in message.addresses]
        if not settings.smtp_url:
            return in_sandbox([(to, {"subject": message.title, "text": message.body}) for to, _ in letters])
        try:
            with _server(urlsplit(settings.smtp_url)) as server:
                for _, one in letters:
                    server.send_message(one)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return Answer(REFUSED if code >= 500 else AGAIN, f"{code} {said!r}"[:200])
        except smtplib.SMTPResponseException as error:
            return Answer(REFUSED if error.smtp_code >= 550 else AGAIN, f"{error.smtp_code}")
        except (OSError, smtplib.SMTPException) as error:
            return Answer(AGAIN, type(error).__name__)
        return Answer(SENT)


def letter(message: Message, address: str) -> EmailMessage:
    """One letter. Its Message-ID is of the message's number, so that whoever gets it twice can tell."""
    made = EmailMessage()
    made["Subject"] = " ".join(message.title.split())
    made["From"] = settings.smtp_from
    made["To"] = address
    made["Message-ID"] = f"<{message.number.hex}@{settings.smtp_from.rpartition('@')[2].rstrip('>')}>"
    made.set_content(message.body + "\n")
    return made


def _server(url: SplitResult) -> smtplib.SMTP:
    """A connection that is ready to send. A password goes over TLS only: raises SMTPNotSupportedError without."""
    host, secure = url.hostname or "localhost", url.scheme == "smtps"
    known = ssl.create_default_context()
    if secure:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=PATIENCE_SECONDS, context=known)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=PATIENCE_SECONDS)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=known)
            server.ehlo()
            secure = True
    if url.username:
        if not secure:
            server.close()
            raise smtplib.SMTPNotSupportedError("no TLS for the password")
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


channel = Email()
