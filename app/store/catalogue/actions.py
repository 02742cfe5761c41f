"""What is done to goods. Every action locks the product's row first, so that its prepared JSON is never stale."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.core.caller import Caller
from app.core.db import changed, db
from app.core.events import Fact, emit
from app.core.ids import new_id
from app.people.uploads.actions import conceal, show, use_pictures
from app.people.uploads.models import Upload
from app.store.brands.queries import brand_ids_named
from app.store.catalogue.events import ProductChanged, ProductListed, ProductRestored, ProductTakenDown
from app.store.catalogue.models import (
    DRAFT,
    IN_REVIEW,
    NEXT_STATES,
    OFF,
    ON_SALE,
    Product,
    ProductLog,
    ProductPicture,
    ProductTakeDown,
)
from app.store.catalogue.queries import is_offered, locked_product, pictures_of
from app.store.categories.models import PHYSICAL, Category
from app.store.categories.queries import category_or_refused, needs_review, require_fitting
from app.store.resale.queries import check_resold
from app.store.shops.models import GOODS, Shop
from app.store.shops.queries import named_shop, require_right
from app.store.variants.actions import add_skus, change_kind, change_variant, drop_pictures, offer
from app.store.variants.models import Sku, SkuWanted
from app.store.variants.queries import locked_skus, product_id_of, skus_of


def list_product(
    caller: Caller,
    shop_id: UUID,
    *,
    title: str,
    skus: Sequence[SkuWanted],
    description: str = "",
    brand: str = "",
    category_id: UUID | None = None,
    uploads: Sequence[UUID] = (),
    state: str = ON_SALE,
    product_id: UUID | None = None,
    attributes: Mapping[str, str] | None = None,
    goods_kind: str = PHYSICAL,
    terms: Mapping[str, Any] | None = None,
    lent: Sequence[Upload] = (),
    right: str = GOODS,
) -> Product:
    """List goods in a shop where the caller has this right; on sale at once unless `state` says draft, or a moderator
    has to look at them first. `lent`: pictures of a supplier, whose goods these are; `terms`: `in_person`,
    `return_days`, times as in change_product. Raises Refused: 404 for another's shop, 403, 422 as change_product."""
    shop = named_shop(require_right(shop_id, caller.person, right).id)
    shown = _chosen(caller.person, uploads, lent)
    category, stamp = category_or_refused(category_id), _stamp()
    told: dict[str, Any] = {"title": title, "description": description, "category_id": category_id, "state": state}
    told |= {"attributes": dict(attributes or {}), "goods_kind": goods_kind, **(terms or {}), "brand": brand}
    told["brand_id"] = brand_ids_named([brand]).get(brand)
    product = Product(id=product_id or new_id(), shop_id=shop.id, created_at=stamp, changed_at=stamp, **told)
    _require_fitting(category, product, [one.attributes for one in skus])
    if state == ON_SALE and needs_review(category):
        product.state, product.submitted_at = DRAFT, stamp
    product.write_heads(shop, category, shown)
    db.session.add(product)
    db.session.flush()
    _hang(product, shown)
    add_skus(product.id, shop.id, skus, caller.person, is_offered=product.state == ON_SALE)
    emit(ProductListed(product.id))
    return product


def change_product(
    caller: Caller,
    product_id: UUID,
    *,
    state: str | None = None,
    title: str | None = None,
    description: str | None = None,
    brand: str | None = None,
    category_id: UUID | None = None,
    uploads: Sequence[UUID] | None = None,
    attributes: Mapping[str, str] | None = None,
    goods_kind: str | None = None,
    times: Mapping[str, datetime | None] | None = None,
    right: str = GOODS,
) -> Product:
    """Change what is not None of a product of the caller's shop. `times`: `on_sale_at`, `off_sale_at`, None for never.

    Where a moderator has to look at goods, changed ones are off sale until he did. Raises Refused: 404, 403, 409 for a
    state that does not follow or a kind that is fixed, 422 for a category, picture or attributes that do not fit."""
    product = locked_product(product_id, staffed_by=caller.person, right=right)
    given: dict[str, Any] = {"title": title, "description": description, "brand": brand, "category_id": category_id}
    given |= {"attributes": attributes and dict(attributes), "goods_kind": goods_kind}
    before = {name: getattr(product, name) for name in given}
    for name in (one for one in given if given[one] is not None):
        setattr(product, name, given[name])
    for name, value in (times or {}).items():
        setattr(product, name, value)
    if goods_kind not in (None, before["goods_kind"]):
        change_kind(product_id, caller.person, is_offered=is_offered(product))
    product.brand_id = brand_ids_named([product.brand]).get(product.brand)
    category = category_or_refused(product.category_id)
    if uploads is not None or any(getattr(product, name) != before[name] for name in before):
        _look_again(product, category, caller.person)
    if state is not None and state != product.state:
        _move(product, state, caller.person, category)
    if {category_id, goods_kind, state} != {None} or attributes is not None:
        _require_fitting(category, product, [one.attributes for one in skus_of([product_id])[product_id]])
    _write(product, category, None if uploads is None else (caller.person, uploads))
    return product


def change_sku(caller: Caller, sku_id: UUID, right: str = GOODS, **wanted: Any) -> Sku:
    """Change what is named of a variant of the caller's shop: fields of Sku, and `stock`, the units available (held
    ones stay held), which must still be `seen` if that is named. `list_price` None: none.

    Raises Refused: 404 for a variant that is not the caller's, 422 as variants.change_variant.
    """
    product = locked_product(product_id_of(sku_id), staffed_by=caller.person, right=right)
    check_resold(sku_id, wanted.get("price"), wanted.get("stock"))
    skus = locked_skus(product.id)
    sku = next(one for one in skus if one.id == sku_id)
    pictures = [one.id for one in pictures_of([product.id])[product.id]] if wanted.get("picture_id") else []
    is_seen = change_variant(sku, product.shop_id, wanted, pictures, caller.person, is_offered=is_offered(product))
    if "attributes" in wanted:
        _require_fitting(category_or_refused(product.category_id), product, [one.attributes for one in skus])
    if is_seen:
        _touch(product, ProductChanged)
        db.session.flush()
    return sku


def add_sku(caller: Caller, product_id: UUID, wanted: SkuWanted) -> None:
    """Add a variant behind the others of goods of the caller's shop. Raises Refused 404, 422."""
    product = locked_product(product_id, staffed_by=caller.person)
    known = skus_of([product.id])[product.id]
    fits = [*(one.attributes for one in known), wanted.attributes]
    _require_fitting(category_or_refused(product.category_id), product, fits)
    add_skus(product.id, product.shop_id, [wanted], caller.person, behind=len(known), is_offered=is_offered(product))
    _touch(product, ProductChanged)


def move_product(
    product_id: UUID, state: str, by: UUID | None, why: str, *, is_approved: bool = False, at: str = ""
) -> None:
    """Put goods on sale, take them off, or (DRAFT) send them back, whoever decides so. `is_approved`: a moderator let
    them pass. `at`: "on_sale_at" or "off_sale_at" has come, and is done with even where the state may not follow.
    Raises Refused 404, 409 for a state that does not follow."""
    product = locked_product(product_id)
    category = category_or_refused(product.category_id)
    if at:
        setattr(product, at, None)
    if is_approved:
        product.approved_at = _stamp()
    if state == DRAFT:
        _log(product, IN_REVIEW, product.state, by, why)
        product.submitted_at = None
    elif not at or state in NEXT_STATES[product.state]:
        _move(product, state, by, category, why)
    _write(product, category)


def file_under(product_ids: Sequence[UUID], category: Category) -> None:
    """Write these goods anew as of this category, which has another name, or is where theirs went."""
    for product_id in product_ids:
        product = locked_product(product_id)
        product.category_id = category.id
        _write(product, category)


def take_down(product_id: UUID, reason: str, by: UUID | None) -> bool:
    """Take a product from every door; False if it was already. Raises Refused 404."""
    product = locked_product(product_id)
    row = insert(ProductTakeDown).values(product_id=product.id, reason=reason, by_id=by).on_conflict_do_nothing()
    if not changed(row):
        return False
    conceal(by=product.ref)
    offer(product.id, False, by)
    _touch(product, ProductTakenDown)
    return True


def restore(product_id: UUID) -> bool:
    """Put back what was taken down; False if it was not. Raises Refused 404."""
    product = locked_product(product_id)
    if not changed(delete(ProductTakeDown).where(ProductTakeDown.product_id == product.id)):
        return False
    _open(product, pictures_of([product.id])[product.id])
    offer(product.id, product.state == ON_SALE, None)
    _touch(product, ProductRestored)
    return True


def _move(product: Product, state: str, by: UUID | None, category: Category | None, why: str = "") -> None:
    before = IN_REVIEW if product.submitted_at else product.state
    if state == ON_SALE and needs_review(category) and product.approved_at is None:
        product.submitted_at = product.submitted_at or _stamp()
        if before != IN_REVIEW:
            _log(product, before, IN_REVIEW, by, why)
        return
    product.move_to(state)
    product.submitted_at = None
    _log(product, before, state, by, why)
    offer(product.id, is_offered(product), by)


def _look_again(product: Product, category: Category | None, by: UUID) -> None:
    """What was approved is another thing now: where that matters it is off sale until a moderator has looked."""
    product.approved_at = None
    if needs_review(category) and product.state == ON_SALE:
        _move(product, OFF, by, category)
        _move(product, ON_SALE, by, category)


def _log(product: Product, before: str, after: str, by: UUID | None, why: str) -> None:
    db.session.add(ProductLog(product_id=product.id, who_id=by, before=before, after=after, why=why))


def _require_fitting(category: Category | None, product: Product, variants: Sequence[Mapping[str, str]]) -> None:
    """What is required may lack in a draft."""
    must = product.state == ON_SALE or product.submitted_at is not None
    require_fitting(category, product.goods_kind, product.attributes, variants, must)


def _stamp() -> datetime:
    """The database's time of this moment, not of the transaction's start: what changes later has a later one."""
    stamp: datetime = db.session.execute(select(func.clock_timestamp())).scalar_one()
    return stamp


def _touch(product: Product, fact: Callable[[UUID], Fact]) -> None:
    product.changed_at = _stamp()
    emit(fact(product.id))


def _write(product: Product, category: Category | None, sent: tuple[UUID, Sequence[UUID]] | None = None) -> None:
    """Write a changed product anew, and tell of it. `sent`: who shows which pictures from now on."""
    shown = pictures_of([product.id])[product.id]
    if sent is not None:
        shown = _chosen(*sent, shown)
        _hang(product, shown)
        drop_pictures(product.id, [one.id for one in shown])
    else:
        _open(product, shown)
    product.write_heads(named_shop(product.shop_id), category, shown)
    _touch(product, ProductChanged)
    db.session.flush()


def _chosen(owner_id: UUID, ids: Sequence[UUID], before: Sequence[Upload]) -> list[Upload]:
    """The uploads in the order of `ids`: pictures that hang there already, whoever sent them, and own ones."""
    wanted = list(dict.fromkeys(ids))
    known = {one.id: one for one in before}
    known |= {one.id: one for one in use_pictures(owner_id, [one for one in wanted if one not in known])}
    return [known[one] for one in wanted]


def _hang(product: Product, shown: Sequence[Upload]) -> None:
    """Show exactly these pictures, the first as the cover."""
    db.session.execute(delete(ProductPicture).where(ProductPicture.product_id == product.id))
    if shown:
        rows = [{"product_id": product.id, "position": i, "upload_id": one.id} for i, one in enumerate(shown)]
        db.session.execute(insert(ProductPicture), rows)
    _open(product, shown)


def _open(product: Product, shown: Sequence[Upload]) -> None:
    """These pictures may be opened by everybody, if the product may be seen."""
    if product.is_public and db.session.get(ProductTakeDown, product.id) is None:
        show([one.id for one in shown], by=product.ref)


def write_intake(
    shop: Shop,
    products: Collection[Product],
    categories: Mapping[UUID, Category],
    shown: Mapping[UUID, Sequence[Upload]],
    hung: Collection[UUID],
) -> None:
    """Write the new and changed goods of an import; `shown` are their pictures, of which those of `hung` are new."""
    stamp = _stamp()
    for product in products:
        category = categories[product.category_id] if product.category_id else None
        if needs_review(category) and product.state == ON_SALE and product.says_more:
            product.state, product.submitted_at = DRAFT if product.page is None else OFF, stamp
        product.changed_at = stamp
        product.write_heads(shop, category, shown.get(product.id, []))
    db.session.add_all(products)
    db.session.flush()
    for product in (one for one in products if one.id in hung):
        _hang(product, shown[product.id])
