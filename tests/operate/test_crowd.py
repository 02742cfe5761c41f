"""The crowd of the demo town: how it comes, in which order, and that it is always the same."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.community.posts.models import Post
from app.core import bulk
from app.core.config import settings
from app.core.db import begin_reading, db, in_transaction
from app.core.eventlog import EventRow
from app.core.events import Fact
from app.core.plain import rows
from app.core.server.postgres import EmbeddedPostgres
from app.discover.finder.actions import problems_of
from app.discover.finder.queries import engines
from app.operate.crowd import actions, queries
from app.operate.crowd.kinds import album
from app.operate.crowd.kinds.base import Size, Town
from app.operate.crowd.kinds.bought import bought
from app.operate.crowd.kinds.chance import combined, id_of, luck, moment_of
from app.operate.crowd.kinds.goods import ware
from app.operate.crowd.kinds.names import nickname, shop_name
from app.operate.crowd.kinds.notes import note
from app.operate.crowd.kinds.purchases import Purchases
from app.operate.demo import queries as demo
from app.operate.demo.actions import prepared
from app.people.accounts.models import Person
from app.store.bills.actions import issue_due
from app.store.bills.queries import problems
from app.store.catalogue.models import Product
from app.store.orders.models import Purchase
from tests.facts import until_all_can_be_heard
from tests.house.source import ROOT
from tests.operate import crowd
from tests.services import TEMPLATE, Services, postgres_of

TABLES = (Person, Product, Post, Purchase, EventRow)
TWIN = """
import sys
from app import create_app
from tests.operate import crowd
with create_app().app_context():
    crowd.settled_on_a_fixed_day()
    print(crowd.print_of_all_rows())
"""


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """`flask demo seed` fills a small town: the founders' goods of one kind, and a tiny crowd. The accounts' file."""
    monkeypatch.setattr(demo, "KINDS", {"tea": demo.KINDS["tea"]})
    monkeypatch.setattr(actions, "size_of", lambda scale: crowd.TINY)
    path = tmp_path / "accounts.json"
    monkeypatch.setattr(settings, "accounts_file", str(path))
    return path


def seed(app: Flask, *options: str) -> Result:
    done = app.test_cli_runner().invoke(args=["demo", "seed", *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done


def counts() -> list[int]:
    found = [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]
    db.session.rollback()
    return found


def test_a_seed_that_is_told_to_end_goes_on_where_it_was_and_a_third_one_changes_nothing(
    app: Flask, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = bulk.copy_facts

    def write_and_be_told_to_end(facts: list[Fact]) -> None:
        write(facts)
        if any(type(one).__name__ == "PostSubmitted" for one in facts):
            os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "copy_facts", write_and_be_told_to_end)
        assert seed(app).exit_code == 143
    assert set(json.loads(tiny.read_text())) == {"reader", "kol", "merchant", "moderator", "admin"}
    people, goods, posts, bought_by_then, _ = counts()
    assert (people, goods) == (30 + 13, 80 + 4 + 5) and posts < 10 and bought_by_then < 10
    done = seed(app)
    assert done.exit_code == 0 and "ready" in done.output
    whole = counts()
    assert whole[:2] == [people, goods] and whole[2] > 60 and whole[3] >= 120
    assert "nothing was changed" in seed(app).output
    assert counts() == whole


def test_a_town_of_one_scale_says_so_to_another_scale_and_stays_as_it_is(app: Flask, tiny: Path) -> None:
    assert seed(app, "--scale", "2").exit_code == 0
    before = counts()
    refused = seed(app, "--scale", "3")
    assert refused.exit_code == 1 and "filled at scale 2" in refused.output and "empty database" in refused.output
    assert seed(app, "--scale", "101").exit_code == 2
    assert counts() == before
    assert "nothing was changed" in seed(app, "--scale", "0").output
    assert "nothing was changed" in seed(app, "--scale", "2").output


def test_a_large_crowd_is_found_at_once_and_its_listeners_need_not_hear_of_it(
    app: Flask, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rebuild(*given: object) -> object:
        until_all_can_be_heard()  # a writer of another test's database holds facts back here, too
        return fill(*given)

    fill = actions.rebuild
    monkeypatch.setattr(actions, "rebuild", rebuild)
    monkeypatch.setattr(actions, "MANY", 2)
    assert seed(app, "--scale", "2").exit_code == 0
    db.session.remove()
    begin_reading()
    assert [problems_of(engine) for engine in engines().engines] == [[]]
    heard = rows("SELECT event_id FROM core_listeners WHERE name = 'finder.index_on_postgres'")
    assert heard == rows("SELECT max(id) FROM core_events")
    assert "nothing was changed" in seed(app, "--scale", "2").output


def test_the_small_town_may_grow_a_crowd_later(app: Flask, tiny: Path) -> None:
    assert seed(app, "--scale", "0").exit_code == 0
    assert counts()[0] == 13
    assert seed(app).exit_code == 0
    assert counts()[0] == 13 + 30


def test_without_the_sandbox_the_crowd_writes_and_buys_nothing(app: Flask, tiny: Path) -> None:
    settings.sandbox_payments = False
    assert seed(app).exit_code == 0
    _, _, posts, purchases, _ = counts()
    assert posts > crowd.TINY.notes and purchases == 0


def test_a_step_that_was_taken_back_is_done_again_whole(app: Flask) -> None:
    crowd.founded()
    steps = actions.steps_of(crowd.COMING, crowd.TINY)
    for step in steps[:2]:
        crowd.plant(step)
    ready, died = prepared(steps[2]), counts()

    def do_and_die() -> None:
        ready.do()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_transaction(do_and_die)
    assert counts() == died
    assert crowd.plant(steps[2]) and not crowd.plant(steps[2])


def test_two_towns_of_one_day_are_the_same_to_the_last_row(app: Flask, services: Services, worker_id: str) -> None:
    """In another process and another database; but for what the founders' own ids are."""
    postgres: EmbeddedPostgres = postgres_of(services)
    name = f"twin_{worker_id}"
    postgres.drop_database(name)
    url = postgres.create_database(name, template=TEMPLATE)
    env = {**os.environ, "PYTHONHASHSEED": "7", "DATABASE_URL": url, "LOG_LEVEL": "ERROR", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", TWIN], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as twin:
        crowd.settled_on_a_fixed_day()
        ours = crowd.print_of_all_rows()
        theirs = str(twin.communicate(timeout=100)[0]).split()[-1]
    postgres.drop_database(name)
    assert ours == theirs


@pytest.fixture
def plan(app: Flask) -> Town:
    """The town of scale 1, of which nothing but its founders is there."""
    crowd.founded()
    step, *_ = actions.steps_of(crowd.COMING, crowd.TINY)
    crowd.plant(step)
    return in_transaction(partial(queries.town_since, crowd.COMING, queries.size_of(1)))


def test_a_town_of_scale_1_has_the_size_that_it_should(plan: Town) -> None:
    size, founders = plan.size, len(plan.founders.people)
    assert (plan.people, size.kols + 1, size.purchases) == (200, 10, 2000)
    assert size.goods + len(demo.planned_goods()) == 3000
    assert size.notes + size.reviews + len(demo.planned_posts()) == 2000
    ids = [plan.person(number) for number in range(plan.people)]
    assert len(set(ids)) == 200 and set(plan.founders.people) <= set(ids) and ids[0] == plan.founders.people[0]
    assert [plan.newcomer(place) for place in range(size.people)] == [
        *range(1, size.kols + 1),
        *range(size.kols + founders, plan.people),
    ]


def test_goods_have_titles_of_their_own_and_words_that_fit(plan: Town) -> None:
    large = Town(Size.of_scale(5, 13, 52, 52), plan.end, plan.founders)
    titles = [ware(large, number).title for number in range(14_000)]
    assert len(set(titles)) == len(titles) and max(map(len, titles)) < 60
    notes = [note(plan, number) for number in range(plan.size.notes)]
    assert len({one.title for one in notes}) > 1000 and len({one.body for one in notes}) > 1450
    assert len({nickname(number) for number in range(20_000)}) > 18_000
    assert len({shop_name(number) for number in range(2600)}) == 2600


def test_a_few_authors_and_goods_have_most_of_it(plan: Town) -> None:
    notes = [note(plan, number) for number in range(plan.size.notes)]
    authors = Counter(one.author for one in notes)
    by_kols = sum(authors[number] for number in range(plan.size.kols + 1))
    assert 0.2 < by_kols / len(notes) < 0.5 and authors.most_common(1)[0][0] == 0
    sold = [bought(plan, number) for number in range(plan.size.purchases)]
    promoters = Counter(one.via[0].author for one in sold if one.via and one.status == "paid")
    assert promoters.most_common(1)[0][0] == 0
    assert sum(promoters[number] for number in range(plan.size.kols + 1)) > sum(promoters.values()) / 2
    paid = [one for one in sold if one.status == "paid"]
    assert 0.25 < sum(promoters.values()) / len(paid) < 0.45 and 0.8 < len(paid) / len(sold) < 0.9
    goods = Counter(line.ware.number for one in sold for line in one.lines)
    assert sum(many for _, many in goods.most_common(300)) > sum(goods.values()) / 3
    assert all(line.ware.state == "on_sale" and line.variant.stock for one in sold for line in one.lines)


def test_days_are_busier_in_the_evening_and_none_lies_ahead(plan: Town) -> None:
    moments = [moment_of(plan.end, day, luck("day", day, hour)) for day in range(60) for hour in range(50)]
    assert max(moments) <= plan.end and (plan.end - min(moments)).days <= 60
    hours = Counter((one.hour + 8) % 24 for one in moments)
    assert hours[21] > 3 * hours[4]


def test_places_are_combined_without_a_double() -> None:
    found = [combined(number, 5, 12, 8) for number in range(480)]
    assert len(set(found)) == 480 and found != sorted(found)


def test_ids_are_uuids_of_version_7_in_the_order_of_time(plan: Town) -> None:
    early, late = (id_of(moment_of(plan.end, day, Random(1)), Random(2).getrandbits(128)) for day in (3, 2))
    assert early.version == late.version == 7 and early.variant == "specified in RFC 4122" and early < late


def test_uploads_share_the_bytes_of_a_picture_and_each_has_files_of_its_own(app: Flask) -> None:
    album.forget()
    drawn = album.alone(0, 0)
    ids = [id_of(crowd.DAY, number) for number in range(2)]
    for upload_id in ids:
        drawn.link(upload_id)
        drawn.link(upload_id)
    first, second = (album.file_of(one, "card", "jpg") for one in ids)
    assert first.samefile(second) and first.read_bytes()
    first.unlink()
    assert second.read_bytes()


def test_bills_that_are_issued_while_the_crowd_still_comes_miss_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker sweeps beside the seed: what is settled as of a week ago comes all at once, before the first bill."""
    monkeypatch.setattr(Purchases, "most", 15)
    crowd.founded()
    for step in actions.steps_of(crowd.COMING, crowd.TINY):
        crowd.plant(step)
        while in_transaction(issue_due):
            pass
    begin_reading()
    assert rows("SELECT count(*) AS bills FROM bills_bills")[0].bills > 0
    assert in_transaction(lambda: list(problems())) == []
