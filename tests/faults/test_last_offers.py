"""Many who use at once what is left of offers (scenario 16; its wallets stand in test_money.py)."""

from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.core.errors import Refused
from tests import make
from tests.plays.buying import bought, left, with_offers
from tests.store.racing import refusals, together


def test_16_sixty_four_who_use_what_is_left_of_offers_at_once_get_no_more_than_there_is(app: Flask, long: bool) -> None:
    for _ in range(20 if long else 1):
        cup = make.product(price=10_000, stock=200)
        off = {"tiers": [{"above": 0, "off": 1_000}]}
        budget = make.promotion("shop_reduction", off, cup.shop, budget=7_500)
        code = f"LAST{uuid4().hex[:8]}"
        few = make.coupons(terms=off, is_claimable=False, quantity=None, code=code, most_uses=5)
        made = [make.checkout(product=cup) for _ in range(64)]
        for one in made:
            with_offers(one, [code])
        found = together(app, *(partial(_bought_somehow, one) for one in made))
        assert set(refusals(found)) <= {"offer_gone", "invalid"}
        totals = Counter(one.total for one in found if not isinstance(one, Refused))
        by_shop, by_platform = totals[8_000] + totals[9_000], totals[8_000]
        assert by_shop <= 7 + 5 and by_platform <= 5, totals
        assert (left(budget)[0] >= 0, left(few)[1] >= 0) == (True, True)
        in_transaction(lambda: db.session.execute(text("UPDATE promotions_promotions SET state = 'ended'")))


def _bought_somehow(made: make.MadeCheckout) -> Any:
    """Whoever is refused because an offer has gone tries once more."""
    try:
        return bought(made)
    except Refused as refused:
        if refused.code != "offer_gone":
            raise
        return bought(made)
