"""What can be done with links: make them, part them from a post, record a click, forget old ones."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert as upsert

from app.buying.links.models import ADDRESS, PASSING, Link, PartedPost, new_code
from app.buying.links.queries import OpenLink
from app.core import clock
from app.core.caller import Ref
from app.core.config import settings
from app.core.db import changed, db
from app.core.ids import new_id
from app.core.plain import Prepared, insertion

KEPT_DAYS = 90
"""Clicks are kept so long; they earn a purchase for 7 days."""
COUNTS_AGAIN = timedelta(hours=1)
"""After so long another click from the same address counts, of those who keep no cookie."""


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
    """Somebody opened `link` just now. One statement of its own, so a GET may do it.

    `address`: with the name of his program, of a stranger (None) and of a guest who was made for this request, since
    who keeps no cookie is a new one each time: his click earns, and counts once an hour. (Requests at the same moment
    may count a few times.)
    """
    kind, visitor_id = visitor or (None, None)
    opened = {"link": link.id, "product": link.product_id, "visitor": visitor_id, "ahead": clock.ahead()}
    if address is None:
        _CLICK.rows(**opened, kind=kind)
    else:
        _FROM_ADDRESS.rows(**opened, address=_known_by(address), since=clock.ahead() - COUNTS_AGAIN)


def _known_by(address: str) -> UUID:
    """A keyed hash of an address: more of it is not kept."""
    digest = hmac.new(settings.secret_key.encode(), f"clicks:{address}".encode(), hashlib.sha256).digest()
    return UUID(bytes=digest[:16])


_CLICK = Prepared(
    "INSERT INTO links_clicks (link_id, product_id, visitor_kind, visitor_id, at)"
    " VALUES (%(link)s, %(product)s, %(kind)s, %(visitor)s, now() + %(ahead)s) RETURNING id"
)
_FROM_ADDRESS = Prepared(
    "WITH passing AS (INSERT INTO links_clicks (link_id, product_id, visitor_kind, visitor_id, at)"
    f"  SELECT %(link)s, %(product)s, '{PASSING}', CAST(%(visitor)s AS uuid), now() + %(ahead)s"
    "  WHERE CAST(%(visitor)s AS uuid) IS NOT NULL)"
    " INSERT INTO links_clicks (link_id, product_id, visitor_kind, visitor_id, at)"
    f" SELECT %(link)s, %(product)s, '{ADDRESS}', %(address)s, now() + %(ahead)s WHERE NOT EXISTS (SELECT"
    f"  FROM links_clicks WHERE visitor_kind = '{ADDRESS}' AND visitor_id = %(address)s AND product_id = %(product)s"
    "  AND link_id = %(link)s AND at > now() + %(since)s) RETURNING id"
)


# Ids rise with time: the lowest ones are the oldest, and the primary key finds them without an index on `at`.
_FORGET = text(
    "DELETE FROM links_clicks WHERE id IN (SELECT id FROM links_clicks"
    " WHERE id < (SELECT min(id) + :most FROM links_clicks) AND at < now() + :ago FOR UPDATE SKIP LOCKED)"
)


def forget_old_clicks(most: int = 1000) -> int:
    """Delete clicks older than KEPT_DAYS; a sweep. Answers how many."""
    return changed(_FORGET, {"most": most, "ago": clock.ahead() - timedelta(days=KEPT_DAYS)})
