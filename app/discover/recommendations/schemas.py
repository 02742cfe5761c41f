"""Impressions as JSON."""

from marshmallow import fields

from app.core.fields import Id, In, Int, Moment, Out, Text, some

A_DAY_MS = 24 * 3600 * 1000


class ImpressionIn(In):
    id = Id(required=True, metadata={"description": "The post that was shown."})
    surface = Text(most=40, required=True, metadata={"description": "Where: explore, following, search, post ..."})
    position = Int(most=100_000, required=True)
    dwell_ms = Int(most=A_DAY_MS, required=True)
    at = Moment(required=True, metadata={"description": "The device's time; the same when the item is sent again."})


class ImpressionsIn(In):
    items = some(ImpressionIn, most=100, required=True)


class ImpressionsOut(Out):
    accepted = fields.Integer(required=True)
