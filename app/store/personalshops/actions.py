"""What is done about reselling: suppliers offer, resellers list, prices stay at or above the floor."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused, bad_field, said
from app.core.events import emit_all
from app.store.catalogue.actions import list_product
from app.store.catalogue.events import ProductChanged
from app.store.catalogue.models import Product
from app.store.catalogue.queries import locked_product, pictures_of, sellable_skus
from app.store.personalshops.models import PersonalShop, Wanted
from app.store.resale import actions as resale
from app.store.resale.models import ResaleOffer
from app.store.resale.queries import below_floor, is_resold, offers_by_sku, resellers_of
from app.store.shops.actions import open_shop
from app.store.shops.models import GOODS, Shop
from app.store.shops.queries import require_right
from app.store.suppliers.queries import require_supplier
from app.store.variants.models import SkuWanted
from app.store.variants.queries import product_id_of, skus_of


def open_personal_shop(caller: Caller, name: str, wanted: Sequence[Wanted]) -> Shop:
    """A shop of the caller's with these goods of suppliers in it, at once on sale.

    Raises Refused as resell; then nothing is opened.
    """
    shop = open_shop(caller, name)
    db.session.add(PersonalShop(shop_id=shop.id, person_id=caller.person))
    db.session.flush()
    resell(caller, shop.id, wanted)
    return shop


def resell(caller: Caller, shop_id: UUID, wanted: Sequence[Wanted]) -> list[UUID]:
    """List goods of suppliers in a shop of the caller's; variants of one product become variants of one. Answers the
    ids of the products. What is there already is listed once more, if somebody wants it so.

    Raises Refused: 404, 403 without the right GOODS, 422 for what may not be resold, or not so cheap, or by the
    supplier himself.
    """
    require_right(shop_id, caller.person, GOODS)
    offers = offers_by_sku([one.sku_id for one in wanted])
    _check(shop_id, wanted, offers)
    by_product: dict[UUID, dict[UUID, Wanted]] = {}
    for one in wanted:
        by_product.setdefault(offers[one.sku_id].product_id, {})[one.sku_id] = one
    return [_list(caller, shop_id, product_id, some, offers) for product_id, some in by_product.items()]


def set_offer(caller: Caller, sku_id: UUID, supply_price: int, floor_price: int) -> None:
    """Let others sell a SKU of one's own: for so much to oneself, and no cheaper than that to buyers.

    Raises Refused: 404, 403 without the right GOODS, 409 for a shop that is no approved supplier and for goods that
    are resold themselves, 422 for prices that do not fit.
    """
    product = locked_product(product_id_of(sku_id), staffed_by=caller.person)
    require_supplier(product.shop_id)
    if is_resold([sku_id]):
        raise Refused(409, "resold_itself", "转售的商品不能再供货", "What is resold cannot be offered for resale.")
    if supply_price > floor_price:
        zh, en = "最低售价不能低于供货价", "The floor price may not be below the supply price."
        raise bad_field("floor_price", zh, en)
    resale.offer(caller.person, product.shop_id, product.id, sku_id, supply_price, floor_price)
    _tell([sku_id])


def withdraw_offer(caller: Caller, sku_id: UUID) -> None:
    """Nobody else sells this SKU any more. Raises Refused 404, 403 without the right GOODS."""
    locked_product(product_id_of(sku_id), staffed_by=caller.person)
    if resale.withdraw_offer(sku_id):
        _tell([sku_id])


def tell_of_stock(sku_ids: Sequence[UUID]) -> None:
    """The stock of these SKUs ran out or came back: so did that of those who resell them."""
    _tell(sku_ids)


def _list(
    caller: Caller, shop_id: UUID, product_id: UUID, wanted: dict[UUID, Wanted], offers: dict[UUID, ResaleOffer]
) -> UUID:
    source = db.session.scalars(select(Product).where(Product.id == product_id)).one()
    pictures = pictures_of([product_id])[product_id]
    variants = [one for one in skus_of([product_id])[product_id] if one.id in wanted]
    title = next((one.title for one in wanted.values() if one.title), source.title)
    made = list_product(
        caller,
        shop_id,
        title=title,
        description=source.description,
        brand=source.brand,
        category_id=source.category_id,
        uploads=[one.id for one in pictures],
        lent=pictures,
        skus=[
            SkuWanted(wanted[one.id].price or offers[one.id].floor_price, 0, one.name, one.attributes)
            for one in variants
        ],
    )
    ours = skus_of([made.id])[made.id]
    pairs = zip(ours, variants, strict=True)
    resale.draw_on(shop_id, made.id, {sku.id: (of.id, offers[of.id].supplier_id) for sku, of in pairs})
    return made.id


def _check(shop_id: UUID, wanted: Sequence[Wanted], offers: dict[UUID, ResaleOffer]) -> None:
    """Raises Refused 422 with the place of each that cannot be."""
    skus = sellable_skus([one.sku_id for one in wanted])
    faults: dict[str, object] = {}
    for place, one in enumerate(wanted):
        offer = offers.get(one.sku_id)
        if offer is None or not skus[one.sku_id].is_on_sale:
            faults[str(place)] = {"sku_id": [said("这件商品现在不能转售", "This may not be resold now.")]}
        elif offer.supplier_id == shop_id:
            faults[str(place)] = {"sku_id": [said("这是本店自己的商品", "These are the shop's own goods.")]}
        elif one.price is not None and one.price < offer.floor_price:
            faults[str(place)] = {"price": below_floor(offer.floor_price).errors["price"]}
    if faults:
        zh, en = "所选商品有误", "Something in the goods is not right."
        raise Refused(422, "invalid", zh, en, errors={"goods": faults})


def _tell(sku_ids: Sequence[UUID]) -> None:
    """Who shows resold goods looks again."""
    emit_all([ProductChanged(one) for one in resellers_of(sku_ids)])
