"""The connection to Elasticsearch, and its failures in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from elastic_transport import OrjsonSerializer
from elasticsearch import ApiError, Elasticsearch, TransportError

from search.answers import EngineUnavailable

ASKING_SECONDS = 1.0
"""A question waits no longer for a connection, and no longer for its answer: somebody is looking at a screen."""

WRITING_SECONDS = 30.0
_PORTS = {"http": 9200, "https": 443}


def client(url: str) -> Elasticsearch:
    """A client of the server at `url` (http or https, user and password in it if need be). Connects when first used."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("an address of Elasticsearch looks like http://host:9200 or https://user:password@host")
    if parts.port is None:
        parts = parts._replace(netloc=f"{parts.netloc}:{_PORTS[parts.scheme]}")
    return Elasticsearch(
        parts.geturl(),
        request_timeout=ASKING_SECONDS,
        max_retries=0,
        retry_on_timeout=False,
        connections_per_node=32,
        serializer=OrjsonSerializer(),
    )


@contextmanager
def reached() -> Iterator[None]:
    """Whatever fails inside is EngineUnavailable: not there, too slow, or not able to answer what it always could."""
    try:
        yield
    except ApiError as error:
        raise EngineUnavailable(f"elasticsearch answered {error.status_code}: {error.message}") from error
    except TransportError as error:
        raise EngineUnavailable(f"elasticsearch is not reached: {error.message}") from error
