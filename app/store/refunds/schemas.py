"""The JSON of cancellations and grants. Amounts in minor units."""

from marshmallow import fields

from app.core.fields import Id, In, NewId, Out, Prose, Text
from app.store.fulfilment.schemas import WholeOrderOut


class CancellationIn(In):
    """Why an order is cancelled."""

    reason = Text(most=200, least=0, load_default="")


class CancellationForm(In):
    """The same of a page; told to the buyer."""

    id = NewId(required=True)
    reason = Prose(most=200, required=True)


class GrantOut(Out):
    """What goes back of an order, and the order as it is now."""

    id = Id(required=True)
    kind = fields.Constant("grant", required=True)
    amount = fields.Integer(required=True)
    freight = fields.Integer(required=True)
    order = fields.Nested(WholeOrderOut, required=True)
