"""Accounts: names, passwords, sessions, roles, suspensions, by their verbs."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from flask import Flask
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from app.core import auth, clock
from app.core.cache import cache
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.eventlog import EventRow
from app.core.worker import sweep_once
from app.people.accounts import actions, models, queries
from app.people.accounts.models import Person, RefreshToken, Session, is_nickname, is_username, key_of
from tests import make


def _security_events(what: str) -> float:
    return REGISTRY.get_sample_value("security_events_total", {"what": what}) or 0.0


def _facts() -> list[str]:
    return list(db.session.scalars(select(EventRow.name).order_by(EventRow.id)))


def _refusal(work: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as caught:
        in_transaction(work)
    return caught.value


@pytest.mark.parametrize("name", ["小红书", "Zoë", "a_b-c.9", "Ωmega", "한국어", "abc" * 10, "Иван2024", "ＡＢＣ"])
def test_a_username_may_be_of_any_script(name: str) -> None:
    assert is_username(name)


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 31,
        "a b c",
        "a\u200bbc",
        "\u3164\u3164\u3164",
        "<b>x</b>",
        "a@b.c",
        "ﷺﷺﷺ",
        "a\u0301bc",
        "😀😀😀",
        "a\nbc",
    ],
)
def test_a_username_holds_nothing_that_cannot_be_seen_or_typed(name: str) -> None:
    assert not is_username(name)


def test_usernames_that_look_the_same_have_one_key() -> None:
    assert key_of("ＡＬＩＣＥ") == key_of("alice") == key_of("Alice")
    assert key_of("STRASSE") == key_of("straße")


@pytest.mark.parametrize(
    ("text", "fits"), [("小鱼 🐟", True), ("\u200b\u200d", False), ("\u202eevil", False), ("", False)]
)
def test_a_nickname_can_be_seen_and_does_not_turn_its_neighbours(text: str, fits: bool) -> None:
    assert is_nickname(text) is fits


def test_joining_keeps_only_hashes(app: Flask) -> None:
    made = make.person(nickname="  小 \n 鱼 ")
    person = queries.person_or_missing(made.id)
    assert person.nickname == "小 鱼"
    assert person.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    rows = db.session.execute(select(Session.access_hash)).scalars().all()
    rows += db.session.execute(select(RefreshToken.hash)).scalars().all()
    assert set(rows) == {auth.hash_of(made.token), auth.hash_of(made.refresh_token)}
    assert _facts() == ["PersonJoined"]


def test_an_action_refuses_an_unfit_name_or_password_by_field(app: Flask) -> None:
    for field, values in {
        "username": ("a b", "long enough", "n"),
        "password": ("fine", "short", "n"),
        "nickname": ("fine", "long enough", "\u200b"),
    }.items():
        refused = _refusal(lambda values=values: actions.sign_up(*values, device=""))
        assert (refused.status, list(refused.errors)) == (422, [field])


def test_signing_in_takes_any_spelling_of_the_name_but_one_password(app: Flask) -> None:
    made = make.person(username="Alice")
    signed = in_transaction(lambda: actions.sign_in("ＡＬＩＣＥ", made.password, "phone").access_token)
    found = auth.who_holds(signed)
    assert found is not None and found.person_id == made.id
    assert _refusal(lambda: actions.sign_in("Alice", made.password + " ", "phone")).status == 401


def test_an_unknown_name_costs_the_same_time_as_a_wrong_password(app: Flask) -> None:
    known = make.person().username

    def seconds(name: str) -> float:
        began = time.process_time()
        _refusal(lambda: actions.sign_in(name, "a wrong password", ""))
        return time.process_time() - began

    seconds("warm.up")
    pairs = [(seconds(known), seconds("nobody.at.all")) for _ in range(15)]
    right, unknown = median(one for one, _ in pairs), median(one for _, one in pairs)
    print(f"wrong password {right * 1000:.1f} ms, unknown name {unknown * 1000:.1f} ms")
    assert 0.7 < unknown / right < 1.4
    assert right > 0.005


def test_a_password_hashed_with_weaker_parameters_is_hashed_anew_at_sign_in(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as weaker:
        weaker.setattr(models, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        made = make.person()
    in_transaction(lambda: actions.sign_in(made.username, made.password, "").access_token)
    assert "m=19456,t=2,p=1" in queries.person_or_missing(made.id).password_hash


def _refresh(token: str, device: str = "") -> actions.Signed | None:
    return in_transaction(lambda: actions.refresh_session(token, device))


def _pair(signed: actions.Signed | None) -> tuple[str, str]:
    assert signed is not None
    return signed.access_token, signed.refresh_token


def test_refreshing_gives_a_new_pair_and_ends_the_old_access_token(app: Flask) -> None:
    made = make.person()
    assert auth.who_holds(made.token) is not None
    access, refresh = _pair(_refresh(made.refresh_token))
    assert refresh != made.refresh_token
    assert auth.who_holds(made.token) is None
    assert auth.who_holds(access) is not None


def test_a_refresh_token_used_twice_at_once_by_one_device_answers_one_pair(app: Flask) -> None:
    made = make.person(device="phone")

    def once(_: int) -> tuple[str, str]:
        with app.app_context():
            return _pair(_refresh(made.refresh_token, "phone"))

    with ThreadPoolExecutor(8) as pool:
        pairs = set(pool.map(once, range(16)))
    assert len(pairs) == 1
    assert auth.who_holds(pairs.pop()[0]) is not None


def test_a_repeat_answers_a_token_that_is_good_for_the_full_time(app: Flask) -> None:
    made = make.person()
    first = _pair(_refresh(made.refresh_token))
    with clock.moved(seconds=9):
        assert _pair(_refresh(made.refresh_token)) == first
    with clock.moved(seconds=9 + settings.access_token_seconds - 1):
        assert auth.who_holds(first[0]) is not None


def test_a_repeat_after_the_newer_pair_was_used_ends_the_family(app: Flask) -> None:
    made = make.person()
    second = _pair(_refresh(made.refresh_token))
    assert _pair(_refresh(made.refresh_token)) == second
    third = _pair(_refresh(second[1]))
    assert _pair(_refresh(second[1])) == third, "the pair's own answer may have been lost as well"
    before = _security_events("refresh_token_reused")
    assert _refresh(made.refresh_token) is None
    assert auth.who_holds(third[0]) is None
    assert _refusal(lambda: actions.refresh_session(third[1], "")).status == 401
    assert _security_events("refresh_token_reused") == before + 1


@pytest.mark.parametrize(("later", "device"), [(11, "phone"), (1, "another")])
def test_reusing_a_refresh_token_later_or_elsewhere_ends_the_family(app: Flask, later: int, device: str) -> None:
    made = make.person(device="phone")
    access, refresh = _pair(_refresh(made.refresh_token, "phone"))
    assert auth.who_holds(access) is not None
    before = _security_events("refresh_token_reused")
    with clock.moved(seconds=later):
        assert _refresh(made.refresh_token, device) is None
        assert auth.who_holds(access) is None
        assert _refusal(lambda: actions.refresh_session(refresh, "phone")).status == 401
    assert _security_events("refresh_token_reused") == before + 1


def test_two_devices_with_one_stolen_token_end_up_with_nothing(app: Flask) -> None:
    made = make.person(device="phone")

    def once(number: int) -> actions.Signed | str | None:
        with app.app_context():
            try:
                return _refresh(made.refresh_token, f"device {number}")
            except Refused as refused:
                return refused.code

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(once, range(6)))
    signed = [one for one in answers if isinstance(one, actions.Signed)]
    assert len(signed) == 1 and answers.count(None) == 1 and answers.count("bad_refresh_token") == 4
    assert auth.who_holds(signed[0].access_token) is None


def test_tokens_end_with_their_time(app: Flask) -> None:
    made = make.person()
    with clock.moved(seconds=settings.access_token_seconds + 1):
        assert auth.who_holds(made.token) is None
    with clock.moved(seconds=settings.refresh_token_seconds + 1):
        assert _refusal(lambda: actions.refresh_session(made.refresh_token, "")).code == "bad_refresh_token"


def test_signing_out_ends_one_session_and_not_the_others(app: Flask) -> None:
    made = make.person()
    other = in_transaction(lambda: actions.sign_in(made.username, made.password, "tablet").access_token)
    who = auth.who_holds(made.token)
    assert who is not None and who.session_id is not None
    session_id = who.session_id
    in_transaction(lambda: actions.sign_out(made.id, session_id))
    assert auth.who_holds(made.token) is None
    assert auth.who_holds(other) is not None
    assert _refusal(lambda: actions.refresh_session(made.refresh_token, "")).status == 401


def test_nobody_signs_out_another_person(app: Flask) -> None:
    made, stranger = make.person(), make.person()
    who = auth.who_holds(made.token)
    assert who is not None and who.session_id is not None
    session_id = who.session_id
    in_transaction(lambda: actions.sign_out(stranger.id, session_id))
    assert auth.who_holds(made.token) is not None


def test_a_role_counts_at_the_next_request_and_is_gone_at_the_next(app: Flask) -> None:
    made = make.person()
    assert _scopes(made.token) == frozenset()
    for _ in range(2):
        in_transaction(lambda: actions.grant_role(made.id, "moderator"))
    assert _scopes(made.token) == {"moderator"}
    in_transaction(lambda: actions.revoke_role(made.id, "moderator"))
    assert _scopes(made.token) == frozenset()
    assert _refusal(lambda: actions.grant_role(made.id, "emperor")).status == 422
    assert _refusal(lambda: actions.grant_role(uuid4(), "kol")).status == 404


def _scopes(token: str) -> frozenset[str]:
    found = auth.who_holds(token)
    assert found is not None
    assert cache.get_many([f"who:{auth.hash_of(token).hex()}"]) != [None], "the answer comes from the cache from now on"
    return found.scopes


def test_a_badge_is_a_role_that_everybody_sees(app: Flask) -> None:
    made = make.person(roles=("kol", "admin"))
    assert queries.author_cards([made.id, uuid4()])[made.id]["badges"] == ["kol"]
    assert _facts() == ["PersonJoined", "PersonChanged"]


def test_suspension_ends_all_sessions_at_once_and_lifting_it_revives_none(app: Flask) -> None:
    made = make.person()
    assert auth.who_holds(made.token) is not None
    for _ in range(2):
        in_transaction(lambda: actions.suspend_person(made.id, None, "spam"))
    assert auth.who_holds(made.token) is None
    assert _refusal(lambda: actions.refresh_session(made.refresh_token, "")).status == 401
    told = _refusal(lambda: actions.sign_in(made.username, made.password, ""))
    assert (told.status, "spam" in told.zh, "spam" in told.en) == (403, True, True)
    assert _refusal(lambda: actions.sign_in(made.username, "wrong password", "")).code == "bad_credentials"
    in_transaction(lambda: actions.reinstate_person(made.id))
    assert auth.who_holds(made.token) is None
    assert in_transaction(lambda: actions.sign_in(made.username, made.password, "").access_token)
    assert _facts() == ["PersonJoined", "PersonSuspended", "PersonReinstated"]


def test_a_session_that_opened_while_its_person_was_suspended_holds_nobody(app: Flask) -> None:
    made = make.person()

    def suspend_in_the_middle() -> str:
        with app.app_context():
            in_transaction(lambda: actions.suspend_person(made.id, None, "spam"))
        return actions._open_session(queries.person_or_missing(made.id), "").access_token

    assert auth.who_holds(in_transaction(suspend_in_the_middle)) is None


def test_old_tokens_and_sessions_are_swept(app: Flask) -> None:
    made = make.person()
    _refresh(made.refresh_token)
    assert sweep_once(["people.accounts.forget_old_tokens"]) == 0
    with clock.moved(seconds=settings.refresh_token_seconds + 2 * 86400):
        assert sweep_once(["people.accounts.forget_old_tokens"]) == 3
    assert db.session.scalar(select(func.count()).select_from(Session)) == 0
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


def test_commands_change_roles_and_suspensions(app: Flask) -> None:
    made = make.person(username="Bob.B")
    run = app.test_cli_runner().invoke
    assert run(args=["accounts", "grant", "bob.b", "moderator"]).exit_code == 0
    assert _scopes(made.token) == {"moderator"}
    assert run(args=["accounts", "revoke", "BOB.B", "moderator"]).exit_code == 0
    assert run(args=["accounts", "suspend", "bob.b", "--reason", "spam"]).exit_code == 0
    assert auth.who_holds(made.token) is None
    assert run(args=["accounts", "reinstate", "bob.b"]).exit_code == 0
    unknown = run(args=["accounts", "grant", "nobody", "kol"])
    assert (unknown.exit_code, "nobody" in unknown.output) == (1, True)
    assert run(args=["accounts", "grant", "bob.b", "emperor"]).exit_code == 2
