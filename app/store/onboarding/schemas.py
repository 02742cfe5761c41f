"""Applications as JSON, and the forms of their pages."""

from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from app.core.clock import CHINA
from app.core.errors import said
from app.core.fields import Choice, Id, In, Moment, Out, Prose, QueryInt, Text
from app.people.uploads.schemas import PictureOut
from app.store.onboarding.models import ABOUT, ACTS, ASK, LONGEST_ANSWER, LONGEST_NAME, LONGEST_WHY, STATES, Verdict
from app.store.shops.schemas import NAME_MOST, ShopName

WANT = "want_"
"""How the fields of a form begin that say what to change of a field."""


class ApplicationIn(In):
    """`answers`: by the names of the fields; a picture by the id of an upload. `name`: of a brand."""

    about = Choice(*ABOUT, required=True)
    name = Text(most=LONGEST_NAME, least=0, load_default="")
    answers = fields.Dict(
        keys=Text(most=40), values=Text(most=LONGEST_ANSWER, least=0), required=True, validate=validate.Length(max=40)
    )


class PaperOut(Out):
    """`value`: of a sealed number only its last signs. `picture` opens for an hour."""

    name = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    sort = fields.String(required=True)
    required = fields.Boolean(required=True)
    choices = fields.List(fields.String(), required=True)
    value = fields.String(required=True, allow_none=True)
    picture = fields.Nested(PictureOut, required=True, allow_none=True)


class ApplicationLogOut(Out):
    before = fields.String(required=True)
    after = fields.String(required=True)
    why = fields.String(required=True)
    at = Moment(required=True)


class ApplicationOut(Out):
    """`wants`: what to change, by field; `reason`: the last word of the moderators."""

    id = Id(required=True)
    kind = fields.Constant("application", required=True)
    about = Choice(*ABOUT, required=True)
    name = fields.String(required=True)
    state = Choice(*STATES, required=True)
    reason = fields.String(required=True)
    wants = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    until = Moment(required=True, allow_none=True)
    filed_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    fields_ = fields.List(fields.Nested(PaperOut), required=True, data_key="fields", attribute="fields")
    log = fields.List(fields.Nested(ApplicationLogOut), required=True)


class ApplicationsOut(Out):
    items = fields.List(fields.Nested(ApplicationOut), required=True)
    next = fields.String(required=True, allow_none=True)


class FilingForm(In):
    about = Choice(*ABOUT, required=True)
    name = Text(most=LONGEST_NAME, least=0, load_default="")


class Day(fields.Field[datetime]):
    """A day as a browser's date field sends it (2027-03-31): the end of it in China."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **named: Any) -> datetime:
        try:
            day = datetime.strptime(str(value), "%Y-%m-%d")
        except ValueError:
            raise ValidationError([said("须为日期", "Must be a date.")]) from None
        return day.replace(hour=23, minute=59, second=59, tzinfo=CHINA)


class DecisionForm(In):
    """What a moderator says; fields that begin with WANT say what to change."""

    act = Choice(*ACTS, required=True)
    version = QueryInt(required=True)
    reason = Prose(most=LONGEST_WHY, least=0, load_default="")
    until = Day(load_default=None, allow_none=True)

    @post_load
    def as_decision(self, data: dict[str, Any], **_: Any) -> Verdict:
        return Verdict(**data)


def decision_of(form: dict[str, str]) -> Verdict:
    """The decision that a form says. Raises ValidationError."""
    told = {name: text for name, text in form.items() if text or name != "until"}
    made: Verdict = DecisionForm().load(told)
    wants = {name.removeprefix(WANT): text.strip() for name, text in form.items() if name.startswith(WANT)}
    kept = {name: Text(most=LONGEST_WHY).deserialize(text) for name, text in wants.items() if text}
    return Verdict(made.act, made.version, made.reason.strip(), kept if made.act == ASK else None, made.until)


class QueueQuery(In):
    about = Choice("", *ABOUT, load_default="")
    cursor = Text(most=500, least=0, load_default=None)


class ShopsQuery(In):
    """`q`: an id, or how a name begins."""

    q = Text(most=60, least=0, load_default="")
    cursor = Text(most=500, least=0, load_default=None)


class SuspensionForm(In):
    reason = Prose(most=LONGEST_WHY, required=True)


class RenamingForm(In):
    new_name = ShopName(required=True)


class RenamingForShopForm(In):
    """`why`: a moderator does it, who may give any name."""

    new_name = Text(most=NAME_MOST, required=True)
    why = Prose(most=LONGEST_WHY, required=True)
