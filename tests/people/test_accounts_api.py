"""The doors of accounts."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core import auth, clock
from app.core.cache import cache
from app.core.config import settings
from app.core.db import in_transaction
from app.people.accounts import actions
from tests import make
from tests.client import Client

ALICE = {"username": "alice", "password": "correct horse", "nickname": "爱丽丝"}


def _joined(client: Client, **changes: Any) -> dict[str, Any]:
    answer = client.post("/accounts", {**ALICE, **changes})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_signing_up_answers_the_person_and_tokens(client: Client) -> None:
    body = _joined(client)
    assert set(body) == {"person", "access_token", "refresh_token", "expires_in"}
    assert set(body["person"]) == {"id", "username", "nickname"}
    assert body["person"]["nickname"] == "爱丽丝"
    assert body["expires_in"] == settings.access_token_seconds
    me = client.as_(body["access_token"]).get("/me")
    assert (me.status_code, me.json["id"], me.json["roles"]) == (200, body["person"]["id"], [])


def test_token_answers_are_never_cached_nor_kept_under_a_key(client: Client) -> None:
    first = client.post("/accounts", ALICE, key="k1")
    assert first.headers["Cache-Control"] == "no-store"
    again = client.post("/accounts", ALICE, key="k1")
    assert (again.status_code, again.json["code"]) == (409, "username_taken")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "ab"),
        ("username", "a" * 31),
        ("username", "a b c"),
        ("username", 12345),
        ("username", None),
        ("username", "a\x00bc"),
        ("password", "short"),
        ("password", "x" * 201),
        ("password", " " * 9),
        ("nickname", ""),
        ("nickname", "x" * 41),
        ("nickname", "\u200b"),
        ("nickname", ["x"]),
    ],
)
def test_a_bad_field_is_named(client: Client, field: str, value: object) -> None:
    for language in ("zh", "en"):
        answer = client.post("/accounts", {**ALICE, field: value}, headers={"Accept-Language": language})
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [field]
    assert client.post("/sessions", ALICE).status_code == 401


def test_of_many_who_take_one_name_at_once_one_gets_it(app: Flask, client: Client) -> None:
    names = ["Bobby", "bobby", "ＢＯＢＢＹ", "BOBBY"] * 2

    def join(name: str) -> TestResponse:
        return client.post("/accounts", {**ALICE, "username": name})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(join, names))
    assert sorted(one.status_code for one in answers) == [201] + [409] * 7
    refused = next(one for one in answers if one.status_code == 409)
    assert list(refused.json["errors"]) == ["username"]


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(client: Client) -> None:
    _joined(client)
    wrong = client.post("/sessions", {"username": "alice", "password": "wrong password"})
    nobody = client.post("/sessions", {"username": "nobody", "password": "wrong password"})
    odd = client.post("/sessions", {"username": "no such name!", "password": "x"})
    answers = [{**one.json, "request_id": ""} for one in (wrong, nobody, odd)]
    assert answers[0] == answers[1] == answers[2]
    assert {one.status_code for one in (wrong, nobody, odd)} == {401}
    assert set(wrong.headers.keys()) == set(nobody.headers.keys())


def test_an_old_token_in_the_header_does_not_keep_anybody_from_signing_in(client: Client) -> None:
    _joined(client)
    stale = client.as_("0" * 40)
    assert stale.get("/me").status_code == 401
    assert stale.post("/sessions", ALICE).status_code == 201


def test_refreshing_answers_the_same_pair_to_the_same_device_for_ten_seconds(client: Client) -> None:
    given = {"refresh_token": _joined(client)["refresh_token"]}
    first = client.post("/sessions/refresh", given)
    assert first.status_code == 200
    assert client.post("/sessions/refresh", given).json == first.json
    assert client.as_(first.json["access_token"]).get("/me").status_code == 200


def test_whoever_used_the_new_pair_had_its_answer_and_ends_the_family_by_the_old_one(client: Client) -> None:
    given = {"refresh_token": _joined(client)["refresh_token"]}
    first = client.post("/sessions/refresh", given).json
    assert client.as_(first["access_token"]).get("/me").status_code == 200
    assert client.post("/sessions/refresh", given).status_code == 401
    assert client.as_(first["access_token"]).get("/me").status_code == 401
    assert client.post("/sessions/refresh", {"refresh_token": first["refresh_token"]}).status_code == 401


def test_reuse_after_that_is_refused_and_the_end_of_the_family_is_committed(client: Client) -> None:
    given = {"refresh_token": _joined(client)["refresh_token"]}
    first = client.post("/sessions/refresh", given)
    elsewhere = client.post("/sessions/refresh", given, headers={"Device-Id": "another"})
    assert (elsewhere.status_code, elsewhere.json["code"]) == (401, "bad_refresh_token")
    assert client.as_(first.json["access_token"]).get("/me").status_code == 401
    assert client.post("/sessions/refresh", {"refresh_token": first.json["refresh_token"]}).status_code == 401


def test_a_refresh_token_is_no_access_token_nor_the_other_way_round(client: Client) -> None:
    body = _joined(client)
    assert client.as_(body["refresh_token"]).get("/me").status_code == 401
    assert client.post("/sessions/refresh", {"refresh_token": body["access_token"]}).status_code == 401
    assert client.post("/sessions/refresh", {"refresh_token": "ü" * 50}).status_code == 401


def test_signing_out_kills_a_cached_caller_at_once(client: Client) -> None:
    body = _joined(client)
    me = client.as_(body["access_token"])
    assert me.get("/me").status_code == 200
    key = f"who:{auth.hash_of(body['access_token']).hex()}"
    assert cache.get_many([key]) != [None], "Redis holds the caller"
    assert me.delete("/sessions/current").status_code == 204
    assert me.get("/me").status_code == 401
    assert client.post("/sessions/refresh", {"refresh_token": body["refresh_token"]}).status_code == 401


def test_a_sign_out_while_redis_is_away_counts_as_soon_as_it_is_back(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = client.as_(_joined(client)["access_token"])
    assert me.get("/me").status_code == 200
    with monkeypatch.context() as away:
        away.setattr(settings, "redis_url", "redis://127.0.0.1:1/0")
        assert me.delete("/sessions/current").status_code == 204
        assert me.get("/me").status_code == 401
    cache._rest_until = 0.0
    assert me.get("/me").status_code == 401


def test_everything_works_without_redis(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "redis_url", "")
    body = _joined(client)
    me = client.as_(body["access_token"])
    assert me.get("/me").status_code == 200
    assert client.post("/sessions", ALICE).status_code == 201
    assert client.post("/sessions/refresh", {"refresh_token": body["refresh_token"]}).status_code == 200
    assert me.get("/me").status_code == 401


def test_flushing_redis_loses_nothing(client: Client) -> None:
    me = client.as_(_joined(client)["access_token"])
    assert me.get("/me").status_code == 200
    cache.flush()
    assert me.get("/me").status_code == 200
    assert me.delete("/sessions/current").status_code == 204
    cache.flush()
    assert me.get("/me").status_code == 401


def test_an_expired_token_is_refused(client: Client) -> None:
    me = client.as_(_joined(client)["access_token"])
    with clock.moved(seconds=settings.access_token_seconds + 1):
        assert me.get("/me").status_code == 401


def test_a_cached_token_expires_when_it_should(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "access_token_seconds", 2)
    me = client.as_(_joined(client)["access_token"])
    assert me.get("/me").status_code == 200
    time.sleep(2.1)
    assert me.get("/me").status_code == 401


def test_suspension_acts_at_the_next_request(client: Client) -> None:
    made = make.person()
    me = client.as_(made.token)
    assert me.get("/me").status_code == 200
    in_transaction(lambda: actions.suspend_person(made.id, None, "刷屏"))
    assert me.get("/me").status_code == 401
    answer = client.post("/sessions", {"username": made.username, "password": made.password})
    assert (answer.status_code, "刷屏" in answer.json["detail"]) == (403, True)


def test_a_person_changes_what_is_shown_of_him(client: Client) -> None:
    made = make.person(nickname="before")
    me = client.as_(made.token)
    avatar = make.upload(made)
    changed = me.patch("/me", {"nickname": " 后 来 ", "bio": "喜欢咖啡\n和茶", "avatar": str(avatar)})
    assert changed.status_code == 200
    assert (changed.json["nickname"], changed.json["bio"]) == ("后 来", "喜欢咖啡\n和茶")
    assert changed.json["avatar"]["url"] == f"/media/{avatar}/thumb.jpg"
    assert client.get("/" + changed.json["avatar"]["url"]).status_code == 200
    assert me.patch("/me", {}).json == changed.json == me.get("/me").json
    bare = me.patch("/me", {"avatar": None, "bio": ""})
    assert (bare.json["avatar"], bare.json["bio"], bare.json["nickname"]) == (None, "", "后 来")
    assert client.get("/" + changed.json["avatar"]["url"]).status_code == 404


def test_an_avatar_is_an_upload_of_ones_own(client: Client) -> None:
    made, other = make.person(), make.person()
    for avatar in (str(make.upload(other)), "01a2045a-fb17-744e-8d3a-11d1fe477d52", "x", 7):
        answer = client.as_(made.token).patch("/me", {"avatar": avatar, "nickname": "changed"})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["avatar"])
    assert client.as_(made.token).get("/me").json["nickname"] == made.nickname


def test_me_is_for_who_is_signed_in(client: Client) -> None:
    for answer in (client.get("/me"), client.patch("/me", {"bio": "x"}), client.delete("/sessions/current")):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_unchanged_me_is_304(client: Client) -> None:
    me = client.as_(make.person().token)
    tag = me.get("/me").headers["ETag"]
    assert me.get("/me", headers={"If-None-Match": tag}).status_code == 304
