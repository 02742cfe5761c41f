"""The newest first, and nothing else."""

from app.store.decor.models import NEWEST
from app.store.storefronts.kinds.base import Template

template = Template("plain", "简洁", "Plain", "ink", (("新品", "New", NEWEST),))
