"""The posts that may be high up in the explore feed; search/exploring.py ranks them."""

from search.exploring import MORE, Candidate, millis
from search.postgres.connections import Connection
from search.questions import ExploreFeed

_STATEMENT = """
(SELECT id, published_at, popularity FROM search.post
  WHERE published_at <= %(as_of)s ORDER BY published_at DESC LIMIT %(head)s)
UNION
(SELECT id, published_at, popularity FROM search.post
  WHERE heat IS NOT NULL AND published_at <= %(as_of)s ORDER BY heat DESC LIMIT %(head)s)
"""


def candidates(connection: Connection, question: ExploreFeed) -> list[Candidate]:
    """The newest posts, and those whose reactions count for most."""
    rows = connection.execute(_STATEMENT, {"as_of": question.as_of, "head": question.limit + MORE})
    return [Candidate(id, millis(published_at), reactions) for id, published_at, reactions in rows]
