"""The sandbox: a carrier of our own for development, which tells of its parcels by signed messages.

Its header is `Carrier-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA256(SANDBOX_SECRET, "<t>.<raw body>")>`.
"""

from collections.abc import Mapping

import orjson
from marshmallow import ValidationError

from app.core import clock
from app.core.clock import iso
from app.core.config import settings
from app.core.fields import Choice, In, Moment, Text
from app.core.ids import new_id
from app.core.signatures import BadSignature, check_signature, signature
from app.store.delivery.carriers.base import BadTrack, Told
from app.store.delivery.models import TRACKS

HEADER = "Carrier-Signature"


class SandboxTrackIn(In):
    """The body of a message."""

    event_id = Text(most=200, required=True)
    number = Text(most=40, required=True)
    state = Choice(*TRACKS, required=True)
    place = Text(most=100, least=0, load_default="")
    words = Text(most=300, least=0, load_default="")
    at = Moment(required=True)


class Sandbox:
    """Open only with SANDBOX_PAYMENTS=1 and a secret, as the sandbox that takes payments."""

    name = "sandbox"
    zh = "沙盒快递"
    en = "Sandbox carrier"
    form_zh = "1 至 40 个字符"
    form_en = "1 to 40 characters"

    def is_open(self) -> bool:
        return settings.sandbox_payments and bool(settings.sandbox_secret)

    def takes(self, number: str) -> bool:
        return 1 <= len(number) <= 40

    def read_track(self, headers: Mapping[str, str], body: bytes) -> Told:
        if not self.is_open():
            raise BadTrack("silent")
        try:
            check_signature(settings.sandbox_secret, headers.get(HEADER, ""), body)
            said = SandboxTrackIn().load(orjson.loads(body))
        except BadSignature as error:
            raise BadTrack(error.reason) from error
        except (orjson.JSONDecodeError, ValidationError) as error:
            raise BadTrack("unreadable") from error
        return Told(**said)


carrier = Sandbox()


def signed_track(number: str, state: str, place: str = "", words: str = "") -> tuple[dict[str, str], bytes]:
    """(headers, body) of a message of the sandbox's carrier about a parcel, now."""
    told = {"event_id": str(new_id()), "number": number, "state": state, "place": place, "words": words}
    body = orjson.dumps({**told, "at": iso(clock.now())})
    return {HEADER: signature(settings.sandbox_secret, body)}, body
