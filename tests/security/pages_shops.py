"""Pages of shops: who works there, papers, page, deposit, resale, light stores."""

from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.caller import Caller, Ref
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.decor.actions import add_section
from app.store.decor.queries import look
from app.store.deposits.actions import appeal, take_penalty
from app.store.deposits.models import Appeal
from app.store.shops.models import PACKER
from app.store.staffing.actions import invite
from app.store.storefronts.actions import StoreWanted, make_key, open_light_store
from tests import make
from tests.make import MadePerson, MadeShop
from tests.security.doors_shops import surplus
from tests.security.pages import ADMIN, ANYONE, MODERATOR, OWNER, PERSON, PageRow
from tests.security.town import Town, Values

SHOP, INVITATION = "/portal/shops/<uuid:shop_id>", "/portal/invitations/<uuid:invitation_id>"


def shop(town: Town, owner: Any) -> Values:
    return {"shop_id": str(make.shop(town.owner).id), "username": make.person().username}


def worker(town: Town, owner: Any) -> Values:
    made = make.shop(town.owner)
    return {"shop_id": str(made.id), "person_id": str(make.worker(made, PACKER).id)}


def invitation(town: Town, owner: Any) -> Values:
    return _invited(make.shop(town.owner), make.person())


def invitation_for_the_owner(town: Town, owner: Any) -> Values:
    return {"invitation_id": _invited(make.shop(), town.owner)["invitation_id"]}


def application(town: Town, owner: Any) -> Values:
    made = make.shop(town.owner)
    return {"shop_id": str(made.id), "application_id": str(make.application(made)), "about": "shop"}


def part(town: Town, owner: Any) -> Values:
    """A section of the owner's page, and goods to put into it."""
    made = make.shop(town.owner)
    in_transaction(lambda: add_section(make.as_staff(made), made.id, "新品", "goods", None))
    section = in_transaction(lambda: look(made.id)).content.sections[0]
    return {"shop_id": str(made.id), "part_id": section.id, "product_id": str(make.product(made).id)}


def section_form(values: Values) -> dict[str, str]:
    return {"title": "热卖", "sort": "best"}


def banner_form(values: Values) -> dict[str, Any]:
    return {"alt": "新品", "pictures": (BytesIO(make.picture_file()), "x.jpg")}


def goods_form(values: Values) -> dict[str, str]:
    return {"section_id": values["part_id"], "product_id": values["product_id"]}


def penalty(town: Town, owner: Any) -> Values:
    made = make.shop(town.owner)
    taken = in_transaction(lambda: take_penalty(made.id, 500, "迟发", Ref("order", new_id())))
    return {"shop_id": str(made.id), "penalty_id": str(taken)}


def appealed(town: Town, owner: Any) -> Values:
    made = penalty(town, owner)
    in_transaction(lambda: appeal(Caller(person_id=town.owner.id), UUID(made["penalty_id"]), "已经发货"))
    found = select(Appeal.id).where(Appeal.penalty_id == UUID(made["penalty_id"]))
    return {"appeal_id": str(in_transaction(lambda: db.session.scalar(found)))}


def supplier(town: Town, owner: Any) -> Values:
    made = make.shop(town.owner)
    make.approved(made, "supplier")
    return {"shop_id": str(made.id), "sku_id": str(make.product(made).sku_id)}


def audit_form(values: Values) -> dict[str, str]:
    return {"score": "90", "note": "样品合格", "until": "2040-01-01"}


def offered(town: Town, owner: Any) -> Values:
    return {"shop_id": str(make.shop(town.owner).id), "sku_id": str(make.offered().sku_id)}


def offer_form(values: Values) -> dict[str, str]:
    return {"sku_id": values["sku_id"], "supply_price": "50", "floor_price": "80"}


def key(town: Town, owner: Any) -> Values:
    made = make.shop(town.owner)
    made_key = in_transaction(lambda: make_key(make.as_staff(made), made.id, "ERP", "reader"))[0]
    return {"shop_id": str(made.id), "key_id": str(made_key)}


def light_store(town: Town, owner: Any) -> Values:
    wanted = StoreWanted("plain", "青山", f"shop-{new_id().hex[-12:]}")
    in_transaction(lambda: open_light_store(Caller(person_id=town.owner.id), wanted))
    return {"slug": wanted.slug}


def papers_form(values: Values) -> dict[str, str]:
    return {"about": "shop", "address": "杭州市西湖区文三路 2 号", "subject": "company"}


def renaming_form(values: Values) -> dict[str, str]:
    return {"new_name": "新名", "why": "错字"}


def answer_form(values: Values) -> dict[str, str]:
    return {"answer": "核实过了", "word": "grant"}


def _invited(to: MadeShop, person: MadePerson) -> Values:
    sent = in_transaction(lambda: invite(make.as_staff(to), to.id, person.username, PACKER).id)
    return {"shop_id": str(to.id), "invitation_id": str(sent)}


PAPERS = f"{SHOP}/papers/<about>"
APPLICATION = "/admin/applications/<uuid:application_id>"
DEPOSIT = "/admin/shops/<uuid:shop_id>/deposit"
ROWS = [
    PageRow("GET", f"{SHOP}/staff", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/staff", OWNER, 303, shop, lambda v: {"username": v["username"], "role": PACKER}),
    PageRow("POST", f"{SHOP}/staff/<uuid:person_id>/role", OWNER, 303, worker, lambda v: {"role": "reader"}),
    PageRow("POST", f"{SHOP}/staff/<uuid:person_id>/removal", OWNER, 303, worker),
    PageRow("POST", f"{SHOP}/invitations/<uuid:invitation_id>/withdrawal", OWNER, 303, invitation),
    PageRow("GET", "/portal/invitations", PERSON),
    PageRow("POST", f"{INVITATION}/acceptance", OWNER, 303, invitation_for_the_owner),
    PageRow("POST", f"{INVITATION}/refusal", OWNER, 303, invitation_for_the_owner),
    PageRow("GET", "/shops/<uuid:shop_id>", ANYONE, own=shop),
    PageRow("GET", f"{SHOP}/page", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/page/look", OWNER, 303, shop, lambda v: {"theme": "tea", "tagline": "好茶"}),
    PageRow("POST", f"{SHOP}/page/banners", OWNER, 303, shop, banner_form),
    PageRow("POST", f"{SHOP}/page/sections", OWNER, 303, shop, section_form),
    PageRow("POST", f"{SHOP}/page/parts/<uuid:part_id>/removal", OWNER, 303, part),
    PageRow("POST", f"{SHOP}/page/parts/<uuid:part_id>/up", OWNER, 303, part),
    PageRow("POST", f"{SHOP}/page/goods", OWNER, 303, part, goods_form),
    PageRow("POST", f"{SHOP}/page/goods/removal", OWNER, 303, part, goods_form),
    PageRow("GET", f"{SHOP}/deposit", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/deposit/payments", OWNER, 303, shop, lambda v: {"amount": "100"}),
    PageRow("POST", f"{SHOP}/deposit/withdrawals", OWNER, 303, surplus, lambda v: {"amount": "1", "id": str(new_id())}),
    PageRow(
        "POST", f"{SHOP}/deposit/penalties/<uuid:penalty_id>/appeal", OWNER, 303, penalty, lambda v: {"words": "不对"}
    ),
    PageRow("GET", "/admin/appeals", MODERATOR),
    PageRow("POST", "/admin/appeals/<uuid:appeal_id>/decision", MODERATOR, 303, appealed, answer_form),
    PageRow("GET", f"{DEPOSIT}", MODERATOR, own=shop),
    PageRow(
        "POST",
        f"{DEPOSIT}/penalties",
        ADMIN,
        303,
        shop,
        lambda v: {"id": str(new_id()), "amount": "5", "reason": "迟发"},
    ),
    PageRow("POST", f"{DEPOSIT}/requirement", ADMIN, 303, shop, lambda v: {"amount": "1000"}),
    PageRow("GET", "/admin/suppliers", MODERATOR),
    PageRow("GET", "/admin/suppliers/<uuid:shop_id>", MODERATOR, own=supplier),
    PageRow("POST", "/admin/suppliers/<uuid:shop_id>/audits", MODERATOR, 303, supplier, audit_form),
    PageRow("GET", f"{SHOP}/resale", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/resale/goods", OWNER, 303, offered, lambda v: {"sku_id": v["sku_id"], "price": "90"}),
    PageRow("POST", f"{SHOP}/resale/offers", OWNER, 303, supplier, offer_form),
    PageRow("POST", f"{SHOP}/resale/offers/<uuid:sku_id>/withdrawal", OWNER, 303, supplier),
    PageRow("GET", "/s/<slug>", ANYONE, own=light_store),
    PageRow("GET", f"{SHOP}/settings", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/settings/mall", OWNER, 303, shop, lambda v: {"in_mall": "no"}),
    PageRow("POST", f"{SHOP}/settings/name", OWNER, 303, shop, lambda v: {"new_name": "新名"}),
    PageRow("POST", f"{SHOP}/settings/keys", OWNER, 200, shop, lambda v: {"name": "ERP", "role": "reader"}),
    PageRow("POST", f"{SHOP}/settings/keys/<uuid:key_id>/revocation", OWNER, 303, key),
    PageRow("GET", f"{SHOP}/score", OWNER, own=shop),
    PageRow("GET", f"{SHOP}/papers", OWNER, own=shop),
    PageRow("GET", PAPERS, OWNER, own=application),
    PageRow("POST", PAPERS, OWNER, 303, application, papers_form),
    PageRow("GET", "/admin/applications", MODERATOR),
    PageRow("GET", APPLICATION, MODERATOR, own=application),
    PageRow(
        "POST", f"{APPLICATION}/decision", MODERATOR, 303, application, lambda v: {"act": "approve", "version": "1"}
    ),
    PageRow("GET", "/admin/shops", MODERATOR),
    PageRow("GET", "/admin/shops/<uuid:shop_id>", MODERATOR, own=shop),
    PageRow(
        "POST", "/admin/shops/<uuid:shop_id>/name", MODERATOR, 303, shop, lambda v: {"new_name": "新名", "why": "错字"}
    ),
    PageRow("POST", "/admin/shops/<uuid:shop_id>/suspension", MODERATOR, 303, shop, lambda v: {"reason": "卖假货"}),
]
