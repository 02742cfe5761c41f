"""The page of an author on which the views of his post stand one by one."""

from uuid import UUID

from flask import request

from app.community.figures.queries import own_post_shown
from app.core.caller import Caller
from app.core.http.door import PERSON
from app.core.http.pages import PageDoor, page
from app.core.paging import MOST
from app.discover.recommendations import queries

door = PageDoor("recommendations", __name__, who=PERSON)


@door.get("/portal/posts/<uuid:post_id>/views")
def list_views(caller: Caller, post_id: UUID) -> str:
    """One by one the views of one's own post; those older than the rows stand there as a number."""
    post = own_post_shown(caller.person, post_id)
    views, following = queries.counted_views(post_id, MOST, request.args.get("cursor"))
    kept = queries.how_many_views(post_id)
    return page("recommendations_views.html", post=post, views=views, next=following, kept=kept)
