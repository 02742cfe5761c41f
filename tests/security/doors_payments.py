"""Rows of the doors of wallets, and of those that providers call: closed without settings, as if not there."""

from typing import Any

from app.core.caller import Ref
from app.core.db import in_transaction
from app.core.ids import new_id
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import wallet_account
from tests.security.row import OPEN, PERSON, Row
from tests.security.town import Town, Values


def filled_wallets(town: Town, owner: Any) -> Values:
    """Everybody has something to withdraw."""
    for person in (town.owner, *town.people.values()):
        sides = [("gateway:bank", 1000), (wallet_account(person.id), -1000)]
        in_transaction(lambda sides=sides: post_journal("gift", Ref("gift", new_id()), sides))
    return {}


ROWS = [
    Row("GET", "/payment-ways", OPEN, 200),
    Row("POST", "/callbacks/alipay", OPEN, 404),
    Row("POST", "/callbacks/wechat", OPEN, 404),
    Row("GET", "/me/wallet", PERSON, 200),
    Row("GET", "/me/wallet/entries", PERSON, 200),
    Row("GET", "/me/wallet/withdrawals", PERSON, 200),
    Row("POST", "/me/wallet/top-ups", PERSON, 201, body=lambda v: {"amount": 100, "gateway": "sandbox"}),
    Row(
        "POST",
        "/me/wallet/withdrawals",
        PERSON,
        201,
        filled_wallets,
        body=lambda v: {"amount": 100, "account": "6222020200000000", "holder": "王小明"},
    ),
]
