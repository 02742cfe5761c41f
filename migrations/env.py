"""How migrations reach the database: through the app's own engine, without the search engine's schema."""

from alembic import context
from flask import current_app

SEARCH_SCHEMA = "search"
config = context.config


def _include_name(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
    if kind == "schema":
        return name in {None, "public"}
    return parents.get("schema_name") != SEARCH_SCHEMA


def _render_item(kind: str, thing: object, context_: object) -> str | bool:
    """A migration never imports the app: its own types are written as text."""
    if kind == "type" and type(thing).__name__ == "Xid8":
        return "Xid8()"
    return False


def run() -> None:
    extension = current_app.extensions["migrate"]
    engine = extension.db.engine
    with engine.connect() as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 0")
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=extension.db.metadata,
            include_name=_include_name,
            transaction_per_migration=True,
            render_item=_render_item,
            **extension.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
