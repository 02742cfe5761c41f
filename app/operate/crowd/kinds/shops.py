"""Shops that people of the crowd open, and the accounts in which it is kept what all shops are owed."""

from collections.abc import Iterable

from app.core.bulk import Columns
from app.operate.crowd.kinds.base import Batch, Size, Town
from app.operate.crowd.kinds.chance import bits, id_of
from app.store.ledger.models import Account
from app.store.ledger.queries import gateway_account, shop_account
from app.store.shops.events import ShopOpened
from app.store.shops.models import OWNER, Shop, Staff

SHOPS = Columns(Shop, ("id", "name", "owner_id", "created_at"))
STAFF = Columns(Staff, ("shop_id", "person_id", "role"))
ACCOUNTS = Columns(Account, ("id", "name"), if_absent=True)
GATEWAY = "sandbox"


class Shops:
    name = "shops"
    most = 1000
    tables = (SHOPS, STAFF, ACCOUNTS)

    def how_many(self, size: Size) -> int:
        return size.shops

    def batch(self, town: Town, numbers: Iterable[int]) -> Batch:
        batch = Batch(self.tables)
        _account(batch, town, gateway_account(GATEWAY), GATEWAY)
        for kind, founded in town.founders.shops.items():
            _account(batch, town, shop_account(founded.id), kind)
        for number in numbers:
            shop = town.shop(number)
            batch.add_made(SHOPS, shop)
            batch.add(STAFF, shop.id, shop.owner_id, OWNER)
            batch.tell(ShopOpened(shop.id))
            _account(batch, town, shop_account(shop.id), number)
        return batch


def _account(batch: Batch, town: Town, name: str, known_as: object) -> None:
    batch.add(ACCOUNTS, id_of(town.end, bits("account", known_as)), name)


group = Shops()
