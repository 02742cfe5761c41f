"""Policies of returns as JSON and in a form."""

from marshmallow import fields

from app.core.fields import Bool, Id, In, Out, Prose, Text


class PolicyIn(In):
    address = Text(most=300, least=0, required=True)
    is_insured = Bool(load_default=False)


class PolicyForm(In):
    address = Prose(most=300, least=0, required=True)
    is_insured = fields.Boolean(load_default=False)


class PolicyOut(Out):
    shop_id = Id(required=True)
    address = fields.String(required=True)
    is_insured = fields.Boolean(required=True)
