"""make.papers(shop, "supplier"): what an application says; make.application(...): one that was filed, or approved."""

from datetime import timedelta
from uuid import UUID

from app.core import clock
from app.core.db import in_transaction
from app.store.onboarding import actions
from app.store.onboarding.models import APPROVE, CHECK, SUPPLIER, Verdict
from tests.make.person import person
from tests.make.product import as_staff
from tests.make.shop import MadeShop
from tests.make.upload import upload

ID_NUMBER, CREDIT_CODE = "11010519491231002X", "91350100M000100Y43"
"""The examples of GB 11643 and GB 32100: nobody's."""
_PICTURES = {"shop": ("licence", "id_front", "id_back"), "supplier": ("licence", "brand_paper"), "brand": ("paper",)}


def papers(shop: MadeShop, about: str = "shop", **changed: str) -> dict[str, str]:
    """All answers that an application of this kind needs, with pictures of the owner's."""
    phone = "13800000000"
    texts = {
        "shop": {
            "subject": "company",
            "legal_name": "山野茶业有限公司",
            "credit_code": CREDIT_CODE,
            "legal_person": "王小明",
            "id_number": ID_NUMBER,
            "phone": phone,
            "address": "杭州市西湖区文三路 1 号",
        },
        "supplier": {
            "legal_name": "青瓷工坊有限公司",
            "credit_code": CREDIT_CODE,
            "brands": "青山",
            "ships_from": "龙泉市一号仓",
            "returns_to": "龙泉市一号仓",
            "phone": phone,
        },
        "brand": {"type": "flagship", "trademark": "12345678", "valid_until": "2030-12-31"},
    }
    pictures = {name: str(upload(shop.owner)) for name in _PICTURES[about]}
    return {**texts[about], **pictures, **changed}


def application(shop: MadeShop, about: str = "shop", name: str = "", **changed: str) -> UUID:
    """The id of an application that the shop's owner has just filed."""
    answers = papers(shop, about, **changed)
    return in_transaction(lambda: actions.file_application(as_staff(shop), shop.id, about, name, answers).id)


def approved(shop: MadeShop, about: str = "shop", name: str = "", **changed: str) -> UUID:
    """The id of one that a moderator has approved, for a year where it ends."""
    made = application(shop, about, name, **changed)
    if about == SUPPLIER:
        decided(made, CHECK)
    decided(made, APPROVE)
    return made


def decided(application_id: UUID, act: str, reason: str = "因为", version: int = 1) -> None:
    """A moderator's word."""
    moderator = person(roles=("moderator",)).id
    until = clock.now() + timedelta(days=365)
    told = Verdict(act, version, reason, None, until if act == APPROVE else None)
    in_transaction(lambda: actions.decide(moderator, application_id, told))
