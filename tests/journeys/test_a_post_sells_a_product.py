"""The main story: somebody publishes a post with tagged goods, others find it, buy by its link, and all is counted."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin
from uuid import uuid4

import httpx
import pytest

from tests.journeys.people import ADDRESS, Somebody, callback, done, eventually
from tests.live import LiveTown, talk


@pytest.fixture
def town(live: LiveTown) -> Iterator[LiveTown]:
    yield live.start()


def ids(answer: httpx.Response) -> list[str]:
    return [item["id"] for item in done(answer)["items"]]


def feed_ids(answer: httpx.Response) -> list[str]:
    return [item["post"]["id"] for item in done(answer)["items"]]


def test_a_post_sells_a_product(town: LiveTown) -> None:
    merchant, kol, reader = Somebody(town, "店主"), Somebody(town, "小红"), Somebody(town, "读者")
    product = merchant.lists(merchant.opens_a_shop(), price=9900, stock=5)
    sku = product["skus"][0]["id"]
    assert product["skus"][0]["price"] == 9900
    assert product["skus"][0]["stock"] == 5

    post = kol.publishes(product["id"])
    tag = post["tags"][0]
    assert tag["product"]["id"] == product["id"]
    code = tag["link"]["code"]

    guest = town.person()
    eventually(lambda: post["id"] in ids(guest.get("/search/posts?q=围巾")), 20)
    assert guest.get("/search/posts?q=围巾").headers["Search-Engine"] in {"elasticsearch", "postgres"}
    eventually(lambda: product["id"] in ids(guest.get("/search/products?q=羊毛围巾")), 20)
    eventually(lambda: kol.id in ids(guest.get("/search/people?q=小红")), 20)
    eventually(lambda: post["id"] in feed_ids(guest.get("/feed/explore")), 20)
    done(reader.put(f"/people/{kol.id}/follow"), 204)
    assert feed_ids(reader.get("/feed/following")) == [post["id"]]

    done(reader.put(f"/posts/{post['id']}/like"), 204)
    done(reader.put(f"/posts/{post['id']}/collect"), 204)
    done(reader.post(f"/posts/{post['id']}/comments", {"body": "求链接"}), 201)
    seen = done(reader.get(f"/posts/{post['id']}"))
    assert {name: seen["counts"][name] for name in ("likes", "collects", "comments")} == {
        "likes": 1, "collects": 1, "comments": 1,
    }  # fmt: skip
    assert seen["viewer"] == {"liked": True, "collected": True, "following": True}

    opened = done(reader.get(f"/links/{code}"))
    assert opened["product"]["id"] == product["id"]
    assert opened["skus"] == [{**opened["skus"][0], "id": sku, "price": 9900, "in_stock": True}]
    assert opened["post"] == {"id": post["id"]}
    assert opened["promoter"]["id"] == kol.id

    bought = reader.buys(code, sku, quantity=2)
    assert (bought["status"], bought["total"]) == ("paid", 19800)
    line = bought["orders"][0]["lines"][0]
    assert line["attribution"]["promoter_id"] == kol.id
    assert line["attribution"]["post_id"] == post["id"]
    assert line["attribution"]["own_purchase"] is False
    assert done(guest.get(f"/products/{product['id']}"))["skus"][0]["stock"] == 3


def test_a_price_changed_after_publishing_is_live_at_the_next_request(town: LiveTown) -> None:
    merchant = Somebody(town)
    product = merchant.lists(merchant.opens_a_shop(), price=9900)
    sku = product["skus"][0]["id"]
    code = merchant.publishes(product["id"])["tags"][0]["link"]["code"]
    guest = town.person()
    assert done(guest.get(f"/links/{code}"))["skus"][0]["price"] == 9900
    done(merchant.patch(f"/skus/{sku}", {"price": 8800}))
    assert done(guest.get(f"/links/{code}"))["skus"][0]["price"] == 8800
    assert "88.00" in httpx.get(f"{town.url}/l/{code}").text
    assert done(guest.get(f"/products/{product['id']}"))["skus"][0]["price"] == 8800


def test_two_kols_tag_one_sku_and_each_line_knows_who_sold_it(town: LiveTown) -> None:
    merchant, one, two = Somebody(town), Somebody(town, "甲"), Somebody(town, "乙")
    product = merchant.lists(merchant.opens_a_shop(), stock=20)
    sku = product["skus"][0]["id"]
    first, second = one.publishes(product["id"]), two.publishes(product["id"])
    links = [post["tags"][0]["link"]["code"] for post in (first, second)]

    def sold_by(purchase: dict[str, object]) -> str | None:
        orders: list[dict[str, list[dict[str, dict[str, str] | None]]]] = purchase["orders"]
        attribution = orders[0]["lines"][0]["attribution"]
        return attribution["post_id"] if attribution else None

    assert sold_by(Somebody(town).buys(links[0], sku)) == first["id"]
    assert sold_by(Somebody(town).buys(links[1], sku)) == second["id"]
    stranger = Somebody(town)
    opened = done(stranger.post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 1}]}), 201)
    assert sold_by(stranger.orders(opened["id"])) is None
    unpaid = Somebody(town).buys(links[0], sku, pay=False)
    assert (unpaid["status"], sold_by(unpaid)) == ("unpaid", first["id"])
    clicker = Somebody(town)
    done(clicker.get(f"/links/{links[0]}"))
    done(clicker.get(f"/links/{links[1]}"))
    opened = done(clicker.post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 1}]}), 201)
    assert sold_by(clicker.orders(opened["id"])) == second["id"], "the last click wins where no link is named"
    own = one.buys(links[0], sku)["orders"][0]["lines"][0]["attribution"]
    assert own["own_purchase"] is True, "a promoter's own purchase is marked and earns nothing"


def test_a_guest_buys_from_the_page_of_a_link(town: LiveTown) -> None:
    merchant = Somebody(town)
    product = merchant.lists(merchant.opens_a_shop(), stock=3)
    post = merchant.publishes(product["id"])
    browser = talk(town.url, follow_redirects=True)
    town.talks.append(browser)
    page = browser.get(f"/l/{post['tags'][0]['link']['code']}")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert 'property="og:title"' in page.text
    for fields in (
        {"quantity": "1", "sku_id": product["skus"][0]["id"]},
        {
            "name": "王小明",
            "phone": "13800000000",
            "province": "浙江",
            "city": "杭州",
            "district": "西湖",
            "street": "文三路",
        },
    ):
        page = submit(browser, page, fields)
    assert "sandbox" in str(page.url)
    page = submit(browser, page, {"outcome": "paid"})
    assert "/purchases/" in str(page.url)
    assert "已支付" in page.text
    orders = done(merchant.get(f"/shops/{product['shop']['id']}/orders"))["items"]
    assert len(orders) == 1


def submit(browser: httpx.Client, page: httpx.Response, fields: dict[str, str]) -> httpx.Response:
    """Send the (first) form of a page that has all of these fields, with its hidden ones."""
    for form in re.findall(r"<form.*?</form>", page.text, re.S):
        action = re.search(r'action="([^"]*)"', form)
        hidden = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"', form))
        if all(f'name="{name}"' in form for name in fields):
            target = urljoin(str(page.url), action[1] if action else "")
            return browser.post(target, data={**hidden, **fields})
    raise AssertionError(f"no form with {sorted(fields)} on {page.url}:\n{page.text}")


def test_the_last_unit_lapses_unpaid_and_a_late_payment_is_refunded_not_revived(live: LiveTown) -> None:
    live.env["UNPAID_SECONDS"] = "5"
    town = live.start()
    merchant, first, second, third = (Somebody(town) for _ in range(4))
    product = merchant.lists(merchant.opens_a_shop(), stock=1)
    sku = product["skus"][0]["id"]
    code = merchant.publishes(product["id"])["tags"][0]["link"]["code"]
    unpaid = first.buys(code, sku, pay=False)
    payment = done(first.post(f"/purchases/{unpaid['id']}/payments", {"gateway": "sandbox"}, key="p"), 201)
    refused = second.post(f"/links/{code}/checkout", {"sku_id": sku, "quantity": 1})
    assert refused.status_code == 409
    eventually(lambda: done(first.get(f"/purchases/{unpaid['id']}"))["status"] == "lapsed", seconds=10)
    assert third.buys(code, sku)["status"] == "paid"
    late = callback(town, payment["id"], unpaid["total"])
    assert late.status_code < 300, late.text
    after = done(first.get(f"/purchases/{unpaid['id']}"))
    assert after["status"] == "lapsed"
    assert [refund["amount"] for refund in after["refunds"]] == [unpaid["total"]]
    assert done(town.person().get(f"/products/{product['id']}"))["skus"][0]["stock"] == 0


def test_one_purchase_of_two_shops_is_one_payment_and_two_orders(town: LiveTown) -> None:
    ann, ben, buyer = Somebody(town), Somebody(town), Somebody(town)
    goods = [seller.lists(seller.opens_a_shop(), price=price) for seller, price in ((ann, 1000), (ben, 250))]
    lines = [{"sku_id": one["skus"][0]["id"], "quantity": 2} for one in goods]
    opened = done(buyer.post("/checkouts", {"lines": lines}), 201)
    assert opened["adjustments"] == []
    assert opened["total"] == 2500
    bought = buyer.orders(opened["id"])
    assert sorted(order["total"] for order in bought["orders"]) == [500, 2000]
    assert bought["status"] == "paid"
    for order in bought["orders"]:
        assert done(buyer.get(f"/orders/{order['id']}"))["id"] == order["id"]
        assert Somebody(town).get(f"/orders/{order['id']}").status_code == 404


def test_a_changed_total_is_refused_and_the_new_one_named(town: LiveTown) -> None:
    merchant, buyer = Somebody(town), Somebody(town)
    product = merchant.lists(merchant.opens_a_shop(), price=1000)
    sku = product["skus"][0]["id"]
    opened = done(buyer.post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 1}]}), 201)
    unaddressed = buyer.post(f"/checkouts/{opened['id']}/purchase", {}, key=uuid4().hex)
    assert unaddressed.status_code == 422
    assert "address" in unaddressed.json()["errors"]
    done(buyer.patch(f"/checkouts/{opened['id']}", {"address": ADDRESS}))
    done(merchant.patch(f"/skus/{sku}", {"price": 1200}))
    refused = buyer.post(f"/checkouts/{opened['id']}/purchase", {"expected_total": 1000}, key=uuid4().hex)
    assert refused.status_code == 409
    assert done(buyer.get(f"/checkouts/{opened['id']}"))["total"] == 1200
    placed = buyer.post(f"/checkouts/{opened['id']}/purchase", {"expected_total": 1200}, key="a")
    assert done(placed, 201)["total"] == 1200
    assert buyer.post(f"/checkouts/{opened['id']}/purchase", {"expected_total": 1200}, key="b").status_code == 409
