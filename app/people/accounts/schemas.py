"""JSON of people."""

from marshmallow import fields

from app.core.fields import Id, In, Moment, Out, Text
from app.people.accounts.models import LONGEST_BIO, LONGEST_NAME, LONGEST_NICKNAME, SHORTEST_NAME
from app.people.uploads.schemas import PictureOut


class SignUpIn(In):
    """`username`: letters of any script, digits, _ - . ; unique whatever its capitals and widths."""

    username = Text(least=SHORTEST_NAME, most=LONGEST_NAME, required=True)
    password = Text(least=8, most=200, required=True)
    nickname = Text(most=LONGEST_NICKNAME, required=True)


class SignInIn(In):
    """`code`: six digits of the authenticator app, from who has a second factor."""

    username = Text(most=200, required=True)
    password = Text(most=200, required=True)
    code = Text(most=20, load_default=None, allow_none=True)


class RefreshIn(In):
    refresh_token = Text(most=200, required=True)


class PersonBrief(Out):
    id = fields.UUID(required=True)
    username = fields.String(required=True)
    nickname = fields.String(required=True)


class SignedOut(Out):
    """Tokens are secret. `expires_in`: seconds for which the access token is good."""

    person = fields.Nested(PersonBrief, required=True)
    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    expires_in = fields.Integer(required=True)


class ChangeMeIn(In):
    """Only what is named changes. `avatar`: an upload of one's own, null for none."""

    nickname = Text(most=LONGEST_NICKNAME)
    bio = Text(least=0, most=LONGEST_BIO)
    avatar = Id(allow_none=True)


class AuthorOut(Out):
    """A person beside what he wrote: the card of accounts.queries.author_cards."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    nickname = fields.String(required=True)
    avatar = fields.Nested(PictureOut, required=True, allow_none=True)
    badges = fields.List(fields.String(), required=True)


class MeOut(AuthorOut):
    username = fields.String(required=True)
    bio = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    created_at = Moment(required=True)


class SignUpForm(SignUpIn):
    """`next`: the page to go on to."""

    next = Text(least=0, most=20_000, load_default="")


class SignInForm(In):
    """`next`: the page to go on to."""

    username = Text(most=200, required=True)
    password = Text(most=200, required=True)
    next = Text(least=0, most=20_000, load_default="")


class CodeForm(In):
    """`proof` says who gave his password a moment ago."""

    proof = Text(most=500, required=True)
    code = Text(most=20, required=True)
    next = Text(least=0, most=20_000, load_default="")


class SetUpForm(In):
    password = Text(most=200, required=True)
    code = Text(most=20, required=True)
    next = Text(least=0, most=20_000, load_default="")
