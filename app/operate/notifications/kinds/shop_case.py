"""New after-sales cases of a shop, for those of its staff who answer them: one notice a day."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select

from app.operate.notifications.kinds.base import Happening, Key, Kind, told_by
from app.operate.notifications.kinds.shop_order import roles_with, shops_seen
from app.operate.notifications.models import ORDERS
from app.store.aftersales.events import CaseOpened
from app.store.aftersales.models import Case
from app.store.shops.models import SERVE, Staff


class ShopCaseKind(Kind):
    name = "shop_case"
    tab = ORDERS
    called = {"zh": "店铺新售后", "en": "New after-sales cases of my shop"}
    zh = "店铺「{title}」有 {n} 个新的售后申请"
    en = "New after-sales cases in “{title}”: {n}"
    is_undone = False
    facts = (CaseOpened,)
    look = staticmethod(shops_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.case_id, None) for one in facts}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Staff.person_id, Case.shop_id, Case.id, Case.opened_at).join(
            Staff, Staff.shop_id == Case.shop_id
        )
        these = (Case.id.in_([one.target_id for one in keys]), Staff.role.in_(roles_with(SERVE)))
        return told_by(asked.where(*these))


kind = ShopCaseKind()
