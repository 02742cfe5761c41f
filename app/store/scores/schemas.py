"""Scores as JSON."""

from marshmallow import fields

from app.core.fields import Int, Moment, Out


class ScorePartOut(Out):
    """`value` of 0 to 100, counted from `of` things; `weight` beside the other parts."""

    name = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    weight = Int(required=True)
    value = Int(most=100, required=True)
    of = Int(required=True)


class ShopScoreOut(Out):
    value = Int(most=100, required=True)
    parts = fields.List(fields.Nested(ScorePartOut), required=True)
    computed_at = Moment(required=True)
