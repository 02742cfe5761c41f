"""The queries of the pages of payments."""

from app.core.fields import In, Text


class PaymentsQuery(In):
    """`about`: an id of ours, or a number of a provider; "" for the latest."""

    about = Text(least=0, most=100, load_default="")
    cursor = Text(most=500, least=0, load_default=None)
