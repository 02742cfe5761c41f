"""Doors of second-hand: of everybody who looks, of those who sell, and of moderators who say what may not be sold."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import ANYONE, MODERATOR, PERSON, Door
from app.store.secondhand import actions, queries
from app.store.secondhand.models import PROHIBITED, ProhibitedWord
from app.store.secondhand.schemas import (
    ArticleChangeIn,
    ArticleIn,
    ArticlesOut,
    OwnArticlesOut,
    ProhibitedWordOut,
    ProhibitedWordsOut,
    SoughtQuery,
    WholeArticleOut,
    WordIn,
)

door = Door("secondhand")
ALL, ONE, WORDS = "/second-hand", "/second-hand/<uuid:article_id>", "/desk/prohibited-words"


@door.post(ALL, takes=ArticleIn, gives=WholeArticleOut, limit="order")
def list_article(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Put one thing up for sale; no shop, papers or deposit are needed."""
    return queries.article_page(actions.list_article(caller, **given).id, caller.person)


@door.get(ALL, asks=SoughtQuery, gives=ArticlesOut, who=None)
def list_articles(asked: dict[str, Any]) -> dict[str, Any]:
    """What persons sell, newest first: everywhere or in a city, with all these words."""
    return queries.articles(**asked)


@door.get(ONE, gives=WholeArticleOut, who=ANYONE)
def show_article(caller: Caller, article_id: UUID) -> dict[str, Any]:
    """One article. It is bought as all goods are: POST /checkouts with its `sku_id`."""
    return queries.article_page(article_id, caller.person_id)


@door.put(ONE, takes=ArticleChangeIn, gives=WholeArticleOut)
def change_article(caller: Caller, article_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Say it anew, as long as nobody has it."""
    return queries.article_page(actions.change_article(caller, article_id, given["wanted"]).id, caller.person)


@door.post(f"{ONE}/withdrawal", gives=WholeArticleOut)
def take_off(caller: Caller, article_id: UUID) -> dict[str, Any]:
    """It is not for sale any more."""
    return queries.article_page(actions.take_off(caller, article_id).id, caller.person)


@door.post(f"{ONE}/relisting", gives=WholeArticleOut)
def put_up_again(caller: Caller, article_id: UUID) -> dict[str, Any]:
    """It is for sale once more."""
    return queries.article_page(actions.put_up_again(caller, article_id).id, caller.person)


@door.get("/me/second-hand", asks=PageQuery, gives=OwnArticlesOut, who=PERSON)
def list_own(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The caller's own articles, in whatever state."""
    return queries.articles_of(caller.person, **asked)


@door.get(WORDS, asks=PageQuery, gives=ProhibitedWordsOut, who=MODERATOR)
def list_words(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """What may not be sold: the words from the beginning, and those that moderators have added."""
    found, following = queries.added_words(**asked)
    return {"items": found, "next": following, "always": PROHIBITED}


@door.post(WORDS, takes=WordIn, gives=ProhibitedWordOut, who=MODERATOR)
def prohibit(caller: Caller, given: dict[str, Any]) -> ProhibitedWord:
    """Nobody may sell this any more; what is for sale with it is taken off by the worker."""
    return actions.prohibit(caller, given["word"])


@door.delete(f"{WORDS}/<uuid:word_id>", who=MODERATOR)
def permit(caller: Caller, word_id: UUID) -> None:
    """It may be sold again."""
    actions.permit(caller, word_id)
