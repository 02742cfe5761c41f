"""A town for a whole file of attacks: made once, since each request there brings what it needs along."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.core import config as settings_of
from app.core.db import db, dispose
from tests.memory import forget
from tests.security.town import Town
from tests.services import TEMPLATE, Services, postgres_of


@pytest.fixture(scope="module")
def streets(town: Flask, services: Services, database_name: str) -> Iterator[Town]:
    """People of every sort with their tokens, in an app context on a database of this file's own."""
    with town.app_context():
        dispose()
        postgres = postgres_of(services)
        postgres.drop_database(database_name)
        postgres.create_database(database_name, template=TEMPLATE)
        forget()
        yield Town(town)
        db.session.remove()
        dispose()
    settings_of.load()
