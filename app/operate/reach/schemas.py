"""JSON of settings, phones and contacts."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load

from app.core.errors import said
from app.core.fields import Bool, Choice, In, Int, Out, Text
from app.operate.notifications.queries import KIND_NAMES
from app.operate.reach.models import DIGESTS, MOST_PUSHES, PLATFORMS

LONGEST_TOKEN = 4096


class ClockTime(fields.Field[int]):
    """A time of the day in China, "22:00"; answers minutes since midnight."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> int:
        found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", value, re.ASCII) if isinstance(value, str) else None
        if found is None:
            raise ValidationError([said("时间格式为 22:00", "A time looks like 22:00.")])
        return int(found[1]) * 60 + int(found[2])


class QuietIn(In):
    """Between these nothing is sent; over midnight where the first is the later one."""

    begins = ClockTime(required=True)
    ends = ClockTime(required=True)

    @post_load
    def checked(self, found: dict[str, int], **_: Any) -> dict[str, int]:
        if found["begins"] == found["ends"]:
            raise ValidationError({"ends": [said("开始与结束不能相同", "It must not end when it begins.")]})
        return found


class SwitchIn(In):
    """What is not named stays. With the inbox off, nothing of this kind is told at all."""

    inbox = Bool()
    push = Bool()
    sms = Bool()
    email = Bool()


class NoticeSettingsIn(In):
    """What is not named stays; `quiet` null: no quiet hours."""

    kinds = fields.Dict(keys=Choice(*KIND_NAMES), values=fields.Nested(SwitchIn), load_default=dict)
    quiet = fields.Nested(QuietIn, allow_none=True)
    digest = Choice(*DIGESTS)
    daily_pushes = Int(most=MOST_PUSHES)
    language = Choice("zh", "en")


class NoticeKindOut(Out):
    """One kind of notices, what it is called, and by what its person is told of it."""

    kind = fields.String(required=True)
    tab = fields.String(required=True)
    called = fields.String(required=True)
    inbox = fields.Boolean(required=True)
    push = fields.Boolean(required=True)
    sms = fields.Boolean(required=True)
    email = fields.Boolean(required=True)


class QuietOut(Out):
    begins = fields.String(required=True)
    ends = fields.String(required=True)


class NoticeContactOut(Out):
    medium = fields.String(required=True)
    address = fields.String(required=True)
    is_confirmed = fields.Boolean(required=True)


class NoticeSettingsOut(Out):
    """`media`: by what this installation tells people at all."""

    kinds = fields.List(fields.Nested(NoticeKindOut), required=True)
    media = fields.List(fields.String(), required=True)
    quiet = fields.Nested(QuietOut, required=True, allow_none=True)
    digest = fields.String(required=True)
    daily_pushes = fields.Integer(required=True)
    language = fields.String(required=True)
    contacts = fields.List(fields.Nested(NoticeContactOut), required=True)
    devices = fields.Integer(required=True)


class DeviceIn(In):
    """`token`: what APNs or FCM gave this installation of the app."""

    platform = Choice(*PLATFORMS, required=True)
    token = Text(most=LONGEST_TOKEN, required=True)


class EmailIn(In):
    address = Text(most=254, required=True)

    @post_load
    def checked(self, found: dict[str, str], **_: Any) -> dict[str, str]:
        if not re.fullmatch(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}", found["address"]):
            raise ValidationError({"address": [said("邮箱格式不对", "Not an e-mail address.")]})
        return found


class PhoneIn(In):
    address = Text(most=20, required=True)

    @post_load
    def checked(self, found: dict[str, str], **_: Any) -> dict[str, str]:
        if not re.fullmatch(r"1[3-9]\d{9}", found["address"], re.ASCII):
            raise ValidationError({"address": [said("请填写 11 位手机号", "A mobile number of 11 digits.")]})
        return found


class ContactCodeIn(In):
    code = Text(most=6, least=6, required=True)
