"""The topics that posts of the crowd have; one that is there already stays as it is."""

from collections.abc import Iterable

from app.community.topics.models import Topic, topic_key
from app.core.bulk import Columns
from app.operate.crowd.kinds.base import Batch, Size, Town
from app.operate.crowd.kinds.chance import bits, id_of
from app.operate.crowd.kinds.posts import topic_names

TOPICS = Columns(Topic, ("id", "name", "name_key"), if_absent=True)


class Topics:
    """One number is all of them."""

    name = "topics"
    most = 1
    tables = (TOPICS,)

    def how_many(self, size: Size) -> int:
        return 1

    def batch(self, town: Town, numbers: Iterable[int]) -> Batch:
        batch = Batch(self.tables)
        for name in topic_names():
            batch.add(TOPICS, id_of(town.end, bits("topic", name)), name, topic_key(name))
        return batch


group = Topics()
