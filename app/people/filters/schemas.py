"""JSON of filters."""

from marshmallow import fields

from app.core.fields import In, Out, Text, some
from app.people.filters.models import LONGEST_WORD, MOST_WORDS


class HiddenWordsIn(In):
    words = some(Text(most=LONGEST_WORD), most=MOST_WORDS, required=True)


class HiddenWordsOut(Out):
    words = fields.List(fields.String(), required=True)
