"""Doors of what a person says of being told."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.errors import bad_field
from app.core.http.door import PERSON, Door
from app.operate.notifications.actions import set_switches
from app.operate.notifications.models import EMAIL, SMS
from app.operate.reach import actions, queries
from app.operate.reach.schemas import ContactCodeIn, DeviceIn, EmailIn, NoticeSettingsIn, NoticeSettingsOut, PhoneIn

door = Door("reach")
DEVICE = "/me/devices/<uuid:device_id>"


@door.get("/me/notification-settings", gives=NoticeSettingsOut, who=PERSON)
def show_settings(caller: Caller) -> dict[str, Any]:
    """By what the caller is told of which kind, when, and how often."""
    return _settings(caller)


@door.put("/me/notification-settings", takes=NoticeSettingsIn, gives=NoticeSettingsOut)
def change_settings(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Change what is named; the rest stays."""
    set_switches(caller.person, given.pop("kinds"))
    if "quiet" in given:
        quiet = given.pop("quiet") or {}
        given |= {"quiet_from": quiet.get("begins"), "quiet_to": quiet.get("ends")}
    actions.set_preferences(caller.person, given)
    return _settings(caller)


@door.put(DEVICE, takes=DeviceIn)
def put_device(caller: Caller, device_id: UUID, given: dict[str, Any]) -> None:
    """Push to this installation of the app, which has made its id itself; to be told at each start and sign-in."""
    actions.put_device(caller.person, device_id, **given)


@door.delete(DEVICE)
def remove_device(caller: Caller, device_id: UUID) -> None:
    """Push there no more; to be told before signing out."""
    actions.remove_device(caller.person, device_id)


@door.put("/me/contacts/email", takes=EmailIn)
def put_email(caller: Caller, given: dict[str, Any]) -> None:
    """Name an e-mail address: a code is sent there."""
    actions.put_contact(caller.person, EMAIL, given["address"])


@door.put("/me/contacts/sms", takes=PhoneIn)
def put_phone(caller: Caller, given: dict[str, Any]) -> None:
    """Name a phone number for text messages: a code is sent there."""
    actions.put_contact(caller.person, SMS, given["address"])


def _confirmed(is_right: bool) -> None:
    """After the try was counted. Raises Refused 422."""
    if not is_right:
        raise bad_field("code", "验证码不对或已过期", "This code is wrong or too old.")


@door.post("/me/contacts/email/confirmation", takes=ContactCodeIn, status=204, key="none", then=_confirmed)
def confirm_email(caller: Caller, given: dict[str, Any]) -> bool:
    """Give back the code that was sent to the address."""
    return actions.try_code(caller.person, EMAIL, given["code"])


@door.post("/me/contacts/sms/confirmation", takes=ContactCodeIn, status=204, key="none", then=_confirmed)
def confirm_phone(caller: Caller, given: dict[str, Any]) -> bool:
    """Give back the code that was sent to the number."""
    return actions.try_code(caller.person, SMS, given["code"])


@door.delete("/me/contacts/email")
def remove_email(caller: Caller) -> None:
    """No e-mail any more."""
    actions.remove_contact(caller.person, EMAIL)


@door.delete("/me/contacts/sms")
def remove_phone(caller: Caller) -> None:
    """No text messages any more."""
    actions.remove_contact(caller.person, SMS)


def _settings(caller: Caller) -> dict[str, Any]:
    found = queries.settings_of(caller.person)
    kinds = [{**one, "called": one["called"][caller.language]} for one in found["kinds"]]
    return {**found, "kinds": kinds}
