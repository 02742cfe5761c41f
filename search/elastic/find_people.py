"""People by name."""

from search.asking import Asked
from search.elastic.wording import Query, wording

FIELDS = ["nickname^3", "username^3", "bio"]


def query(asked: Asked) -> Query:
    """The query of FindPeople."""
    return wording(asked, FIELDS)
