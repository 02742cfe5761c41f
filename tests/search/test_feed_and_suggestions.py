"""The explore feed, similar goods and completions, on every engine."""

from datetime import timedelta

import pytest

from search.elastic.engine import ElasticEngine
from search.engine import Engine
from search.postgres.engine import PostgresEngine
from search.questions import ExploreFeed, SimilarProducts, Suggest
from tests.search.conftest import settle
from tests.search.make import NOON, person, post, product


def texts(engine: Engine, typed: str, limit: int) -> tuple[str, ...]:
    return tuple(one.text for one in engine.suggest(Suggest(typed, limit)))


def test_the_feed_has_the_same_order_for_the_same_seed_and_moment(engine: Engine) -> None:
    engine.put([post(f"第{number}篇", age=timedelta(hours=number % 7), likes=number) for number in range(60)])
    settle(engine)
    first = engine.find(ExploreFeed(7, NOON, 30)).ids
    assert len(first) == 30
    assert engine.find(ExploreFeed(7, NOON, 30)).ids == first
    assert engine.find(ExploreFeed(7, NOON, 10)).ids == first[:10]
    assert engine.find(ExploreFeed(8, NOON, 30)).ids != first


@pytest.mark.parametrize("seed", [0, -1, 2**31, 2**63 - 1, -(2**63)])
def test_any_seed_will_do(engine: Engine, seed: int) -> None:
    engine.put([post("一篇")])
    settle(engine)
    assert len(engine.find(ExploreFeed(seed, NOON, 5)).ids) == 1


def test_a_brand_new_post_is_near_the_top_of_a_busy_feed(engine: Engine) -> None:
    new = post("刚刚")
    engine.put([post("热门", age=timedelta(hours=6 + number), likes=800) for number in range(200)])
    engine.put([new])
    settle(engine)
    for seed in range(5):
        assert new.id in engine.find(ExploreFeed(seed, NOON, 200)).ids[:10]


def test_no_number_of_reactions_keeps_an_old_post_up(engine: Engine) -> None:
    famous = post("老网红", age=timedelta(days=60), likes=10**9, collects=10**9)
    engine.put([famous, *(post("平常", age=timedelta(hours=number), likes=3) for number in range(30))])
    settle(engine)
    assert famous.id not in engine.find(ExploreFeed(1, NOON, 30)).ids


def test_of_two_posts_of_one_age_the_better_liked_stands_first(engine: Engine) -> None:
    liked, ignored = post("甲", age=timedelta(hours=3), collects=50), post("乙", age=timedelta(hours=3))
    engine.put([ignored, liked])
    settle(engine)
    for seed in range(5):
        assert engine.find(ExploreFeed(seed, NOON, 2)).ids == (liked.id, ignored.id)


def test_the_feed_shows_nothing_from_after_its_moment(engine: Engine) -> None:
    then, later = post("那时", age=timedelta(hours=2)), post("后来")
    engine.put([then, later])
    settle(engine)
    assert engine.find(ExploreFeed(1, NOON - timedelta(hours=1), 10)).ids == (then.id,)


def test_a_removed_post_leaves_the_feed(engine: Engine) -> None:
    gone, stays = post("甲"), post("乙")
    engine.put([gone, stays])
    engine.remove("post", [(gone.id, gone.version + 1)])
    settle(engine)
    assert engine.find(ExploreFeed(1, NOON, 10)).ids == (stays.id,)


def test_similar_goods_are_in_stock_and_never_the_goods_themselves(engine: Engine) -> None:
    shown = product("碎花连衣裙 夏季 收腰", category="女装")
    like, sold_out = product("碎花连衣裙 夏季 显瘦"), product("碎花连衣裙 夏季 收腰", in_stock=False)
    engine.put([shown, like, sold_out, product("机械键盘")])
    settle(engine)
    assert engine.find(SimilarProducts(shown.id, "碎花连衣裙 夏季 收腰 女装", 10)).ids == (like.id,)


def test_one_common_word_makes_no_likeness(engine: Engine) -> None:
    shown = product("夏季碎花雪纺收腰连衣裙女")
    engine.put([shown, product("夏季凉席"), product("女士手表")])
    settle(engine)
    assert engine.find(SimilarProducts(shown.id, shown.title, 10)).ids == ()


@pytest.mark.parametrize(
    "typed",
    ["夏", "夏季碎", "夏季 碎花", "夏季連", "碎花", "xia", "xiajis", "xjsh", "suihua", "夏ji", "ＸＩＡ", "夏季，碎"],
)
def test_a_title_is_suggested_from_its_beginning_or_that_of_a_word(engine: Engine, typed: str) -> None:
    title = "夏季碎花连衣裙" if typed != "夏季連" else "夏季连衣裙"
    engine.put([product(title), product("机械键盘")])
    settle(engine)
    assert texts(engine, typed, 5) == (title,)


def test_titles_topics_and_nicknames_are_suggested_each_once_the_most_popular_first(engine: Engine) -> None:
    engine.put(
        [
            *(post("露营指南", topics=("露营装备",), likes=5) for _ in range(3)),
            product("露营帐篷", sold=100),
            product("露营帐篷", sold=90),
            person("露营小王", followers=1_000),
        ]
    )
    settle(engine)
    suggested = texts(engine, "露营", 10)
    assert suggested[:2] == ("露营小王", "露营帐篷")
    assert set(suggested[2:]) == {"露营指南", "露营装备"}
    assert len(suggested) == 4
    assert texts(engine, "luying", 2) == suggested[:2]


def test_a_suggestion_names_documents_that_carry_it(engine: Engine) -> None:
    told, sold, known = post("露营指南", topics=("露营装备",), likes=9), product("露营帐篷", sold=5), person("露营小王")
    engine.put([told, sold, known])
    settle(engine)
    assert {one.text: one.carriers for one in engine.suggest(Suggest("露营", 10))} == {
        "露营指南": (("post", told.id),),
        "露营装备": (("post", told.id),),
        "露营帐篷": (("product", sold.id),),
        "露营小王": (("person", known.id),),
    }


def test_english_is_suggested_while_it_is_typed(engine: Engine) -> None:
    engine.put([product("Red Summer Dress")])
    settle(engine)
    for typed in ("r", "Red su", "RED SUMMER D", "dre"):
        assert texts(engine, typed, 5) == ("Red Summer Dress",)
    assert texts(engine, "ed", 5) == ()


@pytest.mark.parametrize("typed", ["", " ", "，", "\x00", "没有这个词"])
def test_nothing_is_suggested_for_nothing(engine: Engine, typed: str) -> None:
    engine.put([product("夏季连衣裙")])
    settle(engine)
    assert texts(engine, typed, 5) == ()


def test_what_was_removed_is_no_longer_suggested(engine: Engine) -> None:
    gone = product("夏季连衣裙")
    engine.put([gone])
    engine.remove("product", [(gone.id, gone.version + 1)])
    settle(engine)
    assert texts(engine, "夏", 5) == ()


def test_every_engine_gives_the_same_feed(elastic_engine: ElasticEngine, postgres_engine: PostgresEngine) -> None:
    posts = [post(f"第{one}篇", age=timedelta(minutes=one * 7), likes=one % 40, comments=one % 3) for one in range(300)]
    for engine in (elastic_engine, postgres_engine):
        engine.rebuild("post", posts)
    feeds = [engine.find(ExploreFeed(5, NOON, 40)).ids for engine in (elastic_engine, postgres_engine)]
    assert feeds[0] == feeds[1]
    assert len(feeds[0]) == 40
