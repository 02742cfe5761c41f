"""Verbs of comments. Who changes a comment locks the root of its thread first; so the post's count of comments, which
is of those that everybody sees, stays exact (`_settle`)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.buying.links.actions import LinkWanted, make_links
from app.community.comments.events import CommentHidden, CommentLiked, CommentShown, CommentUnliked, CommentWritten
from app.community.comments.models import (
    Comment,
    CommentDeletion,
    CommentHold,
    CommentPin,
    CommentProduct,
    CommentTakeDown,
    GoodsNamed,
    heat_of,
)
from app.community.comments.queries import comment_for, counted_in, is_severed, no_comment
from app.community.posts.queries import post_for, require_visible
from app.community.reactions.actions import add_reaction, remove_reaction
from app.community.reactions.models import LIKE
from app.core import counters
from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, forbidden
from app.core.events import emit
from app.core.ids import new_id
from app.core.plain import array_of, insertion, prepared
from app.people.social.queries import near_among
from app.store.catalogue.queries import product_briefs, sellable_skus

_COMMENT = insertion(Comment, "id", "post_id", "author_id", "body", "root_id", "parent_id")


def write_comment(
    caller: Caller, post_id: UUID, body: str, parent_id: UUID | None = None, goods: Sequence[GoodsNamed] = ()
) -> UUID:
    """Comment on a post, or reply to a comment there (`parent_id`); answers the comment's id. Each of `goods` gets a
    link of the writer's.

    Raises Refused: 404 for a post or comment that the caller may not see, 409 where its author wants no comments, 422
    for goods that people may not see.
    """
    post = require_visible(caller.person, post_id)
    if post.comments_off and post.author_id != caller.person:
        raise Refused(409, "comments_off", "作者已关闭评论", "The author of this post wants no comments.")
    root_id = None if parent_id is None else _thread_of(caller, post_id, parent_id)
    made = new_id()
    _COMMENT.changed(id=made, post_id=post_id, author_id=caller.person, body=body, root_id=root_id, parent_id=parent_id)
    _name_goods(made, post_id, caller.person, goods)
    if root_id is None:
        counters.add(post_id, "comments", 1)
    else:
        _settle(root_id)
    emit(CommentWritten(made, post_id))
    return made


def delete_comment(caller: Caller, comment_id: UUID) -> None:
    """Delete one's own comment, or one under one's own post; with its replies, if it has any.

    One's own also when its post is hidden by now. Raises Refused: 404 for one that the caller may not see, 403 for
    another's.
    """
    comment, was_shown = _locked(comment_id)
    is_own = comment.author_id == caller.person
    if not is_own and post_for(caller.person, comment.post_id).author_id != caller.person:
        raise forbidden() if was_shown else no_comment()
    db.session.execute(insert(CommentDeletion).values(comment_id=comment_id, by_id=caller.person))
    db.session.execute(delete(CommentPin).where(CommentPin.comment_id == comment_id))
    _hidden(comment, was_shown)


def take_down(comment_id: UUID, reason: str, by: UUID) -> None:
    """Hide a comment from everybody but its author, who sees the reason. Raises Refused: 404, 409 if down already."""
    comment, was_shown = _locked(comment_id)
    row = upsert(CommentTakeDown).values(comment_id=comment_id, reason=reason, by_id=by).on_conflict_do_nothing()
    if not changed(row):
        raise Refused(409, "taken_down", "该评论已下架", "This comment is taken down already.")
    _hidden(comment, was_shown)


def restore(comment_id: UUID) -> None:
    """Show a comment again that was taken down; one that is gone meanwhile stays gone."""
    _unhide(comment_id, CommentTakeDown)


def hold(comment_id: UUID, reason: str) -> None:
    """Keep a comment from everybody but its author until it is approved. Raises Refused: 404, 409 if held already."""
    comment, was_shown = _locked(comment_id)
    if not changed(upsert(CommentHold).values(comment_id=comment_id, reason=reason).on_conflict_do_nothing()):
        raise Refused(409, "held", "该评论已在审核中", "This comment is held already.")
    _hidden(comment, was_shown)


def approve(comment_id: UUID) -> None:
    """Show a comment that was held; one that is gone meanwhile stays gone."""
    _unhide(comment_id, CommentHold)


def pin(caller: Caller, comment_id: UUID) -> None:
    """Put a comment on top of one's own post, in the place of the one that was there. Raises Refused: 404, 403 under
    another's post, 422 for a reply."""
    comment = _under_own(caller, comment_id)
    if comment.root_id is not None:
        raise Refused(422, "reply", "只能置顶一级评论", "Only a comment on the post itself can be put on top.")
    row = upsert(CommentPin).values(post_id=comment.post_id, comment_id=comment_id)
    db.session.execute(row.on_conflict_do_update(index_elements=["post_id"], set_={"comment_id": comment_id}))


def unpin(caller: Caller, comment_id: UUID) -> None:
    """May be repeated. Raises Refused as pin."""
    _under_own(caller, comment_id)
    db.session.execute(delete(CommentPin).where(CommentPin.comment_id == comment_id))


def like(caller: Caller, comment_id: UUID) -> None:
    """May be repeated. Raises Refused 404 for a comment that the caller may not see."""
    _require_seen(caller, comment_id)
    if add_reaction(caller.person, comment_id, LIKE):
        emit(CommentLiked(comment_id, caller.person))


def unlike(caller: Caller, comment_id: UUID) -> None:
    """May be repeated. Raises as like."""
    _require_seen(caller, comment_id)
    if remove_reaction(caller.person, comment_id, LIKE):
        emit(CommentUnliked(comment_id, caller.person))


def warm(comment_ids: Collection[UUID]) -> int:
    """Let the heat of these comments and of the roots above them be what likes and replies say; answers how many moved.
    May be repeated."""
    roots = select(Comment.root_id).where(Comment.id.in_(comment_ids), Comment.root_id.is_not(None))
    which = Comment.id.in_(comment_ids) & Comment.root_id.is_(None) | Comment.id.in_(roots)
    found = db.session.execute(
        select(Comment.id, Comment.heat, Comment.counted).where(which).order_by(Comment.id)
    ).all()
    likes = counters.of([row.id for row in found])
    moved = 0
    for row in found:
        heat = heat_of(likes.get(row.id, {}).get("likes", 0), row.counted - 1)
        moved += changed(update(Comment).where(Comment.id == row.id, Comment.heat != heat).values(heat=heat))
    return moved


def sever(people: Collection[UUID], comment_ids: Collection[UUID] = ()) -> int:
    """Take the comments that these people wrote under each other's posts, and these comments, from everybody where a
    block keeps their author and the post's apart, and give back those that none does any more; answers how many.

    Readers miss them at once (queries); here they leave the count, and that is exact, however often it is done.
    """
    values = {"people": array_of(people), "ids": array_of(comment_ids)}
    roots = sorted({row.root for row in _THREADS.rows(**values)})
    for root_id in roots:
        _lock(root_id)
    moved = _SEVER.changed(**values) + _REJOIN.changed(**values)
    for root_id in roots if moved else ():
        _settle(root_id)
    return moved


_THEIRS = (
    "SELECT c.id, coalesce(c.root_id, c.id) AS root, EXISTS (SELECT FROM social_blocks b"
    "   WHERE (b.blocker_id, b.blocked_id) IN ((c.author_id, p.author_id), (p.author_id, c.author_id))) AS is_apart"
    " FROM comments_comments c JOIN posts_posts p ON p.id = c.post_id"
    " WHERE c.id = ANY(CAST(:ids AS uuid[]))"
    "  OR (c.author_id = ANY(CAST(:people AS uuid[])) AND p.author_id = ANY(CAST(:people AS uuid[])))"
)
_THREADS = prepared(_THEIRS)
_SEVER = prepared(
    f"INSERT INTO comments_severed (comment_id) SELECT id FROM ({_THEIRS}) AS theirs WHERE is_apart"
    " ON CONFLICT DO NOTHING"
)
_REJOIN = prepared(
    f"DELETE FROM comments_severed s USING ({_THEIRS}) AS theirs WHERE s.comment_id = theirs.id AND NOT is_apart"
)


def _thread_of(caller: Caller, post_id: UUID, parent_id: UUID) -> UUID:
    """The root of the thread in which this comment is answered, locked. Raises Refused 404."""
    parent = comment_for(caller.person, parent_id)
    if parent.post_id != post_id or not near_among(caller.person, [parent.author_id]):
        raise no_comment()
    root_id = parent.root_id or parent.id
    _lock(root_id)
    comment_for(caller.person, parent_id)
    return root_id


def _name_goods(comment_id: UUID, post_id: UUID, writer_id: UUID, goods: Sequence[GoodsNamed]) -> None:
    if not goods:
        return
    briefs, skus = (
        product_briefs({one.product_id for one in goods}),
        sellable_skus({o.sku_id for o in goods if o.sku_id}),
    )
    for one in goods:
        if one.product_id not in briefs or not briefs[one.product_id].is_visible:
            raise bad_field("products", "有商品不存在或不可见", "A product does not exist or is not public.")
        if one.sku_id and (one.sku_id not in skus or skus[one.sku_id].product_id != one.product_id):
            raise bad_field("products", "规格不属于该商品", "A variant does not belong to its product.")
    links = make_links([LinkWanted(one.product_id, one.sku_id, post_id, comment_id, writer_id) for one in goods])
    rows = [
        CommentProduct(comment_id=comment_id, position=place, product_id=link.product_id, link_code=link.code)
        for place, link in enumerate(links)
    ]
    db.session.add_all(rows)
    db.session.flush()


def _require_seen(caller: Caller, comment_id: UUID) -> None:
    require_visible(caller.person, comment_for(caller.person, comment_id).post_id)


def _under_own(caller: Caller, comment_id: UUID) -> Comment:
    """A comment that everybody sees, under the caller's own post. Raises Refused: 404, 403."""
    comment, was_shown = _locked(comment_id)
    if not was_shown:
        raise no_comment()
    if require_visible(caller.person, comment.post_id).author_id != caller.person:
        raise forbidden()
    return comment


def _lock(comment_id: UUID) -> None:
    db.session.execute(select(Comment.id).where(Comment.id == comment_id).with_for_update())


def _locked(comment_id: UUID) -> tuple[Comment, bool]:
    """The comment, its thread locked until this transaction ends, and whether everybody sees it by itself. Raises
    Refused 404."""
    root_id = db.session.scalar(select(Comment.root_id).where(Comment.id == comment_id))
    _lock(root_id or comment_id)
    comment = db.session.get(Comment, comment_id, populate_existing=True)
    if comment is None or db.session.get(CommentDeletion, comment_id) is not None:
        raise no_comment()
    hidden = any(db.session.get(row, comment_id) is not None for row in (CommentTakeDown, CommentHold))
    return comment, not hidden and not is_severed(comment_id)


def _hidden(comment: Comment, was_shown: bool) -> None:
    _settle(comment.root_id or comment.id)
    if was_shown:
        emit(CommentHidden(comment.id, comment.post_id))


def _unhide(comment_id: UUID, why: type[CommentTakeDown] | type[CommentHold]) -> None:
    root_id = db.session.scalar(select(Comment.root_id).where(Comment.id == comment_id))
    _lock(root_id or comment_id)
    if not changed(delete(why).where(why.comment_id == comment_id)):
        return
    try:
        comment, is_shown = _locked(comment_id)
    except Refused:
        return
    _settle(comment.root_id or comment.id)
    if is_shown:
        emit(CommentShown(comment.id, comment.post_id))


def _settle(root_id: UUID) -> None:
    """Let a thread, which is locked, be counted as it is now."""
    db.session.flush()
    root = db.session.get_one(Comment, root_id, populate_existing=True)
    now = counted_in(root_id)
    if now != root.counted:
        counters.add(root.post_id, "comments", now - root.counted)
        root.counted = now
        db.session.flush()
