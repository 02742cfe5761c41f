"""Declared interest: what the system knows of is said, and everybody is shown it."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.community.declarations import queries
from app.core import worker
from app.core.db import in_transaction
from app.store.shops.models import PACKER
from tests import make
from tests.client import Client
from tests.pages import signed_in


def body(goods: make.MadeProduct, **more: Any) -> dict[str, Any]:
    return {"kind": "note", "title": "好物", "tags": [{"product_id": str(goods.id)}], **more}


def test_that_an_author_sells_the_goods_is_said_for_him(client: Client) -> None:
    goods = make.product()
    owner, packer = client.as_(goods.shop.owner.token), make.worker(goods.shop, PACKER)
    for writer in (owner, client.as_(packer.token)):
        assert writer.post("/posts", body(goods)).json["declared"] == "own_goods"
    made = owner.post("/posts", body(goods, declared="paid")).json
    assert made["declared"] == "paid", "more than that he says himself"
    assert client.as_(make.person().token).post("/posts", body(goods)).json["declared"] == "none"


def test_an_interest_that_comes_later_is_declared_later(client: Client) -> None:
    mine, others = make.product(), make.product()
    owner = client.as_(mine.shop.owner.token)
    post = owner.post("/posts", body(others)).json
    assert post["declared"] == "none"
    both = {"tags": [{"product_id": str(one.id)} for one in (others, mine)]}
    assert owner.patch(f"/posts/{post['id']}", both).json["declared"] == "own_goods"
    assert owner.patch(f"/posts/{post['id']}", {"declared": "none"}).json["declared"] == "own_goods"
    without = {"declared": "none", "tags": []}
    assert owner.patch(f"/posts/{post['id']}", without).json["declared"] == "none"


@pytest.mark.parametrize("declared", ["commission", "gift", "paid"])
def test_what_is_declared_is_shown_on_every_door(client: Client, declared: str) -> None:
    author, goods = make.person(), make.product()
    post = make.post(author, [goods], title="声明过的", declared=declared)
    worker.drain()
    lists = ("/feed/explore", f"/people/{author.id}/posts", f"/products/{goods.id}/posts", "/search/posts?q=声明过的")
    for path in lists:
        [card] = [one.get("post", one) for one in client.get(path).json["items"]]
        assert card["declared"] == declared, path
    assert client.get(f"/posts/{post.id}").json["declared"] == declared
    words = {"commission": "含推广佣金", "gift": "商品为赠送", "paid": "付费合作"}[declared]
    for page in (f"//p/{post.id}", f"//l/{post.codes[0]}", "//"):
        assert words in client.get(page).text, page


def test_in_the_browser_it_is_declared_for_him_and_he_reads_so(app: Flask) -> None:
    goods = make.product()
    post = make.post(goods.shop.owner, title="新到的货")
    browser = signed_in(app, goods.shop.owner)
    browser.open(f"/portal/posts/{post.id}/tags/new?picture=&q=").send("/tags", product_id=str(goods.id), picture="")
    shown = browser.open(f"/portal/posts/{post.id}/words")
    assert '<option value="own_goods" selected>' in shown.text
    assert "作者销售" in browser.open(f"/p/{post.id}").text


def test_a_room_that_knows_of_an_interest_is_asked(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    author, goods = make.person(), make.product()

    def earns(person_id: UUID, product_ids: Any) -> str | None:
        return "commission" if (person_id, goods.id) == (author.id, *product_ids) else None

    monkeypatch.setattr(queries, "_knowing", [*queries._knowing, earns])
    writer = client.as_(author.token)
    refused = writer.post("/posts", body(goods))
    assert (refused.status_code, refused.json["code"]) == (422, "declaration_required")
    assert "commission" in str(refused.json["errors"]["declared"])
    made = writer.post("/posts", body(goods, declared="commission"))
    assert made.status_code == 201
    assert writer.patch(f"/posts/{made.json['id']}", {"declared": "none"}).status_code == 422
    assert in_transaction(lambda: queries.known_interest(author.id, [])) is None
