"""The demo town: always the same plan, planted once, and safe to begin again."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from app.community.comments.models import Comment
from app.community.posts.models import Post
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.eventlog import EventRow
from app.operate.demo import actions, queries
from app.operate.demo.kinds import KINDS
from app.operate.demo.kinds.base import PLACES, goods_picture, post_picture
from app.operate.demo.kinds.people import DEMO, PEOPLE, avatar_picture
from app.people.accounts.models import Person
from app.people.social.models import Follow
from app.store.catalogue.models import Product
from app.store.orders.models import Purchase
from app.store.shops.models import Shop
from tests import make
from tests.client import Client
from tests.house.source import ROOT

TABLES = (Person, Follow, Shop, Product, Post, Comment, Purchase)
ADDRESS = {"name": "小满", "phone": "10000000000", "province": "浙江省", "city": "杭州市", "street": "灵竹路 1 号"}

PLAN = """
from hashlib import sha256
from app.operate.demo import queries
posts = queries.planned_posts()
told = [(one.title, one.description, one.variants()) for one in queries.planned_goods()]
told += [(post.author.key, post.title, post.body, post.rating, len(post.shown), post.more) for post in posts]
told += [(one.name, one.via and one.via.name) for one in queries.planned_orders(posts)]
told += [(who.key, [one.key for one in whom]) for who, whom in queries.planned_follows()]
told += [([one.key for one in echo.likers], echo.comments) for echo in queries.planned_echoes(posts)]
print(sha256(repr(told).encode()).hexdigest())
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of accounts, not there yet."""
    path = tmp_path / "accounts.json"
    monkeypatch.setattr(settings, "accounts_file", str(path))
    return path


@pytest.fixture
def few_kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A town with four kinds of goods, to be quick."""
    monkeypatch.setattr(queries, "KINDS", {name: KINDS[name] for name in ("bag", "makeup", "scent", "tea")})
    yield


@pytest.fixture
def one_kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(queries, "KINDS", {"tea": KINDS["tea"]})
    yield


def seed(app: Flask, *options: str) -> tuple[int, str]:
    """(exit code, what was said) of `flask demo seed` without a crowd."""
    done = app.test_cli_runner().invoke(args=["demo", "seed", "--scale", "0", *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.output


def counts() -> list[int]:
    found = [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]
    db.session.rollback()
    return found


def sign_in(client: Client, account: dict[str, str]) -> Client:
    answer = client.post("/sessions", account)
    assert answer.status_code == 201, answer.json
    return client.as_(answer.json["access_token"])


def items(client: Client, path: str) -> list[dict[str, Any]]:
    """All items of a list, page after page."""
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{path}?limit=50{cursor and '&cursor=' + cursor}")
        assert page.status_code == 200, page.json
        found += page.json["items"]
        cursor = page.json["next"]
    return found


def test_the_plan_is_the_same_in_every_process(capsys: pytest.CaptureFixture[str]) -> None:
    env = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", PLAN], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    exec(PLAN, {})
    assert capsys.readouterr().out == done.stdout


def test_the_plan_is_a_dozen_people_four_shops_and_some_fifty_goods_and_posts_each_with_its_own_title() -> None:
    goods, posts = queries.planned_goods(), queries.planned_posts()
    assert len(PEOPLE) >= 12 and {one.key for one in PEOPLE} >= set(DEMO)
    assert len({one.title for one in goods}) == len(goods) == 52
    assert len({one.title for one in posts}) == len(posts) == 52
    assert len({one.kind.category for one in goods}) == len(KINDS)
    assert sum(post.rating is not None for post in posts) > 10
    assert not [post.title for post in posts if "{" in post.title + post.body]
    assert not [
        post.name for post in posts for owner in ("merchant", "lime", "chen", "nora") if post.author.key == owner
    ]


def test_the_five_accounts_alone_may_be_made_and_the_town_later(
    app: Flask, client: Client, file: Path, one_kind: None
) -> None:
    assert seed(app, "--only-accounts")[0] == 0
    accounts = json.loads(file.read_text())
    assert set(accounts) == set(DEMO)
    desk = sign_in(client, accounts["moderator"])
    assert desk.get("/desk/reports").status_code == 200
    assert items(client, "/feed/explore") == []
    assert seed(app)[0] == 0
    sign_in(client, accounts["reader"])
    assert json.loads(file.read_text()) == accounts
    assert items(client, "/feed/explore")


def test_every_price_is_in_range_and_the_first_variant_can_always_be_bought() -> None:
    for goods in queries.planned_goods():
        variants = goods.variants()
        assert all(1000 <= price <= 100_000 and price % 100 == 0 for _, price, _ in variants), goods.title
        assert variants[0][2] > 0, goods.title


@pytest.mark.parametrize("name", sorted(KINDS))
def test_goods_look_the_same_each_time_and_different_from_each_other(name: str) -> None:
    kind = KINDS[name]
    drawn = [goods_picture(kind, number).getvalue() for number in range(queries.EACH)]
    assert sha256(goods_picture(kind, 0).getvalue()).digest() == sha256(drawn[0]).digest()
    assert len(set(drawn)) == queries.EACH
    with Image.open(goods_picture(kind, 0)) as picture:
        assert len(picture.convert("P").getcolors() or []) > 4


def test_pictures_of_posts_differ_and_every_person_has_a_face() -> None:
    shown = [(KINDS["bag"], 0), (KINDS["tea"], 1)]
    first, again, other = (post_picture(shown, Random(seed)).getvalue() for seed in ("a", "a", "b"))
    assert first == again != other
    assert all(0 < place.x < 1 and 0 < place.y < 1 for places in PLACES for place in places)
    assert len({avatar_picture(one).getvalue() for one in PEOPLE}) >= 10


@pytest.mark.usefixtures("one_kind")
def test_the_accounts_in_the_file_can_sign_in_and_may_do_what_they_are_called(
    app: Flask, client: Client, file: Path
) -> None:
    assert seed(app)[0] == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    accounts = json.loads(file.read_text())
    assert set(accounts) == {"reader", "kol", "merchant", "moderator", "admin"}
    assert len({one["password"] for one in accounts.values()}) == 5
    assert [one.name for one in file.parent.iterdir()] == ["accounts.json"]
    me = {key: sign_in(client, account).get("/me").json for key, account in accounts.items()}
    assert {key: one["roles"] for key, one in me.items()} == {
        "reader": [],
        "kol": ["kol"],
        "merchant": [],
        "moderator": ["moderator"],
        "admin": ["admin"],
    }
    assert all(one["avatar"] for one in me.values())
    shops = items(sign_in(client, accounts["merchant"]), "/me/shops")
    assert [shop["name"] for shop in shops] == ["雾里衣橱"]


@pytest.mark.usefixtures("few_kinds", "file")
def test_a_stranger_finds_posts_in_explore_and_buys_goods_by_their_links(app: Flask, client: Client) -> None:
    assert seed(app)[0] == 0
    posts = [item["post"] for item in items(client, "/feed/explore")]
    assert {post["title"] for post in posts} == {post.title for post in queries.planned_posts()}
    assert all(post["cover"] and post["tags"] and post["author"]["nickname"] for post in posts)
    assert sum(post["counts"]["likes"] for post in posts) > len(posts)
    assert any(post["counts"]["comments"] for post in posts) and any(post["counts"]["views"] for post in posts)
    for post in posts[:5]:
        code = post["tags"][0]["link"]["code"]
        sku = client.get(f"/links/{code}").json["skus"][0]
        opened = client.post(f"/links/{code}/checkout", {"sku_id": sku["id"], "quantity": 1})
        assert opened.status_code == 201, opened.json
        guest, path = client.as_(opened.json["guest_token"]), f"/checkouts/{opened.json['id']}"
        assert guest.patch(path, {"address": ADDRESS}).status_code == 200
        assert guest.post(f"{path}/purchase", {}, key="k").status_code == 201


@pytest.mark.usefixtures("few_kinds")
def test_what_was_bought_is_paid_came_by_a_link_and_is_reviewed(app: Flask, client: Client, file: Path) -> None:
    assert seed(app)[0] == 0
    posts = queries.planned_posts()
    wanted = queries.planned_orders(posts)
    assert len(wanted) > 3
    purchases = list(db.session.scalars(select(Purchase)))
    assert [one.status for one in purchases] == ["paid"] * len(wanted)
    reader = sign_in(client, json.loads(file.read_text())["reader"])
    bought = [order for order in wanted if order.buyer.key == "reader"]
    for order in bought:
        found = reader.get(f"/purchases/{queries.planted_id(order.name)}").json
        owed = found["orders"][0]["lines"][0]["attribution"]
        assert order.via and owed["post_id"] == str(queries.planted_id(order.via.name))
    verified = [order for order in wanted if order.buyer.key != "reader"]
    for order in verified:
        reviews = client.get(f"/products/{queries.planted_id(order.goods.name)}/reviews").json
        assert reviews["count"] == 1, order.name


@pytest.mark.usefixtures("one_kind")
def test_a_second_seed_changes_nothing(app: Flask, file: Path) -> None:
    assert "ready" in seed(app)[1]
    before, told = counts(), file.read_bytes()
    facts = db.session.scalar(select(func.count()).select_from(EventRow))
    code, said = seed(app)
    assert code == 0 and "nothing was changed" in said
    assert counts() == before and file.read_bytes() == told
    assert db.session.scalar(select(func.count()).select_from(EventRow)) == facts


@pytest.mark.usefixtures("one_kind")
def test_a_seed_that_died_half_way_is_completed_with_the_passwords_it_had(
    app: Flask, client: Client, file: Path
) -> None:
    passwords = actions.keep_passwords(file, ())
    steps = actions.steps(passwords)
    for step in steps[: len(steps) // 2]:
        in_transaction(partial(actions.plant, step))
    with pytest.raises(ZeroDivisionError):
        in_transaction(partial(_plant_and_die, steps[len(steps) // 2]))
    assert not file.exists()
    half = counts()
    assert seed(app)[0] == 0
    accounts = json.loads(file.read_text())
    assert {key: one["password"] for key, one in accounts.items()} == passwords
    sign_in(client, accounts["kol"])
    whole = counts()
    assert whole[0] == half[0] == len(PEOPLE)
    assert db.session.scalar(select(func.count()).select_from(Post)) == len(queries.planned_posts())
    assert "nothing was changed" in seed(app)[1] and counts() == whole


def _plant_and_die(step: actions.Step) -> None:
    actions.plant(step)
    raise ZeroDivisionError


@pytest.mark.usefixtures("one_kind")
def test_a_seed_that_is_told_to_end_tells_the_accounts_that_are_there(
    app: Flask, client: Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = actions.plant

    def plant_until_the_first_post(step: actions.Step) -> bool:
        done = plant(step)
        if step.name.startswith("post:"):
            os.kill(os.getpid(), signal.SIGTERM)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(actions, "plant", plant_until_the_first_post)
        assert seed(app)[0] == 143
    assert counts()[4] == 0
    sign_in(client, json.loads(file.read_text())["merchant"])
    assert seed(app)[0] == 0
    assert counts()[4] == len(queries.planned_posts())


@pytest.mark.usefixtures("one_kind")
def test_two_seeds_at_once_leave_one_town(app: Flask) -> None:
    def run(_: int) -> int:
        with app.app_context():
            return sum(in_transaction(partial(actions.plant, step)) for step in actions.steps({}))

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run, range(2)))
    assert sum(done) == len(actions.steps({}))
    people, _, shops, goods, posts, _, bought = counts()
    assert (people, shops, goods, posts) == (len(PEOPLE), 4, 4, 4)
    assert bought == len(queries.planned_orders(queries.planned_posts()))


@pytest.mark.usefixtures("one_kind")
def test_a_lost_file_is_not_replaced_by_wrong_passwords(app: Flask, file: Path) -> None:
    seed(app)
    file.unlink()
    code, said = seed(app)
    assert code == 1 and "reader, kol, merchant, moderator, admin" in said and "--data" in said
    assert not file.exists()


@pytest.mark.usefixtures("one_kind")
def test_a_file_of_an_earlier_town_is_kept(app: Flask, client: Client, file: Path) -> None:
    old = {key: {"username": f"demo-{key}", "password": f"an old password of {key}"} for key in DEMO}
    file.write_text(json.dumps(old))
    assert seed(app)[0] == 0
    assert json.loads(file.read_text()) == old
    sign_in(client, old["admin"])


@pytest.mark.usefixtures("one_kind")
def test_without_a_file_the_accounts_are_printed(app: Flask, client: Client) -> None:
    settings.accounts_file = ""
    code, said = seed(app)
    line = next(one.split() for one in said.splitlines() if one.startswith("kol"))
    assert code == 0
    sign_in(client, {"username": line[1], "password": line[2]})
    assert seed(app)[0] == 0


@pytest.mark.usefixtures("one_kind")
def test_without_the_sandbox_nothing_is_bought(app: Flask, file: Path) -> None:
    settings.sandbox_payments = False
    assert seed(app)[0] == 0
    assert counts()[-1] == 0


@pytest.mark.usefixtures("one_kind")
def test_a_name_that_somebody_else_has_is_not_taken_over(app: Flask, client: Client, file: Path) -> None:
    other = make.person(username="DEMO-admin")
    code, said = seed(app)
    assert code == 1 and "Somebody else is called demo-admin" in said
    assert not file.exists()
    sign_in(client, {"username": other.username, "password": other.password})


def test_production_has_no_demo_town(app: Flask, file: Path) -> None:
    settings.app_env = "production"
    assert seed(app)[0] == 1
    assert counts()[0] == 0 and not file.exists()
