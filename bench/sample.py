"""Who asks for what: drawn from the town with its own skew, so that no row is hotter than it is in life.

What is popular is asked for more often: a post by its likes, collections, comments and views, goods by the posts that
tag them and by what was sold. Everybody looks at feeds; words to search for are parts of titles. The draws are the same
each time for the same town.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from urllib.parse import quote
from uuid import UUID

import psycopg

from app.core.auth import hash_of, new_token
from app.core.ids import new_id
from bench.client import Asked, Talk
from bench.figures import BenchError
from bench.operations import CART, ORDERS, QUOTE
from bench.quotes import carts, quotes
from bench.town import Town, settle

DRAWS = 2000
"""Requests in a list; more than the distinct pages of a small town, so popular ones come more than once."""
MOST_VIEWERS = 1000
MOST_CUSTOMERS = 100
"""Those with the most orders look at them."""
PAGE = 20
SESSION = timedelta(hours=6)
MOST_SKUS = 300
ENOUGH = 1_000_000

_POSTS = (
    "SELECT p.id, p.title, 1 + coalesce(sum(c.value), 0)::bigint FROM posts_posts p"
    " LEFT JOIN core_counts c ON c.subject_id = p.id"
    " WHERE p.visibility = 'public' AND p.state = 'published'"
    "  AND NOT EXISTS (SELECT FROM posts_takedowns t WHERE t.post_id = p.id)"
    "  AND NOT EXISTS (SELECT FROM posts_deletions d WHERE d.post_id = p.id)"
    " GROUP BY p.id ORDER BY p.id"
)
_PRODUCTS = (
    "SELECT p.id, 1 + (SELECT count(*) FROM tags_tags t WHERE t.product_id = p.id)"
    "  + (SELECT count(*) FROM orders_lines l JOIN catalogue_skus s ON s.id = l.sku_id WHERE s.product_id = p.id)"
    " FROM catalogue_products p WHERE p.state <> 'draft'"
    "  AND NOT EXISTS (SELECT FROM catalogue_takedowns t WHERE t.product_id = p.id) ORDER BY p.id"
)
_VIEWERS = "SELECT follower_id FROM social_follows GROUP BY follower_id ORDER BY md5(follower_id::text) LIMIT %s"
_CUSTOMERS = (
    "SELECT buyer_id FROM orders_purchases WHERE buyer_kind = 'person' GROUP BY buyer_id"
    " ORDER BY count(*) DESC, buyer_id LIMIT %s"
)
_WANTS = (
    "SELECT DISTINCT ON (l.code) l.code, s.id, s.product_id, p.shop_id, f.person_id FROM links_links l"
    " JOIN catalogue_products p ON p.id = l.product_id AND p.state = 'on_sale'"
    " JOIN catalogue_skus s ON s.product_id = p.id"
    " JOIN shops_staff f ON f.shop_id = p.shop_id AND f.role = 'owner'"
    " WHERE NOT EXISTS (SELECT FROM catalogue_takedowns t WHERE t.product_id = p.id)"
    " ORDER BY l.code, md5(s.id::text)"
)
_PICTURES = (
    "SELECT author_id, pictures[1], (SELECT id FROM catalogue_products WHERE state = 'on_sale' ORDER BY id LIMIT 1)"
    " FROM posts_posts WHERE author_kind = 'person' AND cardinality(pictures) > 0 ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class Want:
    """Something to buy: a variant, and the link by which the buyer comes."""

    code: str
    sku_id: UUID


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who writes, with a picture of his to write about, and goods to tag."""

    token: str
    picture: UUID
    product_id: UUID


@dataclass(frozen=True)
class Sample:
    """The requests of each read by the name of its operation; and who buys what, and who writes."""

    reads: dict[str, list[Asked]]
    wants: list[Want]
    buyers: list[str]
    authors: list[Author]


def sample(town: Town) -> Sample:
    """Draw from a town, and sign its people in. Raises BenchError for a town in which there is nothing to draw."""
    random = Random("bench")
    with psycopg.connect(town.database_url, autocommit=True) as connection:
        posts = connection.execute(_POSTS).fetchall()
        products = connection.execute(_PRODUCTS).fetchall()
        people = [one for (one,) in connection.execute(_VIEWERS, [MOST_VIEWERS])]
        customers = [one for (one,) in connection.execute(_CUSTOMERS, [MOST_CUSTOMERS])]
        wants = connection.execute(_WANTS).fetchall()
        pictures = connection.execute(_PICTURES).fetchall()
        if not (posts and products and people and wants and pictures and customers):
            raise BenchError("the town is empty: nothing was posted, sold or followed in it")
        writers = {author: (picture, product) for author, picture, product in pictures}
        owners = {owner for *_, owner in wants}
        tokens = _signed_in(connection, sorted({*people, *writers, *owners, *customers}))
    viewers = [f"Bearer {tokens[one]}" for one in people]
    sold: dict[UUID, int] = dict(products)
    chosen = random.choices(wants, [sold.get(product, 1) for _, _, product, *_ in wants], k=MOST_SKUS)
    others = random.sample(wants, min(MOST_SKUS, len(wants)))
    _restock(town, {(sku, tokens[owner]) for _, sku, *_, owner in (*chosen, *others)})
    bought, buyers = {product for _, _, product, *_ in chosen}, [tokens[one] for one in people]
    quoted = quotes(town, buyers, [one[1:] for one in others], bought, tokens)
    added = carts(random, viewers, [sku for _, sku, *_ in chosen], DRAWS)
    listed = [Asked("GET", f"/me/orders?limit={PAGE}", f"Bearer {tokens[one]}") for one in customers]
    return Sample(
        {**_reads(random, posts, products, viewers), QUOTE.name: quoted, CART.name: added, ORDERS.name: listed},
        [Want(code, sku) for code, sku, *_ in chosen],
        [tokens[one] for one in people],
        [Author(tokens[one], *what) for one, what in sorted(writers.items())],
    )


def _reads(
    random: Random,
    posts: Sequence[tuple[UUID, str, int]],
    products: Sequence[tuple[UUID, int]],
    viewers: Sequence[str],
) -> dict[str, list[Asked]]:
    drawn = random.choices(posts, [weight for *_, weight in posts], k=DRAWS)
    goods = random.choices(products, [weight for _, weight in products], k=DRAWS)
    paths = {
        "product detail": [f"/products/{one}" for one, _ in goods],
        "post detail": [f"/posts/{one}" for one, *_ in drawn],
        "explore": [f"/feed/explore?limit={PAGE}"] * DRAWS,
        "following": [f"/feed/following?limit={PAGE}"] * DRAWS,
        "search": [f"/search/posts?limit={PAGE}&q={quote(_part(random, title))}" for _, title, _ in drawn],
    }
    return {name: [Asked("GET", path, random.choice(viewers)) for path in found] for name, found in paths.items()}


def _part(random: Random, title: str) -> str:
    """Two to four letters that stand together in a title, as somebody types them; a word where there are words."""
    words = title.split()
    if len(words) > 2:
        return random.choice(words)
    length = random.randint(2, 4)
    start = random.randrange(max(1, len(title) - length + 1))
    return title[start : start + length].strip() or title


def _signed_in(connection: "psycopg.Connection[tuple[object, ...]]", people: Sequence[UUID]) -> dict[UUID, str]:
    """A token for each: the row that signing in writes. Their passwords nobody knows."""
    tokens = {one: new_token(one) for one in people}
    rows = [(new_id(), one, hash_of(token), SESSION, SESSION) for one, token in tokens.items()]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO accounts_sessions (id, person_id, device, access_hash, access_expires_at, expires_at)"
            " VALUES (%s, %s, 'bench', %s, now() + %s, now() + %s)",
            rows,
        )
    return tokens


def _restock(town: Town, skus: set[tuple[UUID, str]]) -> None:
    """So many units that nothing is sold out while it is measured; said by those of the shop, as they do."""
    talk = Talk(town.address)
    for sku_id, token in sorted(skus):
        body = b'{"stock":%d}' % ENOUGH
        talk.expect(Asked("PATCH", f"{town.below}/skus/{sku_id}", f"Bearer {token}", body), 200)
    talk.close()
    settle(town)
