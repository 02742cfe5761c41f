"""Papers of brands: who else has some, when they are over, and what a shop may be called without them."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock
from app.core.db import db, in_transaction
from app.core.worker import sweep_once
from app.store.brands.actions import add_brand
from app.store.onboarding.models import REFUSE, SUSPEND
from tests import make
from tests.client import Client
from tests.pages import Browser, with_second_factor
from tests.portal import at_portal

MAY_NOT = "不能再用这个词"
END = "store.onboarding.end_approvals"


@pytest.fixture
def moderator(app: Flask) -> Browser:
    return with_second_factor(app, make.person(roles=("moderator",)))[0]


def file(client: Client, shop: make.MadeShop, **answers: str) -> tuple[int, object]:
    body = {"about": "brand", "name": "山野", "answers": answers}
    answer = client.as_(shop.owner.token).post(f"/shops/{shop.id}/applications", body)
    return answer.status_code, answer.json.get("errors", {}).get("answers")


def rename(client: Client, shop: make.MadeShop, name: str) -> int:
    return client.as_(shop.owner.token).patch(f"/shops/{shop.id}", {"name": name}).status_code


def test_whoever_suspends_a_brand_is_told_of_the_word_that_stays_in_the_name(
    app: Flask, client: Client, moderator: Browser
) -> None:
    shop = make.shop(name="山野旗舰店")
    papers = make.approved(shop, "brand", "山野")
    settings = f"/portal/shops/{shop.id}/settings"
    owner = at_portal(app, shop.owner, settings)
    pages = (f"/admin/applications/{papers}", f"/admin/shops/{shop.id}")
    assert all(MAY_NOT not in moderator.open(one).text for one in pages)
    assert MAY_NOT not in owner.text
    moderator.open(pages[0]).send("/decision", act="suspend", reason="授权书是假的").follow()
    assert "“旗舰店”" in moderator.text
    assert MAY_NOT in moderator.text
    assert f'href="/admin/shops/{shop.id}#name"' in moderator.text
    assert MAY_NOT in moderator.open(pages[1]).text
    assert 'id="name"' in moderator.text
    assert MAY_NOT in owner.open(settings).text
    moderator.send("/name", new_name="山野茶铺", why="品牌已暂停").follow()
    assert MAY_NOT not in moderator.text
    assert MAY_NOT not in owner.open(settings).text


def test_papers_that_are_over_say_the_same_and_the_shop_may_change_its_name_at_once(app: Flask, client: Client) -> None:
    shop = make.shop(name="一")
    assert rename(client, shop, "二") == 200
    make.approved(shop, "brand", "山野")
    in_transaction(lambda: db.session.execute(text("UPDATE shops_shops SET name = '山野官方店'")))
    with clock.moved(days=366):
        in_transaction(lambda: db.session.execute(text("UPDATE shops_renamings SET at = now() + interval '365 days'")))
        sweep_once([END])
        page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/settings")
        assert MAY_NOT in page.text
        assert "现在可以马上修改" in page.text
        assert rename(client, shop, "山野旗舰店") == 422, "to no other word of brands"
        page.send("/settings/name", new_name="山野的朋友").follow()
        assert MAY_NOT not in page.text
        assert "30 天内只能改名一次" in page.text
        assert rename(client, shop, "又一个名字") == 409


def test_a_name_without_such_words_is_spoken_of_nowhere(app: Flask, moderator: Browser) -> None:
    shop = make.shop(name="山野茶铺")
    papers = make.approved(shop, "brand", "山野")
    make.decided(papers, SUSPEND)
    for path in (f"/admin/applications/{papers}", f"/admin/shops/{shop.id}"):
        assert MAY_NOT not in moderator.open(path).text


def test_who_decides_about_a_brand_sees_the_other_shops_that_have_or_want_it(app: Flask, moderator: Browser) -> None:
    first, second, asks, refused, other = (make.shop(name=f"店{n}") for n in range(5))
    verified = make.approved(first, "brand", "Mountain Wild")
    waits = make.application(asks, "brand", "ｍｏｕｎｔａｉｎ-wild", type="authorised")
    make.decided(make.application(refused, "brand", "Mountain Wild"), REFUSE)
    make.approved(other, "brand", "River Wild")
    mine = make.application(second, "brand", "MOUNTAIN WILD")
    page = moderator.open(f"/admin/applications/{mine}")
    assert page.text.count("data-other=") == 2
    for shop, application in ((first, verified), (asks, waits)):
        assert f'href="/admin/shops/{shop.id}"' in page.text
        assert f'href="/admin/applications/{application}"' in page.text
    assert "授权店" in page.text
    assert "data-other=" not in moderator.open(f"/admin/applications/{make.application(other)}").text


def test_other_names_of_a_known_brand_count_too(app: Flask, moderator: Browser) -> None:
    in_transaction(lambda: add_brand(None, "欧莱雅", ["L'Oréal"]).id)
    make.approved(make.shop(), "brand", "LOREAL")
    mine = make.application(make.shop(), "brand", "欧莱雅")
    assert moderator.open(f"/admin/applications/{mine}").text.count("data-other=") == 1


def test_papers_that_are_over_are_not_filed(app: Flask, client: Client) -> None:
    shop = make.shop()
    today = clock.china_days(1)[0]
    papers = make.papers(shop, "brand")
    status, faults = file(client, shop, **{**papers, "valid_until": str(today - timedelta(days=1))})
    assert (status, list(faults)) == (422, ["valid_until"])
    assert file(client, shop, **{**papers, "valid_until": "20301231"})[0] == 422
    assert file(client, shop, **{**papers, "valid_until": str(today)})[0] == 201
    make.decided(db.session.scalar(text("SELECT id FROM onboarding_applications")), REFUSE)
    with clock.moved(days=2):
        assert file(client, shop, granted_by="山野")[0] == 422, "what is left out stays, and is over by now"
        assert file(client, shop, valid_until=str(today + timedelta(days=9)))[0] == 201


def test_goods_listed_after_a_brand_was_verified_point_at_it(client: Client) -> None:
    shop = make.shop()
    make.approved(shop, "brand", "Mountain Wild")
    make.approved(make.shop(), "brand", "mountain wild")
    [brand] = client.get("/brands").json["items"]
    assert brand["name"] == "Mountain Wild"
    goods = make.product(shop=shop, brand="mountain wild")
    assert client.get(f"/products/{goods.id}").json["brand_id"] == brand["id"]
