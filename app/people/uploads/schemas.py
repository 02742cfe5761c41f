"""JSON of pictures."""

from marshmallow import fields

from app.core.fields import Out


class PictureOut(Out):
    """One size of a picture. `url` is a path on this server; `colour` is its mean, to be shown while it loads."""

    url = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    colour = fields.String(required=True)


class VariantsOut(Out):
    full = fields.Nested(PictureOut, required=True)
    card = fields.Nested(PictureOut, required=True)
    thumb = fields.Nested(PictureOut, required=True)


class UploadOut(PictureOut):
    """A picture that was taken in; its URLs open it for an hour."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    variants = fields.Nested(VariantsOut, required=True)
