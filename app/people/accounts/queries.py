"""Questions about people; and the one that turns a token into who holds it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple, TypedDict, cast
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, any_, bindparam, exists, func, literal, select

from app.core import clock
from app.core.auth import SECOND_FACTOR, Who
from app.core.db import db, reads
from app.core.errors import missing
from app.core.plain import Prepared, Row
from app.people.accounts.models import BADGES, Person, RefreshToken, Role, Session, Suspension, key_of
from app.people.uploads.models import Upload
from app.people.uploads.queries import Picture, picture


class AuthorCard(TypedDict):
    """A person beside what he wrote: ready for JSON."""

    id: str
    kind: str
    nickname: str
    avatar: Picture | None
    badges: list[str]


class Profile(AuthorCard):
    """All that a person shows."""

    username: str
    bio: str
    roles: list[str]
    created_at: object


_ROLES = func.array(
    select(Role.role).where(Role.person_id == Person.id).order_by(Role.role).scalar_subquery(), type_=ARRAY(Text)
)


def person_or_missing(person_id: UUID) -> Person:
    """Raises Refused 404."""
    found = db.session.get(Person, person_id)
    if found is None:
        raise missing("没有这个人", "No such person.")
    return found


def person_named(username: str) -> Person | None:
    """The person of this username, however it is spelled in capitals and widths."""
    return db.session.scalar(select(Person).where(Person.username_key == key_of(username)))


def people_by_id(ids: Collection[UUID]) -> dict[UUID, Person]:
    """The people who exist, by id. One query, none for no ids."""
    if not ids:
        return {}
    return {one.id: one for one in db.session.scalars(select(Person).where(Person.id.in_(set(ids))))}


def author_cards(ids: Collection[UUID]) -> dict[UUID, AuthorCard]:
    """The people who exist, as cards, by id. One query, none for no ids."""
    return {row.person_id: _card(row) for row in _shown_people(ids)}


def profile_or_missing(person_id: UUID) -> Profile:
    """All that a person shows, and his roles. One query. Raises Refused 404."""
    for row in _shown_people([person_id]):
        told = {"username": row.username, "bio": row.bio, "roles": list(row.roles), "created_at": row.created_at}
        return cast("Profile", {**_card(row), **told})
    raise missing("没有这个人", "No such person.")


def password_of(username: str) -> tuple[UUID, str] | None:
    """(person id, hash of the password) of a username, read on a connection that is given back at once.

    What follows is 20 ms of computing, for which no connection should wait.
    """
    asked = select(Person.id, Person.password_hash).where(Person.username_key == key_of(username))
    with reads().connect() as connection:
        found = connection.execute(asked).first()
    return (found.id, found.password_hash) if found else None


def suspension_of(person_id: UUID) -> Suspension | None:
    return db.session.get(Suspension, person_id)


def who_has(access_hash: bytes) -> tuple[Who, bool] | None:
    """Who holds an access token, and whether he uses it for the first time: nobody once it is expired, its session
    ended or its person suspended.

    Asked before the request's own transaction begins, so on a connection that is given back at once.
    """
    left = func.extract("epoch", Session.access_expires_at - clock.db_now())
    asked = (
        select(Session.id, Session.person_id, _ROLES.label("roles"), func.floor(left).cast(Integer).label("seconds"))
        .add_columns(
            Session.access_used_at.is_(None).label("is_first"), Session.proven_at.is_not(None).label("is_proven")
        )
        .join(Person, Person.id == Session.person_id)
        .where(
            Session.access_hash == access_hash,
            Session.access_expires_at > clock.db_now(),
            Session.ended_at.is_(None),
            ~exists().where(Suspension.person_id == Session.person_id),
        )
    )
    with reads().connect() as connection:
        found = connection.execute(asked).first()
    if found is None:
        return None
    roles = frozenset([*found.roles, SECOND_FACTOR] if found.is_proven else found.roles)
    return Who(person_id=found.person_id, session_id=found.id, scopes=roles, seconds=found.seconds), found.is_first


class HeldToken(NamedTuple):
    """A refresh token with its session. `is_fresh`: replaced so short ago that its answer may have been lost;
    `is_over`: expired, signed out or suspended; `is_pair_used`: the session's access token has been used, so the answer
    that held it was not lost."""

    hash: bytes
    replaced_at: datetime | None
    is_fresh: bool | None
    is_over: bool
    session_id: UUID
    person_id: UUID
    device: str
    is_pair_used: bool


def held_refresh_token(refresh_hash: bytes, window: timedelta) -> HeldToken | None:
    """A refresh token and its session, both locked: of two uses at once one comes after the other."""
    now = clock.db_now()
    is_suspended = exists().where(Suspension.person_id == Session.person_id)
    found = db.session.execute(
        select(
            RefreshToken.hash,
            RefreshToken.replaced_at,
            RefreshToken.replaced_at > now - literal(window),
            (RefreshToken.expires_at <= now) | Session.ended_at.is_not(None) | is_suspended,
            Session.id,
            Session.person_id,
            Session.device,
            Session.access_used_at.is_not(None),
        )
        .join(Session, Session.id == RefreshToken.session_id)
        .where(RefreshToken.hash == refresh_hash)
        .with_for_update(of=[RefreshToken, Session])
    ).first()
    return HeldToken(*found) if found else None


def is_refresh_token_unused(refresh_hash: bytes) -> bool:
    """Whether a refresh token is there and was not replaced; the caller holds the lock of its session."""
    wanted = select(RefreshToken.replaced_at.is_(None)).where(RefreshToken.hash == refresh_hash)
    return bool(db.session.scalar(wanted))


def _shown_people(ids: Collection[UUID]) -> list[Row]:
    """The people who exist, each with his avatar and roles."""
    return _SHOWN.rows(ids=list(set(ids))) if ids else []


_SHOWN = Prepared(
    select(Person.id.label("person_id"), Person.username, Person.nickname, Person.bio, Person.created_at)
    .add_columns(Upload.id, Upload.format, Upload.width, Upload.height, Upload.colour, _ROLES.label("roles"))
    .outerjoin(Upload, Upload.id == Person.avatar_id)
    .where(Person.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
)


def _card(row: Row) -> AuthorCard:
    return {
        "id": str(row.person_id),
        "kind": "person",
        "nickname": row.nickname,
        "avatar": picture(row, "thumb") if row.id else None,
        "badges": [one for one in row.roles if one in BADGES],
    }
