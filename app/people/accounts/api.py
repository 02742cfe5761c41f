"""Doors of accounts for apps."""

from typing import Any

from app.core.caller import Caller
from app.core.http.door import Door
from app.core.http.request import device
from app.people.accounts import actions, queries
from app.people.accounts.models import Signed, bad_code, bad_refresh_token
from app.people.accounts.queries import Profile
from app.people.accounts.schemas import ChangeMeIn, MeOut, RefreshIn, SignedOut, SignInIn, SignUpIn

door = Door("accounts")


@door.post("/accounts", takes=SignUpIn, gives=SignedOut, who=None, limit="signup", key="none")
def sign_up(given: dict[str, Any]) -> Signed:
    """Open an account; answers its first tokens."""
    return actions.sign_up(**given, device=device())


def _code_right_or_refused(signed: Signed | None) -> Signed:
    """Runs once the wrong code is counted: refusing any earlier would undo it."""
    if signed is None:
        raise bad_code()
    return signed


@door.post(
    "/sessions",
    takes=SignInIn,
    gives=SignedOut,
    who=None,
    limit="signin",
    key="none",
    then=_code_right_or_refused,
)
def sign_in(given: dict[str, str]) -> Signed | None:
    """Sign in with username and password; who has a second factor gives its code too (else 401 `second_factor`)."""
    return actions.sign_in(**given, device=device())


def _signed_or_refused(signed: Signed | None) -> Signed:
    """Runs once the end of a family is committed: refusing any earlier would undo it."""
    if signed is None:
        raise bad_refresh_token()
    return signed


@door.post(
    "/sessions/refresh",
    takes=RefreshIn,
    gives=SignedOut,
    who=None,
    status=200,
    limit="refresh",
    key="none",
    then=_signed_or_refused,
)
def refresh_session(given: dict[str, str]) -> Signed | None:
    """A new pair of tokens for a refresh token, which is used up by it."""
    return actions.refresh_session(given["refresh_token"], device())


@door.delete("/sessions/current")
def sign_out(caller: Caller) -> None:
    """Sign out: all tokens of this session are dead at once."""
    if caller.session_id is not None:
        actions.sign_out(caller.person, caller.session_id)


@door.get("/me", gives=MeOut, who="person")
def show_me(caller: Caller) -> Profile:
    """The person who asks."""
    return queries.profile_or_missing(caller.person)


@door.patch("/me", takes=ChangeMeIn, gives=MeOut)
def change_me(caller: Caller, given: dict[str, Any]) -> Profile:
    """Change nickname, bio or avatar."""
    actions.change_person(caller.person, **given)
    return queries.profile_or_missing(caller.person)
