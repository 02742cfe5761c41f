"""A busy shop of many goods: what sells comes first."""

from app.store.decor.models import BEST, NEWEST
from app.store.storefronts.kinds.base import Template

template = Template("market", "市集", "Market", "amber", (("热卖", "Best sellers", BEST), ("新到", "Just in", NEWEST)))
