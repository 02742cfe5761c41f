"""Verbs of authoring. Each locks the post first and edits it as a whole, so that two steps at once are both kept."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.community.authoring.queries import author_of, own_post
from app.community.declarations.models import NONE
from app.community.posts.actions import edit_post, publish_post
from app.community.posts.models import PRIVATE, PUBLIC, REVIEW
from app.community.posts.schemas import MOST_TAGS, MOST_UPLOADS
from app.community.tags.models import Tag, TagWanted
from app.community.tags.queries import tags_of
from app.core.caller import Caller
from app.core.errors import bad_field, missing
from app.core.idempotency import made_by_another, one_at_a_time
from app.people.uploads.actions import StoredPicture, receive_picture

Place = tuple[int, float, float]
"""A picture's position, and x, y on it in 0..1."""
Order = Callable[[list[UUID]], list[UUID]]


def write_post(
    caller: Caller,
    *,
    id: UUID,
    kind: str,
    title: str,
    body: str,
    topics: Sequence[str],
    rating: int | None,
    product_id: UUID | None,
    is_public: bool,
    pictures: Sequence[StoredPicture],
    declared: str = NONE,
) -> UUID:
    """Write a post with pictures that were just sent; only its author sees it unless it `is_public`. Answers its id.

    `id` came with the form: sent again it writes nothing, and the files of its pictures go as orphans. Raises Refused
    as publish_post, 409 for the id of another's post.
    """
    one_at_a_time(id)
    author_id = author_of(id)
    if author_id == caller.person:
        return id
    if author_id is not None:
        raise made_by_another()
    uploads = [receive_picture(caller.person, one).id for one in pictures]
    return publish_post(
        caller,
        kind=kind,
        title=title,
        body=body,
        topics=topics,
        rating=rating if kind == REVIEW else None,
        visibility=PUBLIC if is_public else PRIVATE,
        uploads=uploads,
        tags=[TagWanted(product_id)] if product_id else [],
        declared=declared,
        post_id=id,
    )


def change_post(caller: Caller, post_id: UUID, changes: Mapping[str, Any]) -> None:
    """Change what `changes` names (posts.edit_post). Raises Refused 404 for another's post."""
    own_post(caller.person, post_id, locked=True)
    edit_post(caller, post_id, changes)


def add_pictures(caller: Caller, post_id: UUID, pictures: Sequence[StoredPicture]) -> None:
    """Hang pictures that were just sent behind those of a post. Raises Refused 404, 422 for too many."""
    post = own_post(caller.person, post_id, locked=True)
    if len(post.pictures) + len(pictures) > MOST_UPLOADS:
        raise bad_field("pictures", f"最多 {MOST_UPLOADS} 张图片", f"At most {MOST_UPLOADS} pictures.")
    new = [receive_picture(caller.person, one).id for one in pictures]
    edit_post(caller, post_id, {"uploads": [*post.pictures, *new]})


def remove_picture(caller: Caller, post_id: UUID, upload_id: UUID) -> None:
    """Take a picture out of a post; goods tagged on it stay, without a place. Raises Refused 404."""
    _hang(caller, post_id, upload_id, lambda others: others)


def show_first(caller: Caller, post_id: UUID, upload_id: UUID) -> None:
    """Make a picture the post's cover. Raises Refused 404."""
    _hang(caller, post_id, upload_id, lambda others: [upload_id, *others])


def tag_goods(caller: Caller, post_id: UUID, product_id: UUID, place: Place | None) -> None:
    """Tag goods in a post, at a place on one of its pictures or at none.

    Goods whose tag has no place yet are put there. Raises Refused 404, 422 for goods that may not be tagged, a picture
    that is not there, other goods in a review, too many tags.
    """
    own_post(caller.person, post_id, locked=True)
    wanted = [_as_wanted(tag) for tag in tags_of([post_id])[post_id]]
    lacking = next((i for i, one in enumerate(wanted) if one.product_id == product_id and one.image is None), None)
    image, x, y = place or (None, None, None)
    if lacking is not None:
        wanted[lacking] = TagWanted(product_id, wanted[lacking].sku_id, image, x, y)
    else:
        wanted.append(TagWanted(product_id, None, image, x, y))
    if len(wanted) > MOST_TAGS:
        raise bad_field("tags", f"最多标记 {MOST_TAGS} 件商品", f"At most {MOST_TAGS} goods.")
    edit_post(caller, post_id, {"tags": wanted})


def remove_tag(caller: Caller, post_id: UUID, tag_id: UUID) -> None:
    """Take a tag out of a post; may be repeated. Raises Refused 404, 422 for the only one of a review."""
    own_post(caller.person, post_id, locked=True)
    tags = tags_of([post_id])[post_id]
    left = [_as_wanted(tag) for tag in tags if tag.id != tag_id]
    if len(left) < len(tags):
        edit_post(caller, post_id, {"tags": left})


def _hang(caller: Caller, post_id: UUID, upload_id: UUID, order: Order) -> None:
    """Hang the other pictures, and this one too if `order` says so; tags go with their pictures."""
    before = own_post(caller.person, post_id, locked=True).pictures
    if upload_id not in before:
        raise missing("图片不存在或已移除", "There is no such picture.")
    after = order([one for one in before if one != upload_id])
    moved = {place: after.index(one) for place, one in enumerate(before) if one in after}
    tags = [_moved(tag, moved) for tag in tags_of([post_id])[post_id]]
    edit_post(caller, post_id, {"uploads": after, "tags": tags} if tags else {"uploads": after})


def _moved(tag: Tag, places: Mapping[int, int]) -> TagWanted:
    if tag.image is None or tag.image not in places:
        return TagWanted(tag.product_id, tag.sku_id)
    return TagWanted(tag.product_id, tag.sku_id, places[tag.image], tag.x, tag.y)


def _as_wanted(tag: Tag) -> TagWanted:
    return TagWanted(tag.product_id, tag.sku_id, tag.image, tag.x, tag.y)
