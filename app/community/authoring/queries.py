"""Questions of somebody who writes: his own posts, and goods that he may tag."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, exists, func, select

from app.community.posts.models import FRIENDS, PRIVATE, PUBLISHED, Post, PostDeletion, PostTakeDown
from app.community.tags.models import Tag
from app.core.caller import PERSON
from app.core.db import db, rows_of
from app.core.errors import missing
from app.store.catalogue.queries import product_cards
from app.store.shelves.queries import newest_of_staff, titled_goods

MOST_FOUND, MOST_USUAL = 24, 8


def is_mine(person_id: UUID) -> ColumnElement[bool]:
    """SQL: this Post is the person's own and not deleted."""
    deleted = exists().where(PostDeletion.post_id == Post.id).correlate(Post)
    return and_(Post.author_kind == PERSON, Post.author_id == person_id, ~deleted)


def own_post(person_id: UUID, post_id: UUID, *, locked: bool = False) -> Post:
    """The person's own post. `locked`: its row stays as it is until this transaction ends. Raises Refused 404."""
    wanted = select(Post).where(Post.id == post_id, is_mine(person_id))
    wanted = wanted.with_for_update(of=Post) if locked else wanted
    found = db.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise missing("内容不存在或已删除", "There is no such post.")
    return found


def author_of(post_id: UUID) -> UUID | None:
    """Who wrote a post, also one that is deleted; None if there never was one of this id."""
    return db.session.scalar(select(Post.author_id).where(Post.id == post_id))


def reason_of(post_id: UUID) -> str | None:
    """Why a moderator took the post down, None if nobody did."""
    return db.session.scalar(select(PostTakeDown.reason).where(PostTakeDown.post_id == post_id))


def state_of(post: Post, reason: str | None) -> str:
    """How a post stands, in one word: open, friends, draft (nobody else ever saw it), private, held, or taken_down for
    a `reason`."""
    if reason is not None:
        return "taken_down"
    if post.visibility == PRIVATE:
        return "draft" if post.published_at is None else "private"
    if post.state != PUBLISHED:
        return "held"
    return "friends" if post.visibility == FRIENDS else "open"


def goods_found(person_id: UUID, words: str) -> list[dict[str, Any]]:
    """Cards of goods on sale whose titles have all these words, those of the person's shops first. Two queries."""
    return _cards(titled_goods(words.split(), person_id, MOST_FOUND))


def usual_goods(person_id: UUID) -> list[dict[str, Any]]:
    """Cards of what the person tagged last, then of the newest goods of his own shops. Three queries."""
    ids = [*_tagged_last(person_id), *newest_of_staff(person_id, MOST_USUAL)]
    return _cards(list(dict.fromkeys(ids)))


def card_of(product_id: UUID) -> dict[str, Any] | None:
    """The card of goods that people may see, None for others."""
    return next(iter(_cards([product_id])), None)


def _tagged_last(person_id: UUID) -> Sequence[UUID]:
    """The goods in the tags of a person's newest posts, each once."""
    mine = select(Post.id, Post.created_at).where(is_mine(person_id)).order_by(Post.created_at.desc()).limit(50)
    newest = mine.subquery()
    tagged = select(Tag.product_id).join(newest, newest.c.id == Tag.post_id).where(Tag.title.is_not(None))
    latest_first = tagged.group_by(Tag.product_id).order_by(func.max(newest.c.created_at).desc())
    return db.session.scalars(latest_first.limit(MOST_USUAL)).all()


def _cards(ids: list[UUID]) -> list[dict[str, Any]]:
    cards = {one: orjson.loads(card) for one, card in product_cards(ids).items()}
    return rows_of(ids, cards)
