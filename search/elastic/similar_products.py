"""Goods like another one that can be bought now."""

from uuid import UUID

from search.asking import Asked
from search.elastic.wording import Query, wording

FIELDS = ["title^2", "brand", "category^2"]


def query(product_id: UUID, asked: Asked) -> Query:
    """The query of SimilarProducts: a third of the words must be shared, one common word makes no likeness."""
    return {
        "bool": {
            "must": [wording(asked, FIELDS, least=0.3)],
            "filter": [{"term": {"in_stock": True}}],
            "must_not": [{"term": {"id": str(product_id)}}],
        }
    }
