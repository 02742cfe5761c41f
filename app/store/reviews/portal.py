"""What buyers say of a shop's goods, and what the shop replies."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.store.reviews import actions, queries
from app.store.reviews.models import MOST_STARS
from app.store.reviews.queries import Wanted
from app.store.reviews.schemas import REPLY_MOST, ReplyForm, ShopReviewsQuery
from app.store.shops.models import SEE, SERVE
from app.store.shops.queries import require_staff, rights_in

REVIEWS = "/portal/shops/<uuid:shop_id>/reviews"
REPLY = f"{REVIEWS}/<uuid:review_id>/reply"
FILTERS = ("stars", "pictures", "followed_up", "replied")
door = PageDoor("reviews", __name__, who=PERSON)
menu.add(menu.SHOP, "/reviews", "评价", "Reviews", order=24, right=SEE)


@door.get(REVIEWS)
def list_reviews(caller: Caller, shop_id: UUID) -> str:
    """The latest first; of so many stars, with pictures, without an answer."""
    return _reviews_page(caller, shop_id, None, {})


@door.post(REPLY)
def reply(caller: Caller, shop_id: UUID, review_id: UUID) -> AnyResponse:
    """Reply, or change the reply. The list stays as it was narrowed."""
    require_staff(shop_id, caller.person)
    faults = faults_of(lambda: actions.reply(caller, review_id, ReplyForm().load(form())["text"]))
    return _back(shop_id, review_id) if faults is None else once_more(_reviews_page(caller, shop_id, review_id, faults))


@door.post(f"{REPLY}/removal")
def take_reply_back(caller: Caller, shop_id: UUID, review_id: UUID) -> AnyResponse:
    """Say nothing to it."""
    actions.take_reply_back(caller, review_id)
    return _back(shop_id, review_id)


def _reviews_page(caller: Caller, shop_id: UUID, place: UUID | None, faults: dict[str, Any]) -> str:
    """`place`: the review whose reply is at fault."""
    shop = require_staff(shop_id, caller.person)
    asked = _asked()
    wanted = Wanted(**{name: asked[name] for name in FILTERS})
    found = queries.shop_reviews(shop_id, wanted, asked["limit"], asked["cursor"])
    narrowed = _narrowed()
    following = "?" + urlencode({**narrowed, "cursor": found["next"]}) if found["next"] else None
    here = urlencode({**narrowed, **({"cursor": asked["cursor"]} if asked["cursor"] else {})})
    told = {"reviews": found["items"], "following": following, "query": f"?{here}" if here else ""}
    typed = {"place": place, "faults": faults, "filled": form(), "most": REPLY_MOST, "wanted": wanted}
    may = SERVE in rights_in(shop_id, caller.person)
    return page("reviews_shop.html", shop=shop, may=may, stars=range(MOST_STARS, 0, -1), **told, **typed)


def _asked() -> dict[str, Any]:
    found: dict[str, Any] = ShopReviewsQuery().load({name: one for name, one in request.args.items() if one})
    return found


def _narrowed() -> dict[str, str]:
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}


def _back(shop_id: UUID, review_id: UUID) -> AnyResponse:
    asked = _asked()
    kept = {**_narrowed(), **({"cursor": asked["cursor"]} if asked["cursor"] else {})}
    return go(f"/portal/shops/{shop_id}/reviews{'?' + urlencode(kept) if kept else ''}#review-{review_id}")
