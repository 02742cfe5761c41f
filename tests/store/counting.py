"""How many statements something costs."""

from tests.statements import statements as queries_in

__all__ = ["queries_in"]
