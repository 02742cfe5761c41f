"""Staff of shops as JSON, and the forms of their pages."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Moment, Out, Text
from app.people.accounts.schemas import AuthorOut
from app.store.shops.models import OWNER, ROLES

HIRED = tuple(role for role in ROLES if role != OWNER)


class InvitationIn(In):
    """`role` "owner" hands the shop over."""

    username = Text(most=60, required=True)
    role = Choice(*ROLES, required=True)


class RoleIn(In):
    role = Choice(*HIRED, required=True)


class StaffOut(Out):
    """`id` is the person's."""

    id = Id(required=True)
    kind = fields.Constant("staff", required=True)
    role = Choice(*ROLES, required=True)
    username = fields.String(required=True)
    person = fields.Nested(AuthorOut, required=True)


class StaffPageOut(Out):
    items = fields.List(fields.Nested(StaffOut), required=True)
    next = fields.String(required=True, allow_none=True)


class InvitingShopOut(Out):
    id = Id(required=True)
    name = fields.String(required=True)


class InvitationOut(Out):
    id = Id(required=True)
    kind = fields.Constant("invitation", required=True)
    shop = fields.Nested(InvitingShopOut, required=True)
    role = Choice(*ROLES, required=True)
    person = fields.Nested(AuthorOut, required=True, allow_none=True)
    by = fields.Nested(AuthorOut, required=True, allow_none=True)
    created_at = Moment(required=True)
    expires_at = Moment(required=True)


class InvitationsOut(Out):
    items = fields.List(fields.Nested(InvitationOut), required=True)
    next = fields.String(required=True, allow_none=True)
