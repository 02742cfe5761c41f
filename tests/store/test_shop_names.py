"""A shop gets another name: who may say so and when, and how all that bears the name follows."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import worker
from app.core.db import db, in_transaction
from app.store.catalogue import actions, jobs
from app.store.categories.models import Category
from app.store.onboarding.actions import suspend_shop
from app.store.shops.events import ShopRenamed
from app.store.shops.models import MANAGER, READER, ShopRenaming
from app.store.variants.models import SkuWanted
from tests import make
from tests.client import Client
from tests.facts import until_all_can_be_heard
from tests.pages import with_second_factor
from tests.portal import at_portal


def named(client: Client, shop: make.MadeShop) -> set[str]:
    """All names that goods of the shop bear, on their pages and cards."""
    cards = client.get(f"/shops/{shop.id}/products").json["items"]
    pages = [client.get(f"/products/{one['id']}").json for one in cards]
    return {one["shop"]["name"] for one in (*cards, *pages)}


def told() -> int:
    return db.session.scalar(text("SELECT count(*) FROM core_events WHERE name = 'ProductChanged'")) or 0


def test_a_manager_renames_a_shop_and_its_page_and_goods_follow(app: Flask, client: Client) -> None:
    shop = make.shop(name="山野茶铺")
    for _ in range(2):
        make.product(shop=shop, title="青瓷杯")
    manager = make.worker(shop, MANAGER)
    renamed = client.as_(manager.token).patch(f"/shops/{shop.id}", {"name": " 云间茶舍 "})
    assert (renamed.status_code, renamed.json["name"]) == (200, "云间茶舍")
    assert client.get(f"/shops/{shop.id}/page").json["shop"]["name"] == "云间茶舍"
    worker.drain()
    assert named(client, shop) == {"云间茶舍"}
    [row] = db.session.scalars(select(ShopRenaming))
    assert (row.shop_id, row.who_id, row.before, row.after) == (shop.id, manager.id, "山野茶铺", "云间茶舍")


def test_goods_follow_part_by_part_and_what_follows_twice_is_told_once(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST", 2)
    shop, other = make.shop(name="一"), make.shop(name="别家")
    for one in (shop, shop, shop, shop, shop, other):
        make.product(shop=one)
    before = told()
    client.as_(shop.owner.token).patch(f"/shops/{shop.id}", {"name": "二"})
    worker.drain()
    assert (named(client, shop), named(client, other), told() - before) == ({"二"}, {"别家"}, 5)
    until_all_can_be_heard()
    in_transaction(lambda: jobs.show_new_names([ShopRenamed(shop.id)]))
    worker.drain()
    assert told() - before == 5


def test_goods_listed_while_the_shop_is_renamed_bear_the_new_name(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who lists has read the old name and written nothing yet: no fact waits for him."""
    shop, has_read, may_write = make.shop(name="旧名"), threading.Event(), threading.Event()
    seen = actions.category_or_refused

    def pause(category_id: UUID | None) -> Category | None:
        has_read.set()
        may_write.wait(1)
        return seen(category_id)

    def list_slowly() -> None:
        wanted = [SkuWanted(100, 1)]
        with app.app_context():
            in_transaction(lambda: actions.list_product(make.as_staff(shop), shop.id, title="杯子", skus=wanted))

    monkeypatch.setattr(actions, "category_or_refused", pause)
    lister = threading.Thread(target=list_slowly)
    lister.start()
    assert has_read.wait(5)
    renamed = client.as_(shop.owner.token).patch(f"/shops/{shop.id}", {"name": "新名"})
    worker.drain(patience=0.1)
    may_write.set()
    lister.join()
    worker.drain()
    assert (renamed.status_code, named(client, shop)) == (200, {"新名"})


def verified(shop: make.MadeShop) -> None:
    make.approved(shop, "brand", "山野")


def under_review(shop: make.MadeShop) -> None:
    make.application(shop)


def suspended(shop: make.MadeShop) -> None:
    moderator = make.person(roles=("moderator",))
    in_transaction(lambda: suspend_shop(moderator.id, shop.id, "卖假货"))


@pytest.mark.parametrize("fix", [verified, under_review, suspended])
def test_a_name_that_was_verified_or_is_looked_at_stays(
    app: Flask, client: Client, fix: Callable[[make.MadeShop], None]
) -> None:
    shop = make.shop(name="山野官方旗舰店")
    fix(shop)
    refused = client.as_(shop.owner.token).patch(f"/shops/{shop.id}", {"name": "别的店"})
    assert (refused.status_code, refused.json["code"]) == (409, "name_stays")
    assert client.get(f"/shops/{shop.id}").json["name"] == "山野官方旗舰店"
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/settings")
    assert page.status == 200 and "改名" in page.text
    assert not [one for one in page.forms if one.action.endswith("/settings/name")]


def test_a_shop_is_renamed_once_in_thirty_days(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make.shop(name="一")
    owner = client.as_(shop.owner.token)
    assert owner.patch(f"/shops/{shop.id}", {"name": "二"}).status_code == 200
    assert owner.patch(f"/shops/{shop.id}", {"name": "二"}).status_code == 200, "the same again is no renaming"
    assert owner.patch(f"/shops/{shop.id}", {"name": "三"}).json["code"] == "name_stays"
    in_transaction(lambda: db.session.execute(text("UPDATE shops_renamings SET at = at - interval '30 days'")))
    assert owner.patch(f"/shops/{shop.id}", {"name": "三"}).status_code == 200


def test_others_rename_nothing_and_no_name_is_too_long_or_empty(app: Flask, client: Client) -> None:
    shop = make.shop()
    reader = make.worker(shop, READER)
    assert client.patch(f"/shops/{shop.id}", {"name": "x"}).status_code == 401
    assert client.as_(make.person().token).patch(f"/shops/{shop.id}", {"name": "x"}).status_code == 404
    assert client.as_(reader.token).patch(f"/shops/{shop.id}", {"name": "x"}).status_code == 403
    for name in ("", "  ", "长" * 61, None):
        assert client.as_(shop.owner.token).patch(f"/shops/{shop.id}", {"name": name}).status_code == 422


def test_the_settings_page_renames_and_shows_a_faulty_name_again(app: Flask) -> None:
    shop = make.shop(name="一")
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/settings")
    page.send("/settings/name", new_name="")
    assert page.status == 422 and 'id="new_name-fault"' in page.text
    page.send("/settings/name", new_name="云间").follow()
    assert "<h1" in page.text and "云间" in page.text and "30 天内只能改名一次" in page.text


def test_a_moderator_renames_a_verified_shop_with_a_reason(app: Flask, client: Client) -> None:
    shop = make.shop(name="山野官方旗舰店")
    verified(shop)
    moderator, _ = with_second_factor(app, make.person(roles=("moderator",)))
    moderator.open(f"/admin/shops/{shop.id}").send("/name", new_name="山野旗舰店", why="")
    assert moderator.status == 422 and 'id="why-fault"' in moderator.text
    moderator.send("/name", new_name="山野旗舰店", why="来信要求").follow()
    assert "山野官方旗舰店 → 山野旗舰店: 来信要求" in moderator.text
    assert client.get(f"/shops/{shop.id}").json["type"] != "ordinary"


@pytest.mark.parametrize("name", ["雾里官方店", "雾里旗舰店", "MIST Official Store"])
def test_words_of_verified_brands_are_given_by_moderators_alone(client: Client, name: str) -> None:
    shop = make.shop(name="雾里")
    owner = client.as_(shop.owner.token)
    for refused in (
        owner.patch(f"/shops/{shop.id}", {"name": name}),
        owner.post("/shops", {"name": name}),
        owner.post("/personal-shops", {"name": name}),
    ):
        assert refused.status_code == 422 and refused.json["errors"]["name"], refused.json
    assert owner.post("/shops", {"name": "雾里的朋友们"}).status_code == 201
