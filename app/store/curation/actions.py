"""What moderators and time do with goods."""

from uuid import UUID

from app.core import audit
from app.core.caller import Caller, Ref
from app.core.errors import Refused
from app.store.catalogue.actions import file_under, move_product
from app.store.catalogue.models import DRAFT, OFF, ON_SALE, Product
from app.store.catalogue.queries import locked_product
from app.store.categories.actions import note_followed
from app.store.categories.queries import category_or_missing
from app.store.curation.queries import category_to_follow, due, goods_of_category

APPROVED = audit.act("goods_approved", "通过商品", "approved goods")
SENT_BACK = audit.act("goods_sent_back", "退回商品", "sent goods back")


def approve_goods(caller: Caller, product_id: UUID, seen: str) -> None:
    """Goods that wait for a moderator are on sale now. `seen`: the time of their last change as he saw it.

    Raises Refused 404, 409 "changed_meanwhile" where they changed since, or nobody waits any more.
    """
    _require_waiting(product_id, seen)
    move_product(product_id, ON_SALE, caller.person, "", is_approved=True)
    audit.record(caller.person, APPROVED, Ref("product", product_id))


def send_back(caller: Caller, product_id: UUID, seen: str, reason: str) -> None:
    """They are not put on sale; their shop reads why. Raises Refused as approve_goods."""
    _require_waiting(product_id, seen)
    move_product(product_id, DRAFT, caller.person, reason)
    audit.record(caller.person, SENT_BACK, Ref("product", product_id), reason)


def keep_times(most: int = 50) -> int:
    """Put goods on sale and off whose time has come; answers how many. A sweep.

    Those that may not follow (taken off by hand meanwhile, a moderator has to look first) only lose their time.
    """
    done = 0
    for column, state in ((Product.on_sale_at, ON_SALE), (Product.off_sale_at, OFF)):
        for product_id in due(column, most):
            move_product(product_id, state, None, column.key, at=column.key)
            done += 1
    return done


def follow_category(most: int = 100) -> int:
    """Write anew some goods of a category that has another name or place; answers how many, at least 1. A sweep."""
    category = category_to_follow()
    if category is None or category.follow_from is None:
        return 0
    ids = goods_of_category(category.id, category.follow_from, most)
    file_under(ids, category_or_missing(category.merged_into) if category.merged_into else category)
    note_followed(category.id, ids[-1] if len(ids) == most else None)
    return max(len(ids), 1)


def _require_waiting(product_id: UUID, seen: str) -> None:
    product = locked_product(product_id)
    if product.submitted_at is None or product.changed_at.isoformat() != seen:
        zh, en = "商品刚刚有变化，请再看一遍", "These goods have just changed: look at them again."
        raise Refused(409, "changed_meanwhile", zh, en)
