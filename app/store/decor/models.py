"""The page of a shop as it was arranged. What is in it are ids: which goods are seen is asked at each reading.

It is one document, read and changed as a whole: nobody asks for the banner of another page.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import Refused

THEMES = ("rose", "tea", "ocean", "amber", "violet", "ink")
"""Palettes, each a class of shell.css: no shop brings styles of its own."""
GOODS, CATEGORY, NEWEST, BEST = "goods", "category", "newest", "best"
SORTS = (GOODS, CATEGORY, NEWEST, BEST)
"""What a section holds: goods chosen by hand, the newest of a category, the newest of all, the best-selling."""
PRODUCT, SECTION, NOWHERE = "product", "section", "none"
LINKS = (PRODUCT, SECTION, NOWHERE)
MOST_BANNERS, MOST_FEATURED, MOST_SECTIONS, MOST_GOODS = 8, 12, 10, 24
SHOWN = 12
"""So many goods stand in a section that fills itself."""
LONGEST_TITLE, LONGEST_ALT, LONGEST_TAGLINE = 40, 100, 120
CARDS = 24
"""Of all goods on one page in a browser: whole rows of two, three and four."""
BEST_EVERY = timedelta(minutes=30)
BEST_OF_DAYS = 30


@dataclass(frozen=True, slots=True)
class Banner:
    """A picture, what it shows in words, and what it leads to: a product or a section of this page, or nothing."""

    id: str
    upload_id: str
    alt: str
    link: str = NOWHERE
    link_id: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A row of goods under a title. `goods`: of GOODS, in their order; `category_id`: of CATEGORY."""

    id: str
    title: str
    sort: str
    category_id: str | None = None
    goods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """All that a page shows; ids as text, as in the row."""

    banners: tuple[Banner, ...] = ()
    featured: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()

    def product_ids(self) -> list[UUID]:
        """All goods that are named, each once."""
        named = [*self.featured, *(one for section in self.sections for one in section.goods)]
        named += [one.link_id for one in self.banners if one.link == PRODUCT and one.link_id]
        return [UUID(one) for one in dict.fromkeys(named)]

    def with_section(self, section: Section) -> "Content":
        """A section of this id changed, or a new one at the end."""
        others = {one.id: one for one in self.sections} | {section.id: section}
        return replace(self, sections=tuple(others.values()))

    def without(self, an_id: str) -> "Content":
        """A banner or section gone; what led to it leads nowhere."""
        banners = (
            replace(one, link=NOWHERE, link_id=None) if one.link_id == an_id else one
            for one in self.banners
            if one.id != an_id
        )
        return replace(self, banners=tuple(banners), sections=tuple(one for one in self.sections if one.id != an_id))

    def moved_up(self, section_id: str) -> "Content":
        """A section one place earlier."""
        order = [one.id for one in self.sections]
        place = order.index(section_id) if section_id in order else 0
        sections = list(self.sections)
        if place > 0:
            sections[place - 1], sections[place] = sections[place], sections[place - 1]
        return replace(self, sections=tuple(sections))

    def section(self, section_id: str) -> Section:
        """Raises Refused 404."""
        found = next((one for one in self.sections if one.id == section_id), None)
        if found is None:
            raise Refused(404, "not_found", "没有这个栏目", "There is no such section.")
        return found


class ShopPage(Model):
    """`content` is a Content; `best` are ids of the best-selling goods, found anew at `best_due_at`; `version` rises
    with each change."""

    __tablename__ = "decor_pages"
    __table_args__ = (
        CheckConstraint("theme IN ('rose', 'tea', 'ocean', 'amber', 'violet', 'ink')", name="theme"),
        Index("ix_decor_pages_best_due", "best_due_at", postgresql_where=text("best_due_at IS NOT NULL")),
    )

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"), primary_key=True)
    theme: Mapped[str] = mapped_column(server_default="rose")
    tagline: Mapped[str] = mapped_column(server_default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    best: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    best_due_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("0"))
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True, slots=True)
class Look:
    """A page as it stands: what it was never arranged to be is empty."""

    theme: str = THEMES[0]
    tagline: str = ""
    content: Content = field(default_factory=Content)
    best: tuple[str, ...] = ()
    version: int = 0


def look_of(row: ShopPage | None) -> Look:
    """What a row says."""
    if row is None:
        return Look()
    content = Content(
        tuple(Banner(**one) for one in row.content.get("banners", ())),
        tuple(row.content.get("featured", ())),
        tuple(Section(**{**one, "goods": tuple(one["goods"])}) for one in row.content.get("sections", ())),
    )
    return Look(row.theme, row.tagline, content, tuple(row.best), row.version)


def row_of(content: Content) -> dict[str, Any]:
    """A content as it is kept."""
    return asdict(content)
