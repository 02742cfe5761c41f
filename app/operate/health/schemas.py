"""The query of the machine's page."""

from app.core.fields import In, Text


class FactsQuery(In):
    """`listener`: whose failed facts are shown, "" for all."""

    listener = Text(least=0, most=200, load_default="")
    cursor = Text(most=500, least=0, load_default=None)
