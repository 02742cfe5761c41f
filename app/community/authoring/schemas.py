"""Forms of authoring."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, pre_load, validates_schema

from app.community.declarations.models import DECLARATIONS, NONE
from app.community.posts.models import NOTE, REVIEW, VISIBILITIES
from app.community.posts.schemas import LONGEST_BODY, LONGEST_TITLE, LONGEST_TOPIC, MOST_TOPICS, TopicName
from app.core.errors import said
from app.core.fields import Choice, Id, In, NewId, OrNone, Prose, QueryInt, Text, some

PUBLISH, DRAFT = "publish", "draft"
MOST_PLACES = 10_000
_MARKS = re.compile(r"[,，、;；#＃\r\n]")


class TopicWords(fields.Field[list[str]]):
    """Topics in one line, between # or commas; between spaces where there are neither."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> list[str]:
        words = value if isinstance(value, str) else ""
        names = _MARKS.split(words) if _MARKS.search(words) else words.split()
        found: Any = some(TopicName(most=LONGEST_TOPIC), most=MOST_TOPICS).deserialize(
            [one for one in names if one.strip()]
        )
        return list(found)


class Percent(fields.Float):
    """0 to 100, written in ASCII ("12.5")."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> float:
        if not re.fullmatch(r"\d{1,3}(\.\d{1,6})?", str(value), re.ASCII) or float(value) > 100:
            raise ValidationError([said("须在 0 到 100 之间", "Must be between 0 and 100.")])
        return float(value)


class WordsForm(In):
    """Topics stay as they are where they still read as in `shown_topics`: those that an app gave may hold commas and
    spaces, so that their line does not say them."""

    title = Text(most=LONGEST_TITLE, required=True)
    body = Prose(most=LONGEST_BODY, least=0, load_default="")
    topics = TopicWords()
    declared = Choice(*DECLARATIONS)

    @pre_load
    def without_topics_as_shown(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        shown = data.get("shown_topics")
        return {name: value for name, value in data.items() if name != "topics" or value != shown}


class PostForm(WordsForm):
    """`then`: whether everybody shall see it at once, or its author alone for now. `id`: came with the form."""

    id = NewId(required=True)
    topics = TopicWords(load_default=list)
    kind = Choice(NOTE, REVIEW, load_default=NOTE)
    rating = OrNone(QueryInt(least=1, most=5))
    product_id = OrNone(Id())
    then = Choice(PUBLISH, DRAFT, load_default=DRAFT)
    declared = Choice(*DECLARATIONS, load_default=NONE)

    @validates_schema
    def review_is_whole(self, data: dict[str, Any], **_: Any) -> None:
        if data["kind"] == REVIEW and data["rating"] is None:
            raise ValidationError({"rating": [said("评价须打 1 到 5 分", "A review needs a rating of 1 to 5.")]})
        if data["kind"] == REVIEW and data["product_id"] is None:
            raise ValidationError({"product_id": [said("请先选择要评价的商品", "Choose what you review first.")]})


class NewPostQuery(In):
    kind = Choice(NOTE, REVIEW, load_default=NOTE)
    product_id = OrNone(Id())
    q = Text(most=100, least=0, load_default="")


class VisibilityForm(In):
    visibility = Choice(*VISIBILITIES, required=True)


class PicturesQuery(In):
    picture = QueryInt(load_default=0)


class PlaceQuery(In):
    """Where on a picture: an image button sends `at.x` and `at.y` in the pixels of its width on the page; other forms
    say `left` and `top`. A button pressed by a key sends 0, 0: no place."""

    picture = OrNone(QueryInt())
    x = OrNone(QueryInt(most=MOST_PLACES), data_key="at.x")
    y = OrNone(QueryInt(most=MOST_PLACES), data_key="at.y")
    left = OrNone(Percent())
    top = OrNone(Percent())
    q = Text(most=100, least=0, load_default="")


class TagForm(In):
    product_id = Id(required=True)
    picture = OrNone(QueryInt())
    left = OrNone(Percent())
    top = OrNone(Percent())
