"""Links: what they sell, whom a purchase is owed to, what stays when the post goes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from uuid import UUID

import pytest
from flask import Flask

from app.buying.links import actions, queries
from app.buying.links.actions import LinkWanted
from app.buying.links.models import Link
from app.core import clock
from app.core.caller import GUEST, PERSON, Ref
from app.core.db import in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.store.catalogue import actions as catalogue
from app.store.categories.models import STARTING_CATEGORIES
from tests import make
from tests.make.person import Made

pytestmark = pytest.mark.usefixtures("app")


def click(link: Link, by: Ref | None) -> None:
    in_transaction(lambda: actions.record_click(link, by))


def in_the_next_hour(minutes: int) -> AbstractContextManager[None]:
    """So many minutes after the next full hour: what counts once an hour does not meet the end of one."""
    return clock.moved(minutes=60 - clock.now().minute + minutes)


def owed(buyer: Ref, product_id: UUID, code: str | None = None) -> UUID | None:
    found = queries.attribution(buyer, [(product_id, code)])[0]
    return found.link_id if found else None


def ref(person: Made) -> Ref:
    return Ref(PERSON, person.id)


def test_links_are_made_in_bulk_in_order_with_codes_of_their_own() -> None:
    cup, bowl = make.product(), make.product()
    kol = make.person()
    wants = [LinkWanted(one.id, one.sku_id, new_id(), new_id(), kol.id) for one in (cup, bowl, cup)]
    made = in_transaction(lambda: actions.make_links(wants))
    assert [one.product_id for one in made] == [cup.id, bowl.id, cup.id]
    assert len({one.code for one in made}) == 3
    assert all(queries.is_code(one.code) and one.url == f"/l/{one.code}" for one in made)


@pytest.mark.parametrize(
    "code", ["", "short", "0OIl0OIl0O", "a" * 11, "abcdefgh\x00j", "链接链接链接链接链接", "a" * 9 + "\udc80"]
)
def test_a_text_that_is_no_code_is_missing_without_being_asked_of_the_database(code: str) -> None:
    with pytest.raises(Refused) as refused:
        queries.link_or_missing(code)
    assert refused.value.status == 404


def test_the_last_click_within_seven_days_is_owed() -> None:
    cup = make.product()
    first, second = make.link(cup), make.link(cup)
    buyer = ref(make.person())
    click(first, buyer)
    click(second, buyer)
    assert owed(buyer, cup.id) == second.id
    click(first, buyer)
    assert owed(buyer, cup.id) == first.id
    with clock.moved(days=6, hours=23, minutes=59):
        assert owed(buyer, cup.id) == first.id
    with clock.moved(days=7, seconds=1):
        assert owed(buyer, cup.id) is None


def test_clicks_of_others_of_strangers_and_on_other_goods_are_not_owed() -> None:
    cup, bowl = make.product(), make.product()
    to_cup, to_bowl = make.link(cup), make.link(bowl)
    buyer = ref(make.person())
    click(to_cup, ref(make.person()))
    click(to_cup, None)
    click(to_cup, Ref(GUEST, buyer.id))
    click(to_bowl, buyer)
    assert owed(buyer, cup.id) is None


def test_a_guest_made_for_the_request_earns_and_counts_once_an_hour_by_his_address() -> None:
    post_id = new_id()
    cup = make.product()
    link, other = make.link(cup, post_id=post_id), make.link(cup, post_id=post_id)

    def opened(by: Ref | None, address: str | None, what: Link = link) -> int:
        in_transaction(lambda: actions.record_click(what, by, address))
        return queries.clicks_of_posts([post_id])[post_id]

    guests = [Ref(GUEST, new_id()) for _ in range(3)]
    assert [opened(one, "10.0.0.1") for one in guests] == [1, 1, 1]
    assert [owed(one, cup.id) for one in guests] == [link.id] * 3
    assert opened(None, "10.0.0.1") == 1
    assert opened(None, "10.0.0.2") == 2
    assert opened(guests[0], "10.0.0.1", other) == 3
    assert owed(guests[0], cup.id) == other.id
    with clock.moved(minutes=61):
        assert opened(None, "10.0.0.1") == 4
    assert queries.clicks_on(Link.post_id == post_id) == 4
    assert sum(row[2] for row in queries.clicks_by_day(post_id)) == 4
    assert len(queries.counted_clicks(post_id, 10, None)) == 4


def test_a_visitor_counts_once_an_hour_for_a_link_however_often_he_opens_it() -> None:
    post_id = new_id()
    cup = make.product()
    link, other = make.link(cup, post_id=post_id), make.link(cup, post_id=post_id)
    with in_the_next_hour(10):
        for by in (ref(make.person()), Ref(GUEST, new_id())):
            for what in (link, link, other, link):
                click(what, by)
        assert queries.clicks_of_posts([post_id]) == {post_id: 4}
        assert owed(by, cup.id) == link.id, "the last one earns, also where it does not count"
    with in_the_next_hour(70):
        click(link, by)
    assert queries.clicks_of_posts([post_id]) == {post_id: 5}


def test_a_promoter_does_not_count_at_his_own_links_and_others_do() -> None:
    post_id, kol = new_id(), make.person()
    link = make.link(post_id=post_id, promoter=kol)
    click(link, ref(kol))
    assert queries.clicks_of_posts([post_id]) == {}
    click(link, ref(make.person()))
    assert queries.clicks_of_posts([post_id]) == {post_id: 1}


def test_guests_behind_one_address_count_each_for_himself_once_their_cookies_come_back() -> None:
    post_id = new_id()
    link = make.link(post_id=post_id)
    guests = [Ref(GUEST, new_id()) for _ in range(3)]
    with in_the_next_hour(10):
        for one in guests:
            in_transaction(partial(actions.record_click, link, one, "10.0.0.1 WeChat"))
        assert queries.clicks_of_posts([post_id]) == {post_id: 1}
        for one in guests:
            in_transaction(partial(actions.came_back, one))
            click(link, one)
        assert queries.clicks_of_posts([post_id]) == {post_id: 3}


def test_two_openings_at_the_same_moment_count_once(app: Flask) -> None:
    link, guest = make.link(post_id=new_id()), Ref(GUEST, new_id())

    def open_it(_: int) -> None:
        with app.app_context():
            in_transaction(lambda: actions.record_click(link, guest))

    with in_the_next_hour(10), ThreadPoolExecutor(8) as pool:
        in_transaction(lambda: actions.record_click(link, guest, "10.0.0.1"))
        list(pool.map(open_it, range(24)))
    assert queries.clicks_on(Link.id == link.id) == 1


def test_what_he_opened_before_he_signed_in_is_owed_too_and_the_last_of_both() -> None:
    cup, guest, buyer = make.product(), Ref(GUEST, new_id()), ref(make.person())
    as_guest, as_person = make.link(cup), make.link(cup)
    click(as_guest, guest)

    def owed_now() -> UUID | None:
        found = queries.attribution(buyer, [(cup.id, None)], guest)[0]
        return found.link_id if found else None

    assert (owed(buyer, cup.id), owed_now()) == (None, as_guest.id)
    click(as_person, buyer)
    assert owed_now() == as_person.id
    click(as_guest, guest)
    assert owed_now() == as_guest.id


def test_a_named_link_wins_over_a_later_click_but_only_for_its_own_product() -> None:
    cup, bowl = make.product(), make.product()
    named, clicked, to_bowl = make.link(cup), make.link(cup), make.link(bowl)
    guest = Ref(GUEST, new_id())
    click(clicked, guest)
    assert owed(guest, cup.id, named.code) == named.id
    assert owed(guest, cup.id, to_bowl.code) == clicked.id
    lines = [(cup.id, named.code), (cup.id, None), (bowl.id, None), (bowl.id, to_bowl.code)]
    found = queries.attribution(guest, lines)
    assert [one.link_id if one else None for one in found] == [named.id, clicked.id, None, to_bowl.id]


def test_a_promoters_own_purchase_is_marked_and_a_guest_of_the_same_id_is_not() -> None:
    cup, kol = make.product(), make.person()
    link = make.link(cup, kol, post_id=new_id())
    own = queries.attribution(ref(kol), [(cup.id, link.code)])[0]
    other = queries.attribution(Ref(GUEST, kol.id), [(cup.id, link.code)])[0]
    assert own is not None
    assert other is not None
    assert (own.own_purchase, other.own_purchase) == (True, False)
    assert (own.post_id, own.promoter_id) == (link.post_id, kol.id)


def test_a_parted_post_is_not_named_and_comes_back_with_its_links() -> None:
    post_id = new_id()
    link = make.link(post_id=post_id)
    for _ in range(2):
        in_transaction(lambda: actions.part_from_post(post_id))
        assert queries.link_or_missing(link.code).shown_post_id is None
    later = make.link(post_id=post_id)
    assert queries.link_or_missing(later.code).shown_post_id is None
    assert queries.link_or_missing(link.code).id == link.id
    for _ in range(2):
        in_transaction(lambda: actions.rejoin_post(post_id))
        assert queries.link_or_missing(link.code).shown_post_id == post_id
    assert [one.id for one in queries.links_of_posts([post_id, new_id()])[post_id]] == [link.id, later.id]


def test_similar_goods_are_on_sale_of_the_same_category_unless_somebody_knows_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    category = next(iter(STARTING_CATEGORIES))
    cup, bowl, off = (make.product(category_id=category) for _ in range(3))
    make.product()
    in_transaction(lambda: catalogue.change_product(make.as_staff(off.shop), off.id, state="off"))
    monkeypatch.setattr(queries, "_similar", [])
    assert queries.similar_to(cup.id) == [bowl.id]
    assert queries.similar_to(bowl.id, most=0) == []
    elsewhere = make.product()
    queries.similar_goods(lambda product_id, most: [product_id, elsewhere.id])
    assert queries.similar_to(cup.id) == [elsewhere.id]
    monkeypatch.setattr(queries, "_similar", [lambda product_id, most: []])
    assert queries.similar_to(cup.id) == [bowl.id]


def test_a_hundred_clicks_by_database_time_keep_their_order(app: Flask) -> None:
    cup = make.product()
    links = [make.link(cup) for _ in range(4)]
    buyer = ref(make.person())
    for turn in range(40):
        click(links[turn % 4], buyer)
        assert owed(buyer, cup.id) == links[turn % 4].id
