"""Goods: what other rooms ask of them, and what a moderator does to them."""

from uuid import UUID

import orjson
import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.people.uploads.models import Showing
from app.store.catalogue import actions, queries
from app.store.catalogue.models import ProductLog
from app.store.catalogue.schemas import ProductCardOut
from app.store.categories.models import STARTING_CATEGORIES
from app.store.inventory import actions as inventory
from app.store.variants.models import SkuWanted
from app.store.variants.queries import skus_of
from tests import make
from tests.store.counting import queries_in

TEA = next(id_ for id_, name in STARTING_CATEGORIES.items() if name == "茶酒饮料")


def card(product_id: UUID) -> dict | None:
    found = queries.product_cards([product_id]).get(product_id)
    return orjson.loads(found) if found else None


def facts() -> list[str]:
    return list(db.session.scalars(text("SELECT name FROM core_events WHERE name LIKE 'Product%' ORDER BY id")))


def changed(product: make.MadeProduct, **what: object) -> None:
    in_transaction(lambda: actions.change_product(make.as_staff(product.shop), product.id, **what))


def sku_changed(product: make.MadeProduct, sku_id: UUID, **what: object) -> None:
    in_transaction(lambda: actions.change_sku(make.as_staff(product.shop), sku_id, **what))


def test_a_card_says_what_a_feed_shows_and_is_of_its_schema(app: Flask) -> None:
    product = make.product(price=9900, stock=1)
    shown = card(product.id)
    assert shown == {
        "id": str(product.id),
        "kind": "product",
        "title": product.title,
        "cover": None,
        "shop": {"id": str(product.shop.id), "name": product.shop.name},
        "price": 9900,
        "in_stock": True,
    }
    assert ProductCardOut().validate(shown) == {}


def test_price_title_and_stock_of_a_card_are_those_of_this_moment(app: Flask) -> None:
    product = make.product(skus=[SkuWanted(9900, 1), SkuWanted(8800, 0, "小")])
    assert (card(product.id)["price"], card(product.id)["in_stock"]) == (8800, True)
    sku_changed(product, product.sku_ids[1], price=19900)
    changed(product, title="新的名字")
    assert (card(product.id)["price"], card(product.id)["title"]) == (9900, "新的名字")
    in_transaction(lambda: inventory.hold(make.as_staff(product.shop).buyer, [(product.sku_id, 1)], 60))
    assert card(product.id)["in_stock"] is False


def test_cards_of_drafts_and_of_what_is_taken_down_are_absent_and_of_what_is_off_out_of_stock(app: Flask) -> None:
    shop = make.shop()
    on_sale, off, draft, gone = (
        make.product(shop, state=state) for state in ("on_sale", "on_sale", "draft", "on_sale")
    )
    changed(off, state="off")
    in_transaction(lambda: actions.take_down(gone.id, "假货", None))
    assert queries.product_cards([on_sale.id, off.id, draft.id, gone.id, new_id()]).keys() == {on_sale.id, off.id}
    assert (card(on_sale.id)["in_stock"], card(off.id)["in_stock"]) == (True, False)
    visible = db.session.scalars(select(queries.Product.id).where(queries.is_visible()))
    assert set(visible) == {on_sale.id, off.id}
    assert list(db.session.scalars(select(queries.Product.id).where(queries.on_sale_state()))) == [on_sale.id]


def test_sellable_skus_tell_a_checkout_all_that_it_needs(app: Flask) -> None:
    owner = make.person()
    picture = make.upload(owner)
    product = make.product(make.shop(owner), uploads=[picture], skus=[SkuWanted(100, 1, "红"), SkuWanted(200, 2, "蓝")])
    found = queries.sellable_skus([*product.sku_ids, new_id()])
    assert found.keys() == set(product.sku_ids)
    red = found[product.sku_ids[0]]
    assert (red.product_id, red.shop_id, red.title) == (product.id, product.shop.id, product.title)
    assert (red.sku_name, red.price, red.product_state, red.picture) == ("红", 100, "on_sale", picture)
    assert red.is_on_sale and not red.is_taken_down
    changed(product, state="off")
    assert not queries.sellable_skus(product.sku_ids)[product.sku_id].is_on_sale
    changed(product, state="on_sale")
    in_transaction(lambda: actions.take_down(product.id, "假货", None))
    taken = queries.sellable_skus(product.sku_ids)[product.sku_id]
    assert taken.is_taken_down and not taken.is_on_sale


def test_briefs_know_the_cover_and_whether_goods_may_be_seen_and_sold(app: Flask) -> None:
    owner = make.person()
    first, second = make.upload(owner), make.upload(owner)
    product = make.product(make.shop(owner), uploads=[first, second])
    brief = queries.product_briefs([product.id, new_id()])[product.id]
    assert (brief.title, brief.shop_id, brief.cover_id, brief.state) == (
        product.title,
        product.shop.id,
        first,
        "on_sale",
    )
    assert brief.is_visible and brief.is_on_sale
    draft = make.product(product.shop, state="draft")
    assert not queries.product_briefs([draft.id])[draft.id].is_visible


def test_details_hold_what_search_needs(app: Flask) -> None:
    skus = [
        SkuWanted(300, 0, "红", {"颜色": "红", "尺码": "大"}),
        SkuWanted(200, 5, "蓝", {"颜色": "蓝", "尺码": "大"}),
    ]
    product = make.product(skus=skus, description="说明", brand="山野", category_id=TEA)
    bare = make.product()
    found = queries.product_details([product.id, bare.id])
    one = found[product.id]
    assert (one.description, one.brand, one.category, one.shop) == ("说明", "山野", "茶酒饮料", product.shop.name)
    assert (set(one.attributes), one.price, one.in_stock) == ({"红", "蓝", "大"}, 200, True)
    assert (found[bare.id].category, found[bare.id].attributes) == ("", ())
    changed(product, state="off")
    assert queries.product_details([product.id])[product.id].in_stock is False
    in_transaction(lambda: actions.take_down(product.id, "假货", None))
    assert queries.product_details([product.id]) == {}


def test_every_question_about_many_goods_is_one_query(app: Flask) -> None:
    shop = make.shop()
    products = [make.product(shop) for _ in range(12)]
    ids, skus = [one.id for one in products], [one.sku_id for one in products]
    asks = [
        queries.product_cards,
        queries.product_briefs,
        queries.product_details,
        skus_of,
        queries.pictures_of,
    ]
    for ask in asks:
        with queries_in() as seen:
            ask(ids)
        assert len(seen) == 1, ask
        with queries_in() as seen:
            ask([])
        assert seen == [], ask
    with queries_in() as seen:
        queries.sellable_skus(skus)
        queries.product_page(ids[0])
    assert len(seen) == 2


def test_a_taken_down_product_is_gone_everywhere_and_comes_back(app: Flask) -> None:
    owner = make.person()
    product = make.product(make.shop(owner), uploads=[make.upload(owner)])
    moderator = make.person(roles=["moderator"])

    def showings() -> int:
        return len(db.session.scalars(select(Showing.upload_id)).all())

    assert showings() == 1
    assert in_transaction(lambda: actions.take_down(product.id, "假货", moderator.id)) is True
    assert in_transaction(lambda: actions.take_down(product.id, "又一次", moderator.id)) is False
    for ask in (queries.product_or_missing, queries.product_page):
        with pytest.raises(Refused) as refused:
            ask(product.id)
        assert refused.value.status == 404
    assert showings() == 0
    changed(product, title="改名", uploads=[make.upload(owner)])
    assert showings() == 0
    assert in_transaction(lambda: actions.restore(product.id)) is True
    assert in_transaction(lambda: actions.restore(product.id)) is False
    assert card(product.id)["title"] == "改名" and showings() == 1
    assert facts() == ["ProductListed", "ProductTakenDown", "ProductChanged", "ProductRestored"]
    for act in (lambda: actions.take_down(new_id(), "", None), lambda: actions.restore(new_id())):
        with pytest.raises(Refused):
            in_transaction(act)


def test_states_follow_their_order_and_every_change_is_logged(app: Flask) -> None:
    product = make.product(state="draft")
    for state, is_allowed in [("off", False), ("on_sale", True), ("on_sale", True), ("draft", False), ("off", True)]:
        try:
            changed(product, state=state)
            assert is_allowed, state
        except Refused as refused:
            assert (refused.status, is_allowed) == (409, False), state
    log = db.session.execute(
        select(ProductLog.before, ProductLog.after, ProductLog.who_id).order_by(ProductLog.id)
    ).all()
    assert log == [("draft", "on_sale", product.shop.owner.id), ("on_sale", "off", product.shop.owner.id)]


def test_a_change_of_stock_alone_is_no_change_of_the_product(app: Flask) -> None:
    product = make.product()
    sku_changed(product, product.sku_id, stock=3)
    assert facts() == ["ProductListed"]
    sku_changed(product, product.sku_id, price=1)
    assert facts() == ["ProductListed", "ProductChanged"]


def test_goods_of_another_shop_cannot_be_listed_or_changed(app: Flask) -> None:
    product, stranger = make.product(), Caller(person_id=make.person().id)
    wanted = [SkuWanted(1)]
    for act in (
        lambda: actions.list_product(stranger, product.shop.id, title="x", skus=wanted),
        lambda: actions.change_product(stranger, product.id, title="x"),
        lambda: actions.change_sku(stranger, product.sku_id, price=1),
        lambda: actions.change_sku(make.as_staff(product.shop), new_id(), price=1),
    ):
        with pytest.raises(Refused) as refused:
            in_transaction(act)
        assert refused.value.status == 404
    assert card(product.id)["title"] == product.title
