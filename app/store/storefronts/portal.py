"""The page of a shop's settings: its address, the mall's lists, its keys."""

from typing import Any
from uuid import UUID

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.store.onboarding.actions import rename_shop
from app.store.onboarding.queries import why_name_stays, word_not_owed
from app.store.onboarding.schemas import RenamingForm
from app.store.shops.actions import place_in_mall
from app.store.shops.models import RIGHTS, SETTINGS, STAFF
from app.store.shops.queries import require_right, role_of
from app.store.shops.schemas import NAME_MOST
from app.store.storefronts import actions, queries
from app.store.storefronts.models import LONGEST_KEY_NAME
from app.store.storefronts.schemas import KEY_ROLES, ShopKeyIn

SETUP = "/portal/shops/<uuid:shop_id>/settings"
door = PageDoor("storefronts", __name__, who=PERSON)
menu.add(menu.SHOP, "/settings", "设置", "Settings", order=90, right=SETTINGS)


@door.get(SETUP)
def show_settings(caller: Caller, shop_id: UUID) -> str:
    """Where the shop is found, and the keys of its programs."""
    return _settings_page(caller, shop_id, {}, "")


@door.post(f"{SETUP}/mall")
def change_mall(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Bring the shop's goods into the mall's lists and search, or out of them."""
    require_right(shop_id, caller.person, SETTINGS)
    place_in_mall(shop_id, form().get("in_mall") == "yes")
    return go(f"/portal/shops/{shop_id}/settings")


@door.post(f"{SETUP}/name")
def rename(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Give the shop another name."""
    require_right(shop_id, caller.person, SETTINGS)
    faults = faults_of(lambda: rename_shop(caller, shop_id, RenamingForm().load(form())["new_name"]))
    if faults is None:
        return go(f"/portal/shops/{shop_id}/settings")
    return once_more(_settings_page(caller, shop_id, faults, ""))


@door.post(f"{SETUP}/keys")
def make_key(caller: Caller, shop_id: UUID) -> AnyResponse:
    """A new key; its token is shown on the page that answers, and never again."""
    require_right(shop_id, caller.person, STAFF)

    def make() -> AnyResponse:
        _, token = actions.make_key(caller, shop_id, **ShopKeyIn().load(form()))
        return Response(_settings_page(caller, shop_id, {}, token), mimetype="text/html")

    return submitted(make, lambda faults: _settings_page(caller, shop_id, faults, ""))


@door.post(f"{SETUP}/keys/<uuid:key_id>/revocation")
def revoke_key(caller: Caller, shop_id: UUID, key_id: UUID) -> AnyResponse:
    """It opens nothing any more."""
    actions.revoke_key(caller, shop_id, key_id)
    return go(f"/portal/shops/{shop_id}/settings")


def _settings_page(caller: Caller, shop_id: UUID, faults: dict[str, Any], token: str) -> str:
    shop = require_right(shop_id, caller.person, SETTINGS)
    may = STAFF in RIGHTS[role_of(shop_id, caller.person) or ""]
    told = {"store": queries.store_of(shop_id), "keys": queries.keys_of(shop_id) if may else [], "may": may}
    name = {"name_stays": why_name_stays(shop), "word": word_not_owed(shop), "longest": NAME_MOST}
    typed = {"faults": faults, "filled": form() if faults else {}, "roles": KEY_ROLES, "most": LONGEST_KEY_NAME}
    return page("storefronts_settings.html", shop=shop, token=token, **told, **name, **typed)
