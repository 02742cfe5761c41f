"""The doors of uploads: sending, and who may open what was sent."""

from uuid import UUID, uuid4

from werkzeug.test import TestResponse

from app.core import clock
from app.core.caller import Ref
from app.core.db import in_transaction
from app.people.pictures.actions import LARGEST_FILE
from app.people.uploads import actions
from tests import make
from tests.client import Client


def _send(client: Client, body: bytes, key: str | None = None) -> TestResponse:
    return client.post("/uploads", key=key, **make.upload_form(body))


def _sent(client: Client, width: int = 900, height: int = 600) -> dict[str, object]:
    answer = _send(client.as_(make.person().token), make.picture_file(width, height))
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json
    return found


def test_sending_answers_every_size_with_urls_that_open(client: Client) -> None:
    sent = _sent(client)
    assert set(sent) == {"id", "kind", "url", "width", "height", "colour", "variants"}
    sizes = {name: (one["width"], one["height"]) for name, one in sent["variants"].items()}
    assert sizes == {"full": (900, 600), "card": (720, 480), "thumb": (240, 160)}
    for one in sent["variants"].values():
        got = client.get("/" + one["url"])
        assert (got.status_code, got.mimetype) == (200, "image/jpeg")
        assert got.headers["Cache-Control"].startswith("private, max-age=")
        assert "Set-Cookie" not in got.headers
    assert sent["url"] == sent["variants"]["full"]["url"]


def test_only_who_is_signed_in_sends_and_only_a_file(client: Client) -> None:
    me = client.as_(make.person().token)
    assert _send(client, make.picture_file()).status_code == 401
    for answer in (me.post("/uploads"), me.post("/uploads", {"file": "x"}), me.post("/uploads", data={"file": "x"})):
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"])


def test_more_than_twenty_megabytes_are_refused(client: Client) -> None:
    me = client.as_(make.person().token)
    for size in (LARGEST_FILE + 1, 22 << 20):
        answer = _send(me, b"\xff\xd8" + bytes(size - 2))
        assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_the_same_key_takes_a_picture_in_once(client: Client) -> None:
    me = client.as_(make.person().token)
    first, again = (_send(me, make.picture_file(), key="k") for _ in range(2))
    assert (first.status_code, first.json["id"]) == (201, again.json["id"])
    assert _send(me, make.picture_file(61), key="k").status_code == 422


def test_a_picture_that_nobody_shows_opens_only_by_a_signed_url_for_an_hour(client: Client) -> None:
    url = str(_sent(client)["url"])
    path, _, query = url.partition("?")
    assert client.get("/" + url).status_code == 200
    for bad in (
        path,
        f"{path}?{query[:-1]}{'0' if query[-1] != '0' else '1'}",
        f"{path.replace('full', 'card')}?{query}",
        f"{path}?{query.replace('e=', 'e=9')}",
        f"{path}?e=x&s=é",
        f"{path}?s=&e=",
    ):
        assert client.get("/" + bad).status_code == 404, bad
    with clock.moved(minutes=54):
        assert client.get("/" + url).status_code == 200
    with clock.moved(minutes=61):
        assert client.get("/" + url).status_code == 404


def test_a_shown_picture_is_public_and_cached_and_a_concealed_one_is_gone(client: Client) -> None:
    author = make.person()
    sent = _send(client.as_(author.token), make.picture_file()).json
    path = "/" + str(sent["url"]).partition("?")[0]
    post = Ref("post", uuid4())
    in_transaction(lambda: actions.show([actions.use_pictures(author.id, [UUID(sent["id"])])[0].id], post))
    got = client.get(path)
    assert got.status_code == 200
    assert got.headers["Cache-Control"] == "public, max-age=300"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.get(path, headers={"If-None-Match": got.headers["ETag"]}).status_code == 304
    assert client.send("HEAD", path).status_code == 200
    in_transaction(lambda: actions.conceal(post))
    assert client.get(path).status_code == 404
    assert client.get(path, headers={"If-None-Match": got.headers["ETag"]}).status_code == 404


def test_paths_that_are_no_picture_are_404(client: Client) -> None:
    sent = _sent(client)
    full = f"//media/{sent['id']}/full"
    odd = [f"{full}.png", f"{full}.webp", f"//media/{uuid4()}/full.jpg", "//media/../../etc/passwd", f"{full}.jpg/x"]
    for path in odd:
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
