"""The crowd's rows are written past the owners' actions: here they are held against what the owners would have written.

Each query finds what is wrong, so it must find nothing.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from app.buying.checkout.models import CheckoutLine
from app.buying.links.queries import attribution
from app.community.comments.models import Comment
from app.community.posts.models import Post, fragments_of
from app.community.posts.queries import parts_of, wrong_cards
from app.community.posts.schemas import LONGEST_TITLE
from app.community.tags.queries import outdated_products
from app.core import counters, events_era, worker
from app.core.cache import cache
from app.core.caller import Ref
from app.core.config import settings
from app.core.db import begin_reading, db, dispose, in_transaction
from app.core.plain import rows
from app.discover.finder.actions import problems_of
from app.discover.finder.queries import engines
from app.people.accounts.models import Person, is_nickname, is_username, key_of, tidy_nickname
from app.people.pictures.models import VARIANTS
from app.people.uploads.models import Upload, file_of
from app.store.bills.actions import issue_due
from app.store.bills.queries import problems
from app.store.catalogue.models import Product
from app.store.catalogue.queries import pictures_of
from app.store.categories.models import Category
from app.store.ledger.queries import balance, gateway_account, is_balanced, shop_account
from app.store.orders.models import OrderLine, Purchase
from app.store.shops.models import Shop, brand_word
from app.store.variants.models import Sku
from tests.faults.invariants import assert_sound
from tests.fresh import FreshDatabase
from tests.live import LiveTown
from tests.operate import crowd

WRONG = {
    "stock is not what its movements add up to": """
        SELECT s.sku_id FROM inventory_stock s LEFT JOIN inventory_movements m USING (sku_id)
        GROUP BY s.sku_id, s.available HAVING s.available <> coalesce(sum(m.delta), 0)""",
    "a variant without a stock": "SELECT id FROM catalogue_skus WHERE id NOT IN (SELECT sku_id FROM inventory_stock)",
    "stock fell below zero at some time": """
        SELECT sku_id FROM (SELECT sku_id, sum(delta) OVER (PARTITION BY sku_id ORDER BY at, delta DESC) AS left_then
        FROM inventory_movements) AS history WHERE left_then < 0""",
    "units taken are not those of the lines": """
        SELECT l.id FROM orders_lines l JOIN orders_purchases p ON p.id = l.purchase_id
        WHERE l.quantity <> (SELECT -sum(m.delta) FROM inventory_movements m WHERE m.reason = 'held'
          AND m.subject_kind = 'checkout' AND m.subject_id = p.checkout_id AND m.sku_id = l.sku_id)""",
    "units given back are not those of the lines that were not paid": """
        SELECT l.id FROM orders_lines l JOIN orders_purchases p ON p.id = l.purchase_id WHERE
        (CASE WHEN p.status = 'paid' THEN 0 ELSE l.quantity END) <> coalesce((SELECT sum(m.delta)
        FROM inventory_movements m WHERE m.reason = 'released' AND m.subject_id = p.id AND m.sku_id = l.sku_id), 0)""",
    "a hold that a sweep would have deleted, or that is missing": """
        SELECT p.id FROM orders_purchases p JOIN LATERAL (SELECT max(at) AS at FROM orders_log g
          WHERE g.purchase_id = p.id) ended ON true
        WHERE (ended.at > now() - interval '6 days') AND (SELECT count(*) FROM inventory_holds h
          WHERE h.subject_id = p.id) <> (SELECT count(*) FROM orders_lines l WHERE l.purchase_id = p.id)""",
    "a payment that is not of its purchase": """
        SELECT y.id FROM payments_payments y JOIN orders_purchases p ON p.id = y.payable_id
        WHERE y.amount <> p.total OR y.payer_id <> p.buyer_id OR (y.state = 'paid') <> (y.settled_at = p.paid_at)""",
    "a paid purchase with another number of settled payments than one": """
        SELECT p.id FROM orders_purchases p LEFT JOIN payments_payments y ON y.payable_id = p.id AND y.state = 'paid'
        GROUP BY p.id HAVING count(y.id) <> (p.status = 'paid')::int""",
    "attempts to pay are not counted from one": """
        SELECT payable_id FROM payments_payments GROUP BY payable_id HAVING max(attempt) <> count(*)""",
    "a callback that does not say what became of its payment": """
        SELECT y.id FROM payments_payments y LEFT JOIN payments_callbacks c ON c.payment_id = y.id
        WHERE (y.state IN ('paid', 'failed')) <> (c.id IS NOT NULL) OR c.result <> y.state OR c.amount <> y.amount
        OR c.event_id <> y.id || ':' || y.state""",
    "a payment whose events do not begin with it and end with its state": """
        SELECT y.id FROM payments_payments y WHERE (SELECT array_agg(e.what || ':' || e.after ORDER BY e.id)
        FROM payments_events e WHERE e.payment_id = y.id) IS DISTINCT FROM ARRAY['begun:pending',
        CASE WHEN y.state = 'closed' THEN 'closed:closed' ELSE 'callback:' || y.state END]""",
    "a payment that somebody could still make": """
        SELECT y.id FROM payments_payments y JOIN orders_purchases p ON p.id = y.payable_id
        WHERE y.state = 'pending' OR y.pay_by <> p.pay_by""",
    "an order that does not stand where its lines and parcels say": """
        SELECT f.order_id FROM fulfilment_orders f JOIN fulfilment_lines l USING (order_id) LEFT JOIN LATERAL (
          SELECT sum(c.units) AS sent, sum(c.units) FILTER (WHERE g.received_at IS NOT NULL) AS had
          FROM delivery_packages g JOIN delivery_package_lines c ON c.package_id = g.id WHERE c.line_id = l.line_id) d
        ON true WHERE l.shipped <> coalesce(d.sent, 0) OR l.received <> coalesce(d.had, 0)
        OR f.fulfilment <> CASE WHEN l.shipped = 0 THEN 'unfulfilled' WHEN l.received = 0 THEN 'shipped'
          ELSE 'received' END OR (f.fulfilment = 'received') <> (f.received_at IS NOT NULL)""",
    "an order that was sent too late, or whose parcel nobody received in time": """
        SELECT f.order_id FROM fulfilment_orders f LEFT JOIN delivery_packages g USING (order_id)
        WHERE coalesce(g.shipped_at, now()) > f.ship_by OR coalesce(g.received_at, now()) > g.receive_by""",
    "the log of an order does not end where it stands": """
        SELECT f.order_id FROM fulfilment_orders f WHERE coalesce((SELECT max(after) FROM fulfilment_log g
        WHERE g.order_id = f.order_id AND g.at = (SELECT max(at) FROM fulfilment_log h WHERE h.order_id = f.order_id)),
        'unfulfilled') <> f.fulfilment""",
    "the log of a purchase does not end with its status": """
        SELECT p.id FROM orders_purchases p WHERE (SELECT array_agg(after ORDER BY g.at) FROM orders_log g
        WHERE g.purchase_id = p.id) IS DISTINCT FROM ARRAY['unpaid', p.status]""",
    "a line that is owed to another than its link says": """
        SELECT l.id FROM orders_lines l JOIN links_links k ON k.id = l.link_id JOIN orders_purchases p
        ON p.id = l.purchase_id WHERE (l.post_id, l.promoter_id, l.product_id) IS DISTINCT FROM
        (k.post_id, k.promoter_id, k.product_id) OR l.own_purchase <> (p.buyer_id = k.promoter_id)
        OR k.created_at > p.created_at""",
    "a post sold more often than its links were opened": """
        SELECT l.link_id FROM orders_lines l WHERE l.link_id IS NOT NULL GROUP BY l.link_id
        HAVING count(*) > (SELECT count(*) FROM links_clicks c WHERE c.link_id = l.link_id)""",
    "a post whose links were opened more often than it was seen": """
        SELECT k.post_id FROM links_clicks c JOIN links_links k ON k.id = c.link_id GROUP BY k.post_id
        HAVING count(*) > (SELECT count(*) FROM recommendations_impressions i WHERE i.post_id = k.post_id)""",
    "a purchase by a link before the link was opened": """
        SELECT l.id FROM orders_lines l JOIN orders_purchases p ON p.id = l.purchase_id WHERE l.link_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM links_clicks c WHERE c.link_id = l.link_id AND c.at <= p.created_at)""",
    "something done to a post before it was there": """
        SELECT p.id FROM posts_posts p JOIN reactions_reactions r ON r.subject_id = p.id AND r.at < p.created_at
        UNION SELECT p.id FROM posts_posts p JOIN comments_comments c ON c.post_id = p.id
          AND c.created_at < p.created_at
        UNION SELECT p.id FROM posts_posts p JOIN recommendations_impressions i ON i.post_id = p.id
          AND i.at < p.created_at
        UNION SELECT t.post_id FROM tags_tags t JOIN catalogue_products g ON g.id = t.product_id
          AND g.created_at > t.posted_at""",
    "something in the future": """
        SELECT id FROM posts_posts WHERE created_at > now() UNION SELECT id FROM orders_purchases
        WHERE coalesce(paid_at, created_at) > now() UNION SELECT subject_id FROM reactions_reactions WHERE at > now()
        UNION SELECT id FROM reviews_reviews WHERE at > now()""",
    "a view within an hour of the same viewer's last one": """
        SELECT post_id FROM (SELECT post_id, seen_at - lag(seen_at) OVER (PARTITION BY viewer_id, post_id
        ORDER BY seen_at) AS since FROM recommendations_impressions) AS views WHERE since < interval '1 hour'""",
    "an author who looked at, liked or bought his own": """
        SELECT p.id FROM posts_posts p JOIN recommendations_impressions i ON i.post_id = p.id
        AND i.viewer_id = p.author_id UNION SELECT p.id FROM posts_posts p JOIN reactions_reactions r
        ON r.subject_id = p.id AND r.person_id = p.author_id""",
    "a like without a view": """
        SELECT subject_id FROM reactions_reactions r WHERE NOT EXISTS (SELECT FROM recommendations_impressions i
        WHERE i.post_id = r.subject_id AND i.viewer_id = r.person_id)""",
    "a post whose approval is not that of the queue, the audit log and a moderator": """
        SELECT p.id FROM posts_posts p LEFT JOIN moderation_queue q ON q.kind = 'post' AND q.subject_id = p.id
        LEFT JOIN moderation_decisions d ON d.id = q.decision_id AND d.subject_id = p.id AND d.at = q.closed_at
          AND d.action = 'approval'
        LEFT JOIN core_audit a ON a.subject_kind = 'post' AND a.subject_id = p.id::text AND a.what = 'approval'
          AND (a.who_id, a.at) = (d.by_id, d.at)
        LEFT JOIN accounts_roles r ON r.person_id = d.by_id AND r.role = 'moderator'
        WHERE (q.id IS NULL, d.id IS NULL, a.id IS NULL, r.role IS NULL) NOT IN
          ((true, true, true, true), (false, false, false, false))
        OR q.version <> p.created_at OR q.closed_at <= q.at OR q.closed_at > now()
        OR (q.id IS NOT NULL AND p.published_at IS NULL)
        OR (q.id IS NULL AND p.published_at < now() - interval '2 days')""",
    "an act of the log that stands before an earlier one, or before what was done since": """
        SELECT id FROM (SELECT id, at, lag(at) OVER (ORDER BY id) AS before FROM core_audit) AS acts WHERE before > at
        UNION SELECT id FROM core_audit WHERE what = 'approval' AND id > 0""",
    "a tag and its link that differ": """
        SELECT t.id FROM tags_tags t LEFT JOIN links_links k ON k.id = t.link_id AND k.code = t.link_code
        AND k.tag_id = t.id AND k.post_id = t.post_id AND k.product_id = t.product_id LEFT JOIN posts_posts p
        ON p.id = t.post_id AND p.author_id = k.promoter_id AND p.created_at = t.posted_at
        WHERE k.id IS NULL OR p.id IS NULL OR t.image >= cardinality(p.pictures)""",
    "a review of what was not bought, or that its post does not say": """
        SELECT r.id FROM reviews_reviews r LEFT JOIN orders_lines l ON l.id = r.line_id AND l.product_id = r.product_id
        LEFT JOIN orders_purchases p ON p.id = l.purchase_id AND p.status = 'paid' AND p.buyer_id = r.author_id
          AND p.paid_at < r.at
        LEFT JOIN posts_posts o ON o.review_id = r.id AND o.rating = r.rating AND o.body = r.text
          AND o.author_id = r.author_id
        LEFT JOIN tags_tags t ON t.post_id = o.id AND t.product_id = r.product_id
        WHERE p.id IS NULL OR t.id IS NULL""",
    "a picture shown by what is not public, or public and not shown": """
        WITH shown AS (
          SELECT unnest(pictures) AS upload_id, 'post' AS kind, id AS subject_id FROM posts_posts
            WHERE visibility = 'public'
          UNION SELECT upload_id, 'product', product_id FROM catalogue_pictures JOIN catalogue_products p
            ON p.id = product_id AND p.state <> 'draft'
          UNION SELECT avatar_id, 'person', id FROM accounts_people WHERE avatar_id IS NOT NULL),
        told AS (SELECT upload_id, kind, subject_id FROM uploads_showings)
        (SELECT * FROM shown EXCEPT SELECT * FROM told) UNION ALL (SELECT * FROM told EXCEPT SELECT * FROM shown)""",
    "a picture of another's": """
        SELECT u.id FROM posts_posts p JOIN uploads_uploads u ON u.id = ANY (p.pictures)
        WHERE u.owner_id <> p.author_id
        UNION SELECT u.id FROM catalogue_pictures c JOIN uploads_uploads u ON u.id = c.upload_id
        JOIN catalogue_products p ON p.id = c.product_id JOIN shops_shops s ON s.id = p.shop_id
        WHERE u.owner_id <> s.owner_id""",
    "a private post that links name, or a public one that they do not": """
        SELECT id FROM posts_posts p WHERE (visibility = 'private') <>
        EXISTS (SELECT FROM links_parted_posts o WHERE o.post_id = p.id)
        OR (published_at IS NULL) <> (visibility = 'private')""",
    "a shop without its owner": """
        SELECT id FROM shops_shops s WHERE NOT EXISTS (SELECT FROM shops_staff t WHERE t.shop_id = s.id
        AND t.person_id = s.owner_id AND t.role = 'owner')""",
    "a refund that is due": "SELECT id FROM payments_refunds",
}  # fmt: skip

COUNTED = {
    "likes": "SELECT subject_id, count(*) FROM reactions_reactions WHERE name = 'like' GROUP BY 1",
    "collects": "SELECT subject_id, count(*) FROM reactions_reactions WHERE name = 'collect' GROUP BY 1",
    "comments": "SELECT post_id, count(*) FROM comments_comments GROUP BY 1",
    "views": "SELECT post_id, count(*) FROM recommendations_impressions GROUP BY 1",
    "followers": "SELECT followed_id, count(*) FROM social_follows GROUP BY 1",
    "following": "SELECT follower_id, count(*) FROM social_follows GROUP BY 1",
    "posts": "SELECT author_id, count(*) FROM posts_posts WHERE visibility = 'public' GROUP BY 1",
    "reviews": "SELECT product_id, count(*) FROM reviews_reviews GROUP BY 1",
    "stars": "SELECT product_id, sum(rating) FROM reviews_reviews GROUP BY 1",
}
TOLD = {
    "PersonJoined person_id": "SELECT id FROM accounts_people",
    "ShopOpened shop_id": "SELECT id FROM shops_shops",
    "PersonFollowed follower_id": "SELECT follower_id FROM social_follows",
    "ProductListed product_id": "SELECT id FROM catalogue_products",
    "PostSubmitted post_id": "SELECT id FROM posts_posts",
    "PostPublished post_id": "SELECT id FROM posts_posts WHERE visibility = 'public'",
    "PostLiked post_id": "SELECT subject_id FROM reactions_reactions WHERE name = 'like'",
    "PostCollected post_id": "SELECT subject_id FROM reactions_reactions WHERE name = 'collect'",
    "CommentWritten comment_id": "SELECT id FROM comments_comments",
    "PurchasePlaced purchase_id": "SELECT id FROM orders_purchases",
    "PurchasePaid purchase_id": "SELECT id FROM orders_purchases WHERE status = 'paid'",
    "PurchaseLapsed purchase_id": "SELECT id FROM orders_purchases WHERE status = 'lapsed'",
    "PurchaseCancelled purchase_id": "SELECT id FROM orders_purchases WHERE status = 'cancelled'",
    "OrderPaid order_id": "SELECT id FROM orders_orders WHERE status = 'paid'",
    "PaymentSettled payment_id": "SELECT id FROM payments_payments WHERE state = 'paid'",
    "PaymentFailed payment_id": "SELECT id FROM payments_payments WHERE state = 'failed'",
    "ReviewWritten review_id": "SELECT id FROM reviews_reviews",
}
"""For each fact and a field of it: the ids that it says there, once for each row."""


@pytest.fixture(scope="module")
def shared(town: Flask, fresh: FreshDatabase) -> Iterator[None]:
    """One crowd for all tests here that only read."""
    with town.app_context():
        dispose()
        fresh.renew()
        cache.flush()
        events_era.forget()
        crowd.settled()
        db.session.remove()
        dispose()
    yield


@pytest.fixture
def filled(town: Flask, shared: None) -> Iterator[None]:
    with town.app_context():
        begin_reading()
        yield
        db.session.remove()
        dispose()


def all_of(model: type[Any]) -> list[Any]:
    return list(db.session.scalars(select(model)))


@pytest.mark.usefixtures("filled")
def test_all_tables_agree_with_each_other() -> None:
    wrong = {name: rows(query)[:3] for name, query in WRONG.items()}
    assert not {name: found for name, found in wrong.items() if found}
    assert_sound(cast("LiveTown", SimpleNamespace(env={"DATABASE_URL": settings.database_url})))
    for table in ("reviews_reviews", "links_parted_posts", "inventory_holds", "checkout_checkouts", "links_clicks"):
        assert rows(f"SELECT 1 FROM {table}"), f"{table} is empty, so nothing was tested of it"
    assert {one.status for one in all_of(Purchase)} == {"paid", "lapsed", "cancelled"}


@pytest.mark.usefixtures("filled")
def test_counts_are_those_of_the_rows_and_each_row_was_told_of_once() -> None:
    for name, query in COUNTED.items():
        found = {row[0]: int(row[1]) for row in rows(query)}
        told = {subject: one[name] for subject, one in counters.of(_subjects()).items() if one.get(name)}
        assert told == found, name
    for told, query in TOLD.items():
        name, field = told.split()
        said = rows(f"SELECT body->>'{field}' FROM core_events WHERE name = '{name}'")
        wanted = Counter(str(row[0]) for row in rows(query))
        assert wanted and Counter(row[0] for row in said) == wanted, name


def _subjects() -> list[Any]:
    found = rows("SELECT subject_id FROM core_counts UNION SELECT subject_id FROM core_count_steps")
    return [row[0] for row in found]


@pytest.mark.usefixtures("filled")
def test_every_card_and_page_is_what_its_owner_would_write() -> None:
    posts = all_of(Post)
    parts = parts_of(posts)
    for post in posts:
        ready = fragments_of(post, parts[post.id])
        assert (post.card, post.page) == (ready.card, ready.page), post.title
    shops, categories = ({one.id: one for one in all_of(model)} for model in (Shop, Category))
    products = all_of(Product)
    pictures = pictures_of([one.id for one in products])
    for product in products:
        again = _copy(product)
        again.write_heads(shops[product.shop_id], categories[product.category_id], pictures[product.id])
        assert (again.card, again.page) == (product.card, product.page), product.title
    for sku in all_of(Sku):
        again = _copy(sku)
        again.write_head()
        assert again.fragment == sku.fragment
    assert len(posts) > 60 and len(products) == crowd.TINY.goods


def _copy(row: Any) -> Any:
    """The same row, unknown to the session."""
    return type(row)(**{one.key: getattr(row, one.key) for one in inspect(row).mapper.column_attrs})


@pytest.mark.usefixtures("filled")
def test_what_is_owed_is_what_checkout_would_have_said() -> None:
    seen = 0
    for purchase in all_of(Purchase):
        asked = select(CheckoutLine).where(CheckoutLine.checkout_id == purchase.checkout_id)
        basket = list(db.session.scalars(asked.order_by(CheckoutLine.position)))
        if not basket:
            continue
        buyer = Ref(purchase.buyer_kind, purchase.buyer_id)
        owed = attribution(buyer, [(one.product_id, one.link_code) for one in basket])
        bought = select(OrderLine).where(OrderLine.purchase_id == purchase.id).order_by(OrderLine.position)
        for line, link in zip(db.session.scalars(bought), owed, strict=True):
            says = (link.link_id, link.post_id, link.promoter_id, link.own_purchase) if link else (None,) * 3 + (False,)
            assert (line.link_id, line.post_id, line.promoter_id, line.own_purchase) == says
            seen += link is not None
    assert seen


@pytest.mark.usefixtures("filled")
def test_the_books_hold_what_was_paid() -> None:
    paid = [one for one in all_of(Purchase) if one.status == "paid"]
    assert is_balanced() and balance(gateway_account("sandbox")) == sum(one.total for one in paid) > 0
    open_ = "id NOT IN (SELECT order_id FROM settlement_entries)"
    sums = f"SELECT shop_id, coalesce(sum(total) FILTER (WHERE {open_}), 0)::bigint FROM orders_orders"
    owed = dict(rows(f"{sums} WHERE status = 'paid' GROUP BY 1"))
    assert {shop: -balance(shop_account(shop)) for shop in owed} == owed


@pytest.mark.usefixtures("filled")
def test_names_and_titles_are_such_as_doors_let_in() -> None:
    for person in all_of(Person):
        assert is_username(person.username) and key_of(person.username) == person.username_key
        assert is_nickname(person.nickname) and tidy_nickname(person.nickname) == person.nickname
    assert [one.name for one in all_of(Shop) if brand_word(one.name)] == [], "they filed no papers of a brand"
    for post in all_of(Post):
        assert 1 <= len(post.title) <= LONGEST_TITLE and "{" not in post.title + post.body
    for comment in all_of(Comment):
        assert comment.body and "{" not in comment.body


@pytest.mark.usefixtures("filled")
def test_every_picture_has_its_files() -> None:
    uploads = all_of(Upload)
    files = [file_of(one.id, variant, one.format) for one in uploads for variant in VARIANTS]
    assert len(uploads) > 100 and all(map(Path.exists, files))
    assert {file.stat().st_size for file in files if "-full." in file.name} == {one.size for one in uploads}


def test_listeners_and_sweeps_find_nothing_to_put_right_and_all_can_be_found(app: Flask) -> None:
    crowd.settled()
    tables = ("inventory_holds", "checkout_checkouts", "links_clicks", "recommendations_impressions", "uploads_uploads")
    before = [rows(f"SELECT count(*) FROM {one}") for one in tables]
    db.session.remove()
    worker.drain()
    worker.sweep_once()
    db.session.remove()
    begin_reading()
    assert [rows(f"SELECT count(*) FROM {one}") for one in tables] == before
    posts = [post.id for post in all_of(Post)]
    assert not rows("SELECT id FROM posts_posts WHERE card IS NULL") and not wrong_cards(posts)
    assert not outdated_products([one.id for one in all_of(Product)])
    assert not rows("SELECT * FROM core_failed_facts")
    assert all(not problems_of(engine) for engine in engines().engines)
    waiting = rows("SELECT 1 FROM moderation_queue WHERE closed_at IS NULL")
    assert 0 < len(waiting) < len(posts) / 4


@pytest.mark.usefixtures("filled")
def test_what_was_received_long_ago_is_settled_and_has_its_bills() -> None:
    """Of weeks that are over; without it a merchant of the demo would see none before its first week is."""
    while in_transaction(issue_due):
        pass
    begin_reading()
    [(billed, bills)] = rows("SELECT sum(net)::bigint, count(*) FROM bills_bills")
    assert bills > 0
    before = "WHERE at < (SELECT max(ends) FROM bills_bills)"
    assert billed == rows(f"SELECT sum(net)::bigint FROM settlement_entries {before}")[0][0]
    assert in_transaction(lambda: list(problems())) == []
