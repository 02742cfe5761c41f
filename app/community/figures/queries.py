"""Questions about what posts have brought: each figure, and the rows that it is the sum of. Money in 分.

Orders and revenue: of lines of paid purchases that a post brought (store/sales says what a line has brought). Clicks:
rows of buying/links, kept for 90 days. Views: the count that discover/recommendations keeps, and whose rows it shows on
a page of its own. Deleted posts are absent, from the totals too.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, tuple_

from app.buying.links.models import Link
from app.buying.links.queries import (
    CountedClick,
    clicks_by_day,
    clicks_of_posts,
    clicks_on,
    counted_clicks,
    links_of_posts,
)
from app.community.authoring.queries import is_mine, state_of
from app.community.posts.models import Post, PostTakeDown
from app.community.tags.queries import is_one_of
from app.core import counters, paging
from app.core.clock import china_days, iso
from app.core.db import db
from app.core.errors import missing
from app.people.uploads.models import Upload
from app.people.uploads.queries import Picture, picture, uploads_by_id
from app.store.catalogue.queries import product_briefs
from app.store.orders.models import OrderLine
from app.store.sales.queries import DAYS, DaySold, by_day, of_late, paid_orders

CLICK_DAYS = 90
"""So long clicks are kept (links.actions.KEPT_DAYS)."""
VIEWS = "views"


class Figures(NamedTuple):
    """What posts have brought; `revenue` in 分."""

    views: int = 0
    clicks: int = 0
    orders: int = 0
    revenue: int = 0


@dataclass(frozen=True, slots=True)
class OwnPost:
    """A post as its author sees it in a list. `state` as state_of says it, with the reason of a take-down."""

    id: UUID
    kind: str
    title: str
    state: str
    reason: str | None
    created_at: datetime
    cover: Picture | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class LinkClicks:
    """How often a link of a post was opened. `title`: of its goods."""

    code: str
    title: str
    clicks: int


Day = tuple[date, int]


def own_posts(person_id: UUID, limit: int, cursor: str | None) -> tuple[list[OwnPost], str | None]:
    """A page of a person's posts with their figures, the newest first, and the cursor of the next. Five queries."""
    scope = f"portal/posts:{person_id}"
    wanted = select(Post, PostTakeDown.reason).outerjoin(PostTakeDown, PostTakeDown.post_id == Post.id)
    wanted = wanted.where(is_mine(person_id))
    place = paging.values_of(scope, cursor)
    if place is not None:
        wanted = wanted.where(tuple_(Post.created_at, Post.id) < (datetime.fromisoformat(place[0]), UUID(place[1])))
    newest_first = wanted.order_by(Post.created_at.desc(), Post.id.desc()).limit(limit + 1)
    rows = [(post, reason) for post, reason in db.session.execute(newest_first)]
    last = rows[limit - 1][0] if len(rows) > limit else None
    return _shown(rows[:limit]), paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None


def has_posts(person_id: UUID) -> bool:
    """Whether this person has any post. One query."""
    return db.session.scalar(select(Post.id).where(is_mine(person_id)).limit(1)) is not None


def own_post_shown(person_id: UUID, post_id: UUID) -> OwnPost:
    """One post with its figures. Raises Refused 404 for another's and for a deleted one. Five queries."""
    wanted = select(Post, PostTakeDown.reason).outerjoin(PostTakeDown, PostTakeDown.post_id == Post.id)
    row = db.session.execute(wanted.where(is_mine(person_id), Post.id == post_id)).first()
    if row is None:
        raise missing("内容不存在或已删除", "There is no such post.")
    return _shown([(row[0], row[1])])[0]


def totals(person_id: UUID) -> tuple[Figures, list[Day]]:
    """The sums over all posts of a person, and their revenue on each of the last DAYS days. An order with goods of two
    posts counts for both. Three queries."""
    mine = select(Post.id).where(is_mine(person_id))
    views = counters.totals(func.array(mine.scalar_subquery()), [VIEWS])
    seen = db.session.scalar(select(func.sum(views.c.views))) or 0
    days = by_day(paid_orders(OrderLine.post_id.in_(mine), by=(OrderLine.post_id,)))
    orders, revenue = sum(one.orders for one in days), sum(one.revenue for one in days)
    return Figures(int(seen), clicks_on(Link.post_id.in_(mine)), orders, revenue), _revenue(days)


def revenue_of_post(post_id: UUID) -> list[Day]:
    """The revenue of a post on each of the last DAYS days, by the day of payment. One query."""
    return _revenue(by_day(paid_orders(OrderLine.post_id == post_id)))


def clicks_of_post(post_id: UUID) -> tuple[list[LinkClicks], list[Day]]:
    """The clicks on a post's links by link, and by day: each adds up to the figure. Three queries."""
    by_link: dict[UUID, int] = defaultdict(int)
    by_day: dict[date, int] = defaultdict(int)
    for link_id, day, clicks in clicks_by_day(post_id):
        by_link[link_id] += clicks
        by_day[day] += clicks
    links = links_of_posts([post_id]).get(post_id, [])
    goods = product_briefs({one.product_id for one in links})
    titles = {one.id: goods[one.product_id].title if one.product_id in goods else "" for one in links}
    found = [LinkClicks(one.code, titles[one.id], by_link[one.id]) for one in links]
    return found, [(day, by_day.get(day, 0)) for day in _days(by_day)]


@dataclass(frozen=True, slots=True)
class ClickShown:
    """A click on a post's link, with the title of its goods."""

    click: CountedClick
    title: str


def clicks_shown(post_id: UUID, limit: int, cursor: str | None) -> tuple[list[ClickShown], str | None]:
    """A page of the clicks that count for a post, the newest first, and the cursor of the next. Two queries."""
    scope = f"portal/clicks:{post_id}"
    place = paging.values_of(scope, cursor)
    found = counted_clicks(post_id, limit + 1, (datetime.fromisoformat(place[0]), place[1]) if place else None)
    last = found[limit - 1] if len(found) > limit else None
    following = paging.cursor(scope, [iso(last.at), last.id]) if last else None
    goods = product_briefs({one.product_id for one in found})
    titles = {one: goods[one].title for one in goods}
    return [ClickShown(one, titles.get(one.product_id, "")) for one in found[:limit]], following


def _days(found: Collection[date]) -> list[date]:
    """Those of the last DAYS days, or from the first of `found` on if that is earlier."""
    first = min(china_days(DAYS)[0], *found) if found else china_days(DAYS)[0]
    return sorted({*found, *(day for day in china_days(CLICK_DAYS + 1) if day >= first)})


def _revenue(days: list[DaySold]) -> list[Day]:
    return [(one.day, one.revenue) for one in of_late(days)]


def _shown(rows: Sequence[tuple[Post, str | None]]) -> list[OwnPost]:
    figures = _figures([post.id for post, _ in rows])
    covers = uploads_by_id({post.pictures[0] for post, _ in rows if post.pictures})
    shown = []
    for post, reason in rows:
        cover = covers.get(post.pictures[0]) if post.pictures else None
        told = (post.id, post.kind, post.title, state_of(post, reason), reason, post.created_at, _cover(cover))
        shown.append(OwnPost(*told, figures[post.id]))
    return shown


def _cover(cover: Upload | None) -> Picture | None:
    """By a signed address, since the post may be one that is not open."""
    return picture(cover, "thumb", signed=True) if cover else None


def _figures(ids: list[UUID]) -> dict[UUID, Figures]:
    views = counters.of(ids)
    clicks = clicks_of_posts(ids)
    sold = paid_orders(is_one_of(OrderLine.post_id, ids), by=(OrderLine.post_id,))
    summed = select(sold.c.post_id, func.count(), func.sum(sold.c.revenue)).group_by(sold.c.post_id)
    sums = {row[0]: (row[1], int(row[2])) for row in db.session.execute(summed)}
    return {one: Figures(views.get(one, {}).get(VIEWS, 0), clicks.get(one, 0), *sums.get(one, (0, 0))) for one in ids}
