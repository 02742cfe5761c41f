"""Posts about some words."""

from search.asking import Asked
from search.elastic.wording import Query, wording

FIELDS = ["title^3", "topics^2", "goods^1.5", "body", "author"]


def query(asked: Asked) -> Query:
    """The query of FindPosts."""
    return wording(asked, FIELDS)
