"""满减 across shops."""

from app.plays.offers.models import PLATFORM, PLATFORM_REDUCTION
from app.plays.promotions.kinds.base import Kind
from app.plays.promotions.kinds.shop_reduction import ShopReduction


class PlatformReduction(ShopReduction):
    """As within a shop, over the goods of all shops in its scope."""

    name, step, zh, en = "platform_reduction", PLATFORM_REDUCTION, "跨店满减", "Reduction across shops"
    owners = frozenset({PLATFORM})


kind: Kind = PlatformReduction()
