"""What is done to pages of shops. A change takes the row first, so that two who edit one page never lose each other's
work; an app that sends a whole page says which version it saw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.caller import SHOP, Caller, Ref
from app.core.db import db
from app.core.errors import Refused, bad_field
from app.core.events import emit
from app.core.ids import new_id
from app.people.uploads.actions import StoredPicture, receive_picture, show, use_pictures
from app.store.decor.events import ShopPageChanged
from app.store.decor.models import (
    BEST,
    BEST_EVERY,
    CATEGORY,
    MOST_BANNERS,
    MOST_FEATURED,
    MOST_GOODS,
    MOST_SECTIONS,
    SECTION,
    Banner,
    Content,
    Section,
    ShopPage,
    look_of,
    row_of,
)
from app.store.decor.queries import best_sellers, known_categories, those_of_shop
from app.store.shops.models import SETTINGS
from app.store.shops.queries import require_right

Edit = Callable[[Content], Content]


@dataclass(frozen=True, slots=True)
class PageWanted:
    """A whole page as somebody wants it; what is None stays. `version`: the one that he saw."""

    theme: str | None = None
    tagline: str | None = None
    content: Content | None = None
    version: int | None = None


def arrange_page(caller: Caller, shop_id: UUID, wanted: PageWanted) -> None:
    """Arrange the shop's page anew.

    Raises Refused: 404, 403 without the right SETTINGS, 409 where somebody changed it since `version`, 422 for goods
    of others, pictures of others, unknown categories and too many of anything.
    """
    require_right(shop_id, caller.person, SETTINGS)
    row = _locked(shop_id)
    if wanted.version is not None and wanted.version != row.version:
        zh, en = "页面刚刚被别人修改过，请刷新", "Somebody has just changed this page: look again."
        raise Refused(409, "changed_meanwhile", zh, en)
    _save(caller, row, wanted)


def edit_page(caller: Caller, shop_id: UUID, edit: Edit) -> None:
    """Change one thing of the page as it stands now. Raises Refused as arrange_page."""
    require_right(shop_id, caller.person, SETTINGS)
    row = _locked(shop_id)
    _save(caller, row, PageWanted(content=edit(look_of(row).content)))


def add_banner(caller: Caller, shop_id: UUID, stored: StoredPicture, alt: str, link: str, link_id: str | None) -> None:
    """A picture that was just sent becomes the page's last banner."""
    require_right(shop_id, caller.person, SETTINGS)
    upload = receive_picture(caller.person, stored)
    banner = Banner(str(new_id()), str(upload.id), alt, link, link_id)
    edit_page(caller, shop_id, lambda content: replace(content, banners=(*content.banners, banner)))


def add_section(caller: Caller, shop_id: UUID, title: str, sort: str, category_id: UUID | None) -> None:
    """A section more, the last one."""
    made = Section(str(new_id()), title, sort, str(category_id) if category_id else None)
    edit_page(caller, shop_id, lambda content: content.with_section(made))


def feature(caller: Caller, shop_id: UUID, product_id: UUID, section_id: UUID | None, is_in: bool) -> None:
    """Goods come into a section, or among the featured ones (no section), or go from there."""

    def change(goods: Sequence[str]) -> tuple[str, ...]:
        others = tuple(one for one in goods if one != str(product_id))
        return (*others, str(product_id)) if is_in else others

    def edit(content: Content) -> Content:
        if section_id is None:
            return replace(content, featured=change(content.featured))
        section = content.section(str(section_id))
        return content.with_section(replace(section, goods=change(section.goods)))

    edit_page(caller, shop_id, edit)


def find_best_sellers(most: int = 20) -> int:
    """Find anew what sells best on the pages that show it; a sweep. Answers how many pages were done."""
    due = select(ShopPage).where(ShopPage.best_due_at <= clock.db_now()).order_by(ShopPage.best_due_at).limit(most)
    found = db.session.scalars(due.with_for_update(skip_locked=True)).all()
    for one in found:
        one.best = best_sellers(one.shop_id)
        one.best_due_at = clock.db_now() + BEST_EVERY
    db.session.flush()
    return len(found)


def _locked(shop_id: UUID) -> ShopPage:
    db.session.execute(insert(ShopPage).values(shop_id=shop_id).on_conflict_do_nothing())
    wanted = select(ShopPage).where(ShopPage.shop_id == shop_id).with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def _save(caller: Caller, row: ShopPage, wanted: PageWanted) -> None:
    before = look_of(row)
    content = before.content if wanted.content is None else wanted.content
    if wanted.content is not None:
        _check(row.shop_id, content)
        _hang(caller, row.shop_id, before.content, content)
    row.theme = wanted.theme or before.theme
    row.tagline = before.tagline if wanted.tagline is None else wanted.tagline
    row.content, row.version = row_of(content), before.version + 1
    row.changed_by, row.changed_at = caller.person, clock.db_now()
    shows_best = any(one.sort == BEST for one in content.sections)
    row.best_due_at = (row.best_due_at or clock.db_now()) if shows_best else None
    db.session.flush()
    emit(ShopPageChanged(row.shop_id))


def _check(shop_id: UUID, content: Content) -> None:
    """Raises Refused 422."""
    most = {"banners": MOST_BANNERS, "featured": MOST_FEATURED, "sections": MOST_SECTIONS}
    for name, number in most.items():
        if len(getattr(content, name)) > number:
            raise bad_field(name, f"最多 {number} 个", f"At most {number}.")
    if any(len(one.goods) > MOST_GOODS for one in content.sections):
        raise bad_field("sections", f"每个栏目最多 {MOST_GOODS} 件商品", f"At most {MOST_GOODS} goods in a section.")
    wanted = set(content.product_ids())
    if those_of_shop(shop_id, wanted) != wanted:
        raise bad_field("goods", "只能放本店的商品", "Only goods of this shop.")
    categories = {UUID(one.category_id) for one in content.sections if one.category_id}
    lacks = any(one.sort == CATEGORY and not one.category_id for one in content.sections)
    if lacks or known_categories(categories) != categories:
        raise bad_field("category_id", "没有这个分类", "No such category.")
    sections = {one.id for one in content.sections}
    if any(one.link == SECTION and one.link_id not in sections for one in content.banners):
        raise bad_field("banners", "没有这个栏目", "There is no such section.")


def _hang(caller: Caller, shop_id: UUID, before: Content, content: Content) -> None:
    """The banners' pictures may be opened by everybody, and no others of the page."""
    known = {one.upload_id for one in before.banners}
    fresh = [UUID(one.upload_id) for one in content.banners if one.upload_id not in known]
    use_pictures(caller.person, list(dict.fromkeys(fresh)), "banners")
    show([UUID(one.upload_id) for one in content.banners], by=Ref(SHOP, shop_id))
