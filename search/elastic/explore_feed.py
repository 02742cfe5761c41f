"""The posts that may be high up in the explore feed; search/exploring.py ranks them."""

from typing import Any
from uuid import UUID

from search.exploring import MORE, Candidate, millis
from search.questions import ExploreFeed


def requests(question: ExploreFeed) -> tuple[dict[str, Any], ...]:
    """Two searches: the newest posts, and those whose reactions count for most."""
    published = {"range": {"published_at": {"lte": millis(question.as_of)}}}
    has_heat = {"exists": {"field": "heat"}}
    return _head(question, "published_at", [published]), _head(question, "heat", [published, has_heat])


def candidate(hit: dict[str, Any]) -> Candidate:
    """A post as one of these searches found it."""
    fields = hit["fields"]
    return Candidate(UUID(hit["_id"]), int(fields["published_at"][0]), int(fields["reactions"][0]))


def _head(question: ExploreFeed, field: str, filters: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "query": {"bool": {"filter": filters}},
        "sort": [{field: "desc"}, {"spread": "asc"}],
        "size": question.limit + MORE,
        "docvalue_fields": ["published_at", "reactions"],
        "track_total_hits": False,
    }
