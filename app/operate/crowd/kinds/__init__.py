"""What the crowd does, in the order in which it is done: each in steps, each step from its numbers alone.

base, chance, album and the words serve all; posts, echoes, bought and paying are parts of what is done.
"""

from app.operate.crowd.kinds import follows, goods, notes, people, purchases, reviews, shops, topics
from app.operate.crowd.kinds.base import Group

SETTLING: tuple[Group, ...] = (people.group, shops.group, follows.group, goods.group, topics.group, notes.group)
BUYING: tuple[Group, ...] = (purchases.group, reviews.group)
"""Only where the sandbox takes payments."""
