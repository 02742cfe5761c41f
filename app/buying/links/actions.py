"""What can be done with links: make them, part them from a post, record a click, forget old ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert as upsert

from app.buying.links.models import Link, PartedPost, new_code
from app.buying.links.queries import OpenLink
from app.core import clock
from app.core.caller import Ref
from app.core.db import changed, db
from app.core.ids import new_id
from app.core.plain import Prepared, insertion

KEPT_DAYS = 90
"""Clicks are kept so long; they earn a purchase for 7 days."""


@dataclass(frozen=True, slots=True)
class LinkWanted:
    """What a link shall sell, for whom, and where it stands (post and tag are opaque here)."""

    product_id: UUID
    sku_id: UUID | None
    post_id: UUID | None
    tag_id: UUID | None
    promoter_id: UUID


def make_links(wants: Sequence[LinkWanted]) -> list[OpenLink]:
    """New links, in the order of `wants`. The caller has checked that the products exist."""
    return [_made(want) for want in wants]


def _made(want: LinkWanted) -> OpenLink:
    made = OpenLink(
        new_id(), new_code(), want.product_id, want.sku_id, want.promoter_id, want.post_id, shown_post_id=want.post_id
    )
    _NEW.changed(
        id=made.id,
        code=made.code,
        product_id=want.product_id,
        sku_id=want.sku_id,
        post_id=want.post_id,
        tag_id=want.tag_id,
        promoter_id=want.promoter_id,
    )
    return made


_NEW = insertion(Link, "id", "code", "product_id", "sku_id", "post_id", "tag_id", "promoter_id")


def part_from_post(post_id: UUID) -> None:
    """The post is gone for others: its links, also later ones, sell on without naming it. May be repeated."""
    db.session.execute(upsert(PartedPost).values(post_id=post_id).on_conflict_do_nothing())


def rejoin_post(post_id: UUID) -> None:
    """The post is shown again. May be repeated."""
    db.session.execute(delete(PartedPost).where(PartedPost.post_id == post_id))


def record_click(link: OpenLink, visitor: Ref | None) -> None:
    """Somebody opened `link` just now; None is a stranger. One statement of its own, so a GET may do it."""
    kind, visitor_id = visitor or (None, None)
    _CLICK.rows(link=link.id, product=link.product_id, kind=kind, visitor=visitor_id, ahead=clock.ahead())


_CLICK = Prepared(
    "INSERT INTO links_clicks (link_id, product_id, visitor_kind, visitor_id, at)"
    " VALUES (%(link)s, %(product)s, %(kind)s, %(visitor)s, now() + %(ahead)s) RETURNING id"
)


# Ids rise with time: the lowest ones are the oldest, and the primary key finds them without an index on `at`.
_FORGET = text(
    "DELETE FROM links_clicks WHERE id IN (SELECT id FROM links_clicks"
    " WHERE id < (SELECT min(id) + :most FROM links_clicks) AND at < now() + :ago FOR UPDATE SKIP LOCKED)"
)


def forget_old_clicks(most: int = 1000) -> int:
    """Delete clicks older than KEPT_DAYS; a sweep. Answers how many."""
    return changed(_FORGET, {"most": most, "ago": clock.ahead() - timedelta(days=KEPT_DAYS)})
