"""Pages on which a shop's page is arranged: each form changes one thing of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.http.sent import Sent, form_sent
from app.people.uploads.actions import StoredPicture, store_pictures
from app.store.categories.queries import category_list
from app.store.decor import actions, queries
from app.store.decor.actions import PageWanted
from app.store.decor.models import LONGEST_ALT, LONGEST_TAGLINE, LONGEST_TITLE, SORTS, THEMES
from app.store.decor.schemas import BannerForm, GoodsForm, LookForm, SectionForm
from app.store.shops.models import SETTINGS
from app.store.shops.queries import require_right

PAGE = "/portal/shops/<uuid:shop_id>/page"
CATEGORIES = 500
MOST = {"alt": LONGEST_ALT, "title": LONGEST_TITLE, "tagline": LONGEST_TAGLINE}
door = PageDoor("decor", __name__, who=PERSON)
menu.add(menu.SHOP, "/page", "店铺装修", "Shop page", order=50, right=SETTINGS)


@door.get(PAGE)
def show_page(caller: Caller, shop_id: UUID) -> str:
    """How the page is arranged, with a form for each thing of it."""
    return _page(caller, shop_id, {}, "")


@door.post(f"{PAGE}/look")
def change_look(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Palette and line under the name."""
    return _changed(
        caller, shop_id, lambda: actions.arrange_page(caller, shop_id, PageWanted(**LookForm().load(form())))
    )


def _banner_sent(_caller: Caller) -> Sent[StoredPicture]:
    return form_sent(BannerForm(), 1, store_pictures)


@door.post(f"{PAGE}/banners", before=_banner_sent, limit="upload")
def add_banner(caller: Caller, shop_id: UUID, prepared: Sent[StoredPicture]) -> AnyResponse:
    """A banner more."""
    require_right(shop_id, caller.person, SETTINGS)
    if not prepared.faults and not prepared.pictures:
        prepared.faults = {"pictures": ["Choose a picture." if language() == "en" else "请选择图片"]}
    if prepared.faults:
        return once_more(_page(caller, shop_id, prepared.faults, ""))
    picture = prepared.pictures[0]
    return _changed(caller, shop_id, lambda: actions.add_banner(caller, shop_id, picture, **prepared.given))


@door.post(f"{PAGE}/parts/<uuid:part_id>/removal")
def remove_part(caller: Caller, shop_id: UUID, part_id: UUID) -> AnyResponse:
    """A banner or section less."""
    actions.edit_page(caller, shop_id, lambda content: content.without(str(part_id)))
    return _back(shop_id)


@door.post(f"{PAGE}/parts/<uuid:part_id>/up")
def move_up(caller: Caller, shop_id: UUID, part_id: UUID) -> AnyResponse:
    """A section one place earlier."""
    actions.edit_page(caller, shop_id, lambda content: content.moved_up(str(part_id)))
    return _back(shop_id)


@door.post(f"{PAGE}/sections")
def add_section(caller: Caller, shop_id: UUID) -> AnyResponse:
    """A section more."""
    return _changed(caller, shop_id, lambda: actions.add_section(caller, shop_id, **SectionForm().load(form())))


@door.post(f"{PAGE}/goods")
def add_goods(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Goods more in a section, or among the featured ones."""
    return _changed(caller, shop_id, lambda: actions.feature(caller, shop_id, **GoodsForm().load(form()), is_in=True))


@door.post(f"{PAGE}/goods/removal")
def remove_goods(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Goods less there."""
    actions.feature(caller, shop_id, **GoodsForm().load(form()), is_in=False)
    return _back(shop_id)


def _changed(caller: Caller, shop_id: UUID, change: Callable[[], None]) -> AnyResponse:
    """On to the page, or the page again with what is wrong."""
    require_right(shop_id, caller.person, SETTINGS)
    faults = faults_of(change)
    if faults is None:
        return _back(shop_id)
    why = " ".join(str(text) for texts in faults.values() if isinstance(texts, list) for text in texts)
    return once_more(_page(caller, shop_id, faults, why))


def _page(caller: Caller, shop_id: UUID, faults: dict[str, Any], why: str) -> str:
    shop = require_right(shop_id, caller.person, SETTINGS)
    look = queries.look(shop_id)
    titles = queries.titles_of(look.content.product_ids())
    categories, _ = category_list(CATEGORIES, None)
    told = {"titles": titles, "choices": queries.goods_to_choose(shop_id), "categories": categories}
    named = {"themes": THEMES, "sorts": SORTS, "most": MOST, "faults": faults, "why": why, "filled": form()}
    banners = queries.shown_banners(look.content, titles)
    return page("decor_edit.html", shop=shop, look=look, banners=banners, **told, **named)


def _back(shop_id: UUID) -> AnyResponse:
    return go(f"/portal/shops/{shop_id}/page")
