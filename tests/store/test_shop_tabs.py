"""The tabs of a shop: everybody who works there sees those that open to him, and no others."""

import re

import pytest
from flask import Flask

from app.core.http import menu
from app.store.shops.models import OWNER, READER, RIGHTS, SELLER
from tests import make
from tests.portal import at_portal


def tabs() -> list[str]:
    """All there are; known once the rooms are loaded."""
    return [one.path for one in menu._menus[menu.SHOP]]


def shown(text: str, shop: make.MadeShop) -> list[str]:
    bar = text.partition('aria-label="店铺"')[2].partition("</nav>")[0]
    return re.findall(rf'href="/portal/shops/{shop.id}([^"]*)"', bar)


@pytest.mark.parametrize("role", RIGHTS)
def test_who_works_in_a_shop_sees_the_tabs_that_open_to_him(app: Flask, role: str) -> None:
    shop = make.shop(of_person=role == SELLER)
    who = shop.owner if role in {OWNER, SELLER} else make.worker(shop, role)
    browser = at_portal(app, who, f"/portal/shops/{shop.id}")
    seen = shown(browser.text, shop)
    opens = {path: browser.open(f"/portal/shops/{shop.id}{path}").status for path in tabs()}
    if role == SELLER:
        assert set(seen) == {"/orders", "/shipping", "/aftersales", "/reviews", "/bills", "/invoices", "/deposit"}
        assert all(opens[path] == 200 for path in seen), "those alone that he works with"
        return
    assert {path for path, status in opens.items() if status == 200} == set(seen)
    assert {status for path, status in opens.items() if path not in seen} <= {403}


def test_a_reader_sees_fewer_tabs_than_an_owner(app: Flask) -> None:
    shop = make.shop()
    path = f"/portal/shops/{shop.id}"
    of_owner = shown(at_portal(app, shop.owner, path).text, shop)
    of_reader = shown(at_portal(app, make.worker(shop, READER), path).text, shop)
    assert of_owner == [one for one in tabs() if one in of_owner]
    assert "/settings" in of_owner and "/settings" not in of_reader
    assert "/orders" in of_reader
