"""make.link(product=..., promoter=...): a link, as a tag of a post would get it."""

from uuid import UUID

from app.buying.links import actions
from app.buying.links.actions import LinkWanted
from app.buying.links.queries import OpenLink
from app.core.db import in_transaction
from tests.make.person import Made
from tests.make.person import person as make_person
from tests.make.product import MadeProduct
from tests.make.product import product as make_product


def link(product: MadeProduct | None = None, promoter: Made | None = None, post_id: UUID | None = None) -> OpenLink:
    """A new link to `product` (new goods if none are named) for `promoter`."""
    goods = product or make_product()
    who = promoter or make_person()
    wanted = LinkWanted(goods.id, goods.sku_id, post_id, None, who.id)

    return in_transaction(lambda: actions.make_links([wanted])[0])
