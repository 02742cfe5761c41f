"""Pages of the admin view: applications that wait, their papers, and shops that are stopped or may sell again."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core import audit
from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import MODERATOR
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import Leaving, PageDoor, go, page
from app.people.accounts.queries import people_by_id
from app.store.onboarding import actions, queries
from app.store.onboarding.kinds import KINDS
from app.store.onboarding.models import ABOUT, BRAND, SHOP
from app.store.onboarding.schemas import QueueQuery, RenamingForShopForm, ShopsQuery, SuspensionForm, decision_of
from app.store.shops.queries import shop_or_missing, shops_named, state_of
from app.store.shops.schemas import NAME_MOST

QUEUE, SHOPS = "/admin/applications", "/admin/shops"
PAGE, ACTS = 20, 20
door = PageDoor("onboarding", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, QUEUE, "资质审核", "Applications", order=12)
menu.add(menu.ADMIN_VIEW, SHOPS, "店铺", "Shops", order=22)


@door.get(QUEUE)
def list_applications(caller: Caller) -> str:
    """Applications that nobody has decided, the longest waiting first; of one kind, or of all."""
    asked = QueueQuery().load(request.args.to_dict())
    found, cursor = queries.waiting(asked["about"], PAGE, asked["cursor"])
    following = "?" + urlencode({"about": asked["about"], "cursor": cursor}) if cursor else None
    told = {"about": asked["about"], "kinds": KINDS, "abouts": ABOUT}
    return page("onboarding_queue.html", found=found, following=following, **told)


@door.get(f"{QUEUE}/<uuid:application_id>")
def show_application(caller: Caller, application_id: UUID) -> Leaving:
    """The papers of an application. That somebody has read them is written down."""
    found = queries.file_or_missing(application_id, reads_numbers=True)
    about = found.application.about
    shown = _application_page(found, {}, {})
    return Leaving(shown, lambda: actions.note_reading(caller.person, found.shop.id, about))


@door.post(f"{QUEUE}/<uuid:application_id>/decision")
def decide(caller: Caller, application_id: UUID) -> AnyResponse:
    """Approve it, ask for changes or samples, refuse it; suspend what was approved, or let it go on."""
    found = queries.file_or_missing(application_id, reads_numbers=True)
    faults = faults_of(lambda: actions.decide(caller.person, application_id, decision_of(form())))
    if faults is None:
        return go(f"{QUEUE}/{application_id}")
    return once_more(_application_page(found, form(), faults))


@door.get(SHOPS)
def list_shops(caller: Caller) -> str:
    """All shops, newest first; found by id, or by how the name begins."""
    asked = ShopsQuery().load(request.args.to_dict())
    wanted = asked["q"].strip()
    found, cursor = shops_named(wanted, PAGE, asked["cursor"])
    following = "?" + urlencode({"q": wanted, "cursor": cursor}) if cursor else None
    return page("onboarding_shops.html", found=found, q=wanted, following=following)


@door.get(f"{SHOPS}/<uuid:shop_id>")
def show_shop(caller: Caller, shop_id: UUID) -> str:
    """One shop: its applications, and what was done about it."""
    return _shop_page(shop_id, {})


@door.post(f"{SHOPS}/<uuid:shop_id>/suspension")
def suspend_shop(caller: Caller, shop_id: UUID) -> AnyResponse:
    """The shop sells nothing from now on; what was paid goes on."""
    shop_or_missing(shop_id)
    faults = faults_of(lambda: actions.suspend_shop(caller.person, shop_id, SuspensionForm().load(form())["reason"]))
    if faults is None:
        return go(f"{SHOPS}/{shop_id}")
    return once_more(_shop_page(shop_id, faults))


@door.post(f"{SHOPS}/<uuid:shop_id>/name")
def rename_shop(caller: Caller, shop_id: UUID) -> AnyResponse:
    """The shop is called otherwise from now on."""
    shop_or_missing(shop_id)
    faults = faults_of(lambda: actions.rename_for_shop(caller.person, shop_id, **RenamingForShopForm().load(form())))
    return go(f"{SHOPS}/{shop_id}") if faults is None else once_more(_shop_page(shop_id, faults))


def _application_page(found: queries.File, filled: dict[str, str], faults: dict[str, Any]) -> str:
    told: dict[str, Any] = {"acts": found.kind.acts(found.application.state), "word": None, "others": []}
    if found.application.about == BRAND:
        told = told | {"word": queries.word_not_owed(found.shop), "others": queries.others_of_brand(found.application)}
    return page("onboarding_application.html", found=found, filled=filled, faults=faults, **told)


def _shop_page(shop_id: UUID, faults: dict[str, Any]) -> str:
    shop, state = shop_or_missing(shop_id), state_of(shop_id)
    found = queries.files_of(shop_id)
    own = next((one for one in found if one.application.about == SHOP), None)
    done = audit.acts(ACTS, subject_id=str(shop_id))
    people = people_by_id({one.who_id for one in done if one.who_id} | {shop.owner_id})
    told = {"done": done, "people": people, "act_named": audit.act_named, "own": own}
    told["word"] = queries.word_not_owed(shop)
    typed = {"faults": faults, "filled": form(), "most": NAME_MOST}
    return page("onboarding_shop.html", shop=shop, state=state, found=found, **told, **typed)
