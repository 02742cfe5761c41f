"""Reviews: what buyers say, some days after they have the goods, and the posts in which they say it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from app.core.bulk import Columns
from app.operate.crowd.kinds import echoes, posts
from app.operate.crowd.kinds.base import Batch, Size, Town
from app.operate.crowd.kinds.bought import Bought, Line, bought
from app.operate.crowd.kinds.chance import bits, id_of, luck
from app.operate.crowd.kinds.notes import known_for
from app.operate.crowd.kinds.post_words import (
    DOUBTS,
    FALLING_SHORT,
    MIDDLES,
    OPENINGS,
    REVIEW_TITLES,
)
from app.operate.crowd.kinds.posts import Written, told
from app.operate.crowd.kinds.purchases import orders_of
from app.operate.crowd.kinds.sending import received_at
from app.store.orders.models import PAID
from app.store.reviews.events import ReviewWritten
from app.store.reviews.models import REVIEWS, STARS, Review, rated

ROWS = Columns(Review, ("id", "product_id", "line_id", "shop_id", "author_id", "rating", "text", "at"))
_RATINGS = ((5, 4, 3, 2, 1), (58, 25, 10, 4, 3))


def review_of(town: Town, number: int) -> tuple[Written, Line] | None:
    """A review of the first line of some purchase; None where too few were received by people."""
    found = _received(town, number)
    if found is None:
        return None
    one, author, received = found
    chance, line = luck("review", number), one.lines[0]
    moment = max(town.after(received, chance, 1.5), received + timedelta(minutes=2)) - timedelta(minutes=1)
    title, body, rating = _said(line, chance)
    post_id = id_of(moment, bits("review post", number))
    review_id = id_of(moment, bits("review", number))
    goods = (line.ware,)
    written = Written("review", number, post_id, author, moment, title, body, goods, rating, review_id)
    return written, line


def _received(town: Town, number: int) -> tuple[Bought, int, datetime] | None:
    """What somebody has bought and received, who, and when. Each review looks at purchases of its own."""
    each = town.size.purchases // town.size.reviews
    for place in range(number * each, (number + 1) * each):
        one = bought(town, place)
        if one.status == PAID and one.buyer_name is not None:
            received = received_at(town, one, orders_of(one)[0][0])
            if received is not None and town.age_days(received) > 1:
                return one, one.buyer_name, received
    return None


def _said(line: Line, chance: Random) -> tuple[str, str, int]:
    rating = chance.choices(*_RATINGS)[0]
    filled = posts.slots(line.ware, chance)
    parts = [told(OPENINGS, filled, chance)]
    parts += [FALLING_SHORT[rating]] if rating in FALLING_SHORT else [told(MIDDLES, filled, chance)]
    if rating < 5:
        parts.append(told(DOUBTS, filled, chance))
    return told(REVIEW_TITLES[rating], filled, chance), "".join(parts), rating


class Reviews:
    name = "reviews"
    most = 200
    tables = (*posts.TABLES, *echoes.TABLES, ROWS)

    def how_many(self, size: Size) -> int:
        return size.reviews

    def batch(self, town: Town, numbers: Iterable[int]) -> Batch:
        batch = Batch(self.tables)
        found = [one for one in (review_of(town, number) for number in numbers) if one is not None]
        known = known_for(town, [written for written, _ in found])
        for written, line in found:
            posts.write(batch, town, known, written)
            self._enter(batch, town.person(written.author), written, line)
            echoes.echo(batch, town, written)
        return batch

    def _enter(self, batch: Batch, author_id: UUID, written: Written, line: Line) -> None:
        rating, review_id = written.rating or 0, written.review_id
        text = written.body or written.title
        goods = (line.ware.id, line.id, line.ware.shop.id)
        batch.add(ROWS, review_id, *goods, author_id, rating, text, written.moment)
        batch.count(line.ware.id, REVIEWS)
        batch.count(line.ware.id, STARS, rating)
        batch.count(line.ware.id, rated(rating))
        if review_id is not None:
            batch.tell(ReviewWritten(review_id, line.ware.id))


group = Reviews()
