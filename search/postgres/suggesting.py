"""Completions while somebody is typing."""

from uuid import UUID

from search.answers import Completion
from search.documents import KINDS
from search.postgres.connections import Connection
from search.postgres.rows import lexeme
from search.text import starts

_LOOKED_AT = 2_000
"""Rows of a kind that are looked at: a single letter begins far more than anyone wants sorted."""

_OF_A_KIND = """
(SELECT '{kind}' AS kind, id, shown, popularity FROM
    (SELECT id, shown, popularity FROM search.{kind}
     WHERE starts @@ %(typed)s::tsquery LIMIT %(looked_at)s) AS some_{kind}
 ORDER BY popularity DESC LIMIT %(limit)s)
"""
_STATEMENT = " UNION ALL ".join(_OF_A_KIND.format(kind=kind) for kind in KINDS) + " ORDER BY popularity DESC"


def suggesting(connection: Connection, typed: tuple[str, ...], limit: int) -> tuple[Completion, ...]:
    """Distinct texts that begin with one of `typed`, the most popular first."""
    query = " | ".join(f"{lexeme(key)}:*" for key in typed)
    rows = connection.execute(_STATEMENT, {"typed": query, "looked_at": _LOOKED_AT, "limit": 4 * limit})
    found: dict[str, list[tuple[str, UUID]]] = {}
    for kind, id, texts, _ in rows:
        for text in dict.fromkeys(texts):
            if any(key.startswith(typed) for key in starts(text)):
                found.setdefault(text, []).append((kind, id))
        if len(found) >= limit:
            break
    return tuple(Completion(text, tuple(carriers)) for text, carriers in list(found.items())[:limit])
