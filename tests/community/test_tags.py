"""Tags and topics by themselves."""

from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from app.buying.links.models import Link
from app.community.tags import actions
from app.community.tags.models import TagWanted
from app.community.tags.queries import tags_of
from app.community.topics.actions import put_topics, replace_topics
from app.community.topics.models import Topic, topic_key
from app.community.topics.queries import topics_of
from app.core import clock
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.catalogue.actions import change_product
from tests import make
from tests.store.racing import together


def links() -> int:
    return db.session.scalar(select(func.count()).select_from(Link)) or 0


def replaced(post: UUID, promoter: UUID, *wanted: TagWanted) -> list[str]:
    """The codes of the links after the tags were replaced."""
    tags = in_transaction(lambda: actions.replace_tags(post, promoter, wanted, 0, clock.now()))
    return [tag.link_code for tag in tags]


def test_each_tag_makes_one_link_for_the_promoter(app: Flask) -> None:
    goods, post, promoter = make.product(), new_id(), new_id()
    wanted = [TagWanted(goods.id), TagWanted(goods.id, goods.sku_id)]
    tags = in_transaction(lambda: actions.put_tags(post, promoter, wanted, 0))
    made = {link.id: link for link in db.session.scalars(select(Link))}
    assert len(made) == 2
    for tag in tags:
        link = made[tag.link_id]
        assert (link.code, link.product_id, link.sku_id) == (tag.link_code, goods.id, tag.sku_id)
        assert (link.post_id, link.tag_id, link.promoter_id) == (post, tag.id, promoter)


def test_two_tags_of_one_product_keep_their_two_links_in_order(app: Flask) -> None:
    goods, post, promoter = make.product(), new_id(), new_id()
    twice = [TagWanted(goods.id), TagWanted(goods.id)]
    codes = [tag.link_code for tag in in_transaction(lambda: actions.put_tags(post, promoter, twice, 0))]
    assert replaced(post, promoter, *twice) == codes
    assert replaced(post, promoter, TagWanted(goods.id)) == codes[:1]
    third = replaced(post, promoter, *twice)
    assert third[0] == codes[0]
    assert third[1] not in codes
    assert links() == 3


def test_another_variant_is_another_tag(app: Flask) -> None:
    goods, post, promoter = make.product(), new_id(), new_id()
    plain = in_transaction(lambda: actions.put_tags(post, promoter, [TagWanted(goods.id)], 0))[0]
    assert replaced(post, promoter, TagWanted(goods.id, goods.sku_id)) != [plain.link_code]


def test_a_title_is_renewed_once(app: Flask) -> None:
    goods, post = make.product(title="旧"), new_id()
    in_transaction(lambda: actions.put_tags(post, new_id(), [TagWanted(goods.id)], 0))
    assert in_transaction(lambda: actions.retitle_tags([goods.id], 9)) == []
    in_transaction(lambda: change_product(make.as_staff(goods.shop), goods.id, title="新"))
    assert in_transaction(lambda: actions.retitle_tags([goods.id], 9)) == [post]
    assert in_transaction(lambda: actions.retitle_tags([goods.id], 9)) == []
    assert tags_of([post])[post][0].title == "新"


def test_spellings_of_a_topic_share_a_key() -> None:
    assert topic_key("Camping") == topic_key(" CAMPING ") == topic_key("camping")
    assert topic_key("露营") != topic_key("露 营")


def test_topics_keep_their_order_and_first_spelling(app: Flask) -> None:
    one, two = new_id(), new_id()
    assert in_transaction(lambda: put_topics(one, ["B", "a"])) == ["B", "a"]
    assert in_transaction(lambda: put_topics(two, ["A", "b", "a"])) == ["a", "B"]
    assert in_transaction(lambda: replace_topics(two, ["b"])) == ["B"]
    assert topics_of([one, two]) == [(one, "B"), (one, "a"), (two, "B")]


def test_many_who_make_the_same_topics_make_each_once(app: Flask) -> None:
    names = [f"话题{number}" for number in range(10)]
    orders = [names, names[::-1]] * 10
    together(app, *[lambda some=some: in_transaction(lambda: put_topics(new_id(), some)) for some in orders])
    assert db.session.scalar(select(func.count()).select_from(Topic)) == 10
