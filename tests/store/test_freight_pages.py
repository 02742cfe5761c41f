"""The form of a freight template: it shows all of it, and saving it as it stands changes nothing."""

from typing import Any

from flask import Flask

from app.people.addresses.models import PROVINCES
from app.store.freight.models import MOST_RULES
from app.store.freight.schemas import EMPTY_ROWS
from tests import make
from tests.client import Client
from tests.pages import Browser
from tests.portal import at_portal

ELSEWHERE = {"first_price": 800, "free_amount": 0}


def made(client: Client, shop: make.MadeShop, rules: list[dict[str, Any]]) -> dict[str, Any]:
    body = {"name": "全国", "unit": "piece", "rules": rules}
    answer = client.as_(shop.owner.token).post(f"/shops/{shop.id}/freight", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def stored(client: Client, shop: make.MadeShop) -> Any:
    return client.as_(shop.owner.token).get(f"/shops/{shop.id}/freight").json["items"][0]["rules"]


def opened(app: Flask, shop: make.MadeShop, template: dict[str, Any]) -> Browser:
    return at_portal(app, shop.owner, f"/portal/shops/{shop.id}/freight/{template['id']}")


def in_order(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rules, key=lambda one: str(one["regions"]))


def test_a_form_saved_as_it_stands_keeps_every_rule(app: Flask, client: Client) -> None:
    shop = make.shop()
    far = [{"regions": [one], "first_price": 100 + turn} for turn, one in enumerate(PROVINCES)]
    template = made(client, shop, [*far, ELSEWHERE])
    before = stored(client, shop)
    browser = opened(app, shop, template)
    assert browser.send(template["id"]).status == 303
    assert (len(before), in_order(stored(client, shop))) == (35, in_order(before))


def test_the_most_rules_fit_into_the_form_with_and_without_one_for_elsewhere(app: Flask, client: Client) -> None:
    shop = make.shop()
    cities = [{"regions": [f"浙江/第{turn}"], "first_price": turn} for turn in range(MOST_RULES)]
    template = made(client, shop, cities)
    browser = opened(app, shop, template)
    assert browser.forms[0].fields["refused-0"] == "1"
    assert browser.send(template["id"]).status == 303
    assert in_order(stored(client, shop)) == in_order(template["rules"])
    browser = opened(app, shop, template)
    more = {f"regions-{MOST_RULES + 1}": "北京"}
    assert browser.send(template["id"], **more).status == 422
    assert f"最多 {MOST_RULES} 条规则" in browser.text
    assert browser.forms[0].fields[f"regions-{MOST_RULES + 1}"] == "北京"


def test_there_is_room_for_more_rules_below_those_that_are_there(app: Flask, client: Client) -> None:
    shop = make.shop()
    template = made(client, shop, [ELSEWHERE, *({"regions": [one]} for one in list(PROVINCES)[:9])])
    browser = opened(app, shop, template)
    names = [name for name in browser.forms[0].fields if name.startswith("regions-")]
    assert len(names) == 9 + EMPTY_ROWS
    assert browser.send(template["id"], **{f"regions-{9 + EMPTY_ROWS}": "新疆"}).status == 303
    assert len(stored(client, shop)) == 11


def test_what_is_free_from_nothing_on_stays_free(app: Flask, client: Client) -> None:
    shop = make.shop()
    template = made(client, shop, [ELSEWHERE])
    assert opened(app, shop, template).send(template["id"]).status == 303
    assert stored(client, shop) == template["rules"]
