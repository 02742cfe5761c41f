"""Shops and their pages as JSON, and the forms by which a page is arranged."""

from typing import Any

from marshmallow import fields, post_load

from app.core.fields import Choice, Id, In, Int, Moment, OrNone, Out, Text, some
from app.core.ids import new_id
from app.people.uploads.schemas import PictureOut
from app.store.catalogue.schemas import ProductCardOut
from app.store.decor.models import (
    LINKS,
    LONGEST_ALT,
    LONGEST_TAGLINE,
    LONGEST_TITLE,
    MOST_BANNERS,
    MOST_FEATURED,
    MOST_GOODS,
    MOST_SECTIONS,
    NOWHERE,
    SORTS,
    THEMES,
    Banner,
    Content,
    Section,
)
from app.store.scores.schemas import ShopScoreOut
from app.store.shops.models import CLOSED_WHY, OPEN
from app.store.shops.schemas import ShopOut

TYPES = ("ordinary", "authorised", "flagship")


class ShopBrandOut(Out):
    """A brand that moderators have verified the shop for; `until` then."""

    name = fields.String(required=True)
    type = Choice("flagship", "authorised", required=True)
    verified = fields.Boolean(required=True)
    until = Moment(required=True)


class WholeShopOut(ShopOut):
    """`state`: "open", or why it sells nothing; `type`: what it is of its brands; `score`: null before the first."""

    state = Choice(OPEN, *CLOSED_WHY, required=True)
    in_mall = fields.Boolean(required=True)
    type = Choice(*TYPES, required=True)
    brands = fields.List(fields.Nested(ShopBrandOut), required=True)
    score = fields.Nested(ShopScoreOut, required=True, allow_none=True)


class BannerLinkOut(Out):
    kind = Choice("product", "section", required=True)
    id = Id(required=True)
    url = fields.String(required=True)


class BannerOut(Out):
    id = Id(required=True)
    picture = fields.Nested(PictureOut, required=True)
    alt = fields.String(required=True)
    link = fields.Nested(BannerLinkOut, required=True, allow_none=True)


class ShopSectionOut(Out):
    id = Id(required=True)
    title = fields.String(required=True)
    sort = Choice(*SORTS, required=True)
    category_id = Id(required=True, allow_none=True)
    goods = fields.List(fields.Nested(ProductCardOut), required=True)


class ShopPageOut(Out):
    """`version`: to be sent back by who changes the page as a whole."""

    id = Id(required=True)
    kind = fields.Constant("shop_page", required=True)
    shop = fields.Nested(WholeShopOut, required=True)
    theme = Choice(*THEMES, required=True)
    tagline = fields.String(required=True)
    version = Int(required=True)
    banners = fields.List(fields.Nested(BannerOut), required=True)
    featured = fields.List(fields.Nested(ProductCardOut), required=True)
    sections = fields.List(fields.Nested(ShopSectionOut), required=True)


class ArrangedBannerOut(Out):
    id = Id(required=True)
    upload_id = Id(required=True)
    alt = fields.String(required=True)
    link = Choice(*LINKS, required=True)
    link_id = Id(required=True, allow_none=True)


class ArrangedSectionOut(Out):
    id = Id(required=True)
    title = fields.String(required=True)
    sort = Choice(*SORTS, required=True)
    category_id = Id(required=True, allow_none=True)
    goods = fields.List(Id(), required=True)


class ShopArrangementOut(Out):
    id = Id(required=True)
    kind = fields.Constant("arrangement", required=True)
    theme = Choice(*THEMES, required=True)
    tagline = fields.String(required=True)
    version = Int(required=True)
    banners = fields.List(fields.Nested(ArrangedBannerOut), required=True)
    featured = fields.List(Id(), required=True)
    sections = fields.List(fields.Nested(ArrangedSectionOut), required=True)


class BannerLinkIn(In):
    """What a banner leads to: a product of the shop, or a section of the page by its place (0 is the first)."""

    kind = Choice(*LINKS, required=True)
    id = Id(load_default=None, allow_none=True)
    section = Int(most=MOST_SECTIONS - 1, load_default=None, allow_none=True)


class BannerIn(In):
    upload = Id(required=True)
    alt = Text(most=LONGEST_ALT, required=True)
    link = fields.Nested(BannerLinkIn, load_default=None, allow_none=True)


class ShopSectionIn(In):
    title = Text(most=LONGEST_TITLE, required=True)
    sort = Choice(*SORTS, required=True)
    category_id = Id(load_default=None, allow_none=True)
    goods = some(Id(), most=MOST_GOODS, load_default=list)


class ShopContentIn(In):
    """All that a page shows; answers a Content with new ids."""

    banners = some(BannerIn, most=MOST_BANNERS, load_default=list)
    featured = some(Id(), most=MOST_FEATURED, load_default=list)
    sections = some(ShopSectionIn, most=MOST_SECTIONS, load_default=list)

    @post_load
    def as_content(self, data: dict[str, Any], **_: Any) -> Content:
        sections = tuple(
            Section(
                str(new_id()),
                one["title"],
                one["sort"],
                str(one["category_id"]) if one["category_id"] else None,
                tuple(str(goods) for goods in dict.fromkeys(one["goods"])),
            )
            for one in data["sections"]
        )
        banners = tuple(_banner(one, sections) for one in data["banners"])
        return Content(banners, tuple(str(one) for one in dict.fromkeys(data["featured"])), sections)


def _banner(given: dict[str, Any], sections: tuple[Section, ...]) -> Banner:
    link = given["link"] or {"kind": NOWHERE, "id": None, "section": None}
    place, target = link["section"], link["id"]
    if place is not None and place < len(sections):
        target = sections[place].id
    kind = link["kind"] if target is not None else NOWHERE
    return Banner(str(new_id()), str(given["upload"]), given["alt"], kind, str(target) if target else None)


class ShopPageIn(In):
    """What is left out stays; `content` replaces all that the page shows. `version`: the one that was seen."""

    theme = Choice(*THEMES, load_default=None)
    tagline = Text(most=LONGEST_TAGLINE, least=0, load_default=None)
    content = fields.Nested(ShopContentIn, load_default=None)
    version = Int(load_default=None)


class LookForm(In):
    theme = Choice(*THEMES, required=True)
    tagline = Text(most=LONGEST_TAGLINE, least=0, load_default="")


class BannerForm(In):
    """`leads_to`: "", "product:<id>" or "section:<id>"; answers it as `link` and `link_id`."""

    alt = Text(most=LONGEST_ALT, required=True)
    leads_to = Text(most=60, least=0, load_default="")

    @post_load
    def as_link(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        kind, _, target = data["leads_to"].partition(":")
        if kind not in LINKS:
            return {"alt": data["alt"], "link": NOWHERE, "link_id": None}
        return {"alt": data["alt"], "link": kind, "link_id": str(Id().deserialize(target))}


class SectionForm(In):
    title = Text(most=LONGEST_TITLE, required=True)
    sort = Choice(*SORTS, required=True)
    category_id = OrNone(Id())


class GoodsForm(In):
    """`section_id`: empty for the featured goods."""

    product_id = Id(required=True)
    section_id = OrNone(Id())
