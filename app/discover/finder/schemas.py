"""Search as JSON."""

from marshmallow import fields

from app.core.fields import In, Out, PageQuery, QueryInt, Text
from app.people.accounts.schemas import AuthorOut
from app.store.catalogue.schemas import ProductCardOut

LONGEST_QUESTION = 200


class SearchQuery(PageQuery):
    q = Text(most=LONGEST_QUESTION, required=True)


class SuggestQuery(In):
    q = Text(most=LONGEST_QUESTION, required=True)
    limit = QueryInt(least=1, most=20, load_default=10)


class SuggestionOut(Out):
    """A whole text for what has been typed so far; it is its own id."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    text = fields.String(required=True)


class SuggestionsOut(Out):
    items = fields.List(fields.Nested(SuggestionOut), required=True)
    next = fields.String(required=True, allow_none=True)


class FoundProductsOut(Out):
    items = fields.List(fields.Nested(ProductCardOut), required=True)
    next = fields.String(required=True, allow_none=True)


class FoundPersonMarks(Out):
    following = fields.Boolean(required=True)


class FoundPersonOut(AuthorOut):
    viewer = fields.Nested(FoundPersonMarks, required=True)


class FoundPeopleOut(Out):
    items = fields.List(fields.Nested(FoundPersonOut), required=True)
    next = fields.String(required=True, allow_none=True)
