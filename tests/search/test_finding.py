"""What words find, on every engine."""

import pytest

from search.engine import Engine
from search.questions import FindPeople, FindPosts, FindProducts
from tests.search.conftest import settle
from tests.search.make import person, post, product

TITLE = "夏季碎花连衣裙 Women's Summer Dress iPhone15"


def test_what_was_put_is_found_and_counted(engine: Engine) -> None:
    dress = product("碎花连衣裙")
    engine.put([dress, product("机械键盘")])
    settle(engine)
    found = engine.find(FindProducts("连衣裙", 10))
    assert (found.ids, found.total, found.engine) == ((dress.id,), 1, engine.name)
    assert engine.count("product") == 2


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("连衣裙", id="a Chinese word"),
        pytest.param("連衣裙", id="the same in traditional characters"),
        pytest.param("衣裙", id="a part of a Chinese word"),
        pytest.param("花连", id="two neighbours that are no word"),
        pytest.param("summer", id="an English word"),
        pytest.param("SUMMER", id="capitals"),
        pytest.param("dresses", id="the English plural"),
        pytest.param("ｓｕｍｍｅｒ", id="full width letters"),
        pytest.param("summer 连衣裙", id="two languages"),
        pytest.param("iphone 15", id="a name written apart"),
        pytest.param("ＩＰＨＯＮＥ１５", id="a name with its number in full width"),
        pytest.param("lianyiqun", id="pinyin"),
        pytest.param("lian yi qun", id="pinyin written apart"),
        pytest.param("LianYiQun", id="pinyin in capitals"),
        pytest.param("lyq", id="initials of pinyin"),
        pytest.param("连衣裙 挖掘机", id="one word of two"),
    ],
)
def test_a_title_is_found_however_it_is_asked_for(engine: Engine, words: str) -> None:
    dress, post_of_dress = product(TITLE), post(TITLE)
    engine.put([dress, post_of_dress, product("机械键盘"), post("机械键盘")])
    settle(engine)
    assert engine.find(FindProducts(words, 10)).ids == (dress.id,)
    assert engine.find(FindPosts(words, 10)).ids == (post_of_dress.id,)


def test_a_title_in_traditional_characters_is_found_by_simplified_ones(engine: Engine) -> None:
    dress = product("夏季連衣裙")
    engine.put([dress])
    settle(engine)
    assert engine.find(FindProducts("连衣裙", 10)).ids == (dress.id,)


@pytest.mark.parametrize("words", ["", "   ", "，。！？", "...---", "\x00", "🙂"])
def test_a_question_without_words_finds_nothing(engine: Engine, words: str) -> None:
    engine.put([product("连衣裙，。！？"), post("连衣裙 ..."), person("连衣裙")])
    settle(engine)
    for question in (FindProducts(words, 10), FindPosts(words, 10), FindPeople(words, 10)):
        assert engine.find(question).ids == ()
        assert engine.find(question).total == 0


def test_whoever_has_all_the_words_stands_before_whoever_has_one(engine: Engine) -> None:
    all_of_them = product("红色羊毛围巾")
    engine.put([product("红色自行车 红色"), all_of_them, product("羊毛地毯"), product("围巾挂钩")])
    settle(engine)
    found = engine.find(FindProducts("红色羊毛围巾", 10))
    assert found.ids[0] == all_of_them.id
    assert found.total == 4


def test_a_word_in_the_title_counts_for_more_than_one_in_the_description(engine: Engine) -> None:
    named, described = product("帐篷 双人"), product("睡袋 双人", description="可以放进帐篷")
    engine.put([described, named])
    settle(engine)
    assert engine.find(FindProducts("帐篷", 10)).ids == (named.id, described.id)


def test_words_may_stand_in_different_fields(engine: Engine) -> None:
    wanted = product("双肩背包", brand="小马", category="户外", attributes=("防水",), shop="山野铺子")
    engine.put([wanted, product("手表")])
    settle(engine)
    for words in ("小马 背包", "防水 背包", "山野铺子", "户外"):
        assert engine.find(FindProducts(words, 10)).ids == (wanted.id,)


def test_a_post_is_found_by_its_body_topics_goods_and_author(engine: Engine) -> None:
    wanted = post("周末", body="去露营", topics=("慢生活",), goods=("折叠椅",), author="阿青")
    engine.put([wanted, post("别的事")])
    settle(engine)
    for words in ("露营", "慢生活", "折叠椅", "阿青"):
        assert engine.find(FindPosts(words, 10)).ids == (wanted.id,)


def test_a_person_is_found_by_nickname_username_and_bio(engine: Engine) -> None:
    wanted = person("小明同学", username="ming2024", bio="爱穿搭")
    engine.put([wanted, person("别人")])
    settle(engine)
    for words in ("小明", "ming2024", "ming 2024", "穿搭", "xiaoming"):
        assert engine.find(FindPeople(words, 10)).ids == (wanted.id,)


def test_kinds_do_not_mix(engine: Engine) -> None:
    engine.put([product("连衣裙"), post("连衣裙"), person("连衣裙")])
    settle(engine)
    found = [engine.find(ask("连衣裙", 10)).ids for ask in (FindProducts, FindPosts, FindPeople)]
    assert [len(ids) for ids in found] == [1, 1, 1]
    assert len(set(found)) == 3


def test_pages_follow_each_other_without_repeating_or_leaving_out(engine: Engine) -> None:
    goods = [product("棉袜") for _ in range(45)]
    engine.put(goods)
    settle(engine)
    pages = [engine.find(FindProducts("棉袜", 10, skip)) for skip in range(0, 50, 10)]
    assert [len(page.ids) for page in pages] == [10, 10, 10, 10, 5]
    assert {id for page in pages for id in page.ids} == {one.id for one in goods}
    assert {page.total for page in pages} == {45}


def test_a_page_past_the_end_is_empty_however_far(engine: Engine) -> None:
    engine.put([product("棉袜")])
    settle(engine)
    for skip in (1, 8_999, 9_000, 10**12):
        assert engine.find(FindProducts("棉袜", 10, skip)).ids == ()
    assert engine.find(FindProducts("棉袜", 0)).ids == ()
