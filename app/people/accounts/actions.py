"""What is done to accounts: joining, signing in and out, changing oneself, roles, suspension.

Refresh tokens rotate after RFC 9700, section 4.14.2: one that is used again later ends its whole family.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.core import auth, clock
from app.core.caller import PERSON, Ref
from app.core.config import settings
from app.core.db import after_commit, changed, db, reads
from app.core.errors import Refused, bad_field
from app.core.events import emit
from app.core.ids import new_id
from app.core.observability import security_event
from app.people.accounts.events import PersonChanged, PersonJoined, PersonReinstated, PersonSuspended
from app.people.accounts.models import (
    BADGES,
    LONGEST_BIO,
    ROLES,
    Keep,
    Person,
    RefreshToken,
    Role,
    Session,
    Signed,
    Suspension,
    bad_refresh_token,
    fit_nickname,
    hash_of_nobody,
    hash_of_password,
    is_outdated,
    is_password,
    is_username,
    key_of,
    token_after,
)
from app.people.accounts.queries import (
    HeldToken,
    held_refresh_token,
    is_refresh_token_unused,
    password_of,
    person_or_missing,
    suspension_of,
    who_has,
)
from app.people.factors.actions import prove, set_up
from app.people.factors.models import offered_secret
from app.people.factors.queries import has_second_factor
from app.people.uploads.actions import conceal, show, use_pictures

REPEAT_WINDOW = timedelta(seconds=10)
"""For so long the same device gets the same pair again for a replaced refresh token: its answer may have been lost.

Once the pair's own refresh token was used, that answer has come through, and who asks again is another."""


def sign_up(username: str, password: str, nickname: str, device: str, seconds: int | None = None) -> Signed:
    """A new person, signed in; `seconds` as in open_session. Raises Refused 422 for an unfit name or password; a taken
    username is 409 at commit."""
    if not is_username(username):
        zh, en = "须为 3 到 30 个字母、数字或 _ - .", "Must be 3 to 30 letters, digits or _ - ."
        raise bad_field("username", zh, en)
    if not 8 <= len(password) <= 200:
        raise bad_field("password", "须为 8 到 200 个字符", "Must be 8 to 200 characters.")
    person = Person(
        id=new_id(),
        username=username,
        username_key=key_of(username),
        nickname=fit_nickname(nickname),
        password_hash=hash_of_password(password),
    )
    db.session.add(person)
    db.session.flush()
    emit(PersonJoined(person.id))
    return _open_session(person, device, seconds)


def sign_in(username: str, password: str, device: str, code: str | None = None) -> Signed | None:
    """A new session for an app; see check_password and open_session for what is refused and what None means."""
    return open_session(check_password(username, password), device, code)


def check_password(username: str, password: str) -> Person:
    """Raises Refused 401, the same and after the same time whether or not such a person exists.

    A suspended person who gives the right password is told so: 403.
    """
    found = password_of(username)
    person_id, right_hash = found or (None, hash_of_nobody())
    if not is_password(right_hash, password) or person_id is None:
        raise Refused(401, "bad_credentials", "用户名或密码不对", "Wrong username or password.")
    suspension = suspension_of(person_id)
    if suspension is not None:
        why = suspension.reason
        raise Refused(403, "suspended", f"账号已停用：{why}", f"This account is suspended: {why}")
    person = person_or_missing(person_id)
    if is_outdated(right_hash):
        person.password_hash = hash_of_password(password)
    return person


def open_session(person: Person, device: str, code: str | None = None, seconds: int | None = None) -> Signed | None:
    """A new session for who gave his password. `seconds`: a browser's, which lives so long and is never refreshed.

    Raises Refused 401 "second_factor" where a code is needed and none given. None: the code was wrong; the transaction
    must commit that before the person is refused (bad_code).
    """
    is_proven = has_second_factor(person.id)
    if is_proven and not code:
        raise Refused(401, "second_factor", "请输入两步验证动态码", "A code of your authenticator app is needed.")
    if is_proven and not prove(person.id, code or ""):
        return None
    return _open_session(person, device, seconds, is_proven)


def add_second_factor(person_id: UUID, session_id: UUID, code: str, device: str, seconds: int) -> Signed:
    """The device that made `code` is the person's second factor; all his sessions end, and a new one for a browser
    begins. Raises Refused 422 for a wrong code, 409 if there is a second factor already."""
    set_up(person_id, offered_secret(session_id), code)
    end_sessions(person_id)
    return _open_session(person_or_missing(person_id), device, seconds, is_proven=True)


def refresh_session(refresh_token: str, device: str) -> Signed | None:
    """The next pair of tokens. None: the token had been used before, so its family is now ended; the transaction must
    commit that before the caller is refused. Raises Refused 401 for a token that is unknown, expired or signed out.
    """
    held = held_refresh_token(auth.hash_of(refresh_token), REPEAT_WINDOW)
    if held is None or held.is_over:
        raise bad_refresh_token()
    if held.replaced_at is None:
        return _rotate(held, refresh_token, device)
    if held.is_fresh and held.device == device and not held.is_pair_used:
        signed = _successor(held.person_id, refresh_token)
        if is_refresh_token_unused(auth.hash_of(signed.refresh_token)):
            return _repeat(held, signed)
    end_sessions(held.person_id, Session.id == held.session_id)
    after_commit(lambda: security_event("refresh_token_reused", person=str(held.person_id)))
    return None


@auth.finds_callers
def know_caller(access_hash: bytes) -> auth.Who | None:
    """Who holds an access token; notes its first use, for then its pair was not lost on the way. As who_has, on a
    connection of its own."""
    found = who_has(access_hash)
    if found is not None and found[1]:
        this = update(Session).where(Session.access_hash == access_hash, Session.access_used_at.is_(None))
        with reads().connect() as connection:
            connection.execute(this.values(access_used_at=clock.db_now()))
    return found[0] if found else None


def sign_out(person_id: UUID, session_id: UUID) -> None:
    """End a session: its access token is dead at once, and so is every refresh token of its family."""
    end_sessions(person_id, Session.id == session_id)


def end_sessions(person_id: UUID, *which: ColumnElement[bool]) -> None:
    """End these sessions of a person, all if none are named."""
    mine = (Session.person_id == person_id, Session.ended_at.is_(None))
    db.session.execute(update(Session).where(*mine, *which).values(ended_at=clock.db_now()))
    auth.forget_callers_of(person_id)


def change_person(
    person_id: UUID, *, nickname: str | None = None, bio: str | None = None, avatar: UUID | Keep | None = Keep.AS_IS
) -> Person:
    """Change what one shows of oneself. `avatar`: an upload of one's own, None for none. Raises Refused 422."""
    person = person_or_missing(person_id)
    before = (person.nickname, person.bio, person.avatar_id)
    if nickname is not None:
        person.nickname = fit_nickname(nickname)
    if bio is not None:
        person.bio = bio.strip()[:LONGEST_BIO]
    if not isinstance(avatar, Keep):
        _wear(person, avatar)
    if before != (person.nickname, person.bio, person.avatar_id):
        emit(PersonChanged(person_id))
    return person


def grant_role(person_id: UUID, role: str) -> bool:
    """Give a role ("kol", "moderator", "admin"); it counts at the next request. False: he has it. Raises Refused."""
    if role not in ROLES:
        raise bad_field("role", "须为 kol、moderator 或 admin", "Must be kol, moderator or admin.")
    person_or_missing(person_id)
    given = changed(upsert(Role).values(person_id=person_id, role=role).on_conflict_do_nothing())
    return _heed_role(person_id, role, "role_granted") if given else False


def revoke_role(person_id: UUID, role: str) -> bool:
    """Take a role away; it is gone at the next request. False: he did not have it."""
    gone = changed(delete(Role).where(Role.person_id == person_id, Role.role == role))
    return _heed_role(person_id, role, "role_revoked") if gone else False


def suspend_person(person_id: UUID, by: UUID | None, reason: str) -> bool:
    """Sign a person out everywhere and keep him out. False: he is suspended already, and stays so as he was."""
    person_or_missing(person_id)
    row = upsert(Suspension).values(person_id=person_id, by_id=by, reason=reason)
    if not changed(row.on_conflict_do_nothing()):
        return False
    end_sessions(person_id)
    emit(PersonSuspended(person_id))
    after_commit(lambda: security_event("person_suspended", person=str(person_id), by=str(by)))
    return True


def reinstate_person(person_id: UUID) -> bool:
    """Let a suspended person sign in again; tokens from before stay dead. False: he was not suspended."""
    if not changed(delete(Suspension).where(Suspension.person_id == person_id)):
        return False
    emit(PersonReinstated(person_id))
    after_commit(lambda: security_event("person_reinstated", person=str(person_id)))
    return True


def forget_old_tokens(most: int = 500) -> int:
    """Delete sessions and refresh tokens that expired over a day ago; a sweep. Answers how many went."""
    old = clock.db_now() - literal(timedelta(days=1))
    gone = 0
    for key, expiry in ((RefreshToken.hash, RefreshToken.expires_at), (Session.id, Session.expires_at)):
        some = select(key).where(expiry < old).limit(most).with_for_update(skip_locked=True).cte("old")
        gone += changed(delete(key.class_).where(key.in_(select(some))))
    return gone


def _wear(person: Person, avatar_id: UUID | None) -> None:
    wearer = Ref(PERSON, person.id)
    if avatar_id is None:
        conceal(wearer)
    else:
        use_pictures(person.id, [avatar_id], field="avatar")
        show([avatar_id], wearer)
    person.avatar_id = avatar_id


def _open_session(person: Person, device: str, seconds: int | None = None, is_proven: bool = False) -> Signed:
    access, refresh, session_id = auth.new_token(person.id), auth.new_token(person.id), new_id()
    lasts = seconds or settings.access_token_seconds
    opened = {"id": session_id, "person_id": person.id, "device": device, "access_hash": auth.hash_of(access)}
    ends = {"access_expires_at": _in(lasts), "expires_at": _in(seconds or settings.refresh_token_seconds)}
    proven = {"proven_at": clock.db_now() if is_proven else None}
    db.session.execute(insert(Session).values(**opened, **ends, **proven))
    if seconds is not None:
        return Signed(person, access, "", lasts)
    _add_refresh_token(refresh, session_id)
    return Signed(person, access, refresh, lasts)


def _in(seconds: int) -> ColumnElement[datetime]:
    return clock.db_now() + literal(timedelta(seconds=seconds))


def _add_refresh_token(token: str, session_id: UUID) -> None:
    db.session.execute(
        insert(RefreshToken).values(
            hash=auth.hash_of(token), session_id=session_id, expires_at=_in(settings.refresh_token_seconds)
        )
    )


def _rotate(held: HeldToken, refresh_token: str, device: str) -> Signed:
    signed = _successor(held.person_id, refresh_token)
    this = RefreshToken.hash == held.hash
    db.session.execute(update(RefreshToken).where(this).values(replaced_at=clock.db_now()))
    _add_refresh_token(signed.refresh_token, held.session_id)
    fresh = {"access_hash": auth.hash_of(signed.access_token), "access_used_at": None, "device": device}
    ends = {"access_expires_at": _in(settings.access_token_seconds), "expires_at": _in(settings.refresh_token_seconds)}
    db.session.execute(update(Session).where(Session.id == held.session_id).values(**fresh, **ends))
    auth.forget_callers_of(held.person_id)
    return signed


def _repeat(held: HeldToken, signed: Signed) -> Signed:
    """The pair that was answered before; its access token, if it is still the session's, is good for the full time."""
    same = (Session.id == held.session_id, Session.access_hash == auth.hash_of(signed.access_token))
    db.session.execute(update(Session).where(*same).values(access_expires_at=_in(settings.access_token_seconds)))
    return signed


def _successor(person_id: UUID, refresh_token: str) -> Signed:
    """The pair that follows a refresh token."""
    access, refresh = (token_after(refresh_token, person_id, use) for use in ("access", "refresh"))
    return Signed(person_or_missing(person_id), access, refresh, settings.access_token_seconds)


def _heed_role(person_id: UUID, role: str, what: str) -> bool:
    auth.forget_callers_of(person_id)
    if role in BADGES:
        emit(PersonChanged(person_id))
    after_commit(lambda: security_event(what, person=str(person_id), role=role))
    return True
