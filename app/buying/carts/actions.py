"""What is done to carts. To add is one statement: it is the most frequent wish of all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.buying.carts.models import GUEST_DAYS, MOST_CART_LINES, MOST_OF_ONE
from app.buying.links.queries import links_by_code
from app.core import clock
from app.core.caller import Ref
from app.core.errors import Refused, bad_field, missing
from app.core.ids import new_id
from app.core.plain import array_of, prepared
from app.store.catalogue.queries import sellable_skus


@dataclass(frozen=True, slots=True)
class LineChange:
    """What is changed of a line; None leaves it."""

    id: UUID
    quantity: int | None = None
    is_ticked: bool | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A line after goods were added to it."""

    id: UUID
    sku_id: UUID
    quantity: int


def add_to_cart(buyer: Ref, sku_id: UUID, quantity: int, link: str | None = None) -> Added:
    """Put so many of a SKU into the cart, on top of those in it, up to MOST_OF_ONE; the last link named counts.

    Raises Refused 422 for a SKU or link that is not there, 409 "off_sale"; "cart_full" comes from the database.
    """
    given = {"id": new_id(), "kind": buyer.kind, "buyer": buyer.id, "sku": sku_id, "quantity": quantity, "link": link}
    added = _ADD.row(**given, most=MOST_OF_ONE, ahead=clock.ahead())
    if added is None:
        raise _not_added(sku_id, link)
    return Added(added.id, sku_id, added.quantity)


def change_lines(buyer: Ref, changes: Sequence[LineChange]) -> None:
    """Change quantities and ticks. Raises Refused 404 for a line that is not in this cart; then nothing is changed."""
    given = {
        "ids": array_of(one.id for one in changes),
        "quantities": [one.quantity for one in changes],
        "ticks": [one.is_ticked for one in changes],
    }
    if len(_CHANGE.rows(buyer=buyer.id, **given)) < len({one.id for one in changes}):
        raise missing("购物车里没有这些商品了", "These lines are not in your cart any more.")


def remove_lines(buyer: Ref, line_ids: Collection[UUID] | None = None) -> None:
    """Take lines out of the cart, all of them for None; what is not in it is out already."""
    _REMOVE.changed(buyer=buyer.id, ids=None if line_ids is None else array_of(line_ids))


def take_out(buyer: Ref, bought: Mapping[UUID, int]) -> None:
    """These lines were bought, so many units of each: in the transaction that places the purchase. What was added to
    a line meanwhile stays."""
    if bought:
        lines = sorted(bought)
        _TAKE_OUT.changed(buyer=buyer.id, ids=array_of(lines), units=[bought[one] for one in lines])


def merge_carts(guest: Ref, person: Ref) -> None:
    """A guest's lines join a person's: quantities add up, up to MOST_OF_ONE; of too many lines the newest come along.

    May be done again: what has moved is not the guest's any more.
    """
    for one in sorted((guest, person), key=lambda who: who.id):
        _LOCK.changed(buyer=one.id, kind=one.kind)
    both = {"guest": guest.id, "person": person.id}
    _ADD_UP.changed(**both, most=MOST_OF_ONE)
    _MOVE.changed(**both, most=MOST_CART_LINES)
    _RECOUNT.changed(**both)


def forget_old(most: int = 500) -> int:
    """Take out what guests added more than GUEST_DAYS ago; a sweep. Answers how many lines."""
    return len(_FORGET.rows(most=most, ago=clock.ahead() - timedelta(days=GUEST_DAYS)))


def _not_added(sku_id: UUID, link: str | None) -> Refused:
    """Why nothing was added; asked only then."""
    sku = sellable_skus([sku_id]).get(sku_id)
    if sku is None or sku.is_taken_down or sku.product_state == "draft":
        return bad_field("sku_id", "没有这个规格", "There is no such SKU.")
    if not sku.is_on_sale:
        return Refused(409, "off_sale", "商品已下架", "These goods are not on sale any more.")
    found = links_by_code([link]).get(link) if link else None
    if link and (found is None or found.product_id != sku.product_id):
        return bad_field("link", "链接与商品不符", "This link does not sell that product.")
    return Refused(409, "busy", "请再试一次", "Try again.")


# Whether the line is new says xmax: it is 0 for a row that was inserted, and names this transaction for one that was
# there. Only a new line is counted, so that adding more of the same goods locks nothing but its own line.
_ADD = prepared(
    "WITH goods AS (SELECT s.id, s.product_id, s.price FROM catalogue_skus s"
    "  JOIN catalogue_products p ON p.id = s.product_id WHERE s.id = :sku AND p.state = 'on_sale'"
    "   AND NOT EXISTS (SELECT FROM catalogue_takedowns d WHERE d.product_id = p.id)"
    "   AND (CAST(:link AS text) IS NULL OR EXISTS (SELECT FROM links_links l"
    "    WHERE l.code = CAST(:link AS text) AND l.product_id = p.id))),"
    " line AS (INSERT INTO carts_lines AS c (id, buyer_id, is_guest, product_id, sku_id, quantity, link_code,"
    "   price_added, added_at)"
    "  SELECT :id, :buyer, :kind = 'guest', g.product_id, g.id, :quantity, CAST(:link AS text), g.price,"
    "   now() + :ahead FROM goods g"
    "  ON CONFLICT (buyer_id, sku_id) DO UPDATE SET quantity = least(:most, c.quantity + excluded.quantity),"
    "   link_code = coalesce(excluded.link_code, c.link_code), price_added = excluded.price_added,"
    "   is_ticked = true, added_at = excluded.added_at"
    "  RETURNING c.id, c.quantity, c.xmax = 0 AS is_new),"
    " counted AS (INSERT INTO carts_carts AS t (buyer_id, buyer_kind, lines)"
    "  SELECT :buyer, :kind, 1 FROM line WHERE is_new"
    "  ON CONFLICT (buyer_id) DO UPDATE SET lines = t.lines + 1)"
    " SELECT id, quantity FROM line"
)
_CHANGE = prepared(
    "UPDATE carts_lines c SET quantity = coalesce(w.quantity, c.quantity), is_ticked = coalesce(w.tick, c.is_ticked)"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:quantities AS smallint[]), CAST(:ticks AS boolean[]))"
    "  AS w (id, quantity, tick)"
    " WHERE c.id = w.id AND c.buyer_id = :buyer RETURNING c.id"
)
_LESS = "UPDATE carts_carts SET lines = lines - (SELECT count(*) FROM gone) WHERE buyer_id = :buyer"
_REMOVE = prepared(
    "WITH gone AS (DELETE FROM carts_lines WHERE buyer_id = :buyer"
    "  AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[]))) RETURNING id) " + _LESS
)
_TAKE_OUT = prepared(
    "WITH bought AS (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:units AS bigint[])) AS b (id, units)),"
    " less AS (UPDATE carts_lines c SET quantity = c.quantity - b.units FROM bought b"
    "  WHERE c.id = b.id AND c.buyer_id = :buyer AND c.quantity > b.units),"
    " gone AS (DELETE FROM carts_lines c USING bought b"
    "  WHERE c.id = b.id AND c.buyer_id = :buyer AND c.quantity <= b.units RETURNING c.id) " + _LESS
)
_LOCK = prepared(
    "INSERT INTO carts_carts AS t (buyer_id, buyer_kind, lines) VALUES (:buyer, :kind, 0)"
    " ON CONFLICT (buyer_id) DO UPDATE SET lines = t.lines"
)
_ADD_UP = prepared(
    "WITH twice AS (DELETE FROM carts_lines g USING carts_lines p WHERE g.buyer_id = :guest AND p.buyer_id = :person"
    "  AND p.sku_id = g.sku_id RETURNING p.id, g.quantity, g.link_code)"
    " UPDATE carts_lines c SET quantity = least(:most, c.quantity + t.quantity),"
    "  link_code = coalesce(t.link_code, c.link_code) FROM twice t WHERE c.id = t.id"
)
_MOVE = prepared(
    "WITH newest AS (SELECT id FROM carts_lines WHERE buyer_id = :guest ORDER BY added_at DESC, id DESC"
    "  LIMIT greatest(0, :most - (SELECT count(*) FROM carts_lines WHERE buyer_id = :person)) FOR UPDATE)"
    " UPDATE carts_lines SET buyer_id = :person, is_guest = false WHERE id IN (SELECT id FROM newest)"
)
_RECOUNT = prepared(
    "UPDATE carts_carts t SET lines = (SELECT count(*) FROM carts_lines c WHERE c.buyer_id = t.buyer_id)"
    " WHERE t.buyer_id IN (:guest, :person)"
)
_FORGET = prepared(
    "WITH old AS (SELECT id FROM carts_lines WHERE is_guest AND added_at < now() + :ago"
    "  ORDER BY added_at LIMIT :most FOR UPDATE SKIP LOCKED),"
    " gone AS (DELETE FROM carts_lines WHERE id IN (SELECT id FROM old) RETURNING id, buyer_id),"
    " counted AS (UPDATE carts_carts t SET lines = t.lines - g.lines"
    "  FROM (SELECT buyer_id, count(*) AS lines FROM gone GROUP BY buyer_id) g WHERE t.buyer_id = g.buyer_id)"
    " SELECT id FROM gone"
)
