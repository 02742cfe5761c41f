"""Tables that are only ever added to: the database itself refuses to change, delete or empty what they hold."""

from typing import Any

from sqlalchemy import Connection, Table, event

from app.core.db import Model


def only_added_to(model: type[Model], function: str, constraint: str, why: str) -> None:
    """Refuse every change of a row of this table, to whoever asks: error 23001 with this constraint's name.

    `function`: the name of the one that refuses, `why`: what it says. The rules are set where the table is made without
    migrations; its migration sets the same. `TRUNCATE` fires no trigger of a row, so it has one of its own.
    """
    name = model.__tablename__
    rules = (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN RAISE EXCEPTION '{why}' USING ERRCODE = 'restrict_violation', CONSTRAINT = '{constraint}'; END $$",
        f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION {function}()",
        f"CREATE TRIGGER {name}_not_emptied BEFORE TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
    )

    def set_rules(_table: Table, connection: Connection, **_: Any) -> None:
        for rule in rules:
            connection.exec_driver_sql(rule)

    event.listen(model.__table__, "after_create", set_rules)
