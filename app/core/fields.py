"""Input fields: every value from outside passes one of these, so that limits are never forgotten.

Texts of an error are looked up in core/texts by marshmallow's English message.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.core import money
from app.core.clock import CHINA, iso
from app.core.errors import said
from app.core.ids import age_of

LARGEST_INT = 2**53 - 1
_UNSEEN = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d159"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)
"""What leaves no mark by itself: white space, controls, Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties),
and the two signs that are drawn as nothing, U+2800 (Braille) and U+1D159 (a note)."""


class In(Schema):
    """A request body or query. Fields that it does not name are ignored, never stored."""

    class Meta:
        unknown = EXCLUDE


class Out(Schema):
    """A response body."""


class Text(fields.String):
    """Unicode text of `least`..`most` characters after NFC. NUL and lone surrogates are refused.

    With `least` > 0 something of it must be seen: white space, joiners and fillers alone do not count as text. Beside
    what is seen they stay as they were sent, since emoji and many scripts are joined by them.
    """

    def __init__(self, most: int, least: int = 1, **named: Any) -> None:
        super().__init__(validate=validate.Length(min=least or None, max=most), **named)
        self._least = least

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Not a valid string.")
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValidationError("Has characters that cannot be stored.")
        text = unicodedata.normalize("NFC", value)
        if self._least and is_blank(text):
            raise ValidationError("Must not be blank.")
        return text


class Prose(Text):
    """Text of a <textarea>, whose lines browsers end with CR LF."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> str:
        lines = value.replace("\r\n", "\n") if isinstance(value, str) else value
        return super()._deserialize(lines, attr, data, **named)


def is_blank(text: str) -> bool:
    """Whether nothing of a text is seen, be it empty or not."""
    return _UNSEEN.fullmatch(text) is not None


class Int(fields.Integer):
    """A whole number between `least` and `most`; 12.7, "12" and true are refused."""

    def __init__(self, least: int = 0, most: int = LARGEST_INT, **named: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=least, max=most), **named)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Not a valid integer.")
        return value


class Bool(fields.Boolean):
    """true or false; "true" and 1 are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Not a valid boolean.")
        return value


class QueryInt(fields.Integer):
    """A whole number in a query string, written in ASCII digits."""

    def __init__(self, least: int = 0, most: int = LARGEST_INT, **named: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **named)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16):
            raise ValidationError("Not a valid integer.")
        return int(value)


class Fraction(fields.Float):
    """A number in 0..1, such as a place on a picture; never NaN."""

    def __init__(self, **named: Any) -> None:
        super().__init__(allow_nan=False, validate=validate.Range(min=0, max=1), **named)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Not a valid number.")
        return float(value)


class Money(Int):
    """An amount in minor units (分)."""

    def __init__(self, least: int = 0, **named: Any) -> None:
        super().__init__(least=least, most=money.LARGEST, **named)


class Id(fields.UUID):
    """An id; a UUID in its text form."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> UUID:
        if not isinstance(value, str) or len(value) != 36:
            raise ValidationError("Not a valid UUID.")
        return super()._deserialize(value, attr, data, **named)


class NewId(Id):
    """The id of what a form makes, given out with the form (ids.new_id): so a form that is sent twice makes one thing.

    One of the last day, as every form is: ids of our tables begin with their time.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> UUID:
        found = super()._deserialize(value, attr, data, **named)
        age = age_of(found)
        if age is None or not timedelta(minutes=-1) <= age <= timedelta(days=1):
            raise ValidationError([said("页面已过期，请再提交一次", "The page was out of date: send it once more.")])
        return found


class Choice(fields.String):
    """One of a few words."""

    def __init__(self, *words: str, **named: Any) -> None:
        super().__init__(validate=validate.OneOf(words), **named)


class OrNone(fields.Field[Any]):
    """What an empty field of a form says: nothing; else `of`."""

    def __init__(self, of: fields.Field[Any], **named: Any) -> None:
        super().__init__(load_default=None, **named)
        self._of = of

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> Any:
        return None if value == "" else self._of.deserialize(value, attr, data, **named)


class Moment(fields.DateTime):
    """A point in time, ISO 8601 with a zone; answers UTC with a Z."""

    def __init__(self, **named: Any) -> None:
        super().__init__(format="iso", **named)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **named: Any) -> str | None:
        return None if value is None else iso(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> Any:
        try:
            moment = super()._deserialize(value, attr, data, **named)
        except (OverflowError, ValueError) as error:
            raise ValidationError("Not a valid datetime.") from error
        if moment.tzinfo is None:
            raise ValidationError("Needs a time zone.")
        if not 1970 <= moment.year <= 9998:
            raise ValidationError("Not a valid datetime.")
        return moment


class ChinaTime(fields.Field[datetime]):
    """What <input type="datetime-local"> sends, in the time of China; answers an aware time."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> datetime:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value, re.ASCII):
            raise ValidationError("Not a valid datetime.")
        try:
            return datetime.fromisoformat(value).replace(tzinfo=CHINA)
        except ValueError:
            raise ValidationError("Not a valid datetime.") from None


def some(of: fields.Field[Any] | type[Schema], most: int, least: int = 0, **named: Any) -> fields.List[Any]:
    """A list of `least`..`most` items."""
    inner = of if isinstance(of, fields.Field) else fields.Nested(of)
    return fields.List(inner, validate=validate.Length(min=least or None, max=most), **named)


class PageQuery(In):
    """The query of every list."""

    limit = QueryInt(least=1, most=50, load_default=20)
    cursor = Text(most=500, least=0, load_default=None)
