"""Pages of the admin view about suppliers: whose audit is due, and the form of one."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import MODERATOR
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.paging import USUAL
from app.store.shops.queries import shop_or_missing
from app.store.suppliers import actions, queries
from app.store.suppliers.models import LONGEST_NOTE
from app.store.suppliers.schemas import AuditForm

SUPPLIERS = "/admin/suppliers"
ONE = f"{SUPPLIERS}/<uuid:shop_id>"
door = PageDoor("suppliers", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, SUPPLIERS, "供应商", "Suppliers", order=24)


@door.get(SUPPLIERS)
def list_suppliers(caller: Caller) -> str:
    """All suppliers, whose audit is due first at the top."""
    found, following = queries.suppliers(USUAL, request.args.get("cursor"))
    return page("suppliers_list.html", found=found, next=following)


@door.get(ONE)
def show_supplier(caller: Caller, shop_id: UUID) -> str:
    """One supplier with its audits."""
    return _supplier_page(shop_id, {})


@door.post(f"{ONE}/audits")
def audit(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Write down an audit and the date of the next."""
    faults = faults_of(lambda: actions.audit_supplier(caller.person, shop_id, **AuditForm().load(form())))
    if faults is None:
        return go(f"{SUPPLIERS}/{shop_id}")
    return once_more(_supplier_page(shop_id, faults))


def _supplier_page(shop_id: UUID, faults: dict[str, Any]) -> str:
    shop = shop_or_missing(shop_id)
    typed = {"faults": faults, "filled": form(), "most": LONGEST_NOTE}
    return page("suppliers_one.html", shop=shop, found=queries.supplier_json(shop_id), **typed)
