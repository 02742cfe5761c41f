"""Verbs of posts. Whoever changes a post locks its row first, so that it is shown and hidden exactly once.

What follows from its being open (pictures, its author's count, its review, links) is done with it, in `_show`, `_hide`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.buying.links.actions import part_from_post, rejoin_post
from app.community.declarations.models import NONE
from app.community.declarations.queries import declared_in_truth
from app.community.posts import events
from app.community.posts.kinds import KINDS
from app.community.posts.models import (
    HELD,
    PRIVATE,
    PUBLIC,
    PUBLISHED,
    SUBMITTED,
    Parts,
    Post,
    PostDeletion,
    PostLog,
    PostTakeDown,
    fragments_of,
)
from app.community.posts.queries import is_open, parts_of, post_for
from app.community.tags.actions import check_places, put_tags, replace_tags
from app.community.tags.models import TagWanted
from app.community.tags.queries import is_one_of, tagged_products
from app.community.topics.actions import put_topics, replace_topics
from app.community.topics.queries import topics_of
from app.community.versions.actions import keep_version
from app.core import counters
from app.core.caller import PERSON, Caller, Ref
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, forbidden, missing
from app.core.events import emit
from app.core.ids import new_id
from app.core.plain import Row, insertion, prepared
from app.people.accounts.queries import author_cards
from app.people.uploads.actions import conceal, show, use_pictures
from app.people.uploads.models import Upload

_POSTS = cast("Table", Post.__table__)
_LOG = insertion(PostLog, "post_id", "who_id", "before", "after", "why")
_APPROVE = prepared(
    "WITH moved AS (UPDATE posts_posts SET state = 'published',"
    "   published_at = CASE WHEN visibility <> 'private' THEN now() END WHERE id = :id AND state = 'submitted'"
    "   RETURNING id, author_id, kind, title, body, rating, visibility, pictures, review_id, published_at),"
    "  logged AS (INSERT INTO posts_log (post_id, before, after, why)"
    "   SELECT id, 'submitted', 'published', '' FROM moved)"
    " SELECT *, visibility = 'public' AND NOT EXISTS (SELECT FROM posts_takedowns t WHERE t.post_id = moved.id)"
    "  AND NOT EXISTS (SELECT FROM posts_deletions d WHERE d.post_id = moved.id) AS is_open FROM moved"
)
_WORDS = ("id", "kind", "title", "body", "rating", "pictures", "visibility", "declared", "state", "card", "page")
_NEW = insertion(Post, *_WORDS, "author_kind", "author_id", "written_by")
State = Post | Row  # a post, or as much of its row as showing and hiding it needs


def publish_post(
    caller: Caller,
    *,
    kind: str,
    title: str,
    body: str = "",
    visibility: str = PUBLIC,
    rating: int | None = None,
    uploads: Sequence[UUID] = (),
    topics: Sequence[str] = (),
    tags: Sequence[TagWanted] = (),
    declared: str = NONE,
    post_id: UUID | None = None,
) -> UUID:
    """Write a post and submit it to moderation, which answers in this transaction; answers its id, `post_id` if given.

    Raises Refused 422 for another's uploads, goods that are not public, a review without a rating or one product, and
    an interest that is not `declared`.
    """
    products = [tag.product_id for tag in tags]
    KINDS[kind].check(rating, products)
    declared = declared_in_truth(declared, caller.person, products)
    pictures, post = _own_pictures(caller.person, uploads), Post(id=post_id or new_id(), kind=kind, title=title)
    tagged = put_tags(post.id, caller.person, tags, len(pictures))
    parts = Parts(author_cards([caller.person]).get(caller.person), pictures, tagged, put_topics(post.id, topics))
    ready = fragments_of(post, parts)
    who = {"author_kind": PERSON, "author_id": caller.person, "written_by": caller.person}
    words = {"kind": kind, "title": title, "body": body, "rating": rating, "pictures": list(uploads)}
    state = {"id": post.id, "state": SUBMITTED, "visibility": visibility, "declared": declared}
    _NEW.changed(**state, **who, **words, card=ready.card, page=ready.page)
    if visibility != PUBLIC:
        part_from_post(post.id)
    emit(events.PostSubmitted(post.id))
    return post.id


def edit_post(caller: Caller, post_id: UUID, changes: Mapping[str, Any]) -> None:
    """Change title, body, topics, visibility, uploads, tags, declared or comments_off: those that `changes` names.

    A tag that stays (the same product and variant) keeps its link. Raises Refused: 404, 403 for another's post, 422.
    """
    post = _own(caller, post_id)
    was_open = is_open(post_id)
    _declare(post, changes)
    if "comments_off" in changes:
        _set(post_id, comments_off=changes["comments_off"])
    if changes.keys() - {"visibility", "comments_off", "declared"}:
        _rewrite(post, changes)
        emit(events.PostEdited(post_id))
    seen_by = changes.get("visibility", post.visibility)
    if _set(post_id, Post.visibility != seen_by, visibility=seen_by):
        _log(post_id, caller.person, post.visibility, seen_by)
    _settle(post_id, was_open)


def delete_post(caller: Caller, post_id: UUID) -> None:
    """Delete one's own post: gone for everybody. Raises Refused: 404, 403 for another's post."""
    post, was_open = _own(caller, post_id), is_open(post_id)
    db.session.execute(insert(PostDeletion).values(post_id=post_id, by_id=caller.person))
    _log(post_id, caller.person, post.state, "deleted")
    _settle(post_id, was_open)


def approve(post_id: UUID) -> None:
    """Publish a post that was submitted or held. Raises Refused: 404, 409 if it is published already."""
    post = _APPROVE.row(id=post_id)
    if post is not None:
        return _show(post, fresh=True) if post.is_open else None
    _locked(post_id)
    if not _set(post_id, Post.state == HELD, state=PUBLISHED):
        raise Refused(409, "published", "该内容已发布", "This post is published already.")
    _log(post_id, None, HELD, PUBLISHED)
    return _settle(post_id, was_open=False)


def hold(post_id: UUID, reason: str) -> None:
    """Keep a post from everybody but its author until it is approved. Raises Refused: 404, 409 if held already."""
    post = _locked(post_id)
    was_open = is_open(post_id)
    if not _set(post_id, Post.state.in_((SUBMITTED, PUBLISHED)), state=HELD):
        raise Refused(409, "held", "该内容已在审核中", "This post is held already.")
    _log(post_id, None, post.state, HELD, reason)
    part_from_post(post_id)
    _settle(post_id, was_open)


def take_down(post_id: UUID, reason: str, by: UUID) -> None:
    """Hide a post from everybody but its author, who sees the reason. Raises Refused: 404, 409 if down already."""
    post, was_open = _locked(post_id), is_open(post_id)
    row = upsert(PostTakeDown).values(post_id=post_id, reason=reason, by_id=by).on_conflict_do_nothing()
    if not changed(row):
        raise Refused(409, "taken_down", "该内容已下架", "This post is taken down already.")
    _log(post_id, by, post.state, "taken_down", reason)
    _settle(post_id, was_open)


def restore(post_id: UUID) -> None:
    """Show a post again that was taken down, if nothing else hides it; one that is gone meanwhile stays gone."""
    db.session.execute(select(Post.id).where(Post.id == post_id).with_for_update())
    if not changed(delete(PostTakeDown).where(PostTakeDown.post_id == post_id)):
        return
    _log(post_id, None, "taken_down", "restored")
    _settle(post_id, was_open=False)


def forget_cards(ids: Collection[UUID]) -> int:
    """The cards of these posts are no longer right: readers make them anew, until the sweep has. Answers how many."""
    return changed(update(_POSTS).where(is_one_of(Post.id, ids)).values(card=None)) if ids else 0


def remake_cards(most: int = 200) -> int:
    """Make the missing cards of up to `most` posts; answers how many."""
    wanted = select(Post.id).where(Post.card.is_(None)).limit(most).with_for_update(skip_locked=True)
    return _write_fragments(list(db.session.scalars(wanted)))


def _locked(post_id: UUID) -> Post:
    """The post as it is now, its row locked until this transaction ends. Raises Refused 404, also if it is deleted."""
    post = db.session.scalar(_afresh(Post.id == post_id).with_for_update())
    if post is None or db.session.scalar(select(PostDeletion.at).where(PostDeletion.post_id == post_id)):
        raise missing("内容不存在或已删除", "There is no such post.")
    return post


def _set(post_id: UUID, *where: ColumnElement[bool], **values: Any) -> int:
    """Change the row of a post; answers 0 if it is not in the state that `where` asks for."""
    return changed(update(_POSTS).where(Post.id == post_id, *where).values(**values))


def _afresh(which: ColumnElement[bool]) -> Select[Post]:
    return select(Post).where(which).execution_options(populate_existing=True)


def _own(caller: Caller, post_id: UUID) -> Post:
    """The caller's own post, locked. Raises Refused: 404 if he may not see it, 403 if it is another's."""
    if post_for(caller.person, post_id).author_id != caller.person:
        raise forbidden()
    return _locked(post_id)


def _declare(post: Post, changes: Mapping[str, Any]) -> None:
    """What the author declares from now on, which must be what is so of the tags from now on."""
    if changes.keys() & {"declared", "tags"}:
        declared, tags = changes.get("declared", post.declared), changes.get("tags")
        products = tagged_products(post.id) if tags is None else {tag.product_id for tag in tags}
        _set(post.id, declared=declared_in_truth(declared, post.author_id, products))


def _rewrite(post: Post, changes: Mapping[str, Any]) -> None:
    if post.published_at is not None and changes.keys() & {"title", "body", "topics", "uploads"}:
        names = [name for _, name in topics_of([post.id])]
        keep_version(post.id, post.title, post.body, names, len(post.pictures))
    pictures = list(changes.get("uploads", post.pictures))
    if "uploads" in changes:
        _own_pictures(post.author_id, pictures)
    if "tags" in changes:
        KINDS[post.kind].check(post.rating, [tag.product_id for tag in changes["tags"]])
        replace_tags(post.id, post.author_id, changes["tags"], len(pictures), post.created_at)
    elif "uploads" in changes:
        check_places(post.id, len(pictures))
    if "topics" in changes:
        replace_topics(post.id, changes["topics"])
    words = {name: changes[name] for name in ("title", "body") if name in changes}
    _set(post.id, **words, pictures=pictures, edited_at=Post.edited_now())
    _write_fragments([post.id])


def _settle(post_id: UUID, was_open: bool) -> None:
    """After a change: let follow what follows from being open or not."""
    now_open = is_open(post_id)
    post = db.session.scalars(_afresh(Post.id == post_id)).one()
    if was_open and now_open:
        show(post.pictures, Ref("post", post_id))
        _keep_review(post, now_open=True)
    elif now_open:
        _show(post)
    elif was_open:
        _hide(post)
    if post.published_at is None and post.visibility != PRIVATE and post.state == PUBLISHED:
        _set(post_id, published_at=func.coalesce(Post.published_at, func.now()))


def _show(post: State, fresh: bool = False) -> None:
    """The post is open from now on. `fresh`: it was written just now, and has its published_at."""
    first = fresh or post.published_at is None
    if not fresh:
        _set(post.id, published_at=func.coalesce(Post.published_at, func.now()))
        rejoin_post(post.id)
    if post.pictures:
        show(post.pictures, Ref("post", post.id))
    counters.add(post.author_id, "posts", 1)
    _keep_review(post, now_open=True)
    emit(events.PostPublished(post.id) if first else events.PostShown(post.id))


def _hide(post: State) -> None:
    """The post is not open any more."""
    part_from_post(post.id)
    conceal(Ref("post", post.id))
    counters.add(post.author_id, "posts", -1)
    _keep_review(post, now_open=False)
    emit(events.PostHidden(post.id))


def _keep_review(post: State, now_open: bool) -> None:
    """What a rated post says in the store, said anew or taken back."""
    if post.rating is None:
        return
    review_id = None
    if now_open:
        said = (post.author_id, tagged_products(post.id), post.rating, post.body or post.title)
        review_id = KINDS[post.kind].enter_review(post.review_id, *said)
    elif post.review_id is not None:
        KINDS[post.kind].withdraw_review(post.review_id)
    _set(post.id, review_id=review_id)


def _write_fragments(post_ids: Sequence[UUID]) -> int:
    """Write the ready JSON of these posts anew; answers how many."""
    posts = db.session.scalars(_afresh(Post.id.in_(post_ids))).all()
    parts = parts_of(posts)
    for post in posts:
        ready = fragments_of(post, parts[post.id])
        _set(post.id, card=ready.card, page=ready.page)
    return len(posts)


def _log(post_id: UUID, who_id: UUID | None, before: str, after: str, why: str = "") -> None:
    _LOG.changed(post_id=post_id, who_id=who_id, before=before, after=after, why=why)


def _own_pictures(person_id: UUID, ids: Sequence[UUID]) -> list[Upload]:
    if len(set(ids)) != len(ids):
        raise bad_field("uploads", "图片重复", "A picture appears twice.")
    return use_pictures(person_id, ids)
