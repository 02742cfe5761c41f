"""Settlement of what a guest bought who is a person by now."""

from flask import Flask

from app.core.caller import PERSON, Ref
from app.core.db import in_transaction
from app.core.joining import join
from app.store.ledger.queries import balance, shop_account
from app.store.settlement.queries import settled_account
from tests import make as town
from tests.make import order as make
from tests.make.settlement import let_windows_pass, receive, settle
from tests.store.test_lateness import let_pass


def test_what_a_guest_got_for_waiting_is_counted_once_after_he_has_joined(app: Flask) -> None:
    shop, guest = town.shop(), make.buyer()
    bought = make.paid(make.purchase([make.line(make.sku(), 10_000, 1, shop.id)], guest))
    let_pass()
    in_transaction(lambda: join(guest.ref, Ref(PERSON, town.person().id)))
    receive(bought.placed.orders[0].id)
    let_windows_pass()
    settle()
    assert (balance(shop_account(shop.id)), balance(settled_account(shop.id))) == (0, -9500)
