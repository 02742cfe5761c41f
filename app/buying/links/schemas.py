"""JSON of links."""

from marshmallow import fields

from app.core.fields import Choice, Id, Int, Out, Text, some


class LinkCover(Out):
    url = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    colour = fields.String(required=True)


class LinkShop(Out):
    id = Id(required=True)
    name = fields.String(required=True)


class LinkProduct(Out):
    """The card of a product (store/catalogue writes it)."""

    id = Id(required=True)
    kind = Choice("product", required=True)
    title = fields.String(required=True)
    cover = fields.Nested(LinkCover, required=True, allow_none=True)
    shop = fields.Nested(LinkShop, required=True)
    price = Int(required=True, allow_none=True)
    in_stock = fields.Boolean(required=True)


class LinkSku(Out):
    id = Id(required=True)
    name = fields.String(required=True)
    price = Int(required=True)
    in_stock = fields.Boolean(required=True)


class LinkParty(Out):
    """A post or promoter, by id."""

    id = Id(required=True)


class LinkOut(Out):
    id = Id(required=True)
    kind = Choice("link", required=True)
    code = Text(most=20, required=True)
    url = fields.String(required=True)
    product = fields.Nested(LinkProduct, required=True)
    sku_id = Id(required=True, allow_none=True)
    skus = some(LinkSku, most=1000, required=True)
    post = fields.Nested(LinkParty, required=True, allow_none=True)
    promoter = fields.Nested(LinkParty, required=True)
    in_stock = fields.Boolean(required=True)
    similar = some(LinkProduct, most=20, required=True)
