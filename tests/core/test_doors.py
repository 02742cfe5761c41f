"""The door: reading, refusing, remembering, and what strangers are told."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app.core import counters
from app.core.auth import forget_callers_of
from app.core.config import settings
from app.core.db import RoomSession, db, in_transaction
from app.core.ids import new_id
from tests.client import Client
from tests.core.conftest import ADA, ASKED, BOB, MOD, STEPS, TOKENS, signed_in

SHELF = UUID(int=7)
NOTE = {"text": "tea", "cups": 2}


def count(name: str) -> int:
    return in_transaction(lambda: counters.of([SHELF])[SHELF].get(name, 0))


def at_once(number: int, call: Callable[[int], TestResponse]) -> list[TestResponse]:
    answers: list[TestResponse] = []
    threads = [threading.Thread(target=lambda n=n: answers.append(call(n))) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_write_is_answered_and_committed(toys: Client) -> None:
    answer = signed_in(toys, ADA).post("/toys/notes", NOTE)
    assert answer.status_code == 201
    assert answer.json["text"] == "tea"
    assert count("notes") == 1


def test_a_refused_write_leaves_nothing_behind(toys: Client) -> None:
    answer = signed_in(toys, ADA).post("/toys/notes", {"text": "refuse me", "cups": 1})
    assert answer.status_code == 409
    assert count("notes") == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"cups": 2}, "text"),
        ({"text": "tea", "cups": 12.7}, "cups"),
        ({"text": "tea", "cups": "2"}, "cups"),
        ({"text": "tea", "cups": True}, "cups"),
        ({"text": "tea", "cups": 10}, "cups"),
        ({"text": "  ", "cups": 1}, "text"),
        ({"text": "a\x00b", "cups": 1}, "text"),
        ({"text": "t" * 21, "cups": 1}, "text"),
        ({"text": ["tea"], "cups": 1}, "text"),
        ({"text": "tea", "cups": 1, "words": ["a", "b", "c", "d"]}, "words"),
        ({"text": "tea", "cups": 10**30}, "cups"),
    ],
)
def test_a_bad_field_is_named_in_a_422(toys: Client, body: dict[str, object], field: str) -> None:
    answer = signed_in(toys, ADA).post("/toys/notes", body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert field in answer.json["errors"]
    assert answer.json["code"] == "invalid"


@pytest.mark.parametrize(
    "raw", [b"{", b'{"cups": NaN}', b'{"cups": 1e999}', b"\xff\xfe", b"[" * 5000, b'{"text":"\\ud800"}']
)
def test_unreadable_json_is_a_400_or_422_and_never_a_500(toys: Client, raw: bytes) -> None:
    answer = signed_in(toys, ADA).post("/toys/notes", data=raw, content_type="application/json")
    assert answer.status_code in {400, 422}


def test_other_content_and_large_bodies_are_refused(toys: Client) -> None:
    ada = signed_in(toys, ADA)
    assert ada.post("/toys/notes", data=b"a=1", content_type="text/plain").status_code == 415
    huge = b'{"text":"' + b"a" * (2 << 20) + b'"}'
    assert ada.post("/toys/notes", data=huge, content_type="application/json").status_code == 413


def test_errors_speak_the_language_of_the_person(toys: Client) -> None:
    english = Client(toys.app, language="en-GB,en;q=0.9").post("/toys/notes", NOTE)
    chinese = Client(toys.app, language="zh-CN").post("/toys/notes", NOTE)
    assert english.json["detail"] == "Sign in first."
    assert chinese.json["detail"] == "请先登录"
    assert english.json["code"] == chinese.json["code"] == "sign_in"


def test_a_stranger_gets_401_a_person_without_the_role_403_and_a_bad_token_401(toys: Client) -> None:
    assert toys.get("/toys/desk").status_code == 401
    assert toys.as_("zz" + "x" * 40).get("/toys/desk").status_code == 401
    assert signed_in(toys, ADA).get("/toys/desk").status_code == 403
    assert signed_in(toys, MOD, "moderator").get("/toys/desk").status_code == 200
    assert signed_in(toys, MOD, "admin").get("/toys/desk").status_code == 200


def test_a_token_that_is_forgotten_is_dead_at_once(toys: Client) -> None:
    ada = signed_in(toys, ADA)
    assert ada.get("/toys/notes").status_code == 200
    TOKENS.clear()
    assert ada.get("/toys/notes").status_code == 200, "cached for a short while: the question is not asked again"
    in_transaction(lambda: forget_callers_of(ADA))
    assert ada.get("/toys/notes").status_code == 401


def test_the_same_key_twice_is_done_once_and_answered_the_same(toys: Client) -> None:
    ada = signed_in(toys, ADA)
    first, again = ada.post("/toys/notes", NOTE, key="k1"), ada.post("/toys/notes", NOTE, key="k1")
    assert first.json == again.json
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert count("notes") == 1


def test_a_key_with_another_body_is_a_422_and_with_another_person_another_key(toys: Client) -> None:
    ada, bob = signed_in(toys, ADA), signed_in(toys, BOB)
    first = ada.post("/toys/notes", NOTE, key="k1")
    assert ada.post("/toys/notes", {"cups": 2, "text": "tea"}, key="k1").json == first.json, (
        "order of keys is no change"
    )
    assert ada.post("/toys/notes", {**NOTE, "cups": 3}, key="k1").status_code == 422
    assert bob.post("/toys/notes", NOTE, key="k1").json["id"] != first.json["id"]


def test_a_refusal_is_not_remembered(toys: Client) -> None:
    ada = signed_in(toys, ADA)
    assert ada.post("/toys/notes", {"text": "refuse me", "cups": 1}, key="k1").status_code == 409
    assert ada.post("/toys/notes", NOTE, key="k1").status_code == 201


def test_twenty_parallel_requests_with_one_key_are_done_once(toys: Client, toy_town: Flask) -> None:
    ada = signed_in(toys, ADA)

    def call(_: int) -> TestResponse:
        while True:
            answer = ada.post("/toys/notes", NOTE, key="one")
            if answer.status_code != 409:
                return answer
            assert answer.headers["Retry-After"] == "1"

    answers = at_once(20, call)
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 201}) == 1
    assert count("notes") == 1


def test_a_key_may_be_required_and_must_be_plain(toys: Client) -> None:
    ada = signed_in(toys, ADA)
    assert ada.post("/toys/secrets", NOTE).status_code == 400
    assert ada.post("/toys/secrets", NOTE, key="k" * 256).status_code == 422
    assert ada.post("/toys/secrets", NOTE, key="k").status_code == 201


def test_the_second_step_may_refuse_while_the_first_stays(toys: Client) -> None:
    answer = signed_in(toys, ADA).post("/toys/steps", {"text": "fail later", "cups": 1})
    assert answer.status_code == 422
    assert count("first") == 1


def test_two_joined_steps_are_one_transaction_while_all_goes_well(toys: Client) -> None:
    asking = signed_in(toys, ADA)
    asking.post("/toys/notes", NOTE)  # the token is noted as used
    commits: list[object] = []
    note = commits.append
    event.listen(RoomSession, "after_commit", note)
    try:
        answers = [asking.post(path, NOTE).json["text"] for path in ("/toys/joined", "/toys/steps")]
    finally:
        event.remove(RoomSession, "after_commit", note)
    assert (answers, len(commits)) == (["tea", "tea"], 1 + 2)
    assert count("first") == 2


def test_of_two_joined_steps_the_first_stays_where_the_second_refuses(toys: Client) -> None:
    answer = signed_in(toys, ADA).post("/toys/joined", {"text": "fail later", "cups": 1})
    assert (answer.status_code, count("first")) == (422, 1)


@pytest.mark.parametrize(("text", "tries", "status"), [("stumble", 2, 201), ("wait too long", 1, 503)])
def test_a_second_joined_step_that_fails_is_tried_once_more_unless_it_waited_and_is_told(
    toys: Client, text: str, tries: int, status: int
) -> None:
    STEPS.clear()
    with capture_logs() as told:
        answer = signed_in(toys, ADA).post("/toys/joined", {"text": text, "cups": 1})
    assert (answer.status_code, len(STEPS), count("first")) == (status, tries, 1)
    assert ("second_step_failed" in [one["event"] for one in told]) is (tries == 2)


def test_of_two_joined_steps_a_refused_first_is_not_tried_again(toys: Client) -> None:
    ASKED.clear()
    answer = signed_in(toys, ADA).post("/toys/joined", {"text": "refuse me", "cups": 1})
    assert (answer.status_code, answer.json["code"], ASKED) == (409, "no", ["refuse me"])


def test_two_deadlocked_writers_both_succeed(toys: Client) -> None:
    one, two = UUID(int=1), UUID(int=2)
    pairs = [(one, two), (two, one)]
    answers = at_once(2, lambda n: toys.put(f"/toys/deadlock/{pairs[n][0]}/{pairs[n][1]}"))
    assert [answer.status_code for answer in answers] == [204, 204]


def test_a_view_that_takes_its_body_apart_may_be_repeated(toys: Client) -> None:
    answer = signed_in(toys, ADA).post("/toys/pops", NOTE)
    assert (answer.status_code, answer.json["text"]) == (201, "tea")


@pytest.mark.parametrize("key", [None, "k"])
def test_json_that_nests_too_deep_is_refused_or_ignored_and_never_a_500(toys: Client, key: str | None) -> None:
    deep = b'{"text":"tea","cups":2,"x":' + b"[" * 300 + b"]" * 300 + b"}"
    answer = signed_in(toys, ADA).post("/toys/notes", data=deep, content_type="application/json", key=key)
    assert answer.status_code in {201, 400}


def test_a_read_has_an_etag_and_answers_304(toys: Client) -> None:
    first = toys.get("/toys/ready")
    assert first.json == {"ready": True}
    assert toys.get("/toys/ready", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_every_answer_has_a_request_id_and_security_headers(toys: Client) -> None:
    answer = toys.get("/toys/ready", headers={"X-Request-Id": "abcdef-123456"})
    assert answer.headers["X-Request-Id"] == "abcdef-123456"
    assert toys.get("/toys/ready", headers={"X-Request-Id": "<b>"}).headers["X-Request-Id"] != "<b>"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_what_is_not_there_is_a_problem_too(toys: Client) -> None:
    assert toys.get("/nothing").mimetype == "application/problem+json"
    assert toys.get("/nothing").status_code == 404
    assert toys.put("/toys/ready").status_code == 405
    assert toys.get("/toys/notes?limit=51").status_code == 422
    assert toys.get("/toys/notes?limit=x").status_code == 422
    assert toys.get("/toys/notes?limit=%ff").status_code == 422


def test_health_tells_its_parts_only_to_this_machine(toys: Client) -> None:
    near = toys.get("//healthz")
    assert near.status_code == 200
    assert near.json["parts"]["database"]["well"] is True
    far = toys.get("//healthz", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert far.json == {"status": "ok"}
    assert toys.get("//metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404
    assert b"http_request_seconds" in toys.get("//metrics").data


def test_the_documentation_is_served_without_a_network(toys: Client) -> None:
    page = toys.get("//docs")
    assert page.status_code == 200
    assert b"http" not in page.data.replace(b"http-equiv", b""), "nothing is fetched from elsewhere"
    document = toys.get("//openapi.json").json
    assert document["openapi"] == "3.1.0"
    write = document["paths"]["/api/v1/toys/notes"]["post"]
    assert write["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/NoteIn")
    assert "application/problem+json" in write["responses"]["default"]["content"]
    assert write["security"] == [{"bearer": []}]


def test_the_database_away_is_a_503_with_a_time_to_come_back(toys: Client) -> None:
    ada = signed_in(toys, ADA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.engine.pool, "_timeout", 0.1)
        held = [db.engine.connect() for _ in range(settings.web_threads + 1)]
        answer = ada.post("/toys/notes", NOTE)
        for connection in held:
            connection.close()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert ada.post("/toys/notes", NOTE, key=str(new_id())).status_code == 201
