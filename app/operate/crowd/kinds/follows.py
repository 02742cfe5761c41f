"""Who follows whom: a few are followed by nearly all."""

from collections.abc import Iterable
from datetime import timedelta

from app.core.bulk import Columns
from app.operate.crowd.kinds.base import DAYS, Batch, Size, Town
from app.operate.crowd.kinds.chance import luck, steep
from app.people.social.events import PersonFollowed
from app.people.social.models import Follow

FOLLOWS = Columns(Follow, ("follower_id", "followed_id", "at"))


class Follows:
    """One number is one person of the crowd, with all whom he follows."""

    name = "follows"
    most = 500
    tables = (FOLLOWS,)

    def how_many(self, size: Size) -> int:
        return size.people

    def batch(self, town: Town, numbers: Iterable[int]) -> Batch:
        batch = Batch(self.tables)
        for number in numbers:
            self._follow(batch, town, town.newcomer(number))
        return batch

    def _follow(self, batch: Batch, town: Town, follower: int) -> None:
        chance, people = luck("follows", follower), town.people
        many = min(int(chance.lognormvariate(2.9, 0.8)) + 1, people // 2, 1500)
        wanted = {steep(chance, people, 3) for _ in range(many)} - {follower}
        follower_id, first = town.person(follower), town.end - timedelta(days=DAYS + 30)
        for followed in sorted(wanted):
            followed_id = town.person(followed)
            at = first + (town.end - first) * chance.random()
            batch.add(FOLLOWS, follower_id, followed_id, at)
            batch.count(followed_id, "followers")
            batch.tell(PersonFollowed(follower_id, followed_id))
        batch.count(follower_id, "following", len(wanted))


group = Follows()
