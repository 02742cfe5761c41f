"""What a price was: the history, the lowest of thirty days, and which list price is true."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock, worker
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.store.catalogue import actions
from app.store.prices.models import BASE, LEAST, WINDOW, Price, Span, lowest_of, true_list_prices
from app.store.prices.queries import lowest_price, spans_of
from app.store.variants.models import Sku
from tests import make
from tests.client import Client

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)
steps = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 400), st.booleans()), min_size=1, max_size=8)
"""(price, hours, on sale) one after the other, the last one until now."""


def spans(told: list[tuple[int, int, bool]]) -> list[Span]:
    end, found = NOW, []
    for price, hours, is_offered in reversed(told):
        begin = end - hours * HOUR
        found.append(Span(price, begin, None if end == NOW else end, is_offered))
        end = begin
    return found[::-1]


def asked(told: list[Span], hour: datetime) -> int | None:
    """The price on sale in the hour that begins then."""
    return next((one.price for one in told if one.is_offered and one.from_at <= hour < one.ends(NOW)), None)


def by_the_hour(told: list[Span], price: int) -> set[int]:
    """The rule in its plainest words: hour by hour."""
    hours = [NOW - n * HOUR for n in range(1, 3300)]
    began = NOW
    for one in reversed(told):
        if one.price != price:
            break
        began = one.from_at
    before = [asked(told, hour) for hour in hours if hour < began]
    week = [one for one in before[: BASE // HOUR] if one is not None]
    last = next((one for one in before if one is not None), None)
    base = min(week) if week else last
    if base is None:
        return set()
    month = [asked(told, hour) for hour in hours[: WINDOW // HOUR]]
    return {one for one in set(month) - {None} if price < one <= base and month.count(one) >= LEAST // HOUR}


@given(steps, st.integers(1, 4))
def test_a_list_price_is_true_exactly_if_it_was_asked_as_the_rule_says(
    told: list[tuple[int, int, bool]], price: int
) -> None:
    history = spans(told)
    assert set(true_list_prices(history, price, NOW)) == by_the_hour(history, price)


@given(steps)
def test_a_list_price_is_true_until_the_moment_that_is_told_and_not_longer(told: list[tuple[int, int, bool]]) -> None:
    history = spans(told)
    price = history[-1].price
    for listed, until in true_list_prices(history, price, NOW).items():
        assert until > NOW
        closed = [one._replace(until_at=NOW) if one.until_at is None else one for one in history]
        later = [*closed, Span(price, NOW, None, True)]
        assert listed in true_list_prices(later, price, until - timedelta(seconds=1))
        assert listed not in true_list_prices(later, price, until)


@given(steps)
def test_the_lowest_price_is_that_of_the_hours_of_the_last_thirty_days(told: list[tuple[int, int, bool]]) -> None:
    history = spans(told)
    price = history[-1].price
    month = [asked(history, NOW - n * HOUR) for n in range(1, WINDOW // HOUR + 1)]
    found = lowest_of(history, price, NOW)
    assert found.price == min([one for one in month if one is not None] + [price])
    assert (found.until is None) == (found.price == price)


def sku_row(sku_id: UUID) -> Sku:
    db.session.expire_all()
    found = db.session.get(Sku, sku_id)
    assert found is not None
    return found


def patched(product: make.MadeProduct, **wanted: object) -> Sku:
    caller = Caller(person_id=product.shop.owner.id)
    in_transaction(lambda: actions.change_sku(caller, product.sku_id, **wanted).id)
    return sku_row(product.sku_id)


def test_a_list_price_that_was_never_asked_is_refused_and_one_that_was_is_shown(client: Client) -> None:
    goods = make.product(price=10000)
    owner, path = client.as_(goods.shop.owner.token), f"/skus/{goods.sku_id}"
    untrue = owner.patch(path, {"price": 6000, "list_price": 20000})
    assert (untrue.status_code, list(untrue.json["errors"])) == (422, ["list_price"])
    assert owner.patch(path, {"price": 6000, "list_price": 10000}).status_code == 422, "asked for a minute only"
    assert client.get(f"/products/{goods.id}").json["price"] == 10000, "a refused change changes nothing"
    with clock.moved(hours=25):
        done = owner.patch(path, {"price": 6000, "list_price": 10000})
        assert done.status_code == 200
        shown = client.get(f"/products/{goods.id}").json["skus"][0]
        assert (shown["price"], shown["list_price"], shown["lowest_30d"]) == (6000, 10000, 6000)
        said = owner.patch(path, {"list_price": 9000}).json
        assert "100.00" in said["errors"]["list_price"][0], "it says which one is true"
        assert owner.patch(path, {"list_price": None}).json["list_price"] is None


def test_a_price_raised_for_a_day_before_it_is_cut_is_no_list_price(app: Flask) -> None:
    goods = make.product(price=6000)
    with clock.moved(days=20):
        patched(goods, price=20000)
    with clock.moved(days=22), pytest.raises(Refused):
        patched(goods, price=6000, list_price=20000)
    with clock.moved(days=28):
        assert patched(goods, price=6000, list_price=20000).list_price == 20000, "after a week it is the usual price"


def test_goods_that_are_not_on_sale_make_no_list_price(app: Flask) -> None:
    goods = make.product(price=10000, state="draft")
    with clock.moved(days=3), pytest.raises(Refused):
        patched(goods, price=6000, list_price=10000)


def test_what_was_true_is_taken_away_by_itself_when_it_is_not_any_more(client: Client) -> None:
    goods = make.product(price=10000)
    with clock.moved(days=10):
        patched(goods, price=6000, list_price=10000)
        assert worker.sweep_once(["store.variants.refresh_prices"]) == 0
    with clock.moved(days=38):
        assert worker.sweep_once(["store.variants.refresh_prices"]) == 0
    with clock.moved(days=40):
        assert worker.sweep_once(["store.variants.refresh_prices"]) == 1
        shown = client.get(f"/products/{goods.id}").json["skus"][0]
        assert (shown["list_price"], shown["lowest_30d"]) == (None, 6000)


def test_a_further_cut_takes_the_list_price_away_unless_it_is_true_beside_it(app: Flask) -> None:
    goods = make.product(price=10000)
    with clock.moved(days=10):
        patched(goods, price=6000, list_price=10000)
    with clock.moved(days=12):
        assert patched(goods, price=5000).list_price is None, "this week some paid 60"
        assert patched(goods, list_price=6000).list_price == 6000


def test_the_lowest_price_counts_only_what_was_on_sale_and_within_the_days(app: Flask) -> None:
    goods = make.product(price=10000)
    with clock.moved(days=1):
        patched(goods, price=3000)
    with clock.moved(days=2):
        patched(goods, price=9000)
    with clock.moved(days=20):
        assert lowest_price([goods.sku_id]) == {goods.sku_id: 3000}
        assert lowest_price([goods.sku_id], days=7) == {goods.sku_id: 9000}
        assert sku_row(goods.sku_id).lowest == 3000
    with clock.moved(days=33):
        worker.sweep_once(["store.variants.refresh_prices"])
        assert sku_row(goods.sku_id).lowest is None and lowest_price([goods.sku_id]) == {goods.sku_id: 9000}
    assert lowest_price([]) == {}


def test_every_change_of_a_price_or_of_being_on_sale_is_one_span_without_gaps(app: Flask) -> None:
    goods = make.product(price=10000)
    owner = Caller(person_id=goods.shop.owner.id)
    patched(goods, price=9000)
    patched(goods, price=9000)
    in_transaction(lambda: actions.change_product(owner, goods.id, state="off").id)
    in_transaction(lambda: actions.change_product(owner, goods.id, state="on_sale").id)
    in_transaction(lambda: actions.take_down(goods.id, "假货", None))
    in_transaction(lambda: actions.restore(goods.id))
    patched(goods, state="off")
    found = spans_of([goods.sku_id])[0][goods.sku_id]
    told = [(one.price, one.is_offered) for one in found]
    assert told == [(10000, True), (9000, True), *[(9000, False), (9000, True)] * 2, (9000, False)]
    gaps = [after.from_at - before.until_at for before, after in pairwise(found) if before.until_at]
    assert len(gaps) == 6 and all(timedelta() <= gap < timedelta(seconds=1) for gap in gaps)
    assert {one.by_id for one in db.session.query(Price)} == {goods.shop.owner.id, None}
