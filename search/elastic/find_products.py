"""Goods that some words name or describe."""

from search.asking import Asked
from search.elastic.wording import Query, wording

FIELDS = ["title^3", "brand^2", "category^2", "attributes", "shop", "description"]


def query(asked: Asked) -> Query:
    """The query of FindProducts."""
    return wording(asked, FIELDS)
