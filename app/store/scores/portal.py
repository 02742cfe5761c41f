"""The page of a shop's score, for those who work there."""

from uuid import UUID

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.pages import PageDoor, page
from app.store.scores import queries
from app.store.scores.models import FEWEST, WINDOW
from app.store.shops.queries import require_staff

door = PageDoor("scores", __name__, who=PERSON)
menu.add(menu.SHOP, "/score", "店铺评分", "Score", order=85)


@door.get("/portal/shops/<uuid:shop_id>/score")
def show_score(caller: Caller, shop_id: UUID) -> str:
    """The score and its parts, and what each of them counts."""
    shop = require_staff(shop_id, caller.person)
    told = {"score": queries.score_json(shop_id), "all_parts": queries.all_parts()}
    return page("scores_score.html", shop=shop, days=WINDOW.days, fewest=FEWEST, **told)
