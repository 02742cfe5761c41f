"""Light stores and keys as JSON, and the forms of their pages."""

from marshmallow import fields

from app.core.fields import Bool, Choice, Id, In, Int, Moment, Out, Text, some
from app.store.decor.models import THEMES
from app.store.imports.models import IN_JSON, NEEDED, OPTIONAL
from app.store.shops.models import CLOSED_WHY, OPEN, OWNER, ROLES
from app.store.shops.schemas import ShopName
from app.store.storefronts.kinds import TEMPLATES
from app.store.storefronts.models import LONGEST_KEY_NAME, LONGEST_SLUG

KEY_ROLES = tuple(role for role in ROLES if role != OWNER)
LARGEST_TEXT = 900_000
COLUMNS_SAID = (
    f"CSV: a header of {', '.join(NEEDED)} (yuan), and if wanted {', '.join(OPTIONAL)} (grams). JSON lines: objects of"
    f" the same fields without sku_name, named {' and '.join(f'{new} for {old}' for old, new in IN_JSON.items())}."
)


class StoreGoodsIn(In):
    """Lines as an import takes them: of a CSV with its header, or one JSON object a line."""

    format = Choice("csv", "jsonl", required=True)
    text = Text(most=LARGEST_TEXT, required=True, metadata={"description": COLUMNS_SAID})


class LightStoreIn(In):
    """`slug`: of its address /s/<slug>; `gateways`: none named, all that are open."""

    template = Choice(*TEMPLATES, required=True)
    name = ShopName(required=True)
    slug = Text(most=LONGEST_SLUG, required=True)
    theme = Choice("", *THEMES, load_default="")
    in_mall = Bool(load_default=False)
    gateways = some(Text(most=40), most=20, load_default=list)
    goods = fields.Nested(StoreGoodsIn, load_default=None, allow_none=True)


class LightStorePatchIn(In):
    in_mall = Bool(load_default=None)
    gateways = some(Text(most=40), most=20, load_default=None)


class LightStoreOut(Out):
    id = Id(required=True)
    kind = fields.Constant("light_store", required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
    url = fields.String(required=True)
    in_mall = fields.Boolean(required=True)
    state = Choice(OPEN, *CLOSED_WHY, required=True)
    template = fields.String(required=True)
    gateways = fields.List(fields.String(), required=True)
    created_at = Moment(required=True)


class RefusedLineOut(Out):
    line = Int(required=True)
    reason = fields.String(required=True)


class OpenedStoreOut(LightStoreOut):
    """`token`: a key that manages the shop, told this once. `imported`: products; `refused`: lines."""

    token = fields.String(required=True)
    imported = Int(required=True)
    refused = fields.List(fields.Nested(RefusedLineOut), required=True)


class ShopKeyIn(In):
    """`role`: what the key may do, as staff of that role."""

    name = Text(most=LONGEST_KEY_NAME, required=True)
    role = Choice(*KEY_ROLES, required=True)


class ShopKeyOut(Out):
    id = Id(required=True)
    kind = fields.Constant("shop_key", required=True)
    name = fields.String(required=True)
    role = Choice(*KEY_ROLES, required=True)
    created_at = Moment(required=True)


class NewShopKeyOut(ShopKeyOut):
    """`token`: told this once."""

    token = fields.String(required=True)


class ShopKeysOut(Out):
    items = fields.List(fields.Nested(ShopKeyOut), required=True)
    next = fields.String(required=True, allow_none=True)
