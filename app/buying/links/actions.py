"""What can be done with links: make them, part them from a post, record a click, forget old ones."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert as upsert

from app.buying.links.models import PASSING, Link, PartedPost, new_code
from app.buying.links.queries import OpenLink
from app.core import clock
from app.core.caller import GUEST, PERSON, Ref
from app.core.config import settings
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


def record_click(link: OpenLink, visitor: Ref | None, address: str | None = None) -> None:
    """Somebody opened `link` just now. Two statements that stand for themselves, so a GET may do it.

    `address`: with the name of his program, of a stranger (None) and of a guest who was made for this request, since
    who keeps no cookie is a new one each time: he counts as his address (models.Click).
    """
    kind, visitor_id = visitor or (None, None)
    counted_as = None if visitor_id == link.promoter_id else visitor_id
    if address is not None and kind != PERSON:
        kind, counted_as = (PASSING if visitor else None), _known_by(address)
    elif kind == GUEST:
        came_back(visitor)
    opened = {"link": link.id, "product": link.product_id, "kind": kind, "visitor": visitor_id}
    _CLICK.rows(**opened, counted_as=counted_as, ahead=clock.ahead())


def came_back(visitor: Ref | None) -> None:
    """A visitor has sent the cookie that he was given: if he opened a link with the request that made him, it counts as
    his. Whoever counts for a guest comes by here first, and waits for others who do: so none meets the other's row."""
    if visitor is not None and visitor.kind == GUEST:
        _CAME_BACK.changed(visitor=visitor.id)


def _known_by(address: str) -> UUID:
    """A keyed hash of an address: more of it is not kept."""
    digest = hmac.new(settings.secret_key.encode(), f"clicks:{address}".encode(), hashlib.sha256).digest()
    return UUID(bytes=digest[:16])


_CLICK = Prepared(
    "WITH click AS (SELECT %(link)s::uuid AS link_id, %(product)s::uuid AS product_id, %(kind)s::text AS kind,"
    "  %(visitor)s::uuid AS visitor_id, now() + %(ahead)s AS at, %(counted_as)s::uuid AS counted_as),"
    " counted AS (INSERT INTO links_clicks (link_id, product_id, visitor_kind, visitor_id, at, counted_as)"
    "  SELECT * FROM click ON CONFLICT DO NOTHING RETURNING id)"
    " INSERT INTO links_clicks (link_id, product_id, visitor_kind, visitor_id, at)"
    " SELECT link_id, product_id, kind, visitor_id, at FROM click"
    " WHERE kind IS NOT NULL AND NOT EXISTS (SELECT FROM counted) RETURNING id"
)
_CAME_BACK = Prepared(
    f"UPDATE links_clicks SET visitor_kind = '{GUEST}', counted_as = visitor_id"
    f" WHERE visitor_kind = '{PASSING}' AND visitor_id = %(visitor)s"
)


# Ids rise with time: the lowest ones are the oldest, and the primary key finds them without an index on `at`.
_FORGET = text(
    "DELETE FROM links_clicks WHERE id IN (SELECT id FROM links_clicks"
    " WHERE id < (SELECT min(id) + :most FROM links_clicks) AND at < now() + :ago FOR UPDATE SKIP LOCKED)"
)


def forget_old_clicks(most: int = 1000) -> int:
    """Delete clicks older than KEPT_DAYS; a sweep. Answers how many."""
    return changed(_FORGET, {"most": most, "ago": clock.ahead() - timedelta(days=KEPT_DAYS)})
