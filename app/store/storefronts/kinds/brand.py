"""A brand's own shop: what it is known for, then what is new."""

from app.store.decor.models import BEST, GOODS, NEWEST
from app.store.storefronts.kinds.base import Template

template = Template(
    "brand",
    "品牌",
    "Brand",
    "ocean",
    (("经典款", "Classics", GOODS), ("热卖", "Best sellers", BEST), ("新品", "New", NEWEST)),
)
