"""Pages of figures: a person's posts and what each has brought, and for each the rows behind its figures."""

from collections.abc import Sequence
from uuid import UUID

from flask import request

from app.community.figures import queries
from app.core.caller import Caller
from app.core.charts import Bar, bars
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.pages import PageDoor, page
from app.core.paging import MOST, USUAL
from app.store.sales.queries import brought_lines

door = PageDoor("figures", __name__, who=PERSON)
menu.add(
    menu.PORTAL,
    "/portal/posts",
    "笔记",
    "Posts",
    order=10,
    has_some=lambda caller: queries.has_posts(caller.person),
)


@door.get("/portal/posts")
def list_posts(caller: Caller) -> str:
    """The caller's posts with their figures, and the sums over all of them."""
    posts, following = queries.own_posts(caller.person, USUAL, request.args.get("cursor"))
    totals, days = queries.totals(caller.person)
    return page("figures_list.html", posts=posts, next=following, totals=totals, chart=_chart(days))


@door.get("/portal/posts/<uuid:post_id>")
def show_post(caller: Caller, post_id: UUID) -> str:
    """The rows behind the figures of one's own post: order lines, clicks, views."""
    post = queries.own_post_shown(caller.person, post_id)
    lines, following = brought_lines(post_id, MOST, request.args.get("cursor"))
    links, days = queries.clicks_of_post(post_id)
    charts = {"revenue": _chart(queries.revenue_of_post(post_id)), "clicks": _chart(days)}
    return page("figures_post.html", post=post, lines=lines, next=following, links=links, charts=charts)


@door.get("/portal/posts/<uuid:post_id>/clicks")
def list_clicks(caller: Caller, post_id: UUID) -> str:
    """One by one the clicks on the links of one's own post, as many as its figure says."""
    post = queries.own_post_shown(caller.person, post_id)
    clicks, following = queries.clicks_shown(post_id, MOST, request.args.get("cursor"))
    return page("figures_clicks.html", post=post, clicks=clicks, next=following)


def _chart(days: Sequence[queries.Day]) -> list[Bar]:
    return bars([(f"{day:%m-%d}", value) for day, value in days])
