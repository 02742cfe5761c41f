"""All 515 strings of the Big List of Naughty Strings through every text, every search and every part of a URL."""

import html
import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import zip_longest
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from app.core.fields import is_blank
from tests import make
from tests.client import Client
from tests.security.town import Town, checkout, done, own_goods
from tests.shared_data import naughty_strings

NAUGHTY = naughty_strings()

NAMED_REASONS = (
    "Must not be blank.",
    "Has characters that cannot be stored.",
    "Longer than maximum length",
    "Shorter than minimum length",
    "Length must be between",
    "Must be 3 to 30 letters, digits or _ - .",
    "Must be 1 to 40 characters that can be seen.",
    "Must not be longer than",
)
"""For these reasons a text may be refused; each is a rule of ours."""


Rule = Callable[[str], str]


def as_sent(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def tidied(text: str) -> str:
    return " ".join(as_sent(text).split())


def stripped(text: str) -> str:
    return as_sent(text).strip()


def joined(most: int, of: Sequence[str] = NAUGHTY) -> list[str]:
    """The strings, as many in one text as its limit allows; longer ones cut."""
    found = [""]
    for one in of:
        text = f"{found[-1]}\n{one}" if found[-1] else one
        if len(as_sent(text)) > most or len(text) > most:
            found.append(one[: most - 1])
        else:
            found[-1] = text
    return found


def check_kept(fields: dict[str, tuple[str, Rule]], answer: TestResponse, status: int = 200) -> None:
    """Stored as it was sent (after its rule), or refused for a reason that our rules name. `fields`: {path: ...}."""
    if answer.status_code == 422:
        reasons = json.dumps(answer.get_json()["errors"], ensure_ascii=False)
        assert any(reason in reasons for reason in NAMED_REASONS), (fields, reasons)
        return
    assert answer.status_code == status, (fields, answer.text)
    made = answer.get_json()
    for name, (sent, rule) in fields.items():
        found = made
        for step in name.split("."):
            found = found[step]
        assert found == rule(sent), (name, sent, found)


@pytest.fixture(scope="module")
def writer(streets: Town) -> Client:
    return Client(streets.app, streets.owner.token, "en")


def test_the_list_is_whole() -> None:
    assert len(NAUGHTY) == 515


def test_each_by_itself_as_a_persons_texts(writer: Client) -> None:
    for one in NAUGHTY:
        both = writer.patch("/me", {"bio": one, "nickname": one})
        check_kept({"bio": (one, stripped), "nickname": (one, tidied)}, both)
        if both.status_code == 422:
            check_kept({"bio": (one, stripped)}, writer.patch("/me", {"bio": one}))
    done(writer.patch("/me", {"nickname": "安安"}), 200)


def test_each_as_a_name_or_password_at_the_door(writer: Client) -> None:
    stranger = writer.as_("")
    unfit = [one for one in NAUGHTY if one.strip() and not all(letter.isalnum() or letter in "_-." for letter in one)]
    for one in unfit[::3]:  # refused before the password is hashed, which takes 20 ms by design
        signed = stranger.post("/accounts", {"username": one, "password": "correct horse", "nickname": "某人"})
        check_kept({"person.username": (one, as_sent)}, signed, 201)
    for number, one in enumerate(NAUGHTY[::12]):
        assert stranger.post("/sessions", {"username": one, "password": one}).status_code in {401, 422}, one
        person = {"username": f"someone{number}", "password": one}
        signed = stranger.post("/accounts", {**person, "nickname": "某人"})
        check_kept({"person.username": (person["username"], as_sent)}, signed, 201)
        if signed.status_code == 201:
            done(stranger.post("/sessions", person))
    for name in ("Ω≈ç√∫", "田中さん", "ЁЂЃЄЅІЇ", "'; EXEC", "<script>", "١٢٣", "ṰoInv"):
        signed = stranger.post("/accounts", {"username": name, "password": "correct horse", "nickname": "某人"})
        check_kept({"person.username": (name, as_sent)}, signed, 201)


def test_all_in_title_body_and_topics_of_a_post(writer: Client) -> None:
    post = f"/posts/{done(writer.post('/posts', {'kind': 'note', 'title': '文字'}))['id']}"
    for body in joined(20_000):
        check_kept({"body": (body, as_sent)}, writer.patch(post, {"body": body}))
    topics = [one[:50] for one in NAUGHTY if one.strip()]
    tens = [topics[start : start + 10] for start in range(0, len(topics), 10)]
    for title, ten in zip_longest(joined(100), tens, fillvalue=[]):
        changed = writer.patch(post, {"title": title, "topics": ten})
        check_kept({"title": (title, as_sent)}, changed)
        assert changed.status_code == 200 or list(changed.get_json()["errors"]) != ["title"], title


def test_all_in_comments(writer: Client) -> None:
    post = f"/posts/{done(writer.post('/posts', {'kind': 'note', 'title': '评论'}))['id']}/comments"
    sent = joined(1000)
    for body in sent:
        check_kept({"body": (body, as_sent)}, writer.post(post, {"body": body}), 201)
    shown = done(writer.get(f"{post}?limit=50"), 200)["items"]
    assert [one["body"] for one in reversed(shown)] == [as_sent(one) for one in sent]


def test_all_in_texts_of_goods(streets: Town, writer: Client) -> None:
    goods = own_goods(streets, writer)
    product = f"/products/{goods['product_id']}"
    for text in joined(20_000):
        check_kept({"description": (text, as_sent)}, writer.patch(product, {"description": text}))
    for title, brand in zip_longest(joined(200), joined(80), fillvalue="牌"):
        check_kept(
            {"title": (title, as_sent), "brand": (brand, as_sent)},
            writer.patch(product, {"title": title, "brand": brand}),
        )
    names = list(dict.fromkeys(as_sent(one)[:120] for one in NAUGHTY if not is_blank(one)))
    for start in range(0, len(names), 100):
        some = names[start : start + 100]
        skus = [{"name": one, "price": 1, "attributes": {one[:40].strip(): one, "颜色": one}} for one in some]
        made = done(writer.post("/products", {"shop_id": str(streets.shop.id), "title": "衣", "skus": skus}))
        assert [one["name"] for one in made["skus"]] == [as_sent(one) for one in some]
        texts = [{as_sent(one[:40].strip()): as_sent(one), "颜色": as_sent(one)} for one in some]
        assert [one["attributes"] for one in made["skus"]] == texts


def test_all_in_texts_of_a_checkout(streets: Town, writer: Client) -> None:
    path = f"/checkouts/{checkout(streets, writer)['checkout_id']}"
    names = joined(50)
    for number, street in enumerate(joined(200)):
        some = [names[(number * 3 + place) % len(names)] for place in range(3)]
        fields = dict(zip(("name", "city", "district"), some, strict=True))
        address = {**make.ADDRESS, **fields, "street": street}
        expected = {f"address.{name}": (address[name], as_sent) for name in (*fields, "street")}
        note = {"note": (street, as_sent)}
        check_kept({**expected, **note}, writer.patch(path, {"address": address, "note": street}))
    for one in NAUGHTY:
        phoned = writer.patch(path, {"address": {**make.ADDRESS, "phone": one}})
        assert phoned.status_code == (200 if re.fullmatch(r"(?=.*[0-9])[0-9+\- ]{5,20}", one) else 422), one
        assert writer.patch(path, {"address": {**make.ADDRESS, "province": one}}).status_code == 422, one


def test_all_in_shops_reports_and_impressions(streets: Town, writer: Client) -> None:
    for name in joined(60)[::3]:
        check_kept({"name": (name, stripped)}, writer.post("/shops", {"name": name}), 201)
    reporter = streets.as_("another")
    for reason in joined(200):
        told = reporter.post(f"/posts/{streets.fame.id}/reports", {"reason": reason, "note": reason})
        assert told.status_code == 201, (reason, told.text)
    surfaces = [one[:40] for one in NAUGHTY if not is_blank(one)]
    for start in range(0, len(surfaces), 100):
        items = [make.shown(streets.fame.id, surface=one) for one in surfaces[start : start + 100]]
        assert writer.post("/impressions", {"items": items}).status_code == 202
    for reason in joined(500):
        made = make.post(streets.star)
        down = streets.as_("moderator").post("/desk/takedowns", {"kind": "post", "id": str(made.id), "reason": reason})
        check_kept({"reason": (reason, as_sent)}, down, 201)
        shown = done(streets.client.as_(streets.star.token).get(f"/posts/{made.id}"), 200)
        assert shown["takedown"]["reason"] == as_sent(reason)


def test_every_question_is_answered(streets: Town, writer: Client) -> None:
    doors = ("posts", "products", "people", "suggest")
    for number, one in enumerate(NAUGHTY):
        for what in doors if number % 4 == 0 else (doors[number % 4],):
            found = writer.get(f"/search/{what}", query_string={"q": one})
            assert found.status_code in {200, 422}, (what, one, found.text)
            assert found.status_code == 200 or is_blank(one) or len(as_sent(one)) > 200 or "\x00" in one, one


def test_any_text_may_stand_in_a_url(streets: Town, writer: Client) -> None:
    places = (
        "/links/{}", "//l/{}", "/posts/{}", "/people/{}/posts", "/feed/explore?cursor={}", "/products/{}/posts",
        "/feed/explore?limit={}", "//media/{}/card.jpg", "//docs/ui/{}", "//static/{}", "/{}", "//{}",
    )  # fmt: skip
    for number, one in enumerate(NAUGHTY):
        text = quote(one, safe="/" if number % 2 else "")
        for place in places[number % 2 :: 2]:
            with writer.get(place.format(text)) as answer:
                assert answer.status_code < 500, (place, one, answer.text)
                is_page = place.startswith("//l/") and answer.mimetype == "text/html"
                assert answer.status_code in {200, 304, 308, 400, 404, 405, 422}, (place, one, answer.status_code)
                assert not (is_page and one.startswith("<") and one in answer.text), one


def test_headers_may_hold_any_text(writer: Client) -> None:
    for one in NAUGHTY:
        if "\r" in one or "\n" in one:
            continue  # werkzeug's client does not send them; tests/security/test_raw.py does
        raw = one.encode("utf-8", "replace").decode("latin-1")
        headers = {"X-Request-Id": raw, "Accept-Language": raw, "Device-Id": raw, "If-None-Match": raw}
        answer = writer.as_("").get("/me", headers={**headers, "Authorization": f"Bearer {raw}"})
        assert answer.status_code == 401, one


def test_what_people_wrote_is_escaped_on_the_page_of_a_link(streets: Town, writer: Client) -> None:
    """All in the body of the post, as many as fit in the other places; the page holds no tag but an innocent page's."""
    goods = own_goods(streets, writer)
    wanted = {"kind": "note", "title": "无害", "body": "无害", "tags": [{"product_id": goods["product_id"]}]}
    made = done(writer.post("/posts", wanted))
    page = f"//l/{made['tags'][0]['link']['code']}"
    innocent = _tags(writer.as_("").get(page).text)
    dangerous = [one for one in NAUGHTY if any(sign in one for sign in "<>\"'&`{%")]
    assert len(dangerous) > 200
    places = joined(120, dangerous)
    for number, body in enumerate(joined(280, dangerous)):
        title, name, variant = (places[(3 * number + one) % len(places)] for one in range(3))
        done(writer.patch(f"/posts/{made['id']}", {"title": title[:100], "body": body}), 200)
        done(writer.patch(f"/products/{goods['product_id']}", {"title": name, "brand": name[:80]}), 200)
        done(writer.patch(f"/skus/{goods['sku_id']}", {"name": variant}), 200)
        shown = writer.as_("").get(page)
        assert shown.status_code == 200, body
        assert _tags(shown.text) == innocent, (body, title, name, variant)
        written = html.unescape(shown.text)
        for text in (body, title[:100], name, variant):
            assert as_sent(text).strip() in written, text


def _tags(page: str) -> list[str]:
    """The tags of a page with the names of their attributes, without the values."""
    return [re.sub(r'="[^"]*"', "", tag) for tag in re.findall(r"<[^>]+>", re.sub(r'="[^"]*"', "", page))]
