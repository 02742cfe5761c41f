"""Doors of a person's own wallet."""

from typing import Any

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import Door
from app.store.payments.actions import BEGINNING, wanted
from app.store.payments.schemas import PaymentToPayOut
from app.store.wallets import actions, queries
from app.store.wallets.schemas import TopUpIn, WalletEntryPage, WalletOut, WithdrawalIn, WithdrawalOut, WithdrawalPage

door = Door("wallets")


@door.get("/me/wallet", gives=WalletOut, who="person")
def show_wallet(caller: Caller) -> dict[str, Any]:
    """The caller's balance."""
    return queries.wallet_of(caller.person)


@door.get("/me/wallet/entries", gives=WalletEntryPage, asks=PageQuery, who="person")
def list_entries(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """What came into the caller's wallet and left it, the latest first."""
    return queries.entries_page(caller.person, **asked)


@door.post(
    "/me/wallet/top-ups",
    takes=TopUpIn,
    gives=PaymentToPayOut,
    limit="order",
    key="required",
    calls=BEGINNING,
)
def top_up(caller: Caller, given: dict[str, Any]) -> Any:
    """Begin to fill the caller's wallet; paid as a purchase is. 403 `not_enabled` where it is off."""
    return wanted(actions.begin_top_up(caller, **given))


@door.post("/me/wallet/withdrawals", takes=WithdrawalIn, gives=WithdrawalOut, limit="order", key="required")
def withdraw(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Have money paid out to a bank account. 403 `not_enabled` where it is off."""
    return queries.shown(actions.ask_withdrawal(caller, **given))


@door.get("/me/wallet/withdrawals", gives=WithdrawalPage, asks=PageQuery, who="person")
def list_withdrawals(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The caller's withdrawals, the latest first."""
    return queries.withdrawals_page(caller.person, **asked)
