"""What keeps the engines up to date, one listener an engine, and how they are."""

from collections.abc import Sequence

from app.core.config import settings
from app.core.events import Fact, on
from app.core.observability import health_part
from app.discover.finder import actions, queries
from app.discover.finder.kinds import KINDS

FACTS = tuple({fact: None for kind in KINDS.values() for fact in kind.facts})


@on(*FACTS, outside=True)
def index_on_postgres(facts: Sequence[Fact]) -> None:
    actions.keep_up(actions.engine_named("postgres"), facts)


@on(*FACTS, outside=True, when=lambda: bool(settings.elasticsearch_url))
def index_on_elasticsearch(facts: Sequence[Fact]) -> None:
    actions.keep_up(actions.engine_named("elasticsearch"), facts)


@health_part("search", vital=False)
def _search_is_well() -> str:
    """Raises if no engine can be asked; names the ones that are away or want a rebuild."""
    states = [engine.health() for engine in queries.engines().engines]
    if not any(one.ok for one in states):
        raise ConnectionError("no search engine")
    words = [f"{one.engine}: {_word(one.ok, one.outdated)}" for one in states]
    return ", ".join(words)


def _word(ok: bool, outdated: tuple[str, ...]) -> str:
    if not ok:
        return "away"
    return f"not filled yet: {' '.join(outdated)}" if outdated else "ok"
