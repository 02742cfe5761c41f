"""Take rates: the most specific one that is valid counts, and none is ever changed."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.store.categories.actions import add_category
from app.store.categories.models import Category
from app.store.fees import actions, queries
from tests import make
from tests.client import Client
from tests.store.counting import queries_in


def categories(count: int) -> list[UUID]:
    return list(db.session.scalars(select(Category.id).order_by(Category.name).limit(count)))


def chain(*names: str) -> list[UUID]:
    """Categories, each below the one before it."""
    ids: list[UUID] = []
    for name in names:
        above = ids[-1] if ids else None
        ids.append(in_transaction(lambda name=name, above=above: add_category(None, name, above).id))
    return ids


def rate(shop_id: UUID | None, category_id: UUID | None, rate: int, **named: Any) -> None:
    admin = Caller(person_id=make.person(roles=("admin",)).id)
    given = {"valid_from": None, "why": "", **named}
    in_transaction(lambda: actions.set_rate(admin, shop_id, category_id, rate, **given))


def now_of(shop_id: UUID, category_id: UUID | None) -> int:
    pair = (shop_id, category_id)
    return queries.take_rates([pair])[pair]


def test_the_most_specific_rate_counts(app: Flask) -> None:
    shop, [cups, other] = make.shop().id, categories(2)
    assert now_of(shop, cups) == 0, "nobody has set one"
    for scope, per_10000 in ((None, None), 100), ((None, cups), 200), ((shop, None), 300), ((shop, cups), 400):
        rate(*scope, per_10000)
        assert now_of(shop, cups) == per_10000
    assert (now_of(shop, other), now_of(uuid4(), cups), now_of(uuid4(), None)) == (300, 200, 100)


def test_a_category_without_a_rate_has_that_of_the_nearest_above_it(app: Flask) -> None:
    shop, (root, middle, leaf) = make.shop().id, chain("服装", "女装", "连衣裙")
    assert now_of(shop, leaf) == 0
    for scope, per_10000 in ((None, root), 100), ((None, middle), 200), ((None, leaf), 250), ((shop, None), 300):
        rate(*scope, per_10000)
        assert now_of(shop, leaf) == per_10000
    rate(shop, root, 400)
    assert (now_of(shop, leaf), now_of(shop, middle), now_of(uuid4(), leaf)) == (400, 400, 250)
    rate(shop, middle, 500)
    assert (now_of(shop, leaf), now_of(shop, root)) == (500, 400)


def test_a_rate_counts_from_its_moment_on_and_its_history_stays(app: Flask) -> None:
    shop = make.shop().id
    rate(shop, None, 500)
    soon = db.session.execute(select(clock.db_now())).scalar_one() + timedelta(hours=1)
    rate(shop, None, 0, valid_from=soon, why="开业优惠")
    assert now_of(shop, None) == 500
    with clock.moved(hours=2):
        assert now_of(shop, None) == 0
    assert [one["rate"] for one in queries.rates(20, None)["items"]] == [0, 500]
    with pytest.raises(IntegrityError):
        rate(shop, None, 1, valid_from=soon)
    db.session.rollback()
    with pytest.raises(Refused) as refused:
        rate(shop, None, 1, valid_from=soon - timedelta(days=1))
    assert list(refused.value.errors) == ["valid_from"]


CHANGES = ("UPDATE fees_rates SET rate = 1", "DELETE FROM fees_rates", "TRUNCATE fees_rates")


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_refuses_to_change_a_rate(app: Flask, statement: str) -> None:
    rate(None, None, 100)
    with pytest.raises(IntegrityError, match="only ever added to"):
        in_transaction(lambda: db.session.execute(text(statement)))


def test_many_rates_are_one_query(app: Flask) -> None:
    pairs = [(uuid4(), one) for one in categories(3) for _ in range(5)]
    rate(None, pairs[0][1], 250)
    with queries_in() as statements:
        found = queries.take_rates(pairs)
    assert len(statements) == 1
    assert [found[pair] for pair in pairs] == [250] * 5 + [0] * 10
    assert queries.take_rates([]) == {}


def test_only_admins_set_rates_and_it_is_written_down(app: Flask, client: Client) -> None:
    shop = make.shop()
    admin = client.as_(make.person(roles=("admin",)).token)
    sent = {"shop_id": str(shop.id), "rate": 350, "why": "合同"}
    for who in (shop.owner, make.person(roles=("moderator",))):
        assert client.as_(who.token).post("/desk/fees", sent).status_code == 403
    made = admin.post("/desk/fees", sent)
    assert (made.status_code, made.json["rate"], made.json["shop"]["name"]) == (201, 350, shop.name)
    [listed] = admin.get("/desk/fees").json["items"]
    assert listed == made.json
    for wrong in ({"rate": 10001}, {"rate": 1, "shop_id": str(uuid4())}, {"rate": 1, "category_id": str(uuid4())}):
        assert admin.post("/desk/fees", wrong).status_code == 422
    log = db.session.execute(text("SELECT what, why FROM core_audit WHERE what = 'fee_rate'")).all()
    assert log == [("fee_rate", "350‱ 合同")]
